//! Everything by the keyboard: places, rows, search, the list of keys, the way of the focus.

use fantoccini::key::Key;
use serde_json::Value;

use super::browser::Browser;
use super::sample;

/// What has the focus: its text or label, whether it is visible, whether one sees that it has it.
const FOCUS: &str = "
const node = document.activeElement;
const style = getComputedStyle(node);
const { width, height } = node.getBoundingClientRect();
return [
  (node.getAttribute('aria-label') || node.innerText || node.name || node.id || node.localName).trim(),
  width > 0 && height > 0,
  style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
];";

#[tokio::test]
async fn a_list_is_worked_through_without_a_mouse() {
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    for (keys, place) in [("gd", "/deliveries"), ("gn", "/networks"), ("gl", "/leads")] {
        browser.keys(keys).await;
        browser.arrives(place).await;
    }
    let row =
        async || browser.asks("return document.querySelector('tr.is-current')?.dataset.href ?? null", Vec::new()).await;
    let all = browser
        .asks("return [...document.querySelectorAll('tr[data-href]')].map((row) => row.dataset.href)", Vec::new());
    let all = all.await;
    assert_eq!(row().await, Value::Null);
    for (key, at) in [("j", 0), ("j", 1), ("j", 2), ("k", 1)] {
        browser.keys(key).await;
        assert_eq!(row().await, all[at], "after {key}");
    }
    browser.key(Key::Enter).await;
    browser.arrives(all[1].as_str().expect("a link")).await;

    browser.opens("/leads").await;
    browser.keys("/").await;
    let search = browser.asks(FOCUS, Vec::new()).await;
    assert_eq!(search[2], true, "one sees that the search has the focus");
    browser.keys("ana.0@example.com").await;
    browser.key(Key::Enter).await;
    browser.find(".active-filter").await;
    let found = browser.asks("return document.querySelectorAll('tr[data-href]').length", Vec::new()).await;
    assert_eq!(found, 1);

    browser.keys("?").await;
    browser.find("dialog.keys[open]").await;
    browser.sees("Next and previous row").await;
    browser.key(Key::Escape).await;
    browser
        .until("the list of keys is gone", async || {
            browser
                .asks("return !document.querySelector('dialog[open]')", Vec::new())
                .await
                .as_bool()
                .filter(|gone| *gone)
        })
        .await;
    menu(&browser).await;
    browser.ends().await;
}

/// A fold opens with Enter, closes with Escape, and gives the focus back.
async fn menu(browser: &Browser) {
    browser.opens("/leads").await;
    browser.asks("document.querySelector('.list-menu > summary').focus()", Vec::new()).await;
    browser.key(Key::Enter).await;
    browser.find(".list-menu[open] .menu__panel").await;
    browser.key(Key::Escape).await;
    let open = browser.asks("return document.querySelectorAll('details.menu[open]').length", Vec::new()).await;
    assert_eq!(open, 0);
    let focus = browser.asks("return document.activeElement.matches('.list-menu > summary')", Vec::new()).await;
    assert_eq!(focus, true, "the focus is where it was");
}

#[tokio::test]
async fn the_focus_goes_through_the_page_in_its_order_and_is_always_seen() {
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    for page in ["/leads", "/leads/1", "/networks/kestrel", "/offers/new", "/webmasters/anna-k"] {
        browser.opens(page).await;
        browser.key(Key::Tab).await;
        let first = browser.asks(FOCUS, Vec::new()).await;
        assert_eq!(first[0], "Skip to the content", "{page}");
        browser.key(Key::Enter).await;
        let place = browser.asks("return document.activeElement.id", Vec::new()).await;
        assert_eq!(place, "content", "{page}: the menu is skipped");
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..12 {
            browser.key(Key::Tab).await;
            // After its last place the focus leaves the page.
            let inside = browser.asks("return document.activeElement.closest('main') !== null", Vec::new()).await;
            if inside != true {
                break;
            }
            let focus = browser.asks(FOCUS, Vec::new()).await;
            assert!(
                focus[1] == true && focus[2] == true,
                "{page}: one does not see the focus on {focus} after {seen:?}"
            );
            seen.push(focus[0].to_string());
            let order = "
                const before = window.lastFocus; window.lastFocus = document.activeElement;
                return !before || before === document.activeElement || !!(before.compareDocumentPosition(document.activeElement) & 4)";
            assert_eq!(browser.asks(order, Vec::new()).await, true, "{page}: {seen:?}");
        }
    }
    browser.ends().await;
}
