//! Reports that come before we know what they mean, and reports that end a doubt.

use std::time::Duration;

use serde_json::json;

use super::{id, on, world};
use crate::delivery::{last, phone};
use crate::kit::app::{TestApp, read};
use crate::kit::fake::{Fake, Play};

#[tokio::test]
async fn a_postback_that_overtakes_the_answer_of_its_own_delivery_is_applied() {
    for (code, answer) in [(200, json!({"id": "n-1"})), (500, json!({})), (422, json!({"reason": "no"}))] {
        let world = on(TestApp::start().await).await;
        world.fake.answers([Play::Slow(Duration::from_secs(1), code, answer)]);
        let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
        world.fake.until(1).await;
        assert_eq!(world.report(&[("id", &lead_id), ("status", "approved")]).await, "applied");
        let early = world.app.show(&lead_id).await;
        assert_eq!((&early["status"], &last(&early)["state"]), (&json!("approved"), &json!("sending")));
        let lead = world.app.until_delivery(&lead_id, "accepted").await;
        assert_eq!((&lead["status"], &lead["payout"]), (&json!("approved"), &json!("10.00")), "{code}");
        assert_eq!(last(&lead)["external_id"], if code == 200 { json!("n-1") } else { json!(null) });
        assert_eq!(world.fake.got().len(), 1);
    }
}

#[tokio::test]
async fn a_postback_by_an_id_we_do_not_know_yet_is_applied_when_the_answer_brings_it() {
    let world = on(TestApp::start().await).await;
    world.fake.answers([Play::Slow(Duration::from_secs(1), 200, json!({"id": "n-1"}))]);
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.fake.until(1).await;
    assert_eq!(world.report(&[("external_id", "n-1"), ("status", "approved"), ("payout", "20")]).await, "unmatched");
    let lead = world.app.until_status(&lead_id, "approved").await;
    assert_eq!((&lead["revenue"], &last(&lead)["state"]), (&json!("20.00"), &json!("accepted")));
    assert_eq!(world.stored().await, [("applied".to_owned(), 2)]);
}

#[tokio::test]
async fn a_postback_by_an_id_that_another_report_brings_is_applied_too() {
    let world = world().await;
    world.fake.always(Play::Json(500, json!({})));
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    assert_eq!(world.report(&[("external_id", "n-1"), ("status", "approved")]).await, "unmatched");
    assert_eq!(world.report(&[("id", &lead_id), ("external_id", "n-1"), ("status", "hold")]).await, "applied");
    let lead = world.app.show(&lead_id).await;
    assert_eq!((&last(&lead)["external_id"], &lead["status"]), (&json!("n-1"), &json!("approved")));
}

#[tokio::test]
async fn a_report_ends_a_review() {
    let world = world().await;
    world.fake.always(Play::Json(500, json!({})));
    for (number, status) in ["pending", "approved", "rejected"].into_iter().enumerate() {
        let lead_id = world.app.lead_id(&world.token, "tea", &phone(number)).await;
        world.app.drain().await;
        assert_eq!(last(&world.app.show(&lead_id).await)["state"], "needs_review");
        assert_eq!(world.report(&[("id", &lead_id), ("status", status)]).await, "applied");
        let lead = world.app.show(&lead_id).await;
        assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!(status), &json!("accepted")));
    }
    assert_eq!(world.fake.got().len(), 3);
}

#[tokio::test]
async fn a_report_about_a_lead_that_waits_for_its_retry_ends_the_retries() {
    let world = world().await;
    world.fake.answers([Play::Json(503, json!({}))]);
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    assert_eq!(world.report(&[("id", &lead_id), ("status", "hold")]).await, "applied");
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(world.fake.got().len(), 1);
    assert_eq!(world.app.show(&lead_id).await["status"], "hold");
}

#[tokio::test]
async fn who_refused_the_lead_has_no_say_once_another_network_has_it() {
    let world = world().await;
    let other = Fake::start().await;
    world.app.network("n2", &other.base, json!({})).await;
    world.app.route("tea", "n2", 2).await;
    world.fake.always(Play::Json(422, json!({"reason": "no"})));
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    for status in ["rejected", "approved"] {
        assert_eq!(world.report(&[("id", &lead_id), ("status", status)]).await, "ignored");
    }
    let lead = world.app.show(&lead_id).await;
    assert_eq!((&lead["status"], &last(&lead)["network"]), (&json!("pending"), &json!("n2")));
}

#[tokio::test]
async fn a_network_that_gave_no_answer_has_no_say_once_another_network_has_the_lead() {
    // It was given up at n1 and handed over by hand: one lead has one owner.
    let world = world().await;
    let other = Fake::start().await;
    let second = world.app.network("n2", &other.base, json!({})).await;
    world.fake.always(Play::Json(503, json!({})));
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    sqlx::query("update delivery set expires_at = now()").execute(&world.app.app.db).await.unwrap();
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(last(&world.app.show(&lead_id).await)["state"], "dead");
    let answer = world.app.post(&format!("/api/v1/leads/{lead_id}/redeliver"), json!({"network": "n2"})).await;
    assert!(answer.status < 300, "{}", answer.text);
    world.app.drain().await;
    let url = second["postback_url"].as_str().unwrap();
    read(world.app.http.get(url).query(&[("id", lead_id.as_str()), ("status", "approved")])).await.expect(200);
    assert_eq!(world.report(&[("id", &lead_id), ("status", "rejected")]).await, "ignored");
    assert_eq!(world.report(&[("id", &lead_id), ("status", "hold")]).await, "ignored");
    assert_eq!(world.app.show(&lead_id).await["status"], "approved");
    assert_eq!(world.app.count("select count(*) from delivery where accepted_at is not null").await, 1);
}

#[tokio::test]
async fn a_network_that_refused_and_then_takes_the_lead_after_all_has_it() {
    let world = world().await;
    world.fake.always(Play::Json(422, json!({"reason": "no"})));
    let lead_id = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    assert_eq!(world.report(&[("id", &lead_id), ("status", "rejected")]).await, "ignored");
    assert_eq!(world.report(&[("id", &lead_id), ("status", "approved")]).await, "applied");
    let lead = world.app.show(&lead_id).await;
    assert_eq!((&lead["status"], &lead["payout"], id(&lead)), (&json!("approved"), &json!("10.00"), lead_id.as_str()));
}

#[tokio::test]
async fn an_id_that_the_answer_did_not_bring_is_learned_from_a_report() {
    let world = world().await;
    world.fake.always(Play::Json(200, json!({"status": "ok"})));
    let lead = world.accepted(1).await;
    assert_eq!(world.report(&[("id", id(&lead)), ("external_id", "n-1"), ("status", "hold")]).await, "applied");
    assert_eq!(world.report(&[("external_id", "n-1"), ("status", "approved")]).await, "applied");
    // What the network said first stays.
    assert_eq!(world.report(&[("id", id(&lead)), ("external_id", "n-2"), ("status", "approved")]).await, "unchanged");
    assert_eq!(last(&world.show(&lead).await)["external_id"], "n-1");
}
