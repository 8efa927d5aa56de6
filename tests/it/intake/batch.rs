//! Many leads in one request.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{phone, send};
use crate::kit::app::TestApp;
use crate::kit::database::database;

const BATCH: &str = "/api/v1/leads/batch";

#[tokio::test]
async fn an_array_is_answered_item_by_item_in_its_order() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let items: Vec<Value> =
        (0..300).map(|n| json!({"offer": "tea", "phone": phone(n), "external_id": format!("o-{n}")})).collect();
    let answer = app.call(Method::POST, BATCH, &token, &json!(items)).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 300);
    for (index, result) in results.iter().enumerate() {
        assert_eq!((&result["index"], &result["http_status"]), (&json!(index), &json!(201)));
        assert_eq!(result["lead"]["duplicate"], false);
    }
    let shown = app.show(results[217]["lead"]["id"].as_str().unwrap()).await;
    assert_eq!(shown["external_id"], "o-217");
    // The same again: the same leads.
    let again = app.call(Method::POST, BATCH, &token, &json!(items)).await.expect(200);
    assert_eq!(again["results"][217]["http_status"], 200);
    assert_eq!(again["results"][217]["lead"]["id"], results[217]["lead"]["id"]);
    assert_eq!(app.count("select count(*) from lead").await, 300);
}

#[tokio::test]
async fn one_bad_item_spoils_no_other() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let items = json!([
        {"offer": "tea", "phone": phone(1)},
        {"offer": "nothing", "phone": phone(2)},
        {"offer": "tea"},
        17,
        {"offer": "tea", "phone": "12", "email": "no"},
        {"offer": "tea", "phone": phone(6), "name": "NUL \u{0} in it"},
    ]);
    let answer = app.call(Method::POST, BATCH, &token, &items).await.expect(200);
    let status: Vec<i64> =
        answer["results"].as_array().unwrap().iter().map(|result| result["http_status"].as_i64().unwrap()).collect();
    assert_eq!(status, [201, 422, 422, 400, 422, 201]);
    let fields = |index: usize| -> Vec<String> {
        let errors = answer["results"][index]["error"]["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(fields(1), ["offer"]);
    assert_eq!(fields(2), ["phone"]);
    let mut both = fields(4);
    both.sort();
    assert_eq!(both, ["email", "phone"]);
    assert_eq!(answer["results"][3]["error"]["code"], "malformed");
    assert!(answer["results"][0].get("error").is_none() && answer["results"][1].get("lead").is_none());
    assert_eq!(app.count("select count(*) from lead").await, 2);
}

#[tokio::test]
async fn lines_of_json_are_read_and_a_broken_line_fails_alone() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let mut body = Vec::new();
    body.extend(format!("{}\r\n\n", json!({"offer": "tea", "phone": phone(1)})).into_bytes());
    body.extend(b"{\"offer\": \"tea\", \"name\": \"\xff\xfe\"}\n");
    body.extend(b"{\"offer\":\n");
    body.extend(json!({"offer": "tea", "phone": phone(2)}).to_string().into_bytes());
    let answer = send(&app, &token, BATCH, "application/x-ndjson; charset=utf-8", body).await.expect(200);
    let status: Vec<i64> =
        answer["results"].as_array().unwrap().iter().map(|result| result["http_status"].as_i64().unwrap()).collect();
    assert_eq!(status, [201, 400, 400, 201]);
    assert_eq!(app.count("select count(*) from lead").await, 2);
}

#[tokio::test]
async fn a_thousand_is_the_most() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let items =
        |count: usize| json!((0..count).map(|n| json!({"offer": "tea", "phone": phone(n)})).collect::<Vec<_>>());
    assert_eq!(app.call(Method::POST, BATCH, &token, &items(1001)).await.fields(), ["body"]);
    assert_eq!(app.count("select count(*) from lead").await, 0);
    let answer = app.call(Method::POST, BATCH, &token, &items(1000)).await.expect(200);
    assert!(answer["results"].as_array().unwrap().iter().all(|result| result["http_status"] == 201));
    assert_eq!(app.count("select count(*) from lead").await, 1000);
    let none = app.call(Method::POST, BATCH, &token, &json!([])).await.expect(200);
    assert_eq!(none["results"], json!([]));
}

#[tokio::test]
async fn what_is_no_list_is_refused_as_a_whole() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for (content_type, body, status, code) in [
        ("application/json", "{}", 400, "malformed"),
        ("application/json", "", 400, "malformed"),
        ("application/json", "[1", 400, "malformed"),
        ("text/csv", "[]", 415, "unsupported_media_type"),
        ("", "[]", 415, "unsupported_media_type"),
    ] {
        let answer = send(&app, &token, BATCH, content_type, body.into()).await;
        assert_eq!(answer.problem(status), code, "{content_type} {body}");
    }
    let large = send(&app, &token, BATCH, "application/json", vec![b' '; 8 * 1024 * 1024 + 1]).await;
    assert_eq!(large.problem(413), "too_large");
}

#[tokio::test]
async fn a_lead_that_breaks_a_constraint_fails_alone_in_the_writer_s_batch() {
    let app = TestApp::on(&database().await, &[("LEADRELAY__INTAKE__WRITERS", "1")], false).await;
    let token = app.with_offer("tea").await;
    // Something the checks let through and the database does not: it stands for every fault we do not know of.
    sqlx::query("alter table lead_contact add constraint broken_on_purpose check (name <> 'Bad')")
        .execute(&app.app.db)
        .await
        .unwrap();
    let answers = join_all((0..60).map(|n| {
        let name = if n == 37 { "Bad".to_owned() } else { format!("Good {n}") };
        app.lead(&token, json!({"offer": "tea", "phone": phone(n), "name": name, "external_id": format!("o-{n}")}))
    }))
    .await;
    for (n, answer) in answers.iter().enumerate() {
        if n == 37 {
            assert_eq!(answer.problem(500), "internal");
            assert!(!answer.text.contains("broken_on_purpose"), "{}", answer.text);
        } else {
            answer.expect(201);
        }
    }
    assert_eq!(app.count("select count(*) from lead").await, 59);
    assert_eq!(app.count("select count(*) from lead_event").await, 59);
}
