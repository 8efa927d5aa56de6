//! `?wait`: the answer that waits for the verdict.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::phone;
use crate::kit::app::{Answer, TestApp};
use crate::kit::database::database;
use crate::kit::fake::{Fake, Play};

async fn waiting(app: &TestApp, token: &str, wait: &str, body: &Value) -> Answer {
    app.call(Method::POST, &format!("/api/v1/leads?wait={wait}"), token, body).await
}

async fn with_network(app: &TestApp, fake: &Fake) -> String {
    let token = app.with_offer("tea").await;
    app.network("secret-network", &fake.base, json!({})).await;
    app.route("tea", "secret-network", 1).await;
    token
}

#[tokio::test]
async fn it_answers_when_a_network_has_accepted() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"status": "ok", "id": "n-7", "redirect_url": "https://shop.example/welcome"})));
    let token = with_network(&app, &fake).await;
    let answer = waiting(&app, &token, "20", &json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"})).await;
    let lead = answer.expect(201);
    assert_eq!(lead["status"], "pending");
    assert_eq!(lead["redirect_url"], "https://shop.example/welcome");
    assert_eq!(lead["delivery"]["state"], "accepted");
    assert_eq!(lead["delivery"]["external_id"], "n-7");
    assert_eq!(lead["delivery"]["redirect_url"], "https://shop.example/welcome");
    assert!(!answer.text.contains("secret-network"), "webmasters do not see which network");
    let again = waiting(&app, &token, "20", &json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"})).await;
    assert_eq!(again.expect(200)["delivery"]["state"], "accepted");
    assert_eq!(fake.got().len(), 1);
}

#[tokio::test]
async fn it_answers_when_all_have_refused() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    fake.always(Play::Json(422, json!({"status": "rejected", "reason": "bad geo"})));
    let token = with_network(&app, &fake).await;
    app.network("second", &fake.base, json!({})).await;
    app.route("tea", "second", 2).await;
    let lead = waiting(&app, &token, "20", &json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    assert_eq!(lead["status"], "rejected");
    assert_eq!(lead["redirect_url"], Value::Null);
    assert_eq!(lead["delivery"]["state"], "refused");
    assert_eq!(lead["delivery"]["message"], "bad geo");
    assert_eq!(fake.got().len(), 2, "the second had its chance");
}

#[tokio::test]
async fn at_the_deadline_the_state_is_what_it_is() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    fake.always(Play::Silence);
    let token = with_network(&app, &fake).await;
    app.patch("/api/v1/networks/secret-network", json!({"timeout_seconds": 20})).await.expect(200);
    let started = Instant::now();
    let lead = waiting(&app, &token, "1", &json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(lead["status"], "new");
    assert_eq!(lead["delivery"]["state"], "sending");
    assert_eq!(lead["delivery"]["external_id"], Value::Null);
}

#[tokio::test]
async fn without_a_route_there_is_nobody_to_wait_for() {
    let app = TestApp::start().await;
    let token = app.with_offer("tea").await;
    let started = Instant::now();
    let lead = waiting(&app, &token, "20", &json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!((&lead["status"], &lead["delivery"]), (&json!("new"), &Value::Null));
}

#[tokio::test]
async fn one_to_thirty_seconds_and_nothing_else() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for wait in ["0", "31", "-1", "abc", "1.5", "99999999999999999999"] {
        let answer = waiting(&app, &token, wait, &json!({"offer": "tea", "phone": phone(1)})).await;
        assert_eq!(answer.fields(), ["wait"], "{wait}");
    }
    assert_eq!(app.count("select count(*) from lead").await, 0);
}

#[tokio::test]
async fn it_works_whichever_node_delivers() {
    let db = database().await;
    let fake = Fake::start().await;
    let idle = TestApp::on(&db, &[], false).await;
    let token = with_network(&idle, &fake).await;
    let _worker = TestApp::on(&db, &[], true).await;
    let lead = waiting(&idle, &token, "20", &json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    assert_eq!((&lead["status"], &lead["delivery"]["state"]), (&json!("pending"), &json!("accepted")));
    assert_eq!(lead["delivery"]["external_id"], "fake-1");
}
