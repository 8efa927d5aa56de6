//! Taking leads: nothing twice, nothing lost, nothing half, and every refusal says why.

mod any_input;
mod bad_input;
mod batch;
mod callers;
mod duplicates;
mod durability;
mod feed;
mod fields;
mod idempotency;
mod wait;

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::app::{ADMIN, Answer, TestApp, read};

/// A valid Spanish mobile number, another one for each `n`.
fn phone(n: usize) -> String {
    format!("+346{:08}", 12_000_000 + n)
}

/// Posts a lead with an `Idempotency-Key`.
async fn keyed(app: &TestApp, token: &str, key: &str, body: &Value) -> Answer {
    let url = format!("{}/api/v1/leads", app.base);
    read(app.http.post(url).bearer_auth(token).header("idempotency-key", key).json(body)).await
}

/// Posts bytes as they are.
async fn send(app: &TestApp, token: &str, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
    let mut request = app.http.post(format!("{}{path}", app.base)).bearer_auth(token).body(body);
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    read(request).await
}

/// An offer with this duplicate rule that asks for no field, and a webmaster's token.
async fn with_rule(app: &TestApp, rule: Value) -> String {
    let offer = json!({"slug": "tea", "payout": "10", "duplicates": rule, "required_fields": []});
    app.post("/api/v1/offers", offer).await.expect(201);
    app.webmaster("anna").await
}

/// Rows of everything a lead makes.
async fn rows(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "select count(*) from lead",
        "select count(*) from lead_contact",
        "select count(*) from lead_event",
        "select count(*) from delivery",
        "select count(*) from job",
        "select count(*) from idempotency_key",
        "select count(*) from inbound_postback",
        "select count(*) from offer",
        "select count(*) from network",
        "select count(*) from webmaster",
    ] {
        counts.push(app.count(sql).await);
    }
    counts
}

/// Issues a token of a webmaster with further fields.
async fn token_with(app: &TestApp, webmaster: &str, fields: Value) -> Value {
    let path = format!("/api/v1/webmasters/{webmaster}/tokens");
    app.call(Method::POST, &path, ADMIN, &fields).await.expect(201)
}
