//! Requests that make no sense get the documented problem, name the field, and change nothing.

use reqwest::Method;
use serde_json::{Value, json};

use super::{phone, rows, send};
use crate::kit::app::{ADMIN, Answer, TestApp};

const LEADS: &str = "/api/v1/leads";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Checks the shape of a problem, whatever it is.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
    let problem = answer.json();
    assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{what}");
    for field in ["type", "title", "detail", "request_id"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: {field}");
    }
    assert_eq!(problem["request_id"].as_str(), answer.headers["x-request-id"].to_str().ok());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_malformed_and_changes_nothing() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let before = rows(&app).await;
    let valid = json!({"offer": "tea", "phone": phone(1)}).to_string();
    let deep = |levels: usize| format!("{{\"offer\":\"tea\",\"meta\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("empty", JSON, vec![]),
        ("half", JSON, valid[..valid.len() - 1].into()),
        ("two", JSON, format!("{valid}{valid}").into()),
        ("trailing", JSON, format!("{valid}x").into()),
        ("array", JSON, b"[]".to_vec()),
        ("text", JSON, b"\"offer\"".to_vec()),
        ("null", JSON, b"null".to_vec()),
        ("number", JSON, b"1e999".to_vec()),
        ("single quotes", JSON, b"{'offer': 'tea'}".to_vec()),
        ("lone surrogate", JSON, br#"{"offer":"tea","name":"\ud800"}"#.to_vec()),
        ("swapped surrogates", JSON, br#"{"offer":"tea","name":"\udc00\ud800"}"#.to_vec()),
        ("invalid UTF-8", JSON, b"{\"offer\":\"tea\",\"name\":\"\xff\xfe\"}".to_vec()),
        ("overlong UTF-8", JSON, b"{\"offer\":\"tea\",\"name\":\"\xc0\x80\"}".to_vec()),
        ("raw control character", JSON, b"{\"offer\":\"tea\",\"name\":\"\x01\"}".to_vec()),
        ("UTF-16", JSON, valid.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("deep", JSON, deep(20).into()),
        ("very deep", JSON, deep(120_000).into()),
        ("never closed", JSON, "[".repeat(200_000).into()),
        ("huge number", JSON, br#"{"offer":"tea","price":1e400}"#.to_vec()),
        ("a form's raw bytes", FORM, b"offer=tea&name=\xff\xfe".to_vec()),
        ("gzip", JSON, vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    ];
    for (what, content_type, body) in cases {
        let answer = send(&app, &token, LEADS, content_type, body).await;
        assert_problem(&answer, 400, "malformed", what);
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn a_wrong_content_type_and_a_large_body_are_refused_before_they_are_read() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let before = rows(&app).await;
    let valid = json!({"offer": "tea", "phone": phone(1)}).to_string();
    for content_type in
        ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "application/jsonx", ";"]
    {
        let answer = send(&app, &token, LEADS, content_type, valid.clone().into()).await;
        assert_problem(&answer, 415, "unsupported_media_type", content_type);
    }
    let mut large = json!({"offer": "tea", "phone": phone(1), "comment": "x".repeat(262_144)}).to_string();
    assert_problem(&send(&app, &token, LEADS, JSON, large.clone().into()).await, 413, "too_large", "JSON");
    large = format!("offer=tea&comment={}", "x".repeat(262_144));
    assert_problem(&send(&app, &token, LEADS, FORM, large.into()).await, 413, "too_large", "form");
    assert_eq!(rows(&app).await, before);
    for content_type in ["application/json;charset=utf-8", "Application/JSON ; x=y"] {
        send(&app, &token, LEADS, content_type, valid.clone().into()).await.expect(201);
    }
}

#[tokio::test]
async fn a_wrong_value_names_its_field_and_changes_nothing() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let before = rows(&app).await;
    let texts = [
        "offer",
        "phone",
        "name",
        "first_name",
        "last_name",
        "email",
        "country",
        "ip",
        "user_agent",
        "referer",
        "landing_url",
        "language",
        "city",
        "region",
        "zip",
        "address",
        "flow",
        "external_id",
        "click_id",
        "sub1",
        "sub12",
        "utm_source",
        "utm_term",
        "goal",
        "price",
        "currency",
        "quantity",
        "comment",
        "test",
    ];
    let mut cases: Vec<(&str, Value)> = Vec::new();
    for field in texts {
        cases.extend([json!([]), json!({}), json!(["x"]), json!({"x": 1})].map(|value| (field, value)));
        cases.push((field, json!("x".repeat(3000))));
    }
    cases.extend([
        ("offer", json!("none")),
        ("offer", json!(99)),
        ("offer", json!(true)),
        ("offer", json!(null)),
        ("flow", json!("none")),
        ("phone", json!("call me")),
        ("phone", json!("+1")),
        ("phone", json!("+999999999999")),
        ("phone", json!("+34 612 34 56 78 90 12 34")),
        ("phone", json!(1.5)),
        ("phone", json!(true)),
        ("phone", json!("\u{0}")),
        ("email", json!("a@")),
        ("email", json!("a b@example.com")),
        ("email", json!(7)),
        ("country", json!("Spain!")),
        ("country", json!("XX")),
        ("country", json!(34)),
        ("ip", json!("300.1.1.1")),
        ("ip", json!("fe80::1%eth0")),
        ("price", json!("1e5x")),
        ("price", json!("-0.01")),
        ("price", json!("1.1234567")),
        ("price", json!("1,5")),
        ("price", json!("NaN")),
        ("price", json!("Infinity")),
        ("price", json!(1e300)),
        ("price", json!("999999999999999999999999999999999999")),
        ("currency", json!("US")),
        ("currency", json!("ABC")),
        ("quantity", json!(0)),
        ("quantity", json!(-3)),
        ("quantity", json!(1.5)),
        ("quantity", json!(1e12)),
        ("quantity", json!("many")),
        ("test", json!(2)),
        ("test", json!("ja")),
        ("meta", json!([])),
        ("meta", json!("{")),
        ("meta", json!(7)),
        ("meta", json!({"k": "x".repeat(17 * 1024)})),
        ("meta", json!({"k".repeat(129): 1})),
        ("meta", Value::Object((0..65).map(|n| (format!("k{n}"), json!(n))).collect())),
        ("sub1", json!(9_007_199_254_740_993.0_f64)),
    ]);
    for (field, value) in cases {
        let mut body = json!({"offer": "tea", "phone": phone(1)});
        body[field] = value.clone();
        let answer = app.lead(&token, body).await;
        let value: String = value.to_string().chars().take(60).collect();
        assert_problem(&answer, 422, "invalid", &format!("{field}: {value}"));
        assert!(answer.fields().iter().all(|named| named == field), "{field}: {value}: {}", answer.text);
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn too_many_fields_are_too_many_for_meta() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let before = rows(&app).await;
    let mut body = json!({"offer": "tea", "phone": phone(1)});
    for n in 0..5000 {
        body[format!("own{n}")] = json!(n);
    }
    assert_eq!(app.lead(&token, body).await.fields(), ["meta"]);
    let form: String = (0..5000).map(|n| format!("&own{n}=1&meta[x{n}]=2")).collect();
    let answer = send(&app, &token, LEADS, FORM, format!("offer=tea&phone=%2B34612345678{form}").into()).await;
    assert_eq!(answer.fields(), ["meta"]);
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn no_complaint_repeats_what_the_person_gave() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for field in ["phone", "email", "country", "ip", "price", "currency", "quantity", "test", "offer", "flow"] {
        let mut body = json!({"offer": "tea", "phone": phone(1)});
        body[field] = json!("Ann-0123-secret");
        let answer = app.lead(&token, body).await;
        assert!(!answer.text.contains("0123"), "{field}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_change_that_makes_no_sense_changes_nothing() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let lead_id = app.lead_id(&token, "tea", &phone(1)).await;
    let (before, was) = (rows(&app).await, app.show(&lead_id).await);
    let path = format!("{LEADS}/{lead_id}");
    for (body, field) in [
        (json!({"phone": phone(2)}), "phone"),
        (json!({"status": "paid"}), "status"),
        (json!({"sub1": "x"}), "sub1"),
        (json!({"payout": "99"}), "payout"),
        (json!({"name": {"a": 1}}), "name"),
        (json!({"quantity": 0}), "quantity"),
        (json!({"price": "x"}), "price"),
        (json!({"email": "no"}), "email"),
        (json!({"meta": []}), "meta"),
        (json!({"name": "Ana", "own": 1}), "own"),
    ] {
        let answer = app.call(Method::PATCH, &path, &token, &body).await;
        assert_eq!(answer.fields(), [field], "{body}");
    }
    for (content_type, body, status, code) in
        [(JSON, "{", 400, "malformed"), (JSON, "[]", 400, "malformed"), (FORM, "name=a", 415, "unsupported_media_type")]
    {
        let request = app.http.patch(format!("{}{path}", app.base)).bearer_auth(&token);
        let answer = crate::kit::app::read(request.header("content-type", content_type).body(body)).await;
        assert_problem(&answer, status, code, body);
    }
    assert_eq!((rows(&app).await, app.show(&lead_id).await), (before, was));
}

#[tokio::test]
async fn an_admin_s_bad_object_names_its_field_and_changes_nothing() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    app.network("n1", "https://crm.example/in", json!({})).await;
    let before = rows(&app).await;
    for (path, body, field) in [
        ("offers", json!({}), "slug"),
        ("offers", json!({"slug": "a b"}), "slug"),
        ("offers", json!({"slug": "123"}), "slug"),
        ("offers", json!({"slug": 5}), "slug"),
        ("offers", json!({"slug": "x", "payout": "-1"}), "payout"),
        ("offers", json!({"slug": "x", "payout": "ten"}), "payout"),
        ("offers", json!({"slug": "x", "currency": "ABC"}), "currency"),
        ("offers", json!({"slug": "x", "countries": ["Spain"]}), "countries[0]"),
        ("offers", json!({"slug": "x", "countries": "ES"}), "countries"),
        ("offers", json!({"slug": "x", "duplicates": {"fields": ["name"]}}), "duplicates.fields[0]"),
        ("offers", json!({"slug": "x", "unknown": 1}), "unknown"),
        ("offers", json!([]), "body"),
        ("webmasters", json!({"slug": "w", "enabled": "yes"}), "enabled"),
        ("flows", json!({"webmaster": "anna", "offer": "none"}), "offer"),
        ("networks", json!({"slug": "n", "integration": "none"}), "integration"),
        ("routes", json!({"offer": "tea"}), "network"),
        ("routes", json!({"offer": "tea", "network": "n1", "timezone": "Mars"}), "timezone"),
        ("routes", json!({"offer": "tea", "network": "n1", "position": 99_999_999_999_i64}), "position"),
        ("postbacks", json!({"webmaster": "anna", "url": "https://x.example/{nonsense}"}), "url"),
        ("postbacks", json!({"webmaster": "anna", "url": "ftp://x.example/"}), "url"),
        ("users", json!({"email": "no", "role": "admin"}), "email"),
        ("users", json!({"email": "a@example.com", "role": "king"}), "role"),
        ("tokens", json!({"role": "admin", "scopes": ["everything"]}), "scopes[0]"),
    ] {
        let answer = app.post(&format!("/api/v1/{path}"), body.clone()).await;
        assert_eq!(answer.fields(), [field], "{path} {body}");
    }
    for (path, status) in [("offers", 400), ("networks", 400), ("tokens", 400)] {
        assert_eq!(
            send(&app, ADMIN, &format!("/api/v1/{path}"), JSON, b"{".to_vec()).await.problem(status),
            "malformed"
        );
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(send(&app, ADMIN, "/api/v1/offers", JSON, large).await.problem(413), "too_large");
    assert_eq!(rows(&app).await, before);
}
