//! A network's list: sent, its columns named, tried on all rows, imported, and no row of it twice.

use super::browser::Browser;
use super::kit::app::TestApp;
use super::{page, sample};

/// What a column may be.
const OUR_LEAD: &str = "Our lead (id or number)";

#[tokio::test]
async fn a_list_of_statuses_is_sent_tried_and_imported() {
    let app = TestApp::start().await;
    sample::admin(&app).await;
    let token = app.with_offer("tea").await;
    app.network("sand", "sandbox://network/leads", serde_json::json!({})).await;
    app.route("tea", "sand", 1).await;
    let lead = app.lead_id(&token, "tea", "+4915112345678").await;
    app.until_delivery(&lead, "accepted").await;
    let other = app.lead_id(&token, "tea", "+4915112345679").await;
    app.until_delivery(&other, "accepted").await;

    let browser = sample::person(&app.base).await;
    browser.presses("Imports").await;
    browser.presses("New import").await;
    browser.presses("Send the file").await;
    browser.sees("Choose a file.").await;
    browser.complaints().await;
    let list = format!("Order,Verdict,Amount,Currency\n{lead},approved,14.00,USD\n{other},approved,lots,USD\n");
    browser.gives_file("File", "verdicts.csv", &list).await;
    browser.presses("Send the file").await;
    browser.sees("As the first rows would be read").await;
    browser.chooses("What Order is", OUR_LEAD).await;
    browser.chooses("What Verdict is", OUR_LEAD).await;
    browser.presses("Try all rows").await;
    browser.sees("Two columns are the same field: leave one of them out.").await;
    browser.complaints().await;
    browser.chooses("What Verdict is", "Status").await;
    browser.presses("Try all rows").await;
    browser.sees("What the import would do").await;
    browser.sees("must be an amount such as 12.50").await;
    assert_eq!(page::all_faults(&browser, 1440).await, [""; 0]);
    assert_eq!(app.show(&lead).await["status"], "pending", "nothing is changed yet");

    browser.presses("Import").await;
    browser.sees("Imported").await;
    app.until_status(&lead, "approved").await;
    assert_eq!(app.show(&other).await["status"], "pending");
    sends_it_again(&browser, &list).await;
    browser.ends().await;
}

/// The same file is noticed, and changes nothing.
async fn sends_it_again(browser: &Browser, list: &str) {
    browser.opens("/imports/new").await;
    browser.gives_file("File", "verdicts.csv", list).await;
    browser.presses("Send the file").await;
    browser.sees("The same file was imported on").await;
    browser.chooses("What Order is", OUR_LEAD).await;
    browser.chooses("What Verdict is", "Status").await;
    browser.presses("Try all rows").await;
    browser.sees("What the import would do").await;
    browser.sees("0 of 2 rows would change something.").await;
}
