//! Every fault as a client meets it, and what it leaves behind.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::Fault;
use super::*;

const CONVERSIONS: &str = "/services/conversions";

fn lead() -> Value {
    json!({ "type": "lead", "order_id": "L1", "referrer": REFERRER })
}

/// What a client got: status and body, or nothing whole.
async fn send(practice: &Practice) -> Option<(u16, String, String)> {
    let response = practice.request(Method::POST, CONVERSIONS).json(&lead()).send().await.ok()?;
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    Some((status, content_type, response.text().await.ok()?))
}

#[tokio::test]
async fn faults_before_the_work_store_nothing() {
    let practice = Practice::start().await;
    for (fault, status, content_type, start) in [
        (Fault::server_error(), 500, "application/json", "{\"status\":\"error\""),
        (Fault::bad_gateway(), 502, "text/html", "<html>"),
        (Fault::status(503, "{}"), 503, "application/json", "{}"),
        (Fault::HtmlPage, 200, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (Fault::not_ok(), 200, "application/json", "{\"status\":\"error\",\"tag\":\"saveConversion\""),
    ] {
        practice.affili.fault_next("", fault, 1);
        let (got, kind, body) = send(&practice).await.unwrap();
        assert_eq!((got, kind.as_str()), (status, content_type));
        assert!(body.starts_with(start), "{body}");
    }
    practice.affili.fault_next("", Fault::too_many_requests(7), 1);
    let response = practice.request(Method::POST, CONVERSIONS).json(&lead()).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    practice.affili.fault_next("", Fault::DropBeforeStoring, 1);
    assert_eq!(send(&practice).await, None);
    assert!(practice.affili.conversions().is_empty());
    assert_eq!(practice.affili.calls().len(), 7);
    assert_eq!(send(&practice).await.unwrap().0, 200);
}

#[tokio::test]
async fn faults_after_the_work_leave_it_done() {
    let practice = Practice::start().await;
    practice.affili.fault_next("", Fault::DropAfterStoring, 1);
    assert_eq!(send(&practice).await, None);
    let stored = practice.affili.conversions();
    assert_eq!(stored.len(), 1);
    // A careful caller looks first, and finds it.
    let (_, body) = practice.get("/api/merchants/conversions?external_id=L1").await;
    assert_eq!(body["data"][0]["id"], stored[0].id.as_str());
    // A careless one is refused.
    assert_eq!(send(&practice).await.unwrap().0, 422);

    practice.affili.clear();
    practice.affili.fault_next("", Fault::BadGatewayAfterStoring, 1);
    let (status, _, body) = send(&practice).await.unwrap();
    assert_eq!((status, body.contains("502 Bad Gateway")), (502, true));
    assert_eq!(practice.affili.conversions().len(), 1);

    practice.affili.clear();
    practice.affili.fault_next("", Fault::TruncatedJson, 1);
    let (status, kind, body) = send(&practice).await.unwrap();
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert!(body.starts_with("{\"status\":\"ok\"") && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    assert_eq!(practice.affili.conversions().len(), 1);
}

#[tokio::test]
async fn a_slow_answer_is_stored_before_the_caller_gives_up() {
    let practice = Practice::start().await;
    practice.affili.fault_next("", Fault::Slow(Duration::from_millis(300)), 2);
    let request = practice.request(Method::POST, CONVERSIONS).json(&lead());
    let error = request.timeout(Duration::from_millis(100)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(practice.affili.conversions().len(), 1);
    let begun = std::time::Instant::now();
    assert_eq!(practice.get("/services/customers").await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_fault_waits_for_its_calls() {
    let practice = Practice::start().await;
    practice.affili.fault_next("POST /api/merchants/conversions", Fault::status(500, "{}"), 2);
    practice.affili.fault_next("/services", Fault::status(501, "{}"), 1);
    practice.affili.fault_next("/services", Fault::status(502, "{}"), 1);
    practice.affili.fault_next("/services", Fault::status(503, "{}"), 0);
    let (merchants, services) = ("/api/merchants/conversions", "/services/customers");
    assert_eq!(practice.get(merchants).await.0, 200);
    assert_eq!(practice.post(merchants, json!({})).await.0, 500);
    assert_eq!(practice.affili.faults().len(), 3);
    assert_eq!(practice.affili.faults()[0].times, 1);
    assert_eq!(practice.post(merchants, json!({})).await.0, 500);
    assert_eq!(practice.post(merchants, json!({})).await.0, 422);
    assert_eq!(practice.get(services).await.0, 501);
    assert_eq!(practice.get(services).await.0, 502);
    assert_eq!(practice.get(services).await.0, 200);
    assert!(practice.affili.faults().is_empty());
    practice.affili.fault_next("", Fault::server_error(), 9);
    practice.affili.clear_faults();
    assert_eq!(practice.get(services).await.0, 200);
}
