//! Connecting a network and trying it, and saying what its words mean.

use serde_json::json;

use super::kit::app::{TestApp, read};
use super::sample;

#[tokio::test]
async fn a_network_is_connected_tried_and_its_words_are_mapped_into_the_past() {
    let app = TestApp::start().await;
    sample::admin(&app).await;
    let browser = sample::person(&app.base).await;
    browser.presses("Networks").await;
    browser.presses("Connect the first one").await;
    browser.presses("Sandbox").await;
    browser.fills("Short name", "Sand Box").await;
    browser.presses("Connect").await;
    browser.sees("Not saved: some fields need another look.").await;
    let wrong = browser.field("Short name").await;
    assert_eq!(wrong.prop("value").await.expect("a property").as_deref(), Some("Sand Box"), "what was typed stays");
    assert_eq!(wrong.attr("aria-invalid").await.expect("an attribute").as_deref(), Some("true"));
    browser.complaints().await;
    browser.fills("Short name", "sand").await;
    browser.fills("Name", "Sand").await;
    browser.fills("Status reported later", "at the warehouse").await;
    browser.fills("Seconds until then", "0").await;
    browser.presses("Connect").await;
    browser.sees("Sand is connected. Send it a test lead.").await;

    browser.presses("Send the test lead").await;
    browser.sees("The network took it as sbx-").await;
    let shown = browser.text().await;
    assert!(shown.contains("POST sandbox://network/leads") && shown.contains("\"outcome\":\"accepted\""), "{shown}");

    let token = app.with_offer("tea").await;
    app.route("tea", "sand", 1).await;
    let lead = app.lead_id(&token, "tea", "+4915112345678").await;
    app.until_delivery(&lead, "accepted").await;
    let waits = "select count(*) from unmapped_report";
    browser.until("the sandbox's word", async || (app.count(waits).await == 1).then_some(())).await;
    browser.opens("/").await;
    browser.presses("Map statuses").await;
    browser.sees("at the warehouse").await;
    browser.chooses("It means: at the warehouse", "approved").await;
    browser.presses("Map").await;
    browser.sees("It means approved: 1 report was waiting, 1 changed something.").await;
    app.until_status(&lead, "approved").await;
    let network = app.get("/api/v1/networks/sand").await.expect(200);
    let url = network["postback_url"].as_str().expect("a URL");
    let again =
        read(app.http.get(url).query(&[("id", lead.as_str()), ("status", "at the warehouse")])).await.expect(200);
    assert_eq!(again, json!({ "status": "ok", "result": "unchanged" }), "from now on it is known");

    browser.opens("/networks").await;
    browser.presses("Pause Sand").await;
    browser.sees("Sand is paused; its leads wait.").await;
    browser.ends().await;
}
