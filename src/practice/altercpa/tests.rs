//! The network on loopback, asked as its partners ask it.

mod agency_tests;
mod any_input_tests;
mod company_edit_tests;
mod company_tests;
mod control_tests;
mod dispatch_tests;
mod fault_tests;
mod postback_tests;
mod site_tests;
mod tracker_tests;
mod webmaster_tests;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;

/// A running network, its clock and a client.
struct Rig {
    partner: AlterCpa,
    base: String,
    http: reqwest::Client,
    time: Arc<Mutex<DateTime<Utc>>>,
}

impl Rig {
    /// Starts at 2026-03-10 10:00 UTC.
    async fn start() -> Self {
        let (partner, time) = network();
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let router = partner.router();
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { partner, base, http: client(), time }
    }

    fn pass(&self, time: TimeDelta) {
        *self.time.lock().unwrap() += time;
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// By GET.
    async fn get(&self, path: &str) -> Value {
        read(self.http.get(self.url(path))).await
    }

    /// By POST of a form.
    async fn form(&self, path: &str, form: &[(&str, &str)]) -> Value {
        read(self.http.post(self.url(path)).form(form)).await
    }

    /// By POST of JSON.
    async fn json(&self, path: &str, body: Value) -> Value {
        read(self.http.post(self.url(path)).json(&body)).await
    }

    /// A control call: HTTP status and body.
    async fn control(&self, name: &str, body: Value) -> (u16, Value) {
        let answer = self.http.post(self.url(&format!("_control/{name}"))).body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// A lead of agency 202 on offer 7. Gives the network's id.
    async fn agency_lead(&self, own: &str, phone: &str) -> u64 {
        let form = [("id", own), ("offer", "7"), ("phone", phone), ("ip", "192.0.2.1"), ("wm", "src-1")];
        let answer = self.form("api/ext/add.json?id=202-agkey", &form).await;
        answer["id"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// The one row of agency 202's list for this id.
    async fn agency_row(&self, id: u64) -> Value {
        let rows = self.form("api/ext/list.json?id=202-agkey", &[("oid", &id.to_string())]).await;
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
        rows[0].clone()
    }
}

/// A network without a server.
fn network() -> (AlterCpa, Arc<Mutex<DateTime<Utc>>>) {
    let time = Arc::new(Mutex::new("2026-03-10T10:00:00Z".parse().unwrap()));
    let clock = time.clone();
    (AlterCpa::new(Arc::new(move || *clock.lock().unwrap())), time)
}

/// The caller's client, not the server's.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the test is the caller, not the server")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().build().unwrap()
}

/// The body of an answer, which always has HTTP 200.
async fn read(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    answer.json().await.unwrap()
}

fn error(code: &str) -> Value {
    json!({ "status": "error", "error": code })
}

fn ok() -> Value {
    json!({ "status": "ok" })
}
