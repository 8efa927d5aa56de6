//! Every page there is, at two widths, in light and dark, and in Russian: whole, still, within its window, and without
//! a violation of WCAG.

use super::browser::Browser;
use super::kit::app::TestApp;
use super::page;
use super::sample::{self, Sample};
use super::screens::{self, For};
use super::strangers;

#[tokio::test]
async fn every_page_is_whole_at_a_desk() {
    walk(1440).await;
}

#[tokio::test]
async fn every_page_is_whole_on_a_phone() {
    walk(390).await;
}

#[tokio::test]
async fn every_page_before_the_sign_in_is_whole() {
    for width in [1440, 390] {
        let app = TestApp::idle().await;
        let browser = Browser::start(&app.base).await;
        browser.shows(width, "light").await;
        let mut faults = Vec::new();
        strangers::each(&browser, &app, async |door| {
            faults.extend(arrives(&browser, door.route, &door.address, &door.place).await);
            faults.extend(about(door.route, page::all_faults(&browser, width).await));
        })
        .await;
        browser.ends().await;
        assert!(faults.is_empty(), "{} faults at {width}:\n{}", faults.len(), faults.join("\n"));
    }
}

async fn walk(width: u32) {
    let sample = sample::filled().await;
    let house = Tour::begin(sample::person(&sample.app.base).await, &sample, For::Person, width).await;
    let portal = Tour::begin(sample::partner(&sample).await, &sample, For::Webmaster, width).await;
    let mut faults = house.english().await;
    faults.extend(portal.english().await);
    // Longer words, and what a stranger may have written.
    sample.app.lead(&sample.token, sample::hostile("slim-tea")).await.expect(201);
    sample.app.drain().await;
    faults.extend(house.russian("/account").await);
    faults.extend(portal.russian("/portal/account").await);
    assert!(faults.is_empty(), "{} faults at {width}:\n{}", faults.len(), faults.join("\n"));
}

/// Somebody who looks at every page he may open.
struct Tour {
    browser: Browser,
    width: u32,
    addresses: Vec<(&'static str, String)>,
}

impl Tour {
    async fn begin(browser: Browser, sample: &Sample, whom: For, width: u32) -> Self {
        browser.shows(width, "light").await;
        let addresses = screens::addresses(&browser, &sample.app.base, whom).await;
        // What was found on the way is found again below.
        browser.complaints().await;
        Self { browser, width, addresses }
    }

    async fn english(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (route, address) in &self.addresses {
            faults.extend(arrives(&self.browser, route, address, address).await);
            self.looks_again(address).await;
            faults.extend(about(route, page::all_faults(&self.browser, self.width).await));
        }
        faults
    }

    /// Opens a page that has moved once more: a machine that is busy with other tests may paint a page before all of it
    /// is there. What moves by itself moves again.
    async fn looks_again(&self, address: &str) {
        if page::has_moved(&self.browser).await {
            self.browser.opens(address).await;
        }
    }

    async fn russian(self, account: &str) -> Vec<String> {
        self.browser.opens(account).await;
        self.browser.chooses("Language", "Русский").await;
        let save = self.browser.find(&format!("form[action='{account}/reading'] button[type=submit]")).await;
        save.click().await.expect("it can be pressed");
        self.browser.sees("Сохранено.").await;
        let mut faults = Vec::new();
        for (route, address) in &self.addresses {
            faults.extend(arrives(&self.browser, route, address, address).await);
            self.looks_again(address).await;
            faults.extend(about(route, page::faults(&self.browser).await));
        }
        self.browser.ends().await;
        faults.into_iter().map(|fault| format!("ru {fault}")).collect()
    }
}

/// Opens a page; a complaint when another one than expected stands there.
async fn arrives(browser: &Browser, route: &str, address: &str, expected: &str) -> Option<String> {
    browser.opens(address).await;
    let place = browser.place().await;
    (place != expected).then(|| format!("{route}: {address} leads to {place}"))
}

fn about(route: &str, faults: Vec<String>) -> Vec<String> {
    faults.into_iter().map(|fault| format!("{route}: {fault}")).collect()
}
