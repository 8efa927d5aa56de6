//! The same request twice is one lead, however the two arrive.

use futures_util::future::join_all;
use serde_json::json;

use super::{keyed, phone};
use crate::kit::app::{Answer, TestApp};
use crate::kit::database::database;

/// One made the lead, all others were given it.
fn assert_one_made_it(answers: &[Answer]) {
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let made = made[0].json();
    assert_eq!(made["duplicate"], false);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        let repeat = answer.expect(200);
        assert_eq!(repeat["duplicate"], true);
        assert_eq!((&repeat["id"], &repeat["number"]), (&made["id"], &made["number"]));
        assert_eq!(repeat["created_at"], made["created_at"]);
    }
}

#[tokio::test]
async fn fifty_parallel_repeats_of_an_external_id_make_one_lead() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"});
    let answers = join_all((0..50).map(|_| app.lead(&token, body.clone()))).await;
    assert_one_made_it(&answers);
    assert_eq!(app.count("select count(*) from lead").await, 1);
    assert_eq!(app.count("select count(*) from lead_contact").await, 1);
    assert_eq!(app.count("select count(*) from lead_event").await, 1);
}

#[tokio::test]
async fn fifty_parallel_repeats_of_an_idempotency_key_make_one_lead() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({"offer": "tea", "phone": phone(1)});
    let answers = join_all((0..50).map(|_| keyed(&app, &token, "k-1", &body))).await;
    assert_one_made_it(&answers);
    assert_eq!(app.count("select count(*) from lead").await, 1);
    assert_eq!(app.count("select count(*) from idempotency_key").await, 1);
}

#[tokio::test]
async fn repeats_on_two_nodes_at_once_make_one_lead_each() {
    let db = database().await;
    let first = TestApp::on(&db, &[], true).await;
    let token = first.with_offer("tea").await;
    let second = TestApp::on(&db, &[], true).await;
    let nodes = [&first, &second];
    let named = json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"});
    let answers = join_all((0..50).map(|n| nodes[n % 2].lead(&token, named.clone()))).await;
    assert_one_made_it(&answers);
    let body = json!({"offer": "tea", "phone": phone(2)});
    let answers = join_all((0..50).map(|n| keyed(nodes[n % 2], &token, "k-1", &body))).await;
    assert_one_made_it(&answers);
    let both = json!({"offer": "tea", "phone": phone(3), "external_id": "o-3"});
    let answers = join_all((0..50).map(|n| keyed(nodes[n % 2], &token, "k-3", &both))).await;
    assert_one_made_it(&answers);
    assert_eq!(first.count("select count(*) from lead").await, 3);
    assert_eq!(first.count("select count(*) from idempotency_key").await, 2);
}

#[tokio::test]
async fn other_fields_under_the_same_key_are_a_conflict_and_change_nothing() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({"offer": "tea", "phone": phone(1), "external_id": "o-1", "name": "Ana"});
    let made = keyed(&app, &token, "k-1", &body).await.expect(201);
    let other_key =
        app.lead(&token, json!({"offer": "tea", "phone": phone(1), "external_id": "o-1", "name": "Bo"})).await;
    assert_eq!(other_key.problem(409), "idempotency_conflict");
    assert_eq!(other_key.json()["lead_id"], made["id"], "the caller's own lead is named");
    let other_fields = keyed(&app, &token, "k-1", &json!({"offer": "tea", "phone": phone(2)})).await;
    assert_eq!(other_fields.problem(409), "idempotency_conflict");
    assert_eq!(app.count("select count(*) from lead").await, 1);
    assert_eq!(app.show(made["id"].as_str().unwrap()).await["name"], "Ana");
    // The order of the fields, empty ones and spaces are no difference.
    let same =
        json!({"name": " Ana ", "email": "", "external_id": "o-1", "phone": phone(1), "city": null, "offer": "tea"});
    assert_eq!(app.lead(&token, same).await.expect(200)["id"], made["id"]);
}

#[tokio::test]
async fn parallel_requests_with_one_key_and_different_fields_make_one_lead_and_conflicts() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let answers = join_all((0..20).map(|n| {
        let (app, token) = (&app, &token);
        async move { keyed(app, token, "k", &json!({"offer": "tea", "phone": phone(n)})).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(409), "idempotency_conflict");
    }
    assert_eq!(app.count("select count(*) from lead").await, 1);
}

#[tokio::test]
async fn a_key_is_the_webmaster_s_own() {
    let app = TestApp::idle().await;
    let anna = app.with_offer("tea").await;
    let boris = app.webmaster("boris").await;
    let body = json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"});
    let of_anna = keyed(&app, &anna, "k-1", &body).await.expect(201);
    let of_boris = keyed(&app, &boris, "k-1", &body).await.expect(201);
    assert_ne!(of_anna["id"], of_boris["id"]);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let wrong = json!({"offer": "tea", "phone": "12"});
    assert_eq!(keyed(&app, &token, "k-1", &wrong).await.fields(), ["phone"]);
    keyed(&app, &token, "k-1", &json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_named() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({"offer": "tea", "phone": phone(1)});
    for key in [" ".to_owned(), "k".repeat(256)] {
        assert_eq!(keyed(&app, &token, &key, &body).await.fields(), ["Idempotency-Key"]);
    }
    keyed(&app, &token, &"k".repeat(255), &body).await.expect(201);
}
