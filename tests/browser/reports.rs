//! A report: grouped, narrowed by a click, sorted, taken along, kept, drawn, printed, and read without a script.

use super::browser::Browser;
use super::{page, sample};

/// The figures of the first row and of the sum: leads come first.
const FIGURES: &str = "
const read = (row) => [...row.querySelectorAll('td.num')].map((cell) => cell.innerText.trim());
const table = document.querySelector('table.report');
return [read(table.tBodies[0].rows[0]), read(table.tFoot.rows[0])];";

#[tokio::test]
async fn a_report_is_narrowed_click_by_click_and_kept() {
    let sample = sample::filled().await;
    let browser = sample::person(&sample.app.base).await;
    browser.presses("Reports").await;
    browser.arrives("/reports").await;
    browser.find(".chart canvas").await;
    assert_eq!(page::faults(&browser).await, [""; 0], "the chart is drawn without an error");
    browser.chooses("Group 1", "Webmaster").await;
    browser.presses("Show").await;
    browser.sees("Push Lab").await;
    browser.settles().await;
    let whole = figures(&browser).await;
    browser.find("table.report tbody th a").await.click().await.expect("it can be pressed");
    browser.until("the filter", async || browser.place().await.contains("webmaster=").then_some(())).await;
    browser.find(".active-filter").await;
    browser.settles().await;
    assert_eq!(figures(&browser).await.1, whole.0, "what was narrowed to sums to its row");
    assert_eq!(page::faults(&browser).await, [""; 0]);

    browser.find("table.report thead a[href*='sort=approved']").await.click().await.expect("it can be pressed");
    let sorted = browser.find("table.report th[aria-sort=descending]").await.text().await.expect("a heading");
    assert!(sorted.starts_with("Approved"), "{sorted}");
    browser.presses("CSV").await;
    let file = browser.takes_file().await;
    assert!(file.lines().next().unwrap_or_default().contains(",leads,delivered,approved,"), "{file}");
    browser.presses("XLSX").await;
    assert!(browser.takes("xlsx").await.starts_with(b"PK"), "a workbook is a zip");

    browser.presses("Save").await;
    browser.fills("Name of the view", "His approved").await;
    browser.presses("Save this view").await;
    browser.sees("The view His approved is saved.").await;
    browser.find(".views__tab[aria-current]").await;
    let view = browser.place().await;
    assert!(browser.print().await.starts_with(b"%PDF"));
    without_script(&sample.app.base, &view).await;
    browser.ends().await;
}

async fn figures(browser: &Browser) -> (Vec<String>, Vec<String>) {
    let read = browser.asks(FIGURES, Vec::new()).await;
    serde_json::from_value(read).expect("two rows of a table")
}

/// The table says everything; no place is kept for a chart that does not come.
async fn without_script(base: &str, view: &str) {
    let mut browser = sample::person(base).await;
    browser.forbids_scripts().await;
    browser.opens(view).await;
    browser.sees("Total").await;
    let (first, sum) = figures(&browser).await;
    assert!(!first.is_empty() && first.len() == sum.len());
    let chart = "return document.querySelector('.chart')?.checkVisibility() ?? false";
    assert_eq!(browser.asks(chart, Vec::new()).await, false, "an empty frame");
    browser.ends().await;
}
