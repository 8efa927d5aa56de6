//! Every list there is: a filter, the order, the columns, the next page, the file.

use super::sample;
use super::screens::{self, For};
use crate::browser::Browser;

/// Lists that are longer than a page in the sample.
const LONG: &[&str] = &["/leads", "/deliveries", "/inbound", "/postbacks"];

#[tokio::test]
async fn every_list_is_filtered_ordered_turned_cut_and_taken_along() {
    let sample = sample::filled().await;
    let person = sample::person(&sample.app.base).await;
    let partner = sample::partner(&sample).await;
    for (browser, whom) in [(person, For::Person), (partner, For::Webmaster)] {
        for list in screens::lists(whom) {
            browser.opens(list).await;
            let whole = rows(&browser).await;
            assert!(!whole.is_empty(), "{list} is empty in the sample");
            turn_the_page(&browser, list, &whole).await;
            order_and_columns(&browser, list, &whole).await;
            file(&browser, list).await;
            filter(&browser, list).await;
        }
        browser.ends().await;
    }
}

/// The text of each row.
async fn rows(browser: &Browser) -> Vec<String> {
    let rows = "return [...document.querySelectorAll('table.data--cards tbody tr')].map((row) => row.innerText)";
    let rows = browser.asks(rows, Vec::new()).await;
    rows.as_array().into_iter().flatten().map(|row| row.as_str().unwrap_or_default().to_owned()).collect()
}

async fn headings(browser: &Browser) -> Vec<String> {
    let heads = "return [...document.querySelectorAll('table.data--cards thead th')].map((head) => head.innerText)";
    let heads = browser.asks(heads, Vec::new()).await;
    heads.as_array().into_iter().flatten().map(|head| head.as_str().unwrap_or_default().to_owned()).collect()
}

async fn turn_the_page(browser: &Browser, list: &str, whole: &[String]) {
    if !LONG.contains(&list) {
        return;
    }
    browser.presses("Next page").await;
    browser.sees("First page").await;
    let next = rows(browser).await;
    assert!(!next.is_empty() && next != whole, "{list}: another page has other rows");
    browser.presses("First page").await;
    browser.arrives(list).await;
}

/// In the fold that holds both: the other order, and one column less.
async fn order_and_columns(browser: &Browser, list: &str, whole: &[String]) {
    let before = headings(browser).await;
    browser.presses("View").await;
    browser.field("Oldest first").await.click().await.expect("it can be chosen");
    let last = before.iter().rfind(|head| !head.is_empty() && *head != "Actions").expect("a column").clone();
    browser.field(&last).await.click().await.expect("it can be left out");
    browser.presses("Apply").await;
    browser.until("another list", async || browser.place().await.contains("sort=oldest").then_some(())).await;
    browser.settles().await;
    let after = headings(browser).await;
    assert!(!after.contains(&last) && after.len() == before.len() - 1, "{list}: {last} is left out: {after:?}");
    let turned = rows(browser).await;
    if whole.len() > 1 {
        assert_ne!(turned.first(), whole.first(), "{list}: the oldest is first");
    }
}

/// The file has the columns of the page.
async fn file(browser: &Browser, list: &str) {
    let columns = headings(browser).await.into_iter().filter(|head| !head.is_empty() && head != "Actions").count();
    browser.presses("CSV").await;
    let file = browser.takes_file().await;
    let head = file.lines().next().unwrap_or_default();
    assert_eq!(head.split(',').count(), columns, "{list}: {head}");
    assert!(file.lines().count() > 1, "{list}: the file is empty");
}

/// A filter stands in the address and as a chip, which takes it away again. What nothing fits says so.
async fn filter(browser: &Browser, list: &str) {
    browser.opens(list).await;
    let date = "return document.querySelector('.list-filters input[type=date]')?.name ?? ''";
    let date = browser.asks(date, Vec::new()).await;
    let date = date.as_str().unwrap_or_default().to_owned();
    if date.is_empty() {
        let search = browser.find(".list-filters input[type=search]").await;
        search.send_keys("nothing is called so").await.expect("it can be typed into");
    } else {
        // A date is typed as the browser's own field wants it, which differs by its language.
        let set = "document.querySelector('.list-filters input[type=date]').value = '2037-01-01'";
        browser.asks(set, Vec::new()).await;
    }
    browser.presses("Show").await;
    browser.find(".active-filter").await;
    assert!(browser.place().await.starts_with(&format!("{list}?")), "{list}: the filter stands in the address");
    assert!(rows(browser).await.is_empty(), "{list}: nothing fits");
    browser.find(".active-filter").await.click().await.expect("the chip can be pressed");
    browser.until("the whole list", async || (!rows(browser).await.is_empty()).then_some(())).await;
}
