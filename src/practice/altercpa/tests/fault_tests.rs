//! What goes wrong on purpose, and whether the call was handled all the same.

use std::time::{Duration, Instant};

use super::*;

const ADD: &str = "ext/add.json?id=202-agkey";
const FORM: [(&str, &str); 3] = [("id", "own-1"), ("offer", "7"), ("phone", "34600111222")];

/// HTTP status, content type and body of the next lead.
async fn add(rig: &Rig) -> Result<(u16, String, String), reqwest::Error> {
    let answer = rig.http.post(rig.url(ADD)).form(&FORM).send().await?;
    let (status, kind) = (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap().to_owned());
    Ok((status, kind, answer.text().await?))
}

#[tokio::test]
async fn answers_that_say_nothing_about_the_lead() {
    let rig = Rig::start().await;
    let page = |status, part: &'static str| (status, "text/html; charset=utf-8", part);
    for (fault, expected, is_handled) in [
        (Fault::Http { status: 500, body: "oops".into(), handled: false }, page(500, "oops"), false),
        (Fault::Http { status: 500, body: "oops".into(), handled: true }, page(500, "oops"), true),
        (Fault::Http { status: 503, body: "{}".into(), handled: false }, (503, "application/json", "{}"), false),
        (Fault::BadGateway, page(502, "502 Bad Gateway"), false),
        (Fault::HtmlPage, page(200, "<!DOCTYPE html>"), false),
        (Fault::EmptyBody, page(200, ""), true),
        (Fault::PhpWarning, page(200, "{\"status\":\"ok\",\"id\":"), true),
        (Fault::OkWithoutId, (200, "application/json; charset=utf-8", r#"{"status":"ok"}"#), true),
    ] {
        rig.partner.reset();
        rig.partner.fault_next("ext/add", fault.clone(), 1);
        let (status, kind, body) = add(&rig).await.unwrap();
        assert_eq!((status, kind.as_str()), (expected.0, expected.1), "{fault:?}");
        assert!(body.contains(expected.2), "{fault:?} {body}");
        assert_eq!(rig.partner.leads().len(), usize::from(is_handled), "{fault:?}");
        assert_eq!(rig.partner.calls().len(), 1);
        // Once only: the next one is answered well.
        assert_eq!(add(&rig).await.unwrap().0, 200);
        assert_eq!(rig.partner.leads().len(), 1);
    }
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_again() {
    let rig = Rig::start().await;
    rig.partner.fault_next("", Fault::TooManyRequests { retry_after: 7 }, 1);
    let answer = rig.http.post(rig.url(ADD)).form(&FORM).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));
}

#[tokio::test]
async fn a_verdict_of_choice() {
    let rig = Rig::start().await;
    rig.partner.fault_next("ext/add", Fault::Verdict { error: "db".into() }, 2);
    for _ in 0..2 {
        assert_eq!(rig.form(ADD, &FORM).await, error("db"));
    }
    assert_eq!(rig.form(ADD, &FORM).await["status"], "ok");
}

#[tokio::test]
async fn the_connection_breaks_after_the_lead_was_taken() {
    let rig = Rig::start().await;
    rig.partner.fault_next("ext/add", Fault::Drop { handled: true }, 1);
    assert!(add(&rig).await.is_err());
    assert_eq!(rig.partner.leads().len(), 1);
    // The caller sends it again and learns of it.
    assert_eq!(rig.form(ADD, &FORM).await, error("duplicate"));
    rig.partner.reset();
    rig.partner.fault_next("ext/add", Fault::Drop { handled: false }, 1);
    assert!(add(&rig).await.is_err());
    assert!(rig.partner.leads().is_empty());
}

#[tokio::test]
async fn the_json_ends_early() {
    let rig = Rig::start().await;
    rig.partner.fault_next("ext/add", Fault::TruncatedJson, 1);
    let (status, kind, body) = add(&rig).await.unwrap();
    assert_eq!((status, kind.as_str()), (200, "application/json; charset=utf-8"));
    assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    assert_eq!(rig.partner.leads().len(), 1);
}

#[tokio::test]
async fn a_slow_answer_is_about_a_lead_that_is_taken() {
    let rig = Rig::start().await;
    rig.partner.fault_next("ext/add", Fault::Slow { wait: Duration::from_millis(300) }, 2);
    let begun = Instant::now();
    assert_eq!(rig.form(ADD, &FORM).await["status"], "ok");
    assert!(begun.elapsed() >= Duration::from_millis(300));
    rig.partner.switch(|it| it.duplicates = Duplicates::Known);
    let form = [("id", "own-2"), ("offer", "7"), ("phone", "34600111223")];
    let request = rig.http.post(rig.url(ADD)).form(&form).timeout(Duration::from_millis(100));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert!(rig.partner.lead_of_caller("own-2").is_some());
}

#[tokio::test]
async fn faults_wait_for_their_calls_in_order() {
    let rig = Rig::start().await;
    let verdict = |code: &str| Fault::Verdict { error: code.into() };
    rig.partner.fault_next("/api/ext/add", verdict("one"), 1);
    rig.partner.fault_next("ext/add.json", verdict("two"), 1);
    rig.partner.fault_next("wm/", verdict("three"), 1);
    rig.partner.fault_next("wm/", verdict("never"), 0);
    assert_eq!(rig.get("ext/list.json?id=202-agkey&oid=1").await, json!([]));
    assert_eq!(rig.form("ext/add.json?id=202-agkey", &FORM).await, error("one"));
    assert_eq!(rig.form("api/ext/add.json?id=202-agkey", &FORM).await, error("two"));
    assert_eq!(rig.get("api/wm/lead.json?id=101-wmkey").await, error("three"));
    assert_eq!(rig.get("api/wm/lead.json?id=101-wmkey").await, json!([]));
    rig.partner.fault_next("", verdict("any"), 5);
    assert_eq!(rig.get("api/comp/list.json?id=303-cokey").await, error("any"));
    rig.partner.clear_faults();
    assert_eq!(rig.get("api/comp/list.json?id=303-cokey").await, json!([]));
}
