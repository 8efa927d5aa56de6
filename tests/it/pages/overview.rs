//! The overview's numbers, search from everywhere, and the stream that tells of news.

use futures_util::StreamExt as _;
use leadrelay::db::stats_fold;
use serde_json::json;

use super::person;
use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

/// The value of a card, by its name.
fn card<'a>(page: &'a str, name: &str) -> &'a str {
    let card = page.split(&format!("{name}</a>")).nth(1).or_else(|| page.split(&format!(">{name}</dt>")).nth(1));
    let card = card.unwrap_or_else(|| panic!("no card {name}"));
    card.split("<span>").nth(1).unwrap().split('<').next().unwrap()
}

#[tokio::test]
async fn today_is_counted_the_same_summed_or_not() {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"revenue": "15"})).await.expect(200);
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    fake.answers([Play::Json(422, json!({"status": "rejected", "reason": "no"}))]);
    let ann = person(&app, "manager").await;
    for n in 1..=4 {
        app.lead_id(&token, "tea", &phone(n)).await;
        app.drain().await;
    }
    app.lead(&token, json!({"offer": "tea", "phone": phone(9), "test": true})).await.expect(201);
    app.post("/api/v1/leads/2/status", json!({"status": "approved"})).await.expect(200);
    app.post("/api/v1/leads/3/status", json!({"status": "hold"})).await.expect(200);
    // A lead of yesterday at the same time, as far as the day is old.
    let back = "update lead_change set at = at - interval '1 day' where lead_id in (select lead_id from lead where number = 4)";
    sqlx::query(back).execute(&app.app.db).await.unwrap();
    let mut conn = app.app.db.acquire().await.unwrap();
    for _ in 0..3 {
        let page = ann.sees("/").await;
        assert_eq!((card(&page, "Leads"), card(&page, "Accepted"), card(&page, "Refused")), ("3", "2", "1"));
        assert_eq!((card(&page, "Approved"), card(&page, "Approve %")), ("1", "100\u{a0}%"));
        assert_eq!((card(&page, "Payout"), card(&page, "Revenue")), ("10.00\u{a0}USD", "15.00\u{a0}USD"));
        assert_eq!((card(&page, "Margin"), card(&page, "On hold")), ("5.00\u{a0}USD", "10.00\u{a0}USD"));
        assert!(page.contains("1 yesterday by now") && page.contains("data-chart="));
        stats_fold::fold(&mut conn).await.unwrap();
    }
}

#[tokio::test]
async fn one_field_finds_leads_objects_pages_and_acts() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    app.lead(&token, json!({"offer": "tea", "phone": phone(1), "email": "ann@example.com"})).await.expect(201);
    let ann = person(&app, "admin").await;
    for (query, found) in [
        (phone(1).as_str(), "/leads/1"),
        ("ann%40example.com", "/leads/1"),
        ("%231", "/leads/1"),
        ("tea", "/offers/tea"),
        ("ann", "/webmasters/anna"),
        ("unmapped", "/unmapped"),
        ("new+offer", "/offers/new"),
    ] {
        let page = ann.sees(&format!("/search?q={query}")).await;
        assert!(page.contains(&format!("href=\"{found}\"")), "{query}");
    }
    let part = ann.sees("/search?q=tea&part=1").await;
    assert!(part.contains("/offers/tea") && !part.contains("<html"));
    assert!(ann.sees("/search?q=nothing-like-it").await.contains("Nothing found"));
    let analyst = person(&app, "analyst").await;
    let page = analyst.sees(&format!("/search?q={}", phone(1))).await;
    assert!(!page.contains("/leads/1"), "an analyst sees no leads");
}

#[tokio::test]
async fn a_page_is_told_that_there_is_news() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let ann = person(&app, "support").await;
    let url = format!("{}/live", app.base);
    let mut stream = app.http.get(url).header("cookie", ann.cookie()).send().await.unwrap().bytes_stream();
    app.lead_id(&token, "tea", &phone(1)).await;
    let news = async {
        while let Some(part) = stream.next().await {
            if String::from_utf8_lossy(&part.unwrap()).contains("event: news") {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(20), news).await.unwrap());
    // Who listens does not keep the server from stopping.
    tokio::time::timeout(std::time::Duration::from_secs(10), app.stop()).await.unwrap();
}
