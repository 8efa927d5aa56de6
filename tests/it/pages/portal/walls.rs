//! What a webmaster cannot reach: the dashboard, the API by his session, and whatever is another's.

use leadrelay::http::rights::Right;
use leadrelay::http::routes::TABLE;
use serde_json::json;

use super::partner;
use crate::kit::app::{TestApp, read};
use crate::kit::fake::Fake;
use crate::pages::person;

#[tokio::test]
async fn a_webmaster_opens_his_portal_and_nothing_of_the_house() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    app.network("n1", "https://crm.example/", json!({})).await;
    let lead = app.lead_id(&token, "tea", &crate::delivery::phone(1)).await;
    let anna = partner(&app, "anna").await;
    let manager = person(&app, "manager").await;
    assert_eq!(anna.opens("/").await.headers["location"], "/portal");
    let mut walked = 0;
    for (method, path, right) in TABLE {
        // Things that exist, and are his own.
        let name = match path.split('/').nth(1) {
            Some("webmasters") => "anna",
            Some("networks") => "n1",
            Some("offers") => "tea",
            _ => lead.as_str(),
        };
        let at = path.replace("{id}", name);
        let of = |person: &'_ super::Person<'_>| {
            let request = app.http.request(method.parse().unwrap(), format!("{}{at}", app.base));
            let request = request.header("cookie", person.cookie.clone());
            read(if *method == "POST" { request.form(&[("name", "x")]) } else { request })
        };
        match right {
            Right::Page(_) if at != "/" => assert_eq!(of(&anna).await.status, 403, "{method} {at}"),
            Right::Portal => assert_eq!(of(&manager).await.status, 403, "{method} {at}"),
            Right::Scope(_) | Right::Admin => assert_eq!(of(&anna).await.status, 401, "{method} {at}"),
            _ => continue,
        }
        walked += 1;
    }
    assert!(walked > 100, "{walked}");
    for (method, path, right) in TABLE {
        if *right == Right::Portal && *method == "GET" && !path.contains('{') {
            assert_eq!(anna.opens(path).await.status, 200, "{path}");
        }
    }
    assert_eq!(manager.opens("/").await.status, 200);
    let stranger = read(app.http.get(format!("{}/portal/leads", app.base))).await;
    assert_eq!(stranger.headers["location"], "/login?next=%2Fportal%2Fleads");
}

#[tokio::test]
async fn what_is_anothers_does_not_exist() {
    let world = crate::status::world().await;
    let app = &world.app;
    let sink = Fake::start().await;
    let url = format!("{}/?s={{status}}", sink.base);
    let rule = app.post("/api/v1/postbacks", json!({"webmaster": "anna", "url": url})).await.expect(201);
    app.post("/api/v1/postbacks", json!({"url": format!("{}/admin?r={{revenue}}", sink.base)})).await.expect(201);
    app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "annas"})).await.expect(201);
    let lead = world.accepted(1).await;
    app.drain().await;
    let (id, number) = (lead["id"].as_str().unwrap(), lead["number"].to_string());
    let tokens = app.get("/api/v1/tokens?webmaster=anna").await.expect(200);
    let token = tokens["items"][0]["id"].as_str().unwrap().to_owned();
    let calls = app.get("/api/v1/postback-deliveries").await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(calls.len(), 2, "the webmaster's and the admin's");
    app.webmaster("bob").await;
    let bob = partner(app, "bob").await;
    let rule = rule["id"].as_str().unwrap();
    let before = sink.got().len();
    for page in [format!("/portal/leads/{id}"), format!("/portal/leads/{number}"), format!("/portal/postbacks/{rule}")]
    {
        assert_eq!(bob.opens(&page).await.status, 404, "{page}");
    }
    let mut forms = vec![
        format!("/portal/leads/{id}/resend"),
        format!("/portal/leads/{number}/resend"),
        format!("/portal/postbacks/{rule}"),
        format!("/portal/postbacks/{rule}/test"),
        format!("/portal/postbacks/{rule}/archive"),
        format!("/portal/tokens/{token}/revoke"),
    ];
    forms.extend(calls.iter().map(|call| format!("/portal/calls/{}/resend", call["id"].as_str().unwrap())));
    for form in &forms {
        assert_eq!(bob.sends(form, &[("url", "https://evil.example/")]).await.status, 404, "{form}");
    }
    for list in
        ["/portal/leads", "/portal/calls", &format!("/portal/leads?q={number}"), &format!("/portal/leads?q={id}")]
    {
        assert!(!bob.sees(list).await.contains("data-href"), "{list}");
    }
    assert_eq!(bob.sees("/portal/leads/export.csv").await.lines().count(), 1);
    let foreign = [("url", "https://t.example/"), ("flow", "annas")];
    let foreign = bob.sends("/portal/postbacks", &foreign).await;
    assert!(foreign.status == 422 && foreign.text.contains("id=\"postback-f-flow-error\""), "{}", foreign.text);
    app.drain().await;
    assert_eq!(sink.got().len(), before, "nothing was called");

    // Nor is an admin's rule about his own lead his.
    let anna = partner(app, "anna").await;
    let page = anna.sees(&format!("/portal/leads/{number}")).await;
    assert!(page.contains("/?s=pending") && !page.contains("/admin"), "{page}");
    let log = anna.sees("/portal/calls").await;
    assert!(log.contains("/?s=pending") && !log.contains("/admin"), "{log}");
    for call in &calls {
        let own = call["postback_id"] == rule;
        let form = format!("/portal/calls/{}/resend", call["id"].as_str().unwrap());
        assert_eq!(anna.sends(&form, &[]).await.status, if own { 303 } else { 404 });
    }
    anna.does(&format!("/portal/leads/{id}/resend"), &[]).await;
    app.drain().await;
    let paths: Vec<String> = sink.got().into_iter().skip(before).map(|got| got.path).collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| path.starts_with("/?s=")), "{paths:?}");
}

#[tokio::test]
async fn a_login_belongs_to_a_webmaster_or_to_the_house() {
    let app = TestApp::idle().await;
    app.webmaster("anna").await;
    let user = |role: &str, webmaster: serde_json::Value| json!({"email": format!("{role}-x@example.com"), "role": role, "webmaster": webmaster});
    for (body, field) in [
        (user("webmaster", json!(null)), "webmaster"),
        (user("webmaster", json!("nobody")), "webmaster"),
        (user("manager", json!("anna")), "webmaster"),
    ] {
        assert_eq!(app.post("/api/v1/users", body).await.fields(), [field]);
    }
    let made = app.post("/api/v1/users", user("webmaster", json!("anna"))).await.expect(201);
    assert_eq!((&made["role"], &made["webmaster"]), (&json!("webmaster"), &json!("anna")));
    assert!(made["webmaster_id"].is_string());
    let path = format!("/api/v1/users/{}", made["id"].as_str().unwrap());
    assert_eq!(app.patch(&path, json!({"role": "admin"})).await.fields(), ["webmaster"]);
    let moved = app.patch(&path, json!({"role": "analyst", "webmaster": null})).await.expect(200);
    assert_eq!((&moved["role"], &moved["webmaster_id"]), (&json!("analyst"), &json!(null)));
}
