//! An answer that is not what was asked for never reads as "no changes".

use serde_json::{Value, json};

use super::{World, html, world};
use crate::kit::fake::Play;

async fn fails_with(world: &World, play: Play) -> String {
    world.status.answers_by(move |_| play.clone());
    let begun = world.app.post("/api/v1/networks/n1/poll", json!({"feed": "open"})).await.expect(202);
    let id = begun["poll_id"].as_str().unwrap().to_owned();
    for _ in 0..12 {
        // The breaker of the lane opens on the way; an operator would wait.
        sqlx::query("update lane set open_until = null, failures_in_row = 0").execute(&world.app.app.db).await.unwrap();
        world.app.hurry().await;
        world.app.drain().await;
    }
    let poll = world.show(&id).await;
    assert_eq!(poll["state"], "failed", "{poll:#}");
    assert_eq!((&poll["reports"], &poll["applied"]), (&json!(0), &json!(0)));
    poll["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_wrong_answer_fails_the_poll_with_its_reason_and_changes_nothing() {
    let world = world().await;
    let leads = world.accepted(1).await;
    for (play, reason) in [
        (html(200, "<h1>It works!</h1>"), "not JSON"),
        (html(502, "<h1>Bad Gateway</h1>"), "HTTP 502"),
        (Play::Json(200, json!({"status": "error", "error": "key"})), "no list"),
        (Play::Json(200, json!("ok")), "no list"),
        (Play::Json(401, json!({})), "HTTP 401"),
        (html(200, "[{\"id\": \"x\", \"sta"), "not JSON"),
        (html(200, ""), "not JSON"),
        (Play::Json(200, json!([{"status": "approved"}, {"status": "approved"}])), "no row of the list names a lead"),
        (Play::Json(200, json!([1, 2])), "is no object"),
        (Play::Reset, "reset"),
    ] {
        let error = fails_with(&world, play.clone()).await;
        assert!(error.contains(reason), "{play:?}: {error}");
    }
    assert_eq!(world.status_of(&leads[0]).await, "pending");
    let feed = world.feed("open").await;
    assert_eq!(feed["until"], Value::Null, "nothing counts as asked: {feed:#}");
    assert!(feed["failures"].as_i64().unwrap_or_default() == 0 || feed["last_error"].is_string());
}

#[tokio::test]
async fn a_network_that_comes_back_is_asked_where_it_stood() {
    let world = world().await;
    let leads = world.accepted(150).await;
    leads.iter().for_each(|lead| world.book.set(lead, json!({"status": "hold"})));
    let book = world.book.clone();
    let calls = std::sync::atomic::AtomicUsize::new(0);
    world.status.answers_by(move |got| match calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        1 => Play::Json(503, json!({})),
        _ => Play::Json(200, book.answer(got)),
    });
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["state"], &poll["applied"]), (&json!("running"), &json!(100)), "{poll:#}");
    assert!(poll["error"].as_str().unwrap().contains("503"));
    world.app.hurry().await;
    world.app.drain().await;
    let poll = world.show(poll["id"].as_str().unwrap()).await;
    assert_eq!(
        (&poll["state"], &poll["applied"], &poll["asked"]),
        (&json!("done"), &json!(150), &json!(150)),
        "{poll:#}"
    );
    assert_eq!(poll["error"], Value::Null);
}

#[tokio::test]
async fn a_list_that_is_too_long_to_be_read_is_asked_for_in_parts() {
    let world = world().await;
    let leads = world.accepted(8).await;
    leads.iter().for_each(|lead| world.book.set(lead, json!({"status": "hold", "noise": "x".repeat(1 << 20)})));
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["state"], &poll["applied"]), (&json!("done"), &json!(8)), "{poll:#}");
}
