//! No webmaster makes this server call itself or its neighbours.

use serde_json::json;

use super::Told;
use crate::kit::app::TestApp;
use crate::kit::database::database;
use crate::kit::fake::Fake;
use crate::status;

const STRICT: (&str, &str) = ("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "false");

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_saved_or_blocked_at_the_call() {
    let db = database().await;
    // Saved while private targets were allowed.
    let lax = TestApp::on(&db, &[], false).await;
    let told = Told { world: status::on(lax).await, tracker: Fake::start().await };
    let port = told.tracker.base.rsplit(':').next().unwrap().to_owned();
    let urls = [
        format!("http://127.0.0.1:{port}/pb"),
        format!("http://localhost:{port}/pb"),
        format!("http://[::1]:{port}/pb"),
        format!("http://2130706433:{port}/pb"),
        format!("http://0x7f.1:{port}/pb"),
        format!("http://0.0.0.0:{port}/pb"),
        format!("http://[::ffff:127.0.0.1]:{port}/pb"),
        format!("http://127.0.0.1.:{port}/pb"),
        format!("http://anna@127.0.0.1:{port}/pb"),
        format!("https://127.0.0.1:{port}/pb"),
    ];
    for url in &urls {
        let body = json!({"webmaster": "anna", "url": url, "kind": "additional"});
        let answer = told.world.app.post("/api/v1/postbacks", body).await;
        assert!(answer.status == 201 || answer.status == 422, "{url}: {}", answer.text);
    }
    let lead = told.world.accepted(1).await;
    told.world.app.drain().await;
    let reached = told.tracker.got().len();
    assert!(reached >= 3, "without the guard the fake is reached: {reached}");

    let strict = TestApp::on(&db, &[STRICT], false).await;
    for url in &urls {
        let body = json!({"webmaster": "anna", "url": url, "kind": "additional"});
        let answer = strict.post("/api/v1/postbacks", body).await;
        assert!(answer.status == 201 || answer.status == 422, "{url}: {}", answer.text);
        if !url.contains("localhost") {
            assert_eq!(answer.fields(), ["url"], "{url}");
        }
    }
    let saved = told.tracker.got().len();
    let path = format!("/api/v1/leads/{}/status", lead["id"].as_str().unwrap());
    strict.post(&path, json!({"status": "approved"})).await.expect(200);
    for _ in 0..3 {
        strict.drain().await;
        strict.hurry().await;
    }
    assert_eq!(told.tracker.got().len(), saved, "the guard judges again before each call");
    let failed =
        strict.count("select count(*) from postback_delivery where status = 'approved' and state = 'delivered'").await;
    assert_eq!(failed, 0);
}

#[tokio::test]
async fn a_network_at_a_private_address_is_refused_too() {
    let db = database().await;
    let strict = TestApp::on(&db, &[STRICT], false).await;
    let fake = Fake::start().await;
    let body = json!({"slug": "n1", "name": "n1", "integration": "http-json", "settings": {"url": fake.base}});
    let answer = strict.post("/api/v1/networks", body).await;
    assert!(answer.status == 422 || answer.status == 201, "{}", answer.text);
    if answer.status == 201 {
        let token = strict.with_offer("tea").await;
        strict.route("tea", "n1", 1).await;
        strict.lead_id(&token, "tea", &crate::delivery::phone(1)).await;
        strict.drain().await;
        assert_eq!(strict.count("select count(*) from delivery where state = 'accepted'").await, 0);
    }
    assert!(fake.got().is_empty());
}
