//! A lead was sent and nobody knows whether it arrived: the resend rule decides, never a blind second send.

use std::time::Duration;

use serde_json::{Value, json};

use super::{last, one_network, phone, timeline};
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

fn riddles() -> Vec<(&'static str, Play)> {
    vec![
        ("silence", Play::Silence),
        ("reset", Play::Reset),
        ("close", Play::Close),
        ("garbage", Play::Garbage),
        ("another-answer", Play::Json(200, json!({"hello": 1}))),
        ("html", Play::Raw(200, vec!["content-type: text/html".into()], b"<html>Welcome</html>".to_vec())),
        ("broken", Play::Json(500, json!({"status": "ok", "id": 5}))),
        ("gateway", Play::Json(502, json!({}))),
        ("gateway-time", Play::Json(504, json!({}))),
        ("request-time", Play::Json(408, json!({}))),
        ("redirect", Play::Raw(302, vec!["location: /other".into()], Vec::new())),
        ("huge", Play::Huge(20_000_000)),
        ("drip", Play::Drip),
    ]
}

#[tokio::test]
async fn an_unknown_outcome_is_never_resent_to_a_network_that_allows_one_send() {
    let app = TestApp::start().await;
    let token = app.webmaster("anna").await;
    let mut sent = Vec::new();
    for (number, (name, play)) in riddles().into_iter().enumerate() {
        let fake = Fake::start().await;
        fake.always(play);
        app.post("/api/v1/offers", json!({"slug": name, "name": name, "payout": "1", "currency": "USD"}))
            .await
            .expect(201);
        app.network(name, &fake.base, json!({})).await;
        app.network(&format!("{name}-next"), &fake.base, json!({})).await;
        app.route(name, name, 1).await;
        app.route(name, &format!("{name}-next"), 2).await;
        sent.push((name, fake, app.lead_id(&token, name, &phone(number)).await));
    }
    for (name, fake, id) in &sent {
        let lead =
            app.until(id, name, |lead| !["waiting", "sending"].contains(&last(lead)["state"].as_str().unwrap())).await;
        assert_eq!(
            (&lead["status"], &last(&lead)["state"]),
            (&json!("new"), &json!("needs_review")),
            "{name}: {lead:#}"
        );
        assert_eq!(fake.got().len(), 1, "{name}");
    }
    app.hurry().await;
    app.drain().await;
    for (name, fake, id) in &sent {
        assert_eq!(fake.got().len(), 1, "{name}: neither resent nor cascaded");
        assert_eq!(app.show(id).await["deliveries"].as_array().unwrap().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_resent_to_a_network_that_drops_repeats() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({"resend": "idempotent"})).await;
    for (number, (name, play)) in riddles().into_iter().enumerate().filter(|(_, (name, _))| *name != "drip") {
        fake.answers([play]);
        let before = fake.got().len();
        let id = app.lead_id(&token, "tea", &phone(number)).await;
        app.drain().await;
        assert_eq!(last(&app.show(&id).await)["state"], "retrying", "{name}");
        app.hurry().await;
        app.drain().await;
        assert_eq!(app.show(&id).await["status"], "pending", "{name}");
        let got = fake.got();
        assert_eq!(got.len(), before + 2, "{name}");
        assert_eq!(got[before].json()["id"], got[before + 1].json()["id"], "{name}");
    }
}

/// An application with a network that can be asked; its first answer is lost.
async fn checkable() -> (TestApp, Fake, String) {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    let status_url = format!("{}/status", fake.base);
    app.network("n1", &format!("{}/leads", fake.base), json!({"status_url": status_url, "resend": "checkable"})).await;
    app.route("tea", "n1", 1).await;
    fake.answers([Play::Json(502, json!({}))]);
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!(last(&lead)["state"], "retrying");
    assert_eq!(fake.got().len(), 1, "the look-up does not come at once");
    (app, fake, id)
}

async fn next(app: &TestApp, fake: &Fake, play: Play) {
    fake.answers([play]);
    app.hurry().await;
    app.drain().await;
}

fn paths(fake: &Fake) -> Vec<String> {
    fake.got().iter().map(|got| format!("{} {}", got.method, got.path.split('?').next().unwrap_or(""))).collect()
}

#[tokio::test]
async fn a_look_up_that_finds_the_lead_accepts_it_without_a_second_send() {
    let (app, fake, id) = checkable().await;
    next(&app, &fake, Play::Json(200, json!([{"id": id, "status": "hold", "external_id": "n-7", "payout": "12.5"}])))
        .await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &last(&lead)["state"]), (&json!("hold"), &json!("accepted")), "{lead:#}");
    assert_eq!((&last(&lead)["external_id"], &lead["revenue"]), (&json!("n-7"), &json!("12.50")));
    assert_eq!(paths(&fake), ["POST /leads", "GET /status"]);
    assert_eq!(fake.got()[1].query("ids").as_deref(), Some(id.as_str()));
}

#[tokio::test]
async fn a_look_up_that_does_not_find_the_lead_sends_it_again() {
    let (app, fake, id) = checkable().await;
    next(&app, &fake, Play::Json(200, json!([]))).await;
    assert_eq!(app.show(&id).await["status"], "pending");
    assert_eq!(paths(&fake), ["POST /leads", "GET /status", "POST /leads"]);
}

#[tokio::test]
async fn a_look_up_that_tells_nothing_is_made_again_and_again() {
    let (app, fake, id) = checkable().await;
    next(&app, &fake, Play::Json(503, json!({}))).await;
    assert_eq!(last(&app.show(&id).await)["state"], "retrying");
    next(&app, &fake, Play::Silence).await;
    assert_eq!(last(&app.show(&id).await)["state"], "retrying");
    next(&app, &fake, Play::Json(200, json!([{"id": "17", "status": "hold"}]))).await;
    assert_eq!(last(&app.show(&id).await)["state"], "retrying");
    assert_eq!(paths(&fake), ["POST /leads", "GET /status", "GET /status", "GET /status"]);
    next(&app, &fake, Play::Json(200, json!([{"id": id, "status": "wait"}]))).await;
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_person_ends_a_review_in_each_of_the_three_ways() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    let mut leads = Vec::new();
    for number in 0..3 {
        fake.answers([Play::Json(500, json!({}))]);
        let id = app.lead_id(&token, "tea", &phone(number)).await;
        app.drain().await;
        let delivery = last(&app.show(&id).await);
        assert_eq!(delivery["state"], "needs_review");
        leads.push((id, format!("/api/v1/deliveries/{}/resolve", delivery["id"].as_str().unwrap())));
    }
    app.post(&leads[0].1, json!({"outcome": "accepted", "external_id": "n-77"})).await.expect(200);
    app.post(&leads[1].1, json!({"outcome": "refused", "reason": "they do not want it"})).await.expect(200);
    app.post(&leads[2].1, json!({"outcome": "not_there"})).await.expect(200);
    app.drain().await;
    let shown: Vec<Value> =
        [app.show(&leads[0].0).await, app.show(&leads[1].0).await, app.show(&leads[2].0).await].into();
    assert_eq!((&shown[0]["status"], &last(&shown[0])["external_id"]), (&json!("pending"), &json!("n-77")));
    assert_eq!((&shown[1]["status"], &shown[1]["reason"]), (&json!("rejected"), &json!("they do not want it")));
    assert_eq!((&shown[2]["status"], &last(&shown[2])["attempts"]), (&json!("pending"), &json!(2)));
    assert_eq!(fake.got().len(), 4, "only the one that is not there is sent again");
    assert_eq!(app.post(&leads[0].1, json!({"outcome": "not_there"})).await.status, 409);
}

#[tokio::test]
async fn a_lead_in_review_is_not_handed_to_another_network_by_hand() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({})).await;
    fake.always(Play::Json(500, json!({})));
    let other = Fake::start().await;
    app.network("n2", &other.base, json!({})).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let answer = app.post(&format!("/api/v1/leads/{id}/redeliver"), json!({"network": "n2"})).await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    app.drain().await;
    assert!(other.got().is_empty());
}

#[tokio::test]
async fn the_timeline_tells_how_each_call_ended_and_shows_no_secret() {
    let app = TestApp::idle().await;
    let (fake, token) = one_network(&app, json!({"token": "s3cr3t-of-n1"})).await;
    fake.always(Play::Slow(Duration::from_millis(10), 500, json!({"error": "on fire"})));
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let told = timeline(&app, &id, "delivery").await;
    assert_eq!(told.last().unwrap()["state"], "needs_review");
    let delivery = last(&app.show(&id).await)["id"].as_str().unwrap().to_owned();
    let detail = app.get(&format!("/api/v1/deliveries/{delivery}")).await.expect(200);
    assert_eq!(
        (&detail["exchanges"][0]["outcome"], &detail["exchanges"][0]["http_status"]),
        (&json!("unknown"), &json!(500))
    );
    assert!(detail["exchanges"][0]["response"].as_str().unwrap().contains("on fire"));
    assert!(!detail.to_string().contains("s3cr3t-of-n1"));
}
