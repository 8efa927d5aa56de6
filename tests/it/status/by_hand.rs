//! A status by a person.

use serde_json::json;

use super::{id, world};
use crate::delivery::{last, phone, timeline};
use crate::kit::fake::Play;

#[tokio::test]
async fn an_admin_sets_status_reason_and_money() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let path = format!("/api/v1/leads/{}/status", id(&lead));
    let body = json!({"status": "approved", "comment": "called them", "payout": "12.5", "revenue": "31"});
    let shown = world.app.post(&path, body).await.expect(200);
    assert_eq!(
        (&shown["status"], &shown["payout"], &shown["revenue"]),
        (&json!("approved"), &json!("12.50"), &json!("31.00"))
    );
    let shown =
        world.app.post(&path, json!({"status": "rejected", "reason": "fraud", "reason_code": 4})).await.expect(200);
    assert_eq!(
        (&shown["reason"], &shown["reason_code"], &shown["payout"]),
        (&json!("fraud"), &json!(4), &json!("0.00"))
    );
    let shown = world.app.post(&path, json!({"status": "pending"})).await.expect(200);
    assert_eq!((&shown["status"], &shown["reason"]), (&json!("pending"), &json!(null)));
    assert_eq!(timeline(&world.app, id(&lead), "status_by_hand").await.len(), 3);
    assert_eq!(world.app.post(&path, json!({"status": "new"})).await.fields(), ["status"]);
    assert_eq!(world.app.post(&path, json!({"status": "approved", "payout": "-1"})).await.fields(), ["payout"]);
}

#[tokio::test]
async fn a_webmaster_sets_no_status() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let path = format!("/api/v1/leads/{}/status", id(&lead));
    let answer = world.app.call(reqwest::Method::POST, &path, &world.token, &json!({"status": "approved"})).await;
    assert_eq!(answer.status, 403);
    assert_eq!(world.show(&lead).await["status"], "pending");
}

#[tokio::test]
async fn a_lead_that_nobody_has_can_only_be_ended() {
    let world = world().await;
    world.fake.always(Play::Json(503, json!({})));
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    let path = format!("/api/v1/leads/{lead_id}/status");
    assert_eq!(world.app.post(&path, json!({"status": "approved"})).await.status, 409);
    world.app.post(&path, json!({"status": "trash", "reason": "a joke"})).await.expect(200);
    world.fake.always(Play::Json(200, json!({"status": "ok"})));
    world.app.hurry().await;
    world.app.drain().await;
    let lead = world.app.show(&lead_id).await;
    assert_eq!(
        (&lead["status"], &lead["reason"], &last(&lead)["state"]),
        (&json!("trash"), &json!("a joke"), &json!("cancelled"))
    );
    assert_eq!(world.fake.got().len(), 1, "it is not sent any more");
}

#[tokio::test]
async fn a_lead_ended_by_hand_while_it_is_being_sent_follows_the_network_s_answer() {
    let world = super::on(crate::kit::app::TestApp::start().await).await;
    world.app.patch("/api/v1/networks/n1", json!({"timeout_seconds": 30})).await.expect(200);
    // Long enough for the person to be first on a slow machine.
    world.fake.answers([Play::Slow(std::time::Duration::from_secs(4), 200, json!({"id": "n-1"}))]);
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.fake.until(1).await;
    let answer = world.app.post(&format!("/api/v1/leads/{lead_id}/status"), json!({"status": "trash"})).await;
    let lead = world.app.until_delivery(&lead_id, "accepted").await;
    // Whatever the person was told, what we hold and what the network has must not contradict each other silently.
    assert!(answer.status == 200 || answer.status == 409, "{}", answer.text);
    assert_eq!(lead["status"], "pending");
}
