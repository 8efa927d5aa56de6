//! A webmaster in his portal: gets in, makes a token, tries a lead, hears of it, counts.

use serde_json::json;

use super::browser::Browser;
use super::doors;
use super::forms::Forms;
use super::kit::app::TestApp;
use super::kit::fake::{Fake, Play};
use super::page;
use super::sample::{self, EMAIL, PASSWORD};

#[tokio::test]
async fn a_webmaster_connects_by_himself() {
    let app = TestApp::start().await;
    sample::admin(&app).await;
    let tracker = Fake::start().await;
    tracker.answers_by(|_| Play::Json(200, json!({})));
    app.with_offer("tea").await;
    let settings = json!({ "then_status": "approved", "then_after_seconds": 0, "payout": "15", "currency": "USD" });
    let network = json!({ "slug": "sand", "integration": "sandbox", "settings": settings });
    app.post("/api/v1/networks", network).await.expect(201);
    app.route("tea", "sand", 1).await;
    let forms = Forms::of(&app, EMAIL, PASSWORD).await;
    let browser = Browser::start(&app.base).await;
    browser.opens(&doors::portal_link(&forms, "anna").await).await;
    browser.arrives("/portal").await;
    browser.sees("You have sent no lead yet").await;
    browser.presses("Connect").await;
    let token = makes_a_token(&browser).await;
    tries_a_lead(&browser).await;
    sets_a_postback(&browser, &format!("{}/told?status={{status}}", tracker.base)).await;

    let lead = app.lead_id(&token, "tea", "+4915112345678").await;
    app.until_status(&lead, "approved").await;
    let told = "select count(*) from postback_delivery where state = 'delivered' and status = 'approved'";
    browser.until("the tracker is told", async || (app.count(told).await == 1).then_some(())).await;
    browser.presses("Today").await;
    browser.sees("10.00").await;
    browser.presses("My leads").await;
    browser.presses("2").await;
    browser.sees("You were told: approved").await;
    assert!(!browser.text().await.contains("sand"), "which network has the lead is not his business");
    browser.presses("Stats").await;
    browser.chooses("By", "Offer").await;
    browser.presses("Show").await;
    browser.sees("100").await;
    assert_eq!(page::all_faults(&browser, 1440).await, [""; 0]);
    browser.opens("/leads").await;
    browser.sees("You may not do this").await;
    browser.ends().await;
}

/// It stands in every call of the page, this once.
async fn makes_a_token(browser: &Browser) -> String {
    browser.fills("What it is for", "landing page").await;
    browser.presses("Make a token").await;
    let token = browser.find("#issued-token").await.text().await.expect("a token");
    let calls = browser
        .asks("return [...document.querySelectorAll('.sample pre')].map((call) => call.textContent)", Vec::new())
        .await;
    let calls = calls.as_array().expect("calls").clone();
    assert!(calls.len() > 3 && calls.iter().all(|call| call.as_str().is_some_and(|call| call.contains(&token))));
    assert_eq!(page::all_faults(browser, 1440).await, [""; 0]);
    token
}

async fn tries_a_lead(browser: &Browser) {
    browser.fills("Phone", "nonsense").await;
    browser.presses("Post a test lead").await;
    browser.sees("HTTP 422").await;
    let field = browser.field("Phone").await;
    assert_eq!(field.prop("value").await.expect("a property").as_deref(), Some("nonsense"), "what was typed stays");
    browser.complaints().await;
    browser.fills("Phone", "+4915112345670").await;
    browser.presses("Post a test lead").await;
    browser.sees("HTTP 201").await;
    assert_eq!(page::all_faults(browser, 1440).await, [""; 0]);
    browser.presses("Lead 1").await;
    browser.arrives("/portal/leads/1").await;
    browser.sees("Received").await;
}

async fn sets_a_postback(browser: &Browser, url: &str) {
    browser.presses("Postbacks").await;
    browser.fills("URL", url).await;
    browser.presses("Create the postback").await;
    browser.sees("The postback is there.").await;
    browser.presses("Send a sample").await;
    browser.sees("Your server took it.").await;
    assert_eq!(page::all_faults(browser, 1440).await, [""; 0]);
}

#[tokio::test]
async fn a_webmaster_chooses_his_password_by_a_link_that_works_once() {
    let app = TestApp::idle().await;
    sample::admin(&app).await;
    app.webmaster("anna").await;
    let forms = Forms::of(&app, EMAIL, PASSWORD).await;
    let link = doors::join_link(&forms, "anna", "anna@example.com").await;
    let browser = Browser::start(&app.base).await;
    browser.opens(&link).await;
    browser.fills("Password", "the first of two").await;
    browser.fills("The same password again", "the other of two").await;
    browser.presses("Set the password and enter").await;
    browser.sees("Some fields need another look.").await;
    browser.fills("Password", "the same as below").await;
    browser.fills("The same password again", "the same as below").await;
    browser.presses("Set the password and enter").await;
    browser.arrives("/portal").await;
    browser.presses("Sign out").await;
    browser.arrives("/login").await;
    browser.opens(&link).await;
    browser.sees("There is no such page").await;
    browser.opens("/login").await;
    browser.gives("anna@example.com", "the same as below").await;
    browser.arrives("/portal").await;
    browser.ends().await;
}
