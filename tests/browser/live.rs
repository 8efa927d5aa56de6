//! Pages that follow what happens.

use super::sample;

/// A browser has six connections to a server and no more, as long as it speaks HTTP/1.1.
const CONNECTIONS: usize = 6;

#[tokio::test]
async fn a_list_says_that_there_is_more_however_many_tabs_are_open() {
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    for _ in 0..CONNECTIONS + 2 {
        browser.opens_tab().await;
        browser.opens("/leads").await;
    }
    let first = async || browser.asks("return document.querySelector('tr[data-row]').dataset.row", Vec::new()).await;
    let before = first().await;
    sample.app.lead(&sample.token, sample::hostile("slim-tea")).await.expect(201);
    browser.sees("New: 1").await;
    assert_eq!(first().await, before, "nothing has moved");
    browser.presses("New: 1").await;
    browser.until("the new lead", async || (first().await != before).then_some(())).await;
    browser.ends().await;
}
