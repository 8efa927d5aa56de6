//! Each of the six outcomes, played by a fake network. What nobody knows is in `unknown`.

use serde_json::json;

use super::{last, one_network, phone, wait_of};
use crate::kit::app::TestApp;
use crate::kit::fake::Play;

#[tokio::test]
async fn an_accepted_lead_becomes_pending_with_the_network_s_id_and_redirect() {
    let app = TestApp::start().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.always(Play::Json(200, json!({"status": "ok", "id": "n-1", "redirect_url": "https://shop.example/welcome"})));
    let answer = app.lead(&token, json!({"offer": "tea", "phone": "+34612345678", "name": "Ana"})).await;
    let lead = answer.expect(201);
    assert_eq!(lead["status"], "new");
    let lead = app.until_status(lead["id"].as_str().unwrap(), "pending").await;
    assert_eq!(lead["redirect_url"], "https://shop.example/welcome");
    assert_eq!(lead["deliveries"][0]["external_id"], "n-1");
    assert_eq!(lead["deliveries"][0]["state"], "accepted");
    let got = fake.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json()["phone"], "+34612345678");
    assert_eq!(got[0].json()["id"], lead["id"]);
}

#[tokio::test]
async fn a_duplicate_everywhere_is_trash_and_an_invalid_one_rejected() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.answers([
        Play::Json(409, json!({"reason": "we know this person"})),
        Play::Json(422, json!({"reason": "the phone does not ring"})),
    ]);
    for (number, status, reason) in [(1, "trash", "we know this person"), (2, "rejected", "the phone does not ring")] {
        let id = app.lead_id(&token, "tea", &phone(number)).await;
        app.drain().await;
        let lead = app.show(&id).await;
        assert_eq!((&lead["status"], &lead["reason"]), (&json!(status), &json!(reason)));
        assert_eq!(last(&lead)["state"], "refused");
        assert_eq!(lead["payout"], "0.00", "nothing is owed for it");
    }
    assert_eq!(fake.got().len(), 2);
}

#[tokio::test]
async fn a_network_without_room_keeps_the_lead_waiting() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    super::sandbox(&app, "n1", "no_capacity").await;
    app.route("tea", "n1", 1).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("new"), &json!("waiting")));
    assert!((290..=302).contains(&wait_of(&app, &lead)), "{lead:#}");
    app.patch("/api/v1/networks/n1", json!({"settings": {"outcome": "accepted"}})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn what_was_not_delivered_is_tried_again_after_the_table_or_the_retry_after() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    for (number, play, from, to) in [
        (1, Play::Json(503, json!({})), 4, 7),
        (2, Play::Json(429, json!({})), 4, 7),
        (3, Play::Raw(503, vec!["retry-after: 120".into()], Vec::new()), 118, 121),
        (4, Play::Raw(429, vec!["retry-after: 1".into()], Vec::new()), 4, 7),
    ] {
        fake.answers([play]);
        let id = app.lead_id(&token, "tea", &phone(number)).await;
        app.drain().await;
        let lead = app.show(&id).await;
        assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("new"), &json!("retrying")));
        assert!((from..=to).contains(&wait_of(&app, &lead)), "{number}: {lead:#}");
    }
    app.hurry().await;
    app.drain().await;
    assert_eq!(fake.got().len(), 8);
    assert_eq!(app.count("select count(*) from lead where status = 'pending'").await, 4);
    assert_eq!(app.count("select count(*) from delivery where attempts = 2").await, 4);
}

#[tokio::test]
async fn a_network_that_cannot_be_reached_is_tried_again_even_when_it_allows_one_send() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let nobody = {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    app.network("n1", &format!("http://{nobody}"), json!({"resend": "once"})).await;
    app.route("tea", "n1", 1).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!(last(&lead)["state"], "retrying", "{lead:#}");
    assert!((4..=7).contains(&wait_of(&app, &lead)));
}

#[tokio::test]
async fn waits_follow_the_table_and_then_the_delivery_is_dead_and_can_be_retried_by_hand() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.always(Play::Json(503, json!({"reason": "later"})));
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    for (attempt, planned) in [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 7200), (7, 21600)] {
        app.drain().await;
        let lead = app.show(&id).await;
        assert_eq!((&last(&lead)["state"], &last(&lead)["attempts"]), (&json!("retrying"), &json!(attempt)));
        let wait = wait_of(&app, &lead);
        assert!(wait >= planned * 79 / 100 && wait <= planned * 121 / 100 + 1, "{attempt}: {wait} for {planned}");
        calm(&app).await;
        app.hurry().await;
    }
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("new"), &json!("dead")));
    assert!(last(&lead)["reason"].as_str().unwrap().contains("later"));
    assert_eq!(fake.got().len(), 8);

    calm(&app).await;
    fake.always(Play::Json(200, json!({"id": "n-9"})));
    let delivery = last(&lead)["id"].as_str().unwrap().to_owned();
    app.post(&format!("/api/v1/deliveries/{delivery}/retry"), json!({})).await.expect(202);
    app.drain().await;
    assert_eq!(app.show(&id).await["status"], "pending");
}

/// The breaker is forgotten.
async fn calm(app: &TestApp) {
    sqlx::query("update lane set failures_in_row = 0, opened_times = 0, open_until = null")
        .execute(&app.app.db)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_wrong_key_pauses_the_network_and_burns_nothing() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({"token": "wrong"})).await;
    fake.answers([Play::Json(401, json!({"error": "bad token"}))]);
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let network = app.get("/api/v1/networks/n1").await.expect(200);
    assert_eq!(network["state"], "paused");
    assert!(network["state_reason"].as_str().unwrap().contains("bad token"), "{network:#}");
    let lead = app.show(&first).await;
    assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("new"), &json!("waiting")));

    let second = app.lead_id(&token, "tea", &phone(2)).await;
    app.hurry().await;
    app.drain().await;
    assert_eq!(fake.got().len(), 1, "a paused network is not asked");

    app.patch("/api/v1/networks/n1", json!({"settings": {"token": "right"}})).await.expect(200);
    app.post("/api/v1/networks/n1/resume", json!({})).await;
    app.drain().await;
    for id in [first, second] {
        let lead = app.show(&id).await;
        assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("pending"), &json!("accepted")));
    }
    let got = fake.got();
    assert_eq!(got.len(), 3);
    assert_eq!(got[2].header("authorization"), Some("Bearer right"));
}

#[tokio::test]
async fn five_failures_open_the_breaker_and_one_probe_closes_it() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.always(Play::Json(503, json!({})));
    for number in 0..5 {
        app.lead_id(&token, "tea", &phone(number)).await;
    }
    app.drain().await;
    assert_eq!(fake.got().len(), 5);
    assert_ne!(app.get("/api/v1/networks/n1").await.expect(200)["state"], "healthy");
    let late = app.lead_id(&token, "tea", &phone(9)).await;
    app.hurry().await;
    app.drain().await;
    assert_eq!(fake.got().len(), 5, "the breaker is open");
    assert_eq!(last(&app.show(&late).await)["attempts"], 0, "waiting for it spends no attempt");
    half_open(&app).await;
    app.drain().await;
    assert_eq!(fake.got().len(), 6, "one probe, and it fails");
    fake.always(Play::Json(200, json!({"status": "ok"})));
    half_open(&app).await;
    app.drain().await;
    assert_eq!(fake.got().len(), 12);
    assert_eq!(app.count("select count(*) from lead where status = 'pending'").await, 6);
    assert_eq!(app.get("/api/v1/networks/n1").await.expect(200)["state"], "healthy");
}

async fn half_open(app: &TestApp) {
    sqlx::query("update lane set open_until = now() - interval '1 second' where open_until is not null")
        .execute(&app.app.db)
        .await
        .unwrap();
    app.hurry().await;
}

#[tokio::test]
async fn a_lead_too_old_for_its_route_is_not_sent_late() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.always(Play::Json(503, json!({})));
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    sqlx::query("update delivery set expires_at = now() - interval '1 second'").execute(&app.app.db).await.unwrap();
    app.hurry().await;
    app.drain().await;
    assert_eq!(last(&app.show(&id).await)["state"], "dead");
    assert_eq!(fake.got().len(), 1);
}

#[tokio::test]
async fn a_test_lead_goes_to_the_sandbox_when_the_network_knows_no_test_leads() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    let answer = app.lead(&token, json!({"offer": "tea", "phone": phone(1), "test": true})).await.expect(201);
    app.drain().await;
    assert_eq!(app.show(answer["id"].as_str().unwrap()).await["status"], "pending");
    assert!(fake.got().is_empty());
}

#[tokio::test]
async fn what_gave_up_is_replayed_by_a_filter_and_what_is_in_review_only_when_asked_for() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.answers([Play::Json(503, json!({})), Play::Json(500, json!({}))]);
    let dead = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let review = app.lead_id(&token, "tea", &phone(2)).await;
    app.drain().await;
    sqlx::query("update delivery set expires_at = now() where state = 'retrying'").execute(&app.app.db).await.unwrap();
    app.hurry().await;
    app.drain().await;
    assert_eq!(last(&app.show(&dead).await)["state"], "dead");
    let replay = |dry_run: bool| json!({"kind": "deliveries", "filter": {"network": "n1"}, "dry_run": dry_run});
    let dry = app.post("/api/v1/replays", replay(true)).await.expect(202);
    assert!(dry.to_string().contains('1'), "{dry}");
    app.drain().await;
    assert_eq!(fake.got().len(), 2);
    app.post("/api/v1/replays", replay(false)).await.expect(202);
    app.drain().await;
    assert_eq!(app.show(&dead).await["status"], "pending");
    assert_eq!(last(&app.show(&review).await)["state"], "needs_review");
    assert_eq!(fake.got().len(), 3);
}
