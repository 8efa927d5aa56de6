//! A picture of every page, at a desk and on a phone, in light and dark: `make screenshots`, into `target/screenshots`.

use std::path::Path;

use super::browser::Browser;
use super::sample;
use super::screens::{self, For};

#[tokio::test]
#[ignore = "makes pictures to be looked at: make screenshots"]
async fn every_page_has_its_picture_taken() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let sample = sample::filled().await;
    let browser = Browser::start(&sample.app.base).await;
    for (route, _) in screens::all().into_iter().filter(|(route, whom)| *whom == For::Stranger && !route.contains('{'))
    {
        take(&browser, &folder, route, route).await;
    }
    browser.signs_in(sample::EMAIL, sample::PASSWORD).await;
    for (route, address) in screens::addresses(&browser, &sample.app.base).await {
        take(&browser, &folder, route, &address).await;
    }
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
