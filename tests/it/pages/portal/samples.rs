//! The calls that the portal gives: pasted as they stand, they post a lead.

use std::process::Stdio;

use serde_json::json;
use tokio::process::Command;

use super::partner;
use crate::kit::app::TestApp;

/// A sample of the page, as somebody copies it.
fn sample(page: &str, id: &str) -> String {
    let code = page.split(&format!("id=\"{id}\">")).nth(1).expect("the sample").split("</pre>").next().unwrap();
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(code.to_owned(), |code, (entity, letter)| code.replace(entity, letter))
}

/// Runs a program; none: it is not installed here.
async fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let child = Command::new(program).args(arguments).env("NO_PROXY", "*").stdin(Stdio::null()).output().await;
    let output = match child {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        output => output.expect("it runs"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {text} {}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

#[tokio::test]
async fn every_sample_posts_a_lead_when_it_is_pasted() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let needs = json!({"required_fields": ["phone", "email", "meta.age", "zip"], "countries": ["ES"]});
    app.patch("/api/v1/offers/tea", needs).await.expect(200);
    let anna = partner(&app, "anna").await;
    let page = anna.sees("/portal/api").await;
    assert!(page.contains("Bearer TOKEN"), "a token that nobody can read again is not shown");
    let page = anna.sends("/portal/api/token", &[("name", "samples")]).await;
    assert_eq!((page.status, page.text.contains("Bearer TOKEN")), (200, false));
    let samples = [
        ("bash", "-c", "sample-curl"),
        ("python3", "-c", "sample-python"),
        ("node", "-e", "sample-javascript"),
        ("php", "-r", "sample-php"),
    ];
    let mut posted = 0;
    for (program, flag, id) in samples {
        let code = sample(&page.text, id);
        let code = code.strip_prefix("<?php").unwrap_or(&code);
        let Some(said) = run(program, &[flag, code]).await else {
            eprintln!("{program} is not installed: its sample was not run");
            continue;
        };
        assert!(said.contains("201") && said.contains("\"status\""), "{program}: {said}");
        posted += 1;
    }
    let leads = app.get("/api/v1/leads").await.expect(200);
    let leads = leads["items"].as_array().unwrap();
    assert_eq!(leads.len(), posted);
    assert!(leads.iter().all(|lead| lead["test"] == true && lead["webmaster"] == "anna" && lead["country"] == "ES"));
}

#[tokio::test]
async fn the_form_posts_a_test_lead_and_shows_what_was_answered() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let anna = partner(&app, "anna").await;
    let wrong = anna.sends("/portal/api/try", &[("offer", "tea"), ("phone", "123"), ("name", "<b>")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"try-f-phone-error\""), "{}", wrong.text);
    assert!(wrong.text.contains("&#34;code&#34;: &#34;invalid&#34;") && wrong.text.contains("value=\"&#60;b&#62;\""));
    app.network("n1", "https://crm.example/", json!({})).await;
    let form = [("offer", "tea"), ("phone", "+4915112345678"), ("sub1", "fb")];
    // No network takes it, so that nobody is waited for.
    let taken = anna.sends("/portal/api/try", &form).await;
    assert!(
        taken.status == 200 && taken.text.contains("HTTP 201") && taken.text.contains("/portal/leads/1\""),
        "{}",
        taken.text
    );
    let lead = app.get("/api/v1/leads/1").await.expect(200);
    assert_eq!((&lead["test"], &lead["webmaster"], &lead["sub1"]), (&json!(true), &json!("anna"), &json!("fb")));
    app.patch("/api/v1/offers/tea", json!({"enabled": false})).await.expect(200);
    let gone = anna.sends("/portal/api/try", &form).await;
    assert!(gone.status == 422 && gone.text.contains("id=\"try-f-offer-error\""), "{}", gone.text);
}
