//! The laws of the queue that need a whole delivery to be seen.

use std::time::Duration;

use serde_json::{Value, json};

use super::{last, one_network, phone};
use crate::kit::app::TestApp;
use crate::kit::database::database;
use crate::kit::fake::{Fake, Play};

#[tokio::test]
async fn a_committed_lead_is_delivered_though_the_process_dies() {
    let db = database().await;
    let app = TestApp::on(&db, &[], false).await;
    let (fake, token) = one_network(&app, json!({})).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.stop().await;
    assert!(fake.got().is_empty());
    let app = TestApp::start_on(&db, &[]).await;
    app.until_status(&id, "pending").await;
    assert_eq!(fake.got().len(), 1);
}

/// A lead is being sent by a worker whose lease is then taken away. The answer comes after three seconds.
async fn frozen(settings: Value, answer: Play) -> (TestApp, Fake, String, tokio::task::JoinHandle<()>) {
    let db = database().await;
    let app = TestApp::on(&db, &[], false).await;
    let (fake, token) = one_network(&app, settings).await;
    app.patch("/api/v1/networks/n1", json!({"timeout_seconds": 20})).await.expect(200);
    fake.answers([answer]);
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    let own = leadrelay::workers::runner(&app.app);
    let work = tokio::spawn(async move {
        own.run_until_idle().await.unwrap();
    });
    fake.until(1).await;
    sqlx::query("update job set lease_until = now() - interval '1 second' where state = 'leased'")
        .execute(&app.app.db)
        .await
        .unwrap();
    app.drain().await;
    (app, fake, id, work)
}

async fn exchanges(app: &TestApp, lead: &Value) -> Vec<Value> {
    let id = last(lead)["id"].as_str().unwrap().to_owned();
    let detail = app.get(&format!("/api/v1/deliveries/{id}")).await.expect(200);
    detail["exchanges"].as_array().cloned().unwrap()
}

#[tokio::test]
async fn an_unknown_outcome_is_not_resent_blindly() {
    let (app, fake, id, work) = frozen(json!({}), Play::Silence).await;
    let lead = app.show(&id).await;
    assert_eq!(last(&lead)["state"], "needs_review");
    app.hurry().await;
    app.drain().await;
    assert_eq!(fake.got().len(), 1);
    let told = exchanges(&app, &lead).await;
    assert_eq!((told.len(), &told[0]["outcome"]), (1, &json!("lost")));
    work.abort();
}

#[tokio::test]
async fn a_lost_worker_s_lead_is_sent_again_where_repeats_are_dropped() {
    let (app, fake, id, work) = frozen(json!({"resend": "idempotent"}), Play::Silence).await;
    assert_eq!(last(&app.show(&id).await)["state"], "retrying");
    app.hurry().await;
    app.drain().await;
    assert_eq!(app.show(&id).await["status"], "pending");
    assert_eq!(fake.got().len(), 2);
    work.abort();
}

#[tokio::test]
async fn a_late_answer_is_kept_and_ends_the_review() {
    for (code, status, state) in [(200, "pending", "accepted"), (422, "rejected", "refused")] {
        let late = Play::Slow(Duration::from_secs(3), code, json!({"id": "n-1", "reason": "no"}));
        let (app, fake, id, work) = frozen(json!({}), late).await;
        assert_eq!(last(&app.show(&id).await)["state"], "needs_review");
        work.await.unwrap();
        let lead = app.show(&id).await;
        assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!(status), &json!(state)));
        let told = exchanges(&app, &lead).await;
        assert_eq!(told.len(), 2);
        assert!(told.iter().any(|one| one["is_late"] == true && one["outcome"] == state), "{told:#?}");
        app.hurry().await;
        app.drain().await;
        assert_eq!(fake.got().len(), 1);
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    // Somebody else has sent it again meanwhile: the late answer is kept and has no effect.
    let late = Play::Slow(Duration::from_secs(3), 422, json!({"reason": "too late"}));
    let (app, fake, id, work) = frozen(json!({"resend": "idempotent"}), late).await;
    app.hurry().await;
    app.drain().await;
    let before = app.show(&id).await;
    assert_eq!((&before["status"], &last(&before)["state"]), (&json!("pending"), &json!("accepted")));
    work.await.unwrap();
    let after = app.show(&id).await;
    assert_eq!(before, after);
    assert_eq!(fake.got().len(), 2);
    assert!(exchanges(&app, &after).await.iter().any(|one| one["is_late"] == true && one["outcome"] == "refused"));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_stamps_no_sending() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    let slack = Duration::from_secs(5);
    let claimed = leadrelay::queue::claim::claim_next(&app.app.db, 1, slack).await.unwrap();
    let stale = claimed.jobs.first().unwrap();
    sqlx::query("update job set lease_until = now() - interval '1 second'").execute(&app.app.db).await.unwrap();
    let taken = leadrelay::queue::lost::take_lost(&app.app.db, 1, slack).await.unwrap();
    let stamp = |job: &leadrelay::queue::Job| leadrelay::db::delivery::Stamp {
        delivery_id: job.subject_id,
        settings_version: 1,
        job_id: job.job_id,
        lease_token: job.lease_token,
    };
    let mut conn = app.app.db.acquire().await.unwrap();
    let stamped = leadrelay::db::delivery::stamp_sending(&mut conn, &[stamp(stale)]).await.unwrap();
    assert!(stamped.is_empty());
    assert_eq!(last(&app.show(&id).await)["state"], "waiting", "nothing looks as if it had been sent");
    let stamped = leadrelay::db::delivery::stamp_sending(&mut conn, &[stamp(&taken[0])]).await.unwrap();
    assert_eq!(stamped.len(), 1);
    assert!(fake.got().is_empty());
}

#[tokio::test]
async fn no_connection_is_held_during_a_call() {
    let db = database().await;
    let app = TestApp::start_on(&db, &[("LEADRELAY__DATABASE__MAX_CONNECTIONS", "2")]).await;
    let (fake, token) = one_network(&app, json!({})).await;
    app.patch("/api/v1/networks/n1", json!({"timeout_seconds": 30})).await.expect(200);
    fake.always(Play::Slow(Duration::from_secs(3), 200, json!({"status": "ok"})));
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(app.lead_id(&token, "tea", &phone(number)).await);
    }
    // All eight calls are under way at once, and the database answers beside them.
    fake.until(8).await;
    assert_eq!(app.count("select count(*) from delivery where state = 'sending'").await, 8);
    app.show(&ids[0]).await;
    for id in ids {
        app.until_status(&id, "pending").await;
    }
    assert_eq!(fake.got().len(), 8);
}

#[tokio::test]
async fn stopping_finishes_the_call_that_is_under_way() {
    let db = database().await;
    let app = TestApp::start_on(&db, &[]).await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.answers([Play::Slow(Duration::from_secs(1), 200, json!({"id": "n-1"}))]);
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    fake.until(1).await;
    app.stop().await;
    let app = TestApp::on(&db, &[], false).await;
    assert_eq!(app.show(&id).await["status"], "pending");
    assert_eq!(fake.got().len(), 1);
}
