//! Postbacks in the portal: set, tried, changed, put away, sent again.

use super::partner;
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};
use crate::pages::{target, told};

#[tokio::test]
async fn a_postback_is_set_tried_changed_and_put_away() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let anna = partner(&app, "anna").await;
    let sink = Fake::start().await;
    for (url, field) in
        [("https://t.example/?x={nonsense}", "url"), ("https://t.example/?r={revenue}", "url"), ("", "url")]
    {
        let wrong = anna.sends("/portal/postbacks", &[("url", url)]).await;
        assert!(wrong.status == 422 && wrong.text.contains(&format!("id=\"postback-f-{field}-error\"")), "{url}");
        assert!(wrong.text.contains(&format!("value=\"{url}\"")), "what was typed stays");
    }
    let url = format!("{}/pb?s={{status}}&c={{click_id}}&p={{payout}}&token=hush", sink.base);
    assert!(told(&anna.does("/portal/postbacks", &[("url", &url), ("offer", "tea")]).await).contains("Try it"));
    let second = anna.sends("/portal/postbacks", &[("url", &url)]).await;
    assert!(second.status == 422 && second.text.contains("id=\"postback-f-kind-error\""), "{}", second.text);
    let rule = target(&anna.sees("/portal/postbacks").await, "/portal/postbacks/").to_owned();

    sink.answers([Play::Json(500, serde_json::json!({"sorry": true}))]);
    let failed = anna.sends(&format!("{rule}/test"), &[]).await;
    assert!(
        failed.status == 200 && failed.text.contains("HTTP 500") && failed.text.contains("sorry"),
        "{}",
        failed.text
    );
    let tried = anna.sends(&format!("{rule}/test"), &[]).await.text;
    let request = tried.split("id=\"test-request\"").nth(1).unwrap();
    assert!(tried.contains("Your server took it") && !request.contains("hush"), "what looks like a secret is masked");
    let got = sink.got();
    let query = |name| got[1].query(name).unwrap();
    assert_eq!(
        (query("s"), query("c"), query("p"), query("token")),
        ("approved".into(), "test-click".into(), "10.00".into(), "hush".into())
    );
    assert_eq!(app.count("select count(*) from postback_delivery").await, 0, "a test is stored nowhere");

    let change = [
        ("url", url.as_str()),
        ("statuses", "hold"),
        ("method", "POST"),
        ("body", "form"),
        ("signed", "true"),
        ("enabled", "true"),
    ];
    let changed = anna.sends(&rule, &change).await;
    assert!(changed.status == 200 && changed.text.contains("whsec_"), "{}", changed.text);
    anna.sends(&format!("{rule}/test"), &[]).await;
    let last = sink.got().pop().unwrap();
    assert!(last.method == "POST" && last.header("webhook-signature").is_some());
    assert!(String::from_utf8(last.body).unwrap().starts_with("s=hold"));
    let wrong = anna.sends(&rule, &[("url", url.as_str()), ("statuses", "gone")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("postback-f-statuses-error"), "{}", wrong.text);
    assert!(told(&anna.does(&format!("{rule}/archive"), &[]).await).contains("archived"));
    assert_eq!(anna.opens(&rule).await.status, 404);
    assert!(anna.sees("/portal/postbacks").await.contains("None yet"));
}

#[tokio::test]
async fn an_address_that_may_not_be_called_is_not_called() {
    let db = crate::kit::database::database().await;
    let app = TestApp::on(&db, &[("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "false")], false).await;
    app.webmaster("anna").await;
    let anna = partner(&app, "anna").await;
    for url in ["http://127.0.0.1/x", "http://169.254.169.254/latest", "http://0x7f.1/"] {
        let wrong = anna.sends("/portal/postbacks", &[("url", url)]).await;
        assert!(wrong.status == 422 && wrong.text.contains("id=\"postback-f-url-error\""), "{url}: {}", wrong.text);
    }
}

#[tokio::test]
async fn one_that_failed_stands_on_the_first_page_and_is_sent_again() {
    let world = crate::status::world().await;
    let sink = Fake::start().await;
    sink.answers([Play::Json(503, serde_json::json!({}))]);
    let anna = partner(&world.app, "anna").await;
    anna.does("/portal/postbacks", &[("url", &format!("{}/?s={{status}}", sink.base))]).await;
    world.accepted(1).await;
    world.app.drain().await;
    let page = anna.sees("/portal").await;
    assert!(page.contains("Postbacks that did not arrive") && page.contains("HTTP 503"), "{page}");
    let resend = target(&page, "/portal/calls/01").to_owned();
    assert!(told(&anna.does(&resend, &[("back", "/portal")]).await).contains("again"));
    world.app.drain().await;
    assert!(!anna.sees("/portal").await.contains("Postbacks that did not arrive"));
    assert!(anna.sees("/portal/calls?state=delivered").await.contains("data-href=\"/portal/leads/1\""));
    let page = anna.sees("/portal/leads/1").await;
    assert!(page.contains("Call to your address") && page.contains("HTTP 503"), "{page}");
}
