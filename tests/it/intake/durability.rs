//! What is acknowledged is there, once; what is not is nowhere.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{phone, rows};
use crate::kit::app::TestApp;
use crate::kit::fake::Fake;

#[tokio::test]
async fn every_acknowledged_lead_of_five_hundred_parallel_posts_is_stored_exactly_once() {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let posts = (0..500).map(|n| {
        let (app, token) = (&app, &token);
        async move {
            let body = json!({"offer": "tea", "phone": phone(n), "external_id": format!("o-{n}")});
            let lead = app.lead(token, body).await.expect(201);
            (lead["id"].as_str().unwrap().to_owned(), lead["number"].as_i64().unwrap(), n)
        }
    });
    let told: BTreeSet<_> = stream::iter(posts).buffer_unordered(500).collect().await;
    let stored: Vec<(uuid::Uuid, i64, String, String)> =
        sqlx::query_as("select lead_id, number, external_id, phone from lead join lead_contact using (lead_id)")
            .fetch_all(&app.app.db)
            .await
            .unwrap();
    assert_eq!(stored.len(), 500);
    for (lead_id, number, external_id, stored_phone) in stored {
        let n: usize = external_id.trim_start_matches("o-").parse().unwrap();
        assert!(told.contains(&(lead_id.to_string(), number, n)), "{external_id} has another's answer");
        assert_eq!(stored_phone, phone(n));
    }
    for each in [
        "select count(*) from lead_event where kind = 'received'",
        "select count(*) from delivery",
        "select count(*) from job where kind = 'deliver_lead'",
        "select count(distinct d.delivery_id) from job j join delivery d on d.delivery_id = j.subject_id join lead using (lead_id)",
    ] {
        assert_eq!(app.count(each).await, 500, "{each}");
    }
}

/// Law 1 of the queue: a job is written in the transaction of what it is for.
#[tokio::test]
async fn a_rolled_back_request_leaves_no_job() {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    // The very last moment to fail: everything is written, and the commit does not come.
    for sql in [
        "create function fail_on_purpose() returns trigger language plpgsql as $$ begin raise exception 'on purpose'; end $$",
        "create constraint trigger fail_on_purpose after insert on lead deferrable initially deferred
         for each row execute function fail_on_purpose()",
    ] {
        sqlx::query(sql).execute(&app.app.db).await.unwrap();
    }
    let before = rows(&app).await;
    let answer = app.lead(&token, json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"})).await;
    assert_eq!(answer.problem(500), "internal");
    assert_eq!(rows(&app).await, before);
    app.drain().await;
    assert_eq!(fake.got().len(), 0);
    sqlx::query("drop trigger fail_on_purpose on lead").execute(&app.app.db).await.unwrap();
    app.lead(&token, json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"})).await.expect(201);
    app.drain().await;
    assert_eq!(fake.got().len(), 1);
}
