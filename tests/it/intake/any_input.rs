//! Whatever is sent, it is never our fault: no answer of 500 and above.

use std::future::Future;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{phone, send};
use crate::kit::app::{ADMIN, Answer, TestApp, read};

const FIELDS: &[&str] = &[
    "offer",
    "phone",
    "name",
    "first_name",
    "email",
    "country",
    "ip",
    "flow",
    "external_id",
    "click_id",
    "sub1",
    "utm_term",
    "goal",
    "price",
    "currency",
    "quantity",
    "comment",
    "test",
    "meta",
    "webmaster",
    "own",
    "",
];

/// Texts that systems stumble over, and any other.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "",
            " ",
            "\u{0}",
            "\u{feff}",
            "\u{202e}",
            "tea",
            "anna",
            "n1",
            "0",
            "-1",
            "1e9",
            "9223372036854775808",
            "NaN",
            "{{ x }}",
            "{% for %}",
            "{id}",
            "%00",
            "'; drop table lead; --",
            "../../etc/passwd",
            "https://x.example/{status}",
            "+34612345678",
            "approved",
            "2026-01-01T00:00:00Z",
            "Europe/Madrid",
            "ES",
            "USD",
            "😀",
            "\u{10ffff}",
            "00000000-0000-0000-0000-000000000000",
        ])
        .prop_map(str::to_owned),
        ".{0,30}",
        "\\PC{0,300}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// An object of which some fields are ours.
fn lead() -> impl Strategy<Value = Value> {
    let name = prop_oneof![4 => proptest::sample::select(FIELDS).prop_map(str::to_owned), 1 => text()];
    let fields = proptest::collection::vec((name, value()), 0..8);
    (any::<bool>(), fields).prop_map(|(is_near, fields)| {
        let mut object: Map<String, Value> = fields.into_iter().collect();
        if is_near {
            // Far enough through the checks to be stored.
            object.insert("offer".into(), json!("tea"));
            object.insert("phone".into(), json!("+34612345678"));
        }
        Value::Object(object)
    })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        (lead(), any::<proptest::sample::Index>(), any::<u8>()).prop_map(|(lead, at, byte)| {
            let mut bytes = lead.to_string().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
        proptest::collection::vec((text(), text()), 0..6).prop_map(|pairs| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
        }),
    ]
}

/// Runs a test for many values against one application.
fn check<S: Strategy, F: Future<Output = Vec<Answer>>>(strategy: S, ask: impl Fn(&'static Site, S::Value) -> F)
where
    S::Value: std::fmt::Debug,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site: &'static Site = Box::leak(Box::new(runtime.block_on(Site::new())));
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let result = runner.run(&strategy, |value| {
        for answer in runtime.block_on(ask(site, value)) {
            prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            prop_assert!(
                answer.status < 400 || answer.headers["content-type"] == "application/problem+json",
                "{} {}",
                answer.status,
                answer.text
            );
        }
        Ok(())
    });
    result.unwrap_or_else(|failed| panic!("{failed}"));
}

struct Site {
    app: TestApp,
    token: String,
    lead: String,
    postback: String,
}

impl Site {
    async fn new() -> Self {
        let app = TestApp::idle().await;
        let token = app.with_offer("tea").await;
        let network = app.network("n1", "https://crm.example/in", json!({})).await;
        app.route("tea", "n1", 1).await;
        let lead = format!("/api/v1/leads/{}", app.lead_id(&token, "tea", &phone(1)).await);
        let url = network["postback_url"].as_str().unwrap();
        let postback = url.trim_start_matches(app.base.as_str()).to_owned();
        Self { app, token, lead, postback }
    }
}

#[test]
fn any_object_posted_as_a_lead() {
    check((lead(), lead()), |site, (body, other)| async move {
        let app = &site.app;
        vec![
            app.lead(&site.token, body.clone()).await,
            app.lead(ADMIN, body.clone()).await,
            app.call(Method::POST, "/api/v1/leads/batch", &site.token, &json!([body, other])).await,
        ]
    });
}

#[test]
fn any_change_of_a_lead() {
    check(lead(), |site, mut body| async move {
        let app = &site.app;
        let all = app.call(Method::PATCH, &site.lead, &site.token, &body).await;
        let fields = body.as_object_mut().unwrap();
        fields.retain(|name, _| {
            ["name", "first_name", "email", "price", "currency", "quantity", "comment", "meta"].contains(&name.as_str())
        });
        let own = app.call(Method::PATCH, &site.lead, &site.token, &body).await;
        vec![all, own, app.get(&site.lead).await, app.get(&format!("{}/timeline", site.lead)).await]
    });
}

#[test]
fn any_bytes_of_any_kind() {
    let kind = proptest::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "application/x-ndjson",
        "text/plain",
        "",
    ]);
    check((bytes(), kind), |site, (body, kind)| async move {
        let app = &site.app;
        vec![
            send(app, &site.token, "/api/v1/leads", kind, body.clone()).await,
            send(app, &site.token, "/api/v1/leads/batch", kind, body.clone()).await,
            send(app, ADMIN, "/api/v1/offers", kind, body).await,
        ]
    });
}

#[test]
fn any_call_of_a_network() {
    let kind =
        proptest::sample::select(vec!["application/json", "application/x-www-form-urlencoded", "text/plain", ""]);
    let report = proptest::sample::select(vec![
        "id",
        "eid",
        "external_id",
        "status",
        "payout",
        "currency",
        "goal",
        "comment",
        "transaction_id",
        "sta",
        "stc",
        "reason",
    ]);
    let report = proptest::collection::vec((report, value()), 0..8);
    check((bytes(), kind, report, any::<bool>()), |site, (body, kind, report, is_known)| async move {
        let app = &site.app;
        let mut report: Map<String, Value> = report.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if is_known {
            report.insert("id".into(), json!(site.lead.rsplit('/').next()));
        }
        let pairs: Vec<(String, String)> = report
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        let url = format!("{}{}", app.base, site.postback);
        vec![
            send(app, "", &site.postback, kind, body).await,
            read(app.http.post(&url).json(&report)).await,
            read(app.http.post(&url).form(&pairs)).await,
            read(app.http.get(&url).query(&pairs)).await,
            app.get("/api/v1/inbound-postbacks").await,
            app.get("/api/v1/unmapped-statuses").await,
        ]
    });
}

#[test]
fn any_word_of_a_person_about_a_lead() {
    let status = proptest::sample::select(vec!["pending", "hold", "approved", "paid", "rejected", "trash"]);
    let amount = proptest::sample::select(vec!["1e13", "0.0000001", "999999999999.999999", "-0", "1000000000000", "7"]);
    let field = proptest::sample::select(vec!["reason", "comment", "reason_code", "payout", "revenue"]);
    let fields = proptest::collection::vec((field, prop_oneof![value(), amount.prop_map(Value::from)]), 0..4);
    check((status, fields, text()), |site, (status, fields, words)| async move {
        let app = &site.app;
        // The network says that it has the lead: only then does a person's word move a conversion.
        let url = format!("{}{}", app.base, site.postback);
        let lead = site.lead.rsplit('/').next().unwrap_or_default();
        let known = read(app.http.get(&url).query(&[("id", lead), ("status", "hold")])).await;
        let mut body: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        body.insert("status".into(), json!(status));
        let path = format!("{}/status", site.lead);
        let judged = json!({"status": status, "reason": words, "comment": words});
        vec![
            known,
            app.post(&path, Value::Object(body)).await,
            app.post(&path, judged).await,
            app.get(&site.lead).await,
            app.get(&format!("{}/timeline", site.lead)).await,
        ]
    });
}

#[test]
fn any_object_of_an_admin() {
    let valid = proptest::sample::select(vec![
        (
            "offers",
            json!({
                "slug": "s", "name": "n", "countries": ["ES"], "params": {"a": "b"}, "payout": "1", "revenue": "2", "currency": "USD",
                "goals": [{"slug": "g", "payout": "1"}], "duplicates": {"fields": ["phone"], "match": "any", "days": 3, "scope": "offer"},
                "required_fields": ["phone"], "enabled": true,
            }),
        ),
        ("webmasters", json!({"slug": "s", "name": "n", "enabled": true})),
        ("flows", json!({"webmaster": "anna", "offer": "tea", "code": "f", "params": {"a": 1}})),
        (
            "networks",
            json!({
                "slug": "s", "name": "n", "integration": "http-json", "settings": {"url": "https://x.example", "token": "t", "fields": {"a": "b"}},
                "params": {}, "status_map": {"x": "paid"}, "enabled": true, "timeout_seconds": 3, "rate_limit": {"per_second": 1.5, "concurrency": 2},
            }),
        ),
        (
            "routes",
            json!({
                "offer": "tea", "network": "n1", "position": 1, "weight": 1, "countries": ["ES"], "webmasters": ["anna"],
                "caps": [{"period": "day", "limit": 5, "counts": "accepted"}], "timezone": "Europe/Madrid", "on_refused": "next",
                "max_age_hours": 5, "trigger_status": "approved", "enabled": true, "schedule": null,
            }),
        ),
        (
            "postbacks",
            json!({
                "webmaster": "anna", "flow": null, "offer": "tea", "url": "https://x.example/{status}", "method": "POST", "body": {"a": "{id}"},
                "statuses": ["paid"], "kind": "additional", "secret": null, "enabled": true,
            }),
        ),
        (
            "tokens",
            json!({"role": "webmaster", "webmaster": "anna", "name": "n", "scopes": ["leads:read"], "rate_per_minute": 5}),
        ),
        ("users", json!({"email": "a@example.com", "name": "n", "role": "support"})),
        ("replays", json!({"kind": "deliveries", "filter": {"network": "n1", "state": "dead"}, "dry_run": true})),
        ("leads/1/status", json!({"status": "hold", "reason": "r", "comment": "c", "payout": "1", "revenue": "1"})),
    ]);
    let broken = proptest::collection::vec((any::<proptest::sample::Index>(), value()), 0..3);
    let query = proptest::collection::vec(
        (proptest::sample::select(vec!["limit", "cursor", "state", "from", "lead", "network", "archived"]), text()),
        0..3,
    );
    check((valid, broken, text(), query), |site, ((path, mut body), broken, reference, query)| async move {
        let app = &site.app;
        let names: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        for (at, value) in broken {
            body[at.get(&names).as_str()] = value;
        }
        let all = format!("/api/v1/{path}");
        let mut one = url::Url::parse(&format!("{}{all}", app.base)).unwrap();
        one.path_segments_mut().unwrap().push(&reference);
        let mut answers = vec![app.post(&all, body.clone()).await];
        if let Some(id) = answers[0].json()["id"].as_str() {
            let own = format!("{all}/{id}");
            answers.push(app.patch(&own, body.clone()).await);
            answers.push(app.get(&own).await);
            answers.push(app.delete(&own).await);
        }
        answers.push(read(app.http.patch(one.clone()).bearer_auth(ADMIN).json(&body)).await);
        answers.push(read(app.http.get(one).bearer_auth(ADMIN)).await);
        for list in [path, "deliveries", "inbound-postbacks", "postback-deliveries", "leads"] {
            let url = format!("{}/api/v1/{list}", app.base);
            answers.push(read(app.http.get(url).bearer_auth(ADMIN).query(&query)).await);
        }
        answers
    });
}
