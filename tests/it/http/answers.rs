//! What every answer carries.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::kit::app::{ADMIN, TestApp, read};

#[tokio::test]
async fn what_does_not_exist_is_a_problem_and_names_the_methods_there_are() {
    let app = TestApp::idle().await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/leads",
        "/api/v1/leads/a/b/c",
        "/postback/x/y",
        "/nothing",
    ] {
        let answer = read(app.http.get(format!("{}{path}", app.base))).await;
        assert_eq!(answer.problem(404), "not_found", "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/api/v1/leads", "POST, GET"),
        (Method::DELETE, "/api/v1/leads/1", "GET, PATCH"),
        (Method::GET, "/api/v1/leads/batch", "POST"),
        (Method::POST, "/api/v1/openapi.json", "GET"),
    ] {
        let answer = app.call(method, path, ADMIN, &Value::Null).await;
        if path.ends_with("/batch") && answer.status == 404 {
            // `batch` is no lead's id.
            continue;
        }
        assert_eq!(answer.problem(405), "method_not_allowed", "{path}");
        assert_eq!(answer.headers["allow"], allowed, "{path}");
    }
}

#[tokio::test]
async fn a_request_keeps_the_id_it_came_with() {
    let app = TestApp::idle().await;
    let ask = |id: &'static str| read(app.http.get(format!("{}/api/v1/leads", app.base)).header("x-request-id", id));
    let answer = ask("my-id_1.a").await;
    assert_eq!(answer.headers["x-request-id"], "my-id_1.a");
    assert_eq!(answer.json()["request_id"], "my-id_1.a");
    for bad in ["a b", "<script>", ""] {
        let answer = ask(bad).await;
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
        assert_eq!(answer.json()["request_id"], id);
    }
}

#[tokio::test]
async fn every_answer_is_safe_to_show_in_a_browser() {
    let app = TestApp::idle().await;
    for path in ["/api/docs", "/login", "/nothing", "/api/v1/leads", "/healthz"] {
        let answer = read(app.http.get(format!("{}{path}", app.base)).header("accept", "text/html")).await;
        let header =
            |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(header("server").is_empty() && header("x-powered-by").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_running_server_is_healthy_and_ready() {
    let app = TestApp::start().await;
    let healthy = read(app.http.get(format!("{}/healthz", app.base))).await;
    assert_eq!((healthy.status, healthy.text.trim()), (200, "ok"));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let ready = read(app.http.get(format!("{}/readyz", app.base))).await;
        if ready.status == 200 {
            assert_eq!(ready.json(), serde_json::json!({"database": "ok", "migrations": "ok", "workers": "ok"}));
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{}", ready.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn without_workers_it_is_healthy_and_not_ready() {
    let app = TestApp::idle().await;
    assert_eq!(read(app.http.get(format!("{}/healthz", app.base))).await.status, 200);
    let ready = read(app.http.get(format!("{}/readyz", app.base))).await;
    assert_eq!(ready.expect(503), serde_json::json!({"database": "ok", "migrations": "ok", "workers": "failed"}));
}
