//! The practice Affili over HTTP, as a client sees it.

mod calendar_tests;
mod control_tests;
mod customer_tests;
mod fault_tests;
mod list_tests;
mod merchant_tests;
mod service_tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::Affili;

const REFERRER: &str = "5f00000000000000000000a1";
const OTHER_REFERRER: &str = "5f00000000000000000000b2";
const AFF_ID: &str = "affili00000001x";
const ACCESS_ID: &str = "fake-affili-access-id";
const SERVICES_TOKEN: &str = "fake-affili-services-token";

/// A running practice Affili whose clock stands at 1399-01-17 12:46:38 in Tehran.
struct Practice {
    affili: Affili,
    base: String,
    http: reqwest::Client,
}

fn start_time() -> DateTime<Utc> {
    "2020-04-05T08:16:38Z".parse().unwrap()
}

impl Practice {
    async fn start() -> Self {
        let affili = Affili::new(Arc::new(start_time));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let router = affili.router();
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { affili, base, http: client() }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let token = if path.starts_with("/services") { SERVICES_TOKEN } else { ACCESS_ID };
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token)
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.request(Method::POST, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path)).await
    }

    /// A good lead of the merchants' API, with a token of its own.
    fn lead(&self, external_id: &str) -> Value {
        let token = self.affili.issue_token(REFERRER).unwrap();
        json!({
            "type": "lead", "name": "signup", "external_id": external_id,
            "referrer": REFERRER, "aff_id": AFF_ID, "token": token,
        })
    }

    /// A good sale of the merchants' API.
    fn sale(&self, external_id: &str) -> Value {
        let more = json!({
            "type": "buy", "amount": 10_000,
            "commissions": [{ "name": "default", "sub_amount": "6000" }, { "name": "electronics", "sub_amount": 4000 }],
        });
        with(self.lead(external_id), more)
    }

    /// Sends a good lead and gives its id.
    async fn stored_lead(&self, external_id: &str) -> String {
        let (status, body) = self.post("/api/merchants/conversions", self.lead(external_id)).await;
        assert_eq!(status, 200, "{body}");
        body["data"]["id"].as_str().unwrap().to_owned()
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the test is the caller, not the server")]
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

/// A body with some fields changed; null takes one out.
fn with(body: Value, changes: Value) -> Value {
    let mut fields = body.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => fields.shift_remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    Value::Object(fields)
}

/// The refusal names exactly these fields.
fn assert_refused(answer: &(u16, Value), status: u16, fields: &[&str]) {
    let (got, body) = answer;
    assert_eq!((*got, body["status"].as_str()), (status, Some("error")), "{body}");
    let named: Vec<&str> = body["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, fields, "{body}");
    assert!(body["errors"].as_object().unwrap().values().all(|messages| messages[0].is_string()));
}
