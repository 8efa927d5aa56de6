//! A walk along every route there is.

use leadrelay::http::rights::Right;
use leadrelay::http::routes::TABLE;
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::app::{Answer, TestApp, read};

/// A path that matches the route. What it names does not exist.
fn path(route: &str) -> String {
    route
        .replace("{id}", "0198a000-0000-7000-8000-000000000000")
        .replace("{secret}", "nobody-knows")
        .replace("{token}", "nobody-knows")
        .replace("{*path}", "none.css")
}

async fn call(app: &TestApp, method: &str, route: &str, token: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let body = if method == Method::GET || method == Method::DELETE { Value::Null } else { json!({}) };
    app.call(method, &path(route), token, &body).await
}

fn is_page(right: Right) -> bool {
    matches!(right, Right::Page(_) | Right::Portal | Right::Session)
}

#[tokio::test]
async fn without_a_token_every_call_but_the_public_ones_is_refused() {
    let app = TestApp::idle().await;
    for (method, route, right) in TABLE.iter().filter(|(_, _, right)| !is_page(*right)) {
        let answer = call(&app, method, route, "").await;
        match right {
            Right::Public | Right::Legacy => {
                assert!(![401, 403].contains(&answer.status), "{method} {route}: {}", answer.status)
            }
            _ => assert_eq!(answer.problem(401), "unauthorized", "{method} {route}"),
        }
    }
}

#[tokio::test]
async fn with_a_wrong_token_it_is_the_same() {
    // Fewer than the failures an address may have in a minute.
    let app = TestApp::idle().await;
    let wrong = format!("lr_{}", "a".repeat(48));
    for (method, route, right) in
        TABLE.iter().filter(|(_, _, right)| matches!(right, Right::Scope(_) | Right::Admin)).step_by(3)
    {
        let answer = call(&app, method, route, &wrong).await;
        assert_eq!(answer.problem(401), "unauthorized", "{method} {route} {right:?}");
    }
}

#[tokio::test]
async fn a_webmaster_s_token_opens_nothing_of_an_admin_s() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for (method, route, right) in TABLE.iter().filter(|(_, _, right)| matches!(right, Right::Scope(_) | Right::Admin)) {
        let answer = call(&app, method, route, &token).await;
        if *right == Right::Admin {
            assert_eq!(answer.problem(403), "forbidden", "{method} {route}");
        } else {
            assert!(![401, 403].contains(&answer.status), "{method} {route}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_admin_may_call_everything_of_the_api() {
    let app = TestApp::idle().await;
    for (method, route, _) in TABLE.iter().filter(|(_, _, right)| matches!(right, Right::Scope(_) | Right::Admin)) {
        let answer = call(&app, method, route, crate::kit::app::ADMIN).await;
        assert!(![401, 403, 405].contains(&answer.status), "{method} {route}: {}", answer.text);
        assert!(answer.status < 500, "{method} {route}: {}", answer.text);
        assert!(answer.status != 404 || !answer.text.contains("path not found"), "{method} {route} is not routed");
    }
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_login() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for (method, route, _) in TABLE.iter().filter(|(_, _, right)| is_page(*right)) {
        for token in ["", token.as_str(), crate::kit::app::ADMIN] {
            let mut request = app.http.request(method.parse().unwrap(), format!("{}{}", app.base, path(route)));
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            let answer =
                read(request.header("accept", "text/html").header("cookie", "leadrelay_session=nonsense")).await;
            assert_eq!(answer.status, 303, "{method} {route}: {}", answer.text);
            let location = answer.headers["location"].to_str().unwrap();
            assert!(location.starts_with("/login?next=%2F"), "{method} {route}: {location}");
        }
    }
}
