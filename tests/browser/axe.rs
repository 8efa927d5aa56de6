//! axe-core, the judge of what a page is to people who do not see it, hear it or point at it.

use serde_json::{Value, json};

use super::browser::Browser;

const AXE: &str = include_str!("vendor/axe-core/axe.min.js");
/// Levels A and AA of WCAG 2.2 and of what came before it.
const LAWS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/// Swagger UI is somebody else's; the page around it is ours.
const FOREIGN: &str = "#swagger-ui";

const RUN: &str = "
const [laws, foreign, done] = arguments;
const options = { runOnly: { type: 'tag', values: laws }, resultTypes: ['violations'] };
axe.run({ include: [['html']], exclude: document.querySelector(foreign) ? [[foreign]] : [] }, options).then(
  (found) => done(found.violations.map((one) => ({
    law: one.id, help: one.help, where: one.nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
  }))),
  (error) => done(String(error)),
);";

/// What is wrong with the page that is open.
pub async fn violations(browser: &Browser) -> Vec<String> {
    if browser.asks("return typeof axe", Vec::new()).await != "object" {
        browser.asks(AXE, Vec::new()).await;
    }
    let found = browser.asks_later(RUN, vec![json!(LAWS), json!(FOREIGN)]).await;
    let found = found.as_array().unwrap_or_else(|| panic!("axe-core fails: {found}"));
    found.iter().map(told).collect()
}

fn told(violation: &Value) -> String {
    let places: Vec<&str> = violation["where"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let text = |key: &str| violation[key].as_str().unwrap_or_default().to_owned();
    format!("{} ({}) at {}", text("law"), text("help"), places.join(" | "))
}

#[test]
fn the_vendored_file_is_the_one_noted() {
    use sha2::{Digest, Sha256};
    let line = format!("{}  axe.min.js", hex::encode(Sha256::digest(AXE)));
    assert!(include_str!("vendor/axe-core/VERSION.txt").contains(&line));
}
