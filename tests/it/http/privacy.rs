//! Personal data and secrets are in no log line and no metric.

use std::io::Write;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::kit::app::{ADMIN, TestApp, read};
use crate::kit::fake::{Fake, Play};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The words of this test that nobody may read: of the person, and of the parties.
const PERSONAL: &[&str] = &[
    "612999001",
    "612999002",
    "612999003",
    "Xenia",
    "Quivira",
    "xenia@example",
    "Calle Zafiro",
    "203.0.113.77",
    "own-secret-note",
    "Mozilla-Zz",
    "zz-landing",
    "zz-comment",
];
const SECRETS: &[&str] = &["net-token-zz", "hook-key-zz", "pass-in-url-zz", ADMIN];

#[tokio::test]
async fn no_log_line_and_no_metric_holds_personal_data_or_secrets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("warn,leadrelay=debug,sqlx=info"))
        .with_writer(lines.clone())
        .with_ansi(false)
        .finish();
    // Of this thread, on which the whole application of this test runs.
    // A lone subscriber's lines would be switched off for good by a thread without one that reaches them first.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);

    let app = TestApp::start().await;
    let (fake, hooks) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    let network =
        app.network("n1", &format!("{}/in?key=pass-in-url-zz", fake.base), json!({"token": "net-token-zz"})).await;
    app.route("tea", "n1", 1).await;
    let hook = json!({
        "webmaster": "anna", "url": format!("{}/hook?key=hook-key-zz&phone={{sub1}}", hooks.base), "kind": "additional",
    });
    app.post("/api/v1/postbacks", hook).await.expect(201);
    let person = |phone: &str| {
        json!({
            "offer": "tea", "phone": phone, "name": "Xenia Quivira", "email": "xenia@example.com", "address": "Calle Zafiro 7",
            "ip": "203.0.113.77", "user_agent": "Mozilla-Zz", "landing_url": "https://zz-landing.example/", "comment": "zz-comment",
            "sub1": "612999001", "meta": {"note": "own-secret-note"},
        })
    };
    // Accepted, told, changed, approved, told again.
    let made = app.lead(&token, person("+34612999001")).await.expect(201);
    let lead_id = made["id"].as_str().unwrap();
    app.until_status(lead_id, "pending").await;
    let path = format!("/api/v1/leads/{lead_id}");
    app.call(Method::PATCH, &path, &token, &json!({"address": "Calle Zafiro 8"})).await.expect(200);
    let postback = network["postback_url"].as_str().unwrap();
    read(app.http.get(format!("{postback}?id={lead_id}&status=approved&comment=zz-comment"))).await.expect(200);
    read(app.http.post(postback).json(&json!({"id": lead_id, "status": "zz-comment", "phone": "612999001"})))
        .await
        .expect(200);
    app.until_status(lead_id, "approved").await;
    hooks.until(2).await;
    // Networks that fail in every way, with our data in their answers.
    for play in [
        Play::Json(200, json!({"phone": "+34612999001", "error": "Xenia Quivira"})),
        Play::Json(401, json!({"error": "token net-token-zz of xenia@example.com"})),
        Play::Reset,
        Play::Garbage,
    ] {
        app.post("/api/v1/networks/n1/resume", json!({})).await;
        fake.answers([play]);
        let mut body = person("+34612999002");
        body["external_id"] = json!(format!("o-{}", fake.got().len()));
        let made = app.lead(&token, body).await.expect(201);
        app.until(made["id"].as_str().unwrap(), "a verdict", |lead| {
            lead["deliveries"][0]["attempts"] != 0 && lead["deliveries"][0]["state"] != "sending"
        })
        .await;
    }
    // Requests that fail: bad fields, no token, wrong token, tokens in the query, an unknown path, a broken statement.
    let mut bad = person("612999003");
    bad["email"] = json!("xenia@example");
    bad["own-secret-note"] = json!({"Xenia": ["Quivira"]});
    app.lead(&token, bad).await.expect(422);
    app.lead("lr_net-token-zz", person("+34612999003")).await.expect(401);
    read(
        app.http
            .post(format!("{}/api/v1/leads?api_key={token}&phone=612999003", app.base))
            .json(&person("+34612999003")),
    )
    .await;
    read(app.http.get(format!("{}/nothing/Xenia?phone=612999003", app.base))).await.expect(404);
    read(app.http.get(format!("{}/api/v1/leads/xenia@example.com", app.base)).bearer_auth(&token)).await.expect(404);
    read(app.http.post(format!("{}/postback/net-token-zz?phone=612999003", app.base))).await.expect(404);
    sqlx::query("alter table lead_contact add constraint broken_on_purpose check (city <> 'Bad')")
        .execute(&app.app.db)
        .await
        .unwrap();
    let mut broken = person("+34612999003");
    broken["city"] = json!("Bad");
    app.lead(&token, broken).await.expect(500);
    app.call(Method::PATCH, &path, &token, &json!({"city": "Bad", "name": "Xenia Q"})).await.expect(500);

    let metrics = read(app.http.get(format!("{}/metrics", app.base))).await.text;
    let network_secret = postback.rsplit('/').next().unwrap().to_owned();
    app.stop().await;
    let log = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    assert!(log.lines().count() > 20, "the test reads the log: {log}");
    assert!(log.contains("broken_on_purpose"), "the broken statement is in it: {log}");
    let body = token.trim_start_matches("lr_");
    for word in PERSONAL.iter().chain(SECRETS).copied().chain([body, network_secret.as_str()]) {
        for (line, place) in log.lines().map(|line| (line, "log")).chain(metrics.lines().map(|line| (line, "metrics")))
        {
            assert!(!line.contains(word), "{word} is in the {place}: {line}");
        }
    }
    for name in [
        "http_requests_total",
        "http_request_duration_seconds_bucket",
        "leadrelay_leads_total",
        "leadrelay_deliveries_total",
        "leadrelay_postbacks_total",
        "leadrelay_inbound_total",
        "leadrelay_jobs_started_total",
        "leadrelay_queue_due",
        "leadrelay_queue_later",
        "leadrelay_queue_in_flight",
        "leadrelay_queue_age_seconds",
        "leadrelay_deliveries_in_review",
        "leadrelay_rules_version",
        "leadrelay_lanes_paused",
        "leadrelay_breakers_open",
        "leadrelay_pool_connections",
        "leadrelay_pool_idle",
    ] {
        assert!(metrics.lines().any(|line| line.starts_with(name)), "{name} is not among the metrics");
    }
}
