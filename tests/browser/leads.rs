//! The page of a lead: what can be done about it, and that what a stranger wrote into it does no harm.

use serde_json::json;

use super::browser::Browser;
use super::kit::app::TestApp;
use super::kit::fake::{Fake, Play};
use super::{page, sample};

#[tokio::test]
async fn a_refused_lead_is_sent_elsewhere_decided_by_hand_and_told_again() {
    let app = TestApp::start().await;
    sample::admin(&app).await;
    let partner = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("kestrel", &partner.base, json!({})).await;
    app.route("tea", "kestrel", 1).await;
    let quiet = json!({ "slug": "northwind", "name": "Northwind", "integration": "sandbox", "settings": { "then_status": "none" } });
    app.post("/api/v1/networks", quiet).await.expect(201);
    let told = format!("{}/told?status={{status}}", partner.base);
    app.post("/api/v1/postbacks", json!({ "webmaster": "anna", "url": told })).await.expect(201);
    partner.answers([Play::Json(422, json!({ "message": "no such street" }))]);
    let lead = app.lead_id(&token, "tea", "+4915112345678").await;
    app.until_status(&lead, "rejected").await;

    let browser = sample::person(&app.base).await;
    browser.opens("/leads").await;
    browser.presses("1").await;
    browser.arrives("/leads/1").await;
    browser.sees("no such street").await;
    browser.presses("Reveal").await;
    browser.sees("+4915112345678").await;
    browser.sees("Contact data shown").await;

    browser.chooses("Send to a network again", "Northwind").await;
    browser.presses("Redeliver").await;
    browser.sees("The lead goes to Northwind again.").await;
    app.until_status(&lead, "pending").await;
    reads_again_until(&browser, "Northwind has the lead").await;

    browser.presses("Change the status by hand").await;
    browser.chooses("Status", "approved").await;
    browser.fills("Reason", "paid at the door").await;
    browser.presses("Change status").await;
    browser.sees("The lead is approved now.").await;
    browser.sees("Paid at the door.").await;

    app.until(&lead, "the told", |lead| lead["status"] == "approved").await;
    reads_again_until(&browser, "Webmaster told: approved").await;
    browser.presses("Resend postbacks").await;
    browser.sees("1 postback is sent again.").await;
    assert_eq!(page::faults(&browser).await, [""; 0]);
    browser.ends().await;
}

/// Reloads the page, as a person does who waits for news.
async fn reads_again_until(browser: &Browser, text: &str) {
    let place = browser.place().await;
    browser
        .until(text, async || {
            browser.opens(&place).await;
            browser.text().await.contains(text).then_some(())
        })
        .await;
}

#[tokio::test]
async fn what_a_stranger_wrote_is_shown_and_does_nothing() {
    let sample = sample::filled().await;
    let hostile = sample.app.lead(&sample.token, sample::hostile("vision-plus")).await.expect(201);
    sample.app.drain().await;
    let number = hostile["number"].as_i64().expect("a number");
    let browser = sample::person(&sample.app.base).await;
    let lead = format!("/leads/{number}");
    let pages = ["/leads", "/deliveries", "/inbound", "/postbacks", "/audit", "/", &lead, &format!("{lead}?reveal=1")];
    let mut faults = Vec::new();
    for width in [1440, 390] {
        browser.shows(width, "light").await;
        for path in pages {
            browser.opens(path).await;
            faults.extend(page::faults(&browser).await.into_iter().map(|fault| format!("{path} at {width}: {fault}")));
            let harm = "return window.wasHarmed ?? document.querySelectorAll('main script, main img:not([alt]), main svg:not(.icon)').length";
            assert_eq!(browser.asks(harm, Vec::new()).await, 0, "{path}");
        }
    }
    browser.sees("<script>window.wasHarmed=1</script>").await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    browser.ends().await;
}
