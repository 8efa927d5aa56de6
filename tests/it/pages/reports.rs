//! Reports: the table and its sum, drilling down, files, and a report kept under a name.

use serde_json::json;

use super::{person, target, told};
use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::kit::fake::Fake;

/// Three leads of two webmasters, one of them approved.
async fn three_leads() -> TestApp {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let anna = app.with_offer("tea").await;
    let ben = app.webmaster("ben").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    for (n, token) in [(1, &anna), (2, &anna), (3, &ben)] {
        app.lead(token, json!({"offer": "tea", "phone": phone(n), "sub1": "=1+1"})).await.expect(201);
    }
    app.drain().await;
    app.post("/api/v1/leads/1/status", json!({"status": "approved"})).await.expect(200);
    app
}

/// The cells of the last row of a table.
fn total(page: &str) -> Vec<String> {
    let foot = page.split("<tfoot>").nth(1).expect("a sum").split("</tfoot>").next().unwrap();
    let cells = foot.split("<td").skip(1).map(|cell| cell.split("</td>").next().unwrap());
    cells.map(|cell| cell.split("sum\">").nth(1).unwrap_or_default().split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_report_is_narrowed_value_by_value_to_the_same_sum() {
    let app = three_leads().await;
    let ann = person(&app, "analyst").await;
    let page = ann.sees("/reports?group_by=webmaster&group_by=network").await;
    assert_eq!(total(&page)[..4], ["3", "3", "1", "33.3\u{a0}%"]);
    assert_eq!(total(&page)[7], "10.00\u{a0}USD");
    let narrowed = target(&page, "/reports?group_by=network&#38;webmaster=anna").replace("&#38;", "&");
    let page = ann.sees(&narrowed).await;
    assert_eq!(total(&page)[..4], ["2", "2", "1", "50.0\u{a0}%"]);
    assert!(page.contains("group_by=webmaster&#38;network=n1") || page.contains("group_by=offer&#38;network=n1"));
    let days = ann.sees("/reports").await;
    assert!(days.contains("data-chart=") && days.contains("lines"), "days are drawn");
    let wrong = ann.opens("/reports?group_by=moon").await;
    assert_eq!(wrong.status, 422);
    assert!(told(&wrong.text).contains("group_by"));
    assert_eq!(person(&app, "support").await.opens("/reports").await.status, 403);
}

#[tokio::test]
async fn a_report_is_a_file_and_can_be_kept() {
    let app = three_leads().await;
    let ann = person(&app, "manager").await;
    let file = ann.sees("/reports/export.csv?group_by=sub1,webmaster&sort=approved").await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(
        lines[0],
        "sub1,webmaster,leads,delivered,approved,approve_rate,rejected,trash,hold USD,payout USD,revenue USD,margin USD,revenue_per_lead USD"
    );
    assert_eq!(lines[1], "'=1+1,anna,2,2,1,50.0,0,0,,10.00,,-10.00,");
    assert_eq!(lines.len(), 3);
    let book = ann.opens("/reports/export.xlsx?group_by=webmaster").await;
    assert_eq!(book.status, 200);
    assert!(book.headers["content-type"].to_str().unwrap().ends_with("spreadsheetml.sheet"));
    let kept = [("path", "/reports"), ("query", "group_by=offer&by=event"), ("name", "By offer"), ("shared", "1")];
    assert!(told(&ann.does("/views", &kept).await).contains("By offer"));
    assert!(person(&app, "analyst").await.sees("/reports").await.contains("/reports?group_by=offer&#38;by=event"));
}
