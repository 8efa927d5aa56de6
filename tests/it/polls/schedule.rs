use chrono::TimeDelta;
use leadrelay::flow::start_polls;
use serde_json::{Value, json};

use super::{World, ids, world};
use crate::kit::fake::Play;

/// As if so much time had passed for the feeds.
async fn due(world: &World) {
    sqlx::query("update feed set next_at = now() - interval '1 second'").execute(&world.app.app.db).await.unwrap();
}

async fn polls(world: &World) -> Vec<Value> {
    let list = world.app.get("/api/v1/polls?network=n1").await.expect(200);
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn feeds_are_polled_at_their_pace_and_never_twice_at_once() {
    let world = world().await;
    let leads = world.accepted(1).await;
    world.book.set(&leads[0], json!({"status": "hold"}));
    start_polls::run(&world.app.app).await.unwrap();
    due(&world).await;
    // Two nodes look at the same moment, and once more before the poll has ended.
    let (one, two) = tokio::join!(start_polls::run(&world.app.app), start_polls::run(&world.app.app));
    one.and(two).unwrap();
    due(&world).await;
    start_polls::run(&world.app.app).await.unwrap();
    assert_eq!(polls(&world).await.len(), 2, "one of each feed");
    world.app.drain().await;
    assert_eq!(world.status_of(&leads[0]).await, "hold");
    let feed = world.feed("open").await;
    assert!(feed["until"].is_string() && feed["last_error"].is_null(), "{feed:#}");
    assert!(feed["lag_seconds"].as_i64().unwrap() < 60);
    let network = world.app.get("/api/v1/networks/n1").await.expect(200);
    assert!(network["last_poll_at"].is_string());
    // The next is a pace away, a tenth more or less.
    due(&world).await;
    start_polls::run(&world.app.app).await.unwrap();
    let next = world.feed("open").await["next_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let wait = next - world.app.app.clock.now();
    assert!(wait > TimeDelta::minutes(8) && wait < TimeDelta::minutes(12), "{wait}");
}

#[tokio::test]
async fn a_network_that_is_off_or_cannot_be_asked_is_not_asked() {
    let world = world().await;
    world.accepted(1).await;
    world.app.patch("/api/v1/networks/n1", json!({"enabled": false})).await.expect(200);
    start_polls::run(&world.app.app).await.unwrap();
    due(&world).await;
    start_polls::run(&world.app.app).await.unwrap();
    assert_eq!(polls(&world).await, Vec::<Value>::new());
    assert_eq!(world.app.post("/api/v1/networks/n1/poll", json!({})).await.status, 409);
    world
        .app
        .patch("/api/v1/networks/n1", json!({"enabled": true, "settings": {"status_url": null}}))
        .await
        .expect(200);
    let answer = world.app.post("/api/v1/networks/n1/poll", json!({})).await;
    assert!(answer.expect(409)["detail"].as_str().unwrap().contains("cannot be asked"));
    assert_eq!(world.app.get("/api/v1/networks/n1").await.expect(200)["feeds"], json!([]));
}

#[tokio::test]
async fn a_time_that_cannot_be_asked_for_is_refused_by_its_field() {
    let world = world().await;
    let poll = |body: Value| world.app.post("/api/v1/networks/n1/poll", body);
    assert_eq!(poll(json!({"to": "2026-01-01T00:00:00Z"})).await.fields(), ["from"]);
    assert_eq!(poll(json!({"from": "2999-01-01T00:00:00Z"})).await.fields(), ["from"]);
    let backwards = json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"});
    assert_eq!(poll(backwards).await.fields(), ["to"]);
    assert_eq!(poll(json!({"feed": "closed"})).await.fields(), ["feed"]);
    assert_eq!(world.app.post("/api/v1/networks/nobody/poll", json!({})).await.status, 404);
}

#[tokio::test]
async fn fresh_leads_go_before_polls_and_the_rate_holds_for_both() {
    let world = world().await;
    world.accepted(3).await;
    world
        .app
        .patch("/api/v1/networks/n1", json!({"rate_limit": {"per_second": 0.001, "concurrency": 1}}))
        .await
        .expect(200);
    sqlx::query("update lane set tokens = 1, burst = 1, refilled_at = now()").execute(&world.app.app.db).await.unwrap();
    world.app.post("/api/v1/networks/n1/poll", json!({"feed": "open"})).await.expect(202);
    let lead = world.app.lead_id(&world.token, "tea", "+34699999999").await;
    world.app.drain().await;
    assert_eq!(world.status_of(&lead).await, "pending", "the one call that was left was the lead's");
    assert_eq!(world.status.got().iter().map(ids).count(), 0);
}

#[tokio::test]
async fn a_network_that_was_down_for_a_day_catches_up_without_a_flood() {
    let world = world().await;
    let leads = world.accepted(5).await;
    leads.iter().for_each(|lead| world.book.set(lead, json!({"status": "hold"})));
    start_polls::run(&world.app.app).await.unwrap();
    // Down: every call fails, the breaker opens, the schedule goes on and on.
    world.status.always(Play::Reset);
    let book = world.book.clone();
    world.status.answers_by(|_| Play::Reset);
    world.fake.always(Play::Json(503, json!({})));
    for _ in 0..20 {
        due(&world).await;
        start_polls::run(&world.app.app).await.unwrap();
        world.app.hurry().await;
        world.app.drain().await;
    }
    let waiting = world.app.count("select count(*) from job where kind = 'poll_network'").await;
    assert!(waiting <= 2, "one poll of each feed waits, not one of each time: {waiting}");
    let calls = world.status.got().len();
    assert!(calls <= 10, "an open breaker spares the network: {calls} calls");
    let late: Vec<String> = {
        let mut ids = Vec::new();
        for no in 10..13 {
            ids.push(world.app.lead_id(&world.token, "tea", &crate::delivery::phone(no)).await);
        }
        ids
    };
    // Up again: what waited is asked once, and new leads are sent.
    world.status.answers_by(move |got| Play::Json(200, book.answer(got)));
    world.fake.always(Play::Json(200, Value::Null));
    sqlx::query("update lane set open_until = null, failures_in_row = 0").execute(&world.app.app.db).await.unwrap();
    world.app.hurry().await;
    world.app.drain().await;
    due(&world).await;
    start_polls::run(&world.app.app).await.unwrap();
    world.app.drain().await;
    for lead in &late {
        assert_eq!(world.status_of(lead).await, "pending");
    }
    assert_eq!(world.status_of(&leads[4]).await, "hold");
    assert!(world.status.got().len() - calls <= 4, "{} calls to catch up", world.status.got().len() - calls);
}
