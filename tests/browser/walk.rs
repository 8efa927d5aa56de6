//! Every page there is, at two widths, in light and dark, and in Russian: whole, still, within its window, and without
//! a violation of WCAG.

use leadrelay::base::secret;
use leadrelay::db;

use super::browser::Browser;
use super::kit::app::TestApp;
use super::page;
use super::sample;
use super::screens::{self, For};

#[tokio::test]
async fn every_page_is_whole_at_a_desk() {
    walk(1440).await;
}

#[tokio::test]
async fn every_page_is_whole_on_a_phone() {
    walk(390).await;
}

async fn walk(width: u32) {
    let mut faults = strangers(width).await;
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    browser.shows(width, "light").await;
    let addresses = screens::addresses(&browser, &sample.app.base).await;
    // What was found on the way is found again below.
    browser.complaints().await;
    for (route, address) in &addresses {
        faults.extend(arrives(&browser, route, address).await);
        faults.extend(about(route, page::all_faults(&browser, width).await));
    }
    // Longer words, and what a stranger may have written.
    sample.app.lead(&sample.token, sample::hostile("slim-tea")).await.expect(201);
    sample.app.drain().await;
    browser.opens("/account").await;
    browser.chooses("Language", "Русский").await;
    browser.find("form[action='/account/reading'] button[type=submit]").await.click().await.expect("it can be pressed");
    browser.sees("Сохранено.").await;
    for (route, address) in &addresses {
        faults.extend(arrives(&browser, route, address).await);
        faults.extend(about(route, page::faults(&browser).await).into_iter().map(|fault| format!("ru {fault}")));
    }
    browser.ends().await;
    assert!(faults.is_empty(), "{} faults at {width}:\n{}", faults.len(), faults.join("\n"));
}

/// The pages before one signs in, on an instance that has no admin yet.
async fn strangers(width: u32) -> Vec<String> {
    let app = TestApp::idle().await;
    let link = set_up_link(&app).await;
    let browser = Browser::start(&app.base).await;
    browser.shows(width, "light").await;
    let mut faults = Vec::new();
    for (route, _) in screens::all().into_iter().filter(|(_, whom)| *whom == For::Stranger) {
        faults.extend(arrives(&browser, route, &route.replace("{token}", &link)).await);
        faults.extend(about(route, page::all_faults(&browser, width).await));
    }
    browser.ends().await;
    faults
}

/// Opens the set-up as a first start does.
async fn set_up_link(app: &TestApp) -> String {
    let link = app.app.ids.secret(32);
    let mut conn = app.app.db.acquire().await.expect("a connection");
    db::instance::insert(&mut conn, b"of the tests", app.app.clock.now()).await.expect("an instance");
    assert!(db::instance::open_setup(&mut conn, &secret::hash(&link)).await.expect("the set-up opens"));
    link
}

/// Opens a page; a complaint when it is another one that stands there.
async fn arrives(browser: &Browser, route: &str, address: &str) -> Option<String> {
    browser.opens(address).await;
    let place = browser.place().await;
    (place != address).then(|| format!("{route}: {address} leads to {place}"))
}

fn about(route: &str, faults: Vec<String>) -> Vec<String> {
    faults.into_iter().map(|fault| format!("{route}: {fault}")).collect()
}
