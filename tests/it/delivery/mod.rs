//! Handing leads to networks.

use serde_json::{Value, json};

use crate::kit::app::TestApp;
use crate::kit::fake::Fake;

mod caps;
mod outcomes;
mod queue_laws;
mod unknown;
mod waterfall;

/// A Spanish mobile number of one's own.
pub fn phone(number: usize) -> String {
    format!("+346123{number:05}")
}

/// An offer `tea` with one network `n1`, played by a fake; gives the fake and the webmaster's token.
pub async fn one_network(app: &TestApp, settings: Value) -> (Fake, String) {
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, settings).await;
    app.route("tea", "n1", 1).await;
    (fake, token)
}

/// The timeline of a lead: the details of the entries of one kind.
pub async fn timeline(app: &TestApp, lead_id: &str, kind: &str) -> Vec<Value> {
    let items = app.get(&format!("/api/v1/leads/{lead_id}/timeline")).await.expect(200);
    let items = items["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().filter(|item| item["kind"] == kind).map(|item| item["detail"].clone()).collect()
}

/// A route with more than offer, network and position.
pub async fn route(app: &TestApp, network: &str, position: i64, more: Value) -> Value {
    let mut body = json!({"offer": "tea", "network": network, "position": position});
    leadrelay::http::api::resource::merge(&mut body, more);
    app.post("/api/v1/routes", body).await.expect(201)
}

/// The practice network with this outcome.
pub async fn sandbox(app: &TestApp, slug: &str, outcome: &str) {
    let settings = json!({"outcome": outcome, "then_status": "none"});
    let body = json!({"slug": slug, "name": slug, "integration": "sandbox", "settings": settings});
    app.post("/api/v1/networks", body).await.expect(201);
}

/// The newest delivery of a lead.
pub fn last(lead: &Value) -> Value {
    lead["deliveries"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default()
}

/// Seconds from now until the newest delivery is tried again.
pub fn wait_of(app: &TestApp, lead: &Value) -> i64 {
    let last = last(lead);
    let at: chrono::DateTime<chrono::Utc> = last["next_at"].as_str().expect("next_at").parse().expect("a time");
    (at - app.app.clock.now()).num_milliseconds().div_euclid(1000) + 1
}
