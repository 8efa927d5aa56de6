//! The main path with scripts switched off: set up a network, an offer and a webmaster, read a lead, act on it, use a
//! list. Whatever needs a script is not there.

use serde_json::json;

use super::browser::Browser;
use super::kit::app::TestApp;
use super::sample::{self, EMAIL, PASSWORD};

#[tokio::test]
async fn the_main_path_needs_no_script() {
    let app = TestApp::start().await;
    sample::admin(&app).await;
    let mut browser = Browser::start(&app.base).await;
    browser.forbids_scripts().await;
    browser.signs_in(EMAIL, PASSWORD).await;

    browser.presses("Choose an integration").await;
    browser.presses("Sandbox").await;
    browser.presses("Connect").await;
    browser.sees("sandbox is connected.").await;
    let copy = browser
        .asks("return [...document.querySelectorAll('[data-copy]')].every((button) => button.hidden)", Vec::new());
    assert_eq!(copy.await, true, "no script has run: the buttons it brings stay away");
    browser.presses("Send the test lead").await;
    browser.sees("The network took it as").await;

    browser.opens("/offers/new").await;
    browser.fills("Short name", "tea").await;
    browser.presses("Required fields, duplicates, goals, parameters").await;
    browser.fills("Required fields", "phone, name").await;
    browser.presses("Create the offer").await;
    browser.sees("tea is there. Add a route next").await;
    browser.presses("New route").await;
    browser.chooses("Network", "sandbox").await;
    browser.presses("Add to the draft").await;
    browser.presses("Publish now").await;
    browser.sees("Published. New leads go by these routes.").await;
    browser.opens("/webmasters/new").await;
    browser.fills("Short name", "anna").await;
    browser.presses("Create the webmaster").await;
    browser.presses("New token").await;
    let token = browser.find("#issued-token").await.text().await.expect("a token");

    let posted = app.lead(&token, json!({ "offer": "tea", "phone": "+4915112345678", "name": "Jonas Weber" })).await;
    let id = posted.expect(201)["id"].as_str().expect("an id").to_owned();
    app.until_status(&id, "approved").await;
    browser.presses("Leads").await;
    browser.presses("1").await;
    browser.sees("Status: pending → approved").await;
    browser.presses("Change the status by hand").await;
    browser.chooses("Status", "rejected").await;
    browser.presses("Change status").await;
    browser.sees("The lead is rejected now.").await;

    browser.opens("/leads").await;
    browser.chooses("Status", "approved").await;
    browser.presses("Show").await;
    browser.sees("Nothing fits").await;
    browser.presses("Clear all").await;
    browser.presses("View").await;
    browser.field("Oldest first").await.click().await.expect("it can be chosen");
    browser.presses("Apply").await;
    browser.until("the order", async || browser.place().await.contains("sort=oldest").then_some(())).await;
    browser.presses("CSV").await;
    assert!(browser.takes_file().await.contains("rejected"));
    browser.presses("Sign out").await;
    browser.arrives("/login").await;
    browser.ends().await;
}
