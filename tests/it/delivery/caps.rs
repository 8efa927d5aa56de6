//! Caps are never overrun, and nobody waits longer for room than he must.

use std::time::Duration;

use serde_json::{Value, json};

use super::{last, phone, route};
use crate::kit::app::TestApp;
use crate::kit::database::database;
use crate::kit::fake::{Fake, Play};

const AT_N1: &str =
    "select count(*) from delivery d join network n using (network_id) where n.slug = 'n1' and d.state = 'accepted'";
const AT_N2: &str =
    "select count(*) from delivery d join network n using (network_id) where n.slug = 'n2' and d.state = 'accepted'";
const PENDING: &str = "select count(*) from lead where status = 'pending'";

async fn two(app: &TestApp) -> (Fake, Fake, String) {
    let (one, two) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    app.network("n1", &one.base, json!({})).await;
    app.network("n2", &two.base, json!({})).await;
    (one, two, token)
}

async fn flood(app: &TestApp, token: &str, count: usize) {
    let batch: Vec<Value> = (0..count).map(|number| json!({"offer": "tea", "phone": phone(number)})).collect();
    app.call(reqwest::Method::POST, "/api/v1/leads/batch", token, &json!(batch)).await.expect(200);
}

async fn until_count(app: &TestApp, sql: &'static str, wanted: i64) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let count = app.count(sql).await;
        if count == wanted {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{count} of {wanted}: {sql}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_leads_on_a_cap_of_a_hundred_over_two_nodes_make_a_hundred() {
    let db = database().await;
    let app = TestApp::start_on(&db, &[]).await;
    let other = TestApp::start_on(&db, &[]).await;
    let (one, two, token) = two(&app).await;
    one.always(Play::Slow(Duration::from_millis(20), 200, json!({"status": "ok"})));
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 100}]})).await;
    app.route("tea", "n2", 2).await;
    other.app.rules.refresh(&other.app.db).await.unwrap();
    tokio::join!(flood_from(&app, &token, 0), flood_from(&other, &token, 100));
    until_count(&app, PENDING, 200).await;
    assert_eq!((one.got().len(), two.got().len()), (100, 100));
    assert_eq!((app.count(AT_N1).await, app.count(AT_N2).await), (100, 100));
    assert_eq!(app.count("select used::bigint from cap_window").await, 100);
}

async fn flood_from(app: &TestApp, token: &str, from: usize) {
    let batch: Vec<Value> = (from..from + 100).map(|number| json!({"offer": "tea", "phone": phone(number)})).collect();
    app.call(reqwest::Method::POST, "/api/v1/leads/batch", token, &json!(batch)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_another_route_the_rest_waits() {
    let app = TestApp::idle().await;
    let (one, _, token) = two(&app).await;
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 7}]})).await;
    flood(&app, &token, 30).await;
    app.drain().await;
    assert_eq!((one.got().len(), app.count(AT_N1).await), (7, 7));
    assert_eq!(
        app.count(
            "select count(*) from delivery where state = 'waiting' and attempts = 0 and reason like 'no capacity%'"
        )
        .await,
        23
    );
    // What was raised lets the next ones through, and no more than that.
    let made = app.get("/api/v1/routes").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    app.patch(&format!("/api/v1/routes/{made}"), json!({"caps": [{"period": "day", "limit": 10}]})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!(app.count(AT_N1).await, 10);
}

#[tokio::test]
async fn every_cap_of_a_route_holds_and_a_full_one_takes_no_slot_of_the_others() {
    let app = TestApp::idle().await;
    let (one, _, token) = two(&app).await;
    let caps = json!([{"period": "total", "limit": 3}, {"period": "day", "limit": 5}]);
    route(&app, "n1", 1, json!({"caps": caps})).await;
    flood(&app, &token, 10).await;
    app.drain().await;
    assert_eq!(one.got().len(), 3);
    assert_eq!(app.count("select sum(used)::bigint from cap_window").await, 6);
    assert_eq!(app.count("select count(*) from cap_hold").await, 6);
}

#[tokio::test]
async fn a_refusal_gives_its_slot_back_and_wakes_a_lead_that_waits_for_it() {
    let app = TestApp::start().await;
    let (one, _, token) = two(&app).await;
    one.answers([Play::Slow(Duration::from_secs(1), 422, json!({"reason": "no"}))]);
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 1}]})).await;
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    one.until(1).await;
    let second = app.lead_id(&token, "tea", &phone(2)).await;
    app.until(&second, "full", |lead| last(lead)["reason"].as_str().unwrap_or("").contains("no capacity")).await;
    app.until_status(&first, "rejected").await;
    app.until_status(&second, "pending").await;
}

#[tokio::test]
async fn a_refusal_by_hand_gives_its_slot_back_and_wakes_a_lead_that_waits_for_it() {
    let app = TestApp::start().await;
    let (one, _, token) = two(&app).await;
    one.answers([Play::Json(500, json!({}))]);
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 1}]})).await;
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    let lead = app.until_delivery(&first, "needs_review").await;
    let second = app.lead_id(&token, "tea", &phone(2)).await;
    app.until(&second, "full", |lead| last(lead)["reason"].as_str().unwrap_or("").contains("no capacity")).await;
    let path = format!("/api/v1/deliveries/{}/resolve", last(&lead)["id"].as_str().unwrap());
    app.post(&path, json!({"outcome": "refused"})).await.expect(200);
    app.until_status(&second, "pending").await;
}

#[tokio::test]
async fn an_unknown_outcome_keeps_its_slot() {
    let app = TestApp::idle().await;
    let (one, _, token) = two(&app).await;
    one.answers([Play::Json(500, json!({}))]);
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 1}]})).await;
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    assert_eq!(last(&app.show(&first).await)["state"], "needs_review");
    flood(&app, &token, 3).await;
    app.drain().await;
    assert_eq!(one.got().len(), 1, "the network may have it: it counts");
}

#[tokio::test]
async fn a_cap_on_approved_leads_stops_new_sends_and_a_reversal_lets_them_go_on() {
    let app = TestApp::start().await;
    let (one, _, token) = two(&app).await;
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 1, "counts": "approved"}]})).await;
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    app.until_status(&first, "pending").await;
    let second = app.lead_id(&token, "tea", &phone(2)).await;
    app.until_status(&second, "pending").await;
    set(&app, &first, "approved").await;
    let third = app.lead_id(&token, "tea", &phone(3)).await;
    app.until(&third, "full", |lead| last(lead)["reason"].as_str().unwrap_or("").contains("no capacity")).await;
    assert_eq!(one.got().len(), 2);
    set(&app, &first, "rejected").await;
    app.until_status(&third, "pending").await;
}

async fn set(app: &TestApp, lead_id: &str, status: &str) {
    app.post(&format!("/api/v1/leads/{lead_id}/status"), json!({"status": status})).await.expect(200);
}

#[tokio::test]
async fn test_leads_use_no_cap() {
    let app = TestApp::idle().await;
    let (_, _, token) = two(&app).await;
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 1}]})).await;
    for number in 0..3 {
        app.lead(&token, json!({"offer": "tea", "phone": phone(number), "test": true})).await.expect(201);
    }
    app.drain().await;
    assert_eq!(app.count(PENDING).await, 3);
    assert_eq!(app.count("select count(*) from cap_hold").await, 0);
    app.lead_id(&token, "tea", &phone(9)).await;
    app.drain().await;
    assert_eq!(app.count(PENDING).await, 4);
}

#[tokio::test]
async fn a_retry_takes_no_second_slot() {
    let app = TestApp::idle().await;
    let (one, _, token) = two(&app).await;
    one.answers([Play::Json(503, json!({})), Play::Json(503, json!({}))]);
    route(&app, "n1", 1, json!({"caps": [{"period": "day", "limit": 2}]})).await;
    app.lead_id(&token, "tea", &phone(1)).await;
    for _ in 0..3 {
        app.drain().await;
        app.hurry().await;
    }
    app.lead_id(&token, "tea", &phone(2)).await;
    app.drain().await;
    assert_eq!(app.count(PENDING).await, 2);
    assert_eq!(app.count("select used::bigint from cap_window").await, 2);
}
