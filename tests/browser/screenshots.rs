//! A picture of every page, at a desk and on a phone, in light and dark: `make screenshots`, into `target/screenshots`.

use std::path::Path;

use super::browser::Browser;
use super::kit::app::TestApp;
use super::sample;
use super::screens::{self, For};
use super::strangers;

#[tokio::test]
#[ignore = "makes pictures to be looked at: make screenshots"]
async fn every_page_has_its_picture_taken() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let app = TestApp::idle().await;
    let browser = Browser::start(&app.base).await;
    strangers::each(&browser, &app, async |door| take(&browser, &folder, door.route, &door.address).await).await;
    browser.ends().await;
    first_steps(&folder).await;
    let sample = sample::filled().await;
    let person = sample::person(&sample.app.base).await;
    let partner = sample::partner(&sample).await;
    for (browser, whom) in [(&person, For::Person), (&partner, For::Webmaster)] {
        for (route, address) in screens::addresses(browser, &sample.app.base, whom).await {
            take(browser, &folder, route, &address).await;
        }
    }
    person.shows(1440, "light").await;
    person.opens("/reports").await;
    std::fs::write(folder.join("reports.pdf"), person.print().await).expect("a document");
    person.ends().await;
    partner.ends().await;
}

/// The overview of an instance where nothing has happened.
async fn first_steps(folder: &Path) {
    let app = TestApp::idle().await;
    sample::admin(&app).await;
    let browser = sample::person(&app.base).await;
    take(&browser, folder, "first-steps", "/").await;
    browser.ends().await;
}

/// `leads-id-390-dark.png`
async fn take(browser: &Browser, folder: &Path, route: &str, address: &str) {
    let words: Vec<&str> = route.split(['/', '{', '}']).filter(|word| !word.is_empty()).collect();
    let screen = if words.is_empty() { "overview".to_owned() } else { words.join("-") };
    for width in [1440, 390] {
        browser.shows(width, "light").await;
        browser.opens(address).await;
        for scheme in ["light", "dark"] {
            browser.shows(width, scheme).await;
            browser.settles().await;
            let picture = browser.picture(width).await;
            std::fs::write(folder.join(format!("{screen}-{width}-{scheme}.png")), picture).expect("a picture");
        }
    }
}
