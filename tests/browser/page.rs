//! What there is to say against a page as it stands in the browser.

use serde_json::Value;

use super::axe;
use super::browser::Browser;

/// More than this and a reader loses the place: the sum of layout shifts of a page.
const MOST_MOVED: f64 = 0.05;

/// Complaints about the page that is open: its status, scripts, security policy, movement, width.
pub async fn faults(browser: &Browser) -> Vec<String> {
    let seen = browser.asks(include_str!("look.js"), Vec::new()).await;
    let mut faults = Vec::new();
    if seen["status"] != 200 {
        faults.push(format!("status {}", seen["status"]));
    }
    for (what, key) in [("refused by the policy", "refused"), ("error", "errors"), ("too wide", "wide")] {
        faults.extend(texts(&seen[key]).map(|text| format!("{what}: {text}")));
    }
    let moved = moved(&seen);
    if moved > MOST_MOVED {
        faults.push(format!("moved by {moved:.3}: {}", seen["moved"]));
    }
    faults.extend(browser.complaints().await.into_iter().map(|line| format!("console: {line}")));
    faults
}

/// Whether the page that is open has moved under its reader.
pub async fn has_moved(browser: &Browser) -> bool {
    moved(&browser.asks(include_str!("look.js"), Vec::new()).await) > MOST_MOVED
}

fn moved(seen: &Value) -> f64 {
    seen["moved"].as_array().into_iter().flatten().filter_map(|shift| shift["by"].as_f64()).sum()
}

/// The same and what axe-core finds, in light and dark, with all that can be unfolded unfolded. `width` is that of the
/// window.
pub async fn all_faults(browser: &Browser, width: u32) -> Vec<String> {
    let mut all = faults(browser).await;
    browser.asks("for (const fold of document.querySelectorAll('details.more')) fold.open = true", Vec::new()).await;
    browser.settles().await;
    let unfolded = faults(browser).await.into_iter().filter(|fault| fault.starts_with("too wide"));
    all.extend(unfolded.map(|fault| format!("unfolded, {fault}")));
    for scheme in ["light", "dark"] {
        browser.shows(width, scheme).await;
        browser.settles().await;
        all.extend(axe::violations(browser).await.into_iter().map(|fault| format!("{scheme}: {fault}")));
    }
    browser.shows(width, "light").await;
    all
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
