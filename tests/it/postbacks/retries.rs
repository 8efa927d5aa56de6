//! A webmaster's server that does not answer well: tried again as data, and signed alike.

use std::time::Duration;

use leadrelay::net::sign::{self, Signed};
use serde_json::json;

use super::{Told, told};
use crate::kit::fake::{Got, Play};

async fn calm(told: &Told) {
    sqlx::query("update lane set failures_in_row = 0, opened_times = 0, open_until = null")
        .execute(&told.world.app.app.db)
        .await
        .unwrap();
    told.world.app.hurry().await;
}

#[tokio::test]
async fn a_failed_call_is_tried_again_by_the_table_then_dead_and_can_be_sent_again() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({"secret": true})).await;
    told.tracker.always(Play::Json(500, json!({})));
    let lead = told.world.accepted(1).await;
    for (attempt, planned) in [5, 30, 300, 1800, 7200, 18000, 21600, 21600].into_iter().enumerate() {
        told.world.app.drain().await;
        let row = told.rows(&lead).await.remove(0);
        assert_eq!((&row["state"], &row["attempts"]), (&json!("retrying"), &json!(attempt + 1)));
        let next_at: chrono::DateTime<chrono::Utc> = row["next_at"].as_str().unwrap().parse().unwrap();
        let wait = (next_at - told.world.app.app.clock.now()).num_seconds() + 1;
        assert!(wait >= planned * 79 / 100 && wait <= planned * 121 / 100 + 1, "{attempt}: {wait} for {planned}");
        calm(&told).await;
    }
    told.world.app.drain().await;
    let row = told.rows(&lead).await.remove(0);
    assert_eq!(row["state"], "dead", "{row:#}");
    assert_eq!(told.tracker.got().len(), 9);
    calm(&told).await;
    told.tracker.always(Play::Json(204, json!({})));
    let path = format!("/api/v1/postback-deliveries/{}/retry", row["id"].as_str().unwrap());
    told.world.app.post(&path, json!({})).await.expect(202);
    told.world.app.drain().await;
    assert_eq!(told.rows(&lead).await.remove(0)["state"], "delivered");
    let ids: Vec<String> = told.tracker.got().iter().map(|got| got.header("webhook-id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 10);
    assert!(ids.iter().all(|id| *id == ids[0]), "one id over retries and repeats");
    assert_eq!(row["id"], json!(ids[0]));
}

#[tokio::test]
async fn a_retry_after_raises_the_wait() {
    let told = told().await;
    told.postback("/pb", json!({})).await;
    told.tracker.answers([Play::Raw(429, vec!["retry-after: 600".into()], Vec::new())]);
    let lead = told.world.accepted(1).await;
    told.world.app.drain().await;
    let row = told.rows(&lead).await.remove(0);
    let next_at: chrono::DateTime<chrono::Utc> = row["next_at"].as_str().unwrap().parse().unwrap();
    let wait = (next_at - told.world.app.app.clock.now()).num_seconds();
    assert!((595..=600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn every_kind_of_failure_is_tried_again() {
    for play in [
        Play::Close,
        Play::Reset,
        Play::Garbage,
        Play::Json(404, json!({})),
        Play::Json(301, json!({})),
        Play::Raw(302, vec!["location: /elsewhere".into()], Vec::new()),
    ] {
        let told = told().await;
        told.postback("/pb?s={status}", json!({})).await;
        told.tracker.answers([play.clone()]);
        let lead = told.world.accepted(1).await;
        told.world.app.drain().await;
        assert_eq!(told.rows(&lead).await[0]["state"], "retrying", "{play:?}");
        assert_eq!(told.tracker.got().len(), 1, "{play:?}");
        told.world.app.hurry().await;
        told.world.app.drain().await;
        assert_eq!(told.rows(&lead).await[0]["state"], "delivered", "{play:?}");
        assert!(told.tracker.got().iter().all(|got| got.path.starts_with("/pb")), "a redirect is not followed");
    }
}

fn is_signed(got: &Got, secrets: &[String], now: i64) -> bool {
    let header = |name| got.header(name).unwrap_or_default();
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: &got.body,
    };
    sign::verify(secrets, &signed, now).is_ok()
}

#[tokio::test]
async fn a_call_is_signed_so_that_the_receiver_can_check_it() {
    let told = told().await;
    let made = told.postback("/pb", json!({"method": "POST", "body": {"s": "{status}"}, "secret": "generate"})).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let path = format!("/api/v1/postbacks/{}", made["id"].as_str().unwrap());
    let shown = told.world.app.get(&path).await.expect(200);
    assert!(!shown.to_string().contains(&secret), "it is answered once");
    let lead = told.world.accepted(1).await;
    told.world.app.drain().await;
    let now = told.world.app.app.clock.now().timestamp();
    let got = told.tracker.got();
    assert!(is_signed(&got[0], std::slice::from_ref(&secret), now));
    assert!(!is_signed(
        &Got { body: b"{\"s\":\"approved\"}".to_vec(), ..got[0].clone() },
        std::slice::from_ref(&secret),
        now
    ));
    assert!(!is_signed(&got[0], &["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()], now));
    assert!(!is_signed(&got[0], std::slice::from_ref(&secret), now + 3600));
    // While the secret is being changed, both sign.
    let newer =
        told.world.app.patch(&path, json!({"secret": true})).await.expect(200)["secret"].as_str().unwrap().to_owned();
    told.says(&lead, "approved").await;
    let got = told.tracker.got();
    for secret in [secret, newer] {
        assert!(is_signed(&got[1], &[secret], now));
    }
}

#[tokio::test]
async fn an_endpoint_that_hangs_does_not_hold_up_the_others() {
    let told = super::on(crate::kit::app::TestApp::start().await).await;
    let app = &told.world.app;
    told.postback("/pb?s={status}", json!({})).await;
    told.tracker.always(Play::Silence);
    let bert = crate::kit::fake::Fake::start().await;
    let token = app.webmaster("bert").await;
    app.post("/api/v1/postbacks", json!({"webmaster": "bert", "url": format!("{}/pb", bert.base)})).await.expect(201);
    for number in 0..20 {
        app.lead_id(&told.world.token, "tea", &crate::delivery::phone(number)).await;
    }
    told.tracker.until(1).await;
    app.lead_id(&token, "tea", &crate::delivery::phone(99)).await;
    tokio::time::timeout(Duration::from_secs(5), bert.until(1)).await.expect("bert hears at once");
}

#[tokio::test]
async fn the_calls_of_a_lead_can_be_sent_again_and_a_period_replayed() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({"secret": true})).await;
    let lead = told.world.accepted(1).await;
    told.says(&lead, "approved").await;
    let other = told.world.accepted(2).await;
    told.world.app.drain().await;
    assert_eq!(told.heard("s"), ["pending", "approved", "pending"]);
    let path = format!("/api/v1/leads/{}/resend-postbacks", lead["id"].as_str().unwrap());
    let answer = told.world.app.post(&path, json!({})).await;
    assert!(answer.status < 300, "{}", answer.text);
    told.world.app.drain().await;
    let got = told.tracker.got();
    assert_eq!(got.len(), 4);
    assert_eq!((&got[3].path, got[3].header("webhook-id")), (&got[1].path, got[1].header("webhook-id")));
    let replay = |dry_run: bool| json!({"kind": "postbacks", "filter": {"lead": null, "state": "delivered"}, "dry_run": dry_run});
    let mut asked = replay(true);
    asked["filter"].as_object_mut().unwrap().remove("lead");
    let dry = told.world.app.post("/api/v1/replays", asked.clone()).await;
    assert_eq!(dry.status, 202, "{}", dry.text);
    told.world.app.drain().await;
    assert_eq!(told.tracker.got().len(), 4);
    asked["dry_run"] = json!(false);
    told.world.app.post("/api/v1/replays", asked).await.expect(202);
    told.world.app.drain().await;
    assert_eq!(told.tracker.got().len(), 7);
    assert_eq!(told.log(&other).await, [("pending".to_owned(), "delivered".to_owned())]);
}

#[tokio::test]
async fn a_call_whose_worker_is_lost_is_made_again_with_the_same_id() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({"secret": true})).await;
    told.tracker.answers([Play::Silence]);
    let lead_id = told.world.app.lead_id(&told.world.token, "tea", &crate::delivery::phone(1)).await;
    let own = leadrelay::workers::runner(&told.world.app.app);
    let work = tokio::spawn(async move { own.run_until_idle().await });
    told.tracker.until(1).await;
    sqlx::query("update job set lease_until = now() - interval '1 second' where state = 'leased'")
        .execute(&told.world.app.app.db)
        .await
        .unwrap();
    told.world.app.drain().await;
    let got = told.tracker.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    let lead = told.world.app.show(&lead_id).await;
    assert_eq!(told.log(&lead).await, [("pending".to_owned(), "delivered".to_owned())]);
    work.abort();
}
