//! Who posts, for whom, and how references are written.

use reqwest::Method;
use serde_json::{Value, json};

use super::{phone, token_with};
use crate::kit::app::{ADMIN, Answer, TestApp, read};

#[tokio::test]
async fn offers_flows_and_webmasters_are_named_by_word_id_or_number() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let offer = app.get("/api/v1/offers/tea").await.expect(200);
    let webmaster = app.get("/api/v1/webmasters/anna").await.expect(200);
    let flow = json!({"webmaster": "anna", "offer": "tea", "code": "f-one"});
    let flow = app.post("/api/v1/flows", flow).await.expect(201);
    let names = |object: &Value, word: &str| {
        [json!(word), object["id"].clone(), object["number"].clone(), json!(object["number"].to_string())]
    };
    let flows = names(&flow, "f-one");
    let webmasters = names(&webmaster, "anna");
    for (n, name) in names(&offer, "tea").into_iter().enumerate() {
        let body = json!({"offer": name, "flow": flows[n], "phone": phone(n)});
        let made = app.lead(&token, body.clone()).await.expect(201);
        let shown = app.show(made["id"].as_str().unwrap()).await;
        assert_eq!((&shown["offer"], &shown["offer_id"]), (&json!("tea"), &offer["id"]));
        assert_eq!((&shown["flow"], &shown["flow_id"]), (&json!("f-one"), &flow["id"]));
        let mut body = body;
        body["webmaster"] = webmasters[n].clone();
        let made = app.lead(ADMIN, body).await.expect(201);
        assert_eq!(app.show(made["id"].as_str().unwrap()).await["webmaster"], "anna");
    }
    assert_eq!(app.lead(ADMIN, json!({"offer": "tea", "phone": phone(1)})).await.fields(), ["webmaster"]);
    let unknown = json!({"offer": "tea", "phone": phone(1), "webmaster": "nobody"});
    assert_eq!(app.lead(ADMIN, unknown).await.fields(), ["webmaster"]);
}

#[tokio::test]
async fn a_flow_of_another_webmaster_or_offer_does_not_exist() {
    let app = TestApp::idle().await;
    let anna = app.with_offer("tea").await;
    let boris = app.webmaster("boris").await;
    app.post("/api/v1/offers", json!({"slug": "coffee"})).await.expect(201);
    app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "f-one"})).await.expect(201);
    let body = json!({"offer": "tea", "flow": "f-one", "phone": phone(1)});
    assert_eq!(app.lead(&boris, body.clone()).await.fields(), ["flow"]);
    assert_eq!(
        app.lead(&anna, json!({"offer": "coffee", "flow": "f-one", "phone": phone(1)})).await.fields(),
        ["flow"]
    );
    app.lead(&anna, body).await.expect(201);
}

#[tokio::test]
async fn a_blocked_webmaster_and_a_disabled_offer_take_nothing() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({"offer": "tea", "phone": phone(1)});
    app.patch("/api/v1/offers/tea", json!({"enabled": false})).await.expect(200);
    let disabled = app.lead(&token, body.clone()).await;
    assert_eq!(disabled.fields(), ["offer"]);
    assert_eq!(disabled.json()["errors"][0]["code"], "disabled");
    app.patch("/api/v1/offers/tea", json!({"enabled": true})).await.expect(200);
    app.patch("/api/v1/webmasters/anna", json!({"enabled": false})).await.expect(200);
    assert_eq!(app.lead(&token, body.clone()).await.problem(403), "forbidden");
    let by_admin = json!({"offer": "tea", "phone": phone(1), "webmaster": "anna"});
    assert_eq!(app.lead(ADMIN, by_admin).await.problem(403), "forbidden");
    assert_eq!(app.count("select count(*) from lead").await, 0);
    app.patch("/api/v1/webmasters/anna", json!({"enabled": true})).await.expect(200);
    app.lead(&token, body).await.expect(201);
    app.delete("/api/v1/offers/tea").await.expect(204);
    assert_eq!(app.lead(&token, json!({"offer": "tea", "phone": phone(2)})).await.fields(), ["offer"]);
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let reader = token_with(&app, "anna", json!({"scopes": ["leads:read"]})).await;
    let writer = token_with(&app, "anna", json!({"scopes": ["leads:write"]})).await;
    let (reader, writer) = (reader["token"].as_str().unwrap(), writer["token"].as_str().unwrap());
    let body = json!({"offer": "tea", "phone": phone(1)});
    assert_eq!(app.lead(reader, body.clone()).await.problem(403), "forbidden");
    let made = app.lead(writer, body).await.expect(201);
    let path = format!("/api/v1/leads/{}", made["id"].as_str().unwrap());
    app.call(Method::GET, &path, reader, &Value::Null).await.expect(200);
    assert_eq!(app.call(Method::GET, &path, writer, &Value::Null).await.problem(403), "forbidden");
    assert_eq!(app.call(Method::PATCH, &path, reader, &json!({"city": "Vigo"})).await.problem(403), "forbidden");
    app.call(Method::PATCH, &path, writer, &json!({"city": "Vigo"})).await.expect(200);
}

#[tokio::test]
async fn a_revoked_token_ends_at_once() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let issued = token_with(&app, "anna", json!({"name": "gone soon"})).await;
    let token = issued["token"].as_str().unwrap();
    app.lead(token, json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    app.delete(&format!("/api/v1/tokens/{}", issued["id"].as_str().unwrap())).await.expect(204);
    let answer = app.lead(token, json!({"offer": "tea", "phone": phone(2)})).await;
    assert_eq!(answer.problem(401), "unauthorized");
    assert!(answer.headers.contains_key("www-authenticate"));
}

#[track_caller]
fn assert_too_many(answer: &Answer) {
    assert_eq!(answer.problem(429), "too_many_requests");
    let after: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&after), "{after}");
}

#[tokio::test]
async fn a_token_s_own_limit_is_kept_and_is_no_other_token_s() {
    let app = TestApp::idle().await;
    let free = app.with_offer("tea").await;
    let limited = token_with(&app, "anna", json!({"rate_per_minute": 3})).await;
    let limited = limited["token"].as_str().unwrap();
    for n in 0..3 {
        app.lead(limited, json!({"offer": "tea", "phone": phone(n)})).await.expect(201);
    }
    assert_too_many(&app.lead(limited, json!({"offer": "tea", "phone": phone(9)})).await);
    assert_eq!(app.count("select count(*) from lead").await, 3);
    for n in 10..20 {
        app.lead(&free, json!({"offer": "tea", "phone": phone(n)})).await.expect(201);
    }
}

#[tokio::test]
async fn failed_authentication_is_limited_and_good_tokens_are_not() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let guess = |n: usize| format!("lr_{n:048}");
    let mut refused = 0;
    let limited = loop {
        let answer = app.lead(&guess(refused), json!({})).await;
        if answer.status != 401 {
            break answer;
        }
        refused += 1;
        assert!(refused < 200, "nobody stops who guesses tokens");
    };
    assert!(refused >= 60, "{refused}");
    assert_too_many(&limited);
    app.lead(&token, json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
}

#[tokio::test]
async fn a_token_stands_in_a_header_and_for_intake_in_the_query() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let leads = format!("{}/api/v1/leads", app.base);
    let body = |n| json!({"offer": "tea", "phone": phone(n)});
    read(app.http.post(&leads).bearer_auth(&token).json(&body(1))).await.expect(201);
    read(app.http.post(&leads).header("x-api-key", &token).json(&body(2))).await.expect(201);
    read(app.http.post(format!("{leads}?api_key={token}")).json(&body(3))).await.expect(201);
    read(app.http.post(format!("{leads}/batch?api_key={token}")).json(&json!([body(4)]))).await.expect(200);
    assert_eq!(read(app.http.post(&leads).json(&body(5))).await.problem(401), "unauthorized");
    assert_eq!(
        read(app.http.post(&leads).basic_auth(&token, Some("")).json(&body(5))).await.problem(401),
        "unauthorized"
    );
    // Queries end up in the logs of proxies: what reads or administers takes headers only.
    for path in ["/api/v1/leads", "/api/v1/offers"] {
        for key in [token.as_str(), ADMIN] {
            let answer = read(app.http.get(format!("{}{path}?api_key={key}", app.base))).await;
            assert_eq!(answer.problem(401), "unauthorized", "{path}");
        }
    }
    let body = json!({"offer": "tea", "phone": phone(6), "webmaster": "anna"});
    read(app.http.post(format!("{leads}?api_key={ADMIN}")).json(&body)).await.expect(201);
}
