//! What becomes of the fields of a lead.

use serde_json::{Value, json};

use super::{phone, send};
use crate::kit::app::{TestApp, read};
use crate::kit::fake::Fake;

async fn meta(app: &TestApp) -> Value {
    sqlx::query_scalar("select meta from lead_contact order by lead_id desc limit 1")
        .fetch_one(&app.app.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_form_and_json_of_the_same_fields_are_the_same_lead() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({
        "offer": "tea", "phone": phone(1), "name": "Ana García", "email": "ana@example.com", "sub1": "a b&c+ü", "price": 12.5,
        "quantity": 2, "external_id": "o-1", "utm_source": "ads", "own": "x", "meta": {"color": "red"},
    });
    let made = app.lead(&token, body).await.expect(201);
    let pairs = [
        ("offer", "tea"),
        ("phone", &phone(1)),
        ("name", "Ana García"),
        ("email", "ana@example.com"),
        ("sub1", "a b&c+ü"),
        ("price", "12.50"),
        ("quantity", "2"),
        ("external_id", "o-1"),
        ("utm_source", "ads"),
        ("own", "x"),
        ("meta[color]", "red"),
    ];
    let form = read(app.http.post(format!("{}/api/v1/leads", app.base)).bearer_auth(&token).form(&pairs)).await;
    assert_eq!(form.expect(200)["id"], made["id"]);
    let shown = app.show(made["id"].as_str().unwrap()).await;
    assert_eq!(shown["sub1"], "a b&c+ü");
    assert_eq!((&shown["price"], &shown["quantity"]), (&json!("12.50"), &json!(2)));
}

#[tokio::test]
async fn unknown_fields_land_in_meta() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({
        "offer": "tea", "phone": phone(1), "color": "red", "size": 42, "deep": {"a": [1, null]},
        "meta": {"color": "blue", "own": true}, "webmaster": "boris", "empty": "",
    });
    app.lead(&token, body).await.expect(201);
    let expected = json!({"color": "blue", "own": true, "size": 42, "deep": {"a": [1, null]}, "webmaster": "boris"});
    assert_eq!(meta(&app).await, expected, "a webmaster's field `webmaster` is one of its own");
}

#[tokio::test]
async fn the_country_comes_from_the_phone_and_the_phone_is_read_by_the_country() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let cases = [
        (json!({"phone": "+34 612 34 56 78"}), "+34612345678", "ES"),
        (json!({"phone": "0034612345678"}), "+34612345678", "ES"),
        (json!({"phone": "612 345 678", "country": "es"}), "+34612345678", "ES"),
        (json!({"phone": "(0151) 23456789", "country": "DE"}), "+4915123456789", "DE"),
        (json!({"phone": "+34612345678", "country": "FR"}), "+34612345678", "FR"),
    ];
    for (mut fields, e164, country) in cases {
        fields["offer"] = json!("tea");
        let made = app.lead(&token, fields).await.expect(201);
        let shown = app.show(made["id"].as_str().unwrap()).await;
        assert_eq!((&shown["phone"], &shown["country"]), (&json!(e164), &json!(country)));
    }
    let alone = app.lead(&token, json!({"offer": "tea", "phone": "612345678"})).await;
    assert_eq!(alone.fields(), ["phone"], "a national number needs its country");
    app.patch("/api/v1/offers/tea", json!({"countries": ["ES"]})).await.expect(200);
    let made = app.lead(&token, json!({"offer": "tea", "phone": "612345678"})).await.expect(201);
    assert_eq!(app.show(made["id"].as_str().unwrap()).await["phone"], "+34612345678");
    let abroad = app.lead(&token, json!({"offer": "tea", "phone": "+4915123456789"})).await;
    assert_eq!(abroad.fields(), ["country"], "the offer is not for that country");
}

#[tokio::test]
async fn required_fields_are_the_offer_s() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    assert_eq!(app.lead(&token, json!({"offer": "tea"})).await.fields(), ["phone"]);
    let wanted = json!({"required_fields": ["name", "email", "sub3"]});
    app.patch("/api/v1/offers/tea", wanted).await.expect(200);
    assert_eq!(app.lead(&token, json!({"offer": "tea", "name": " "})).await.fields(), ["name", "email", "sub3"]);
    let body = json!({"offer": "tea", "first_name": "Ana", "last_name": "G", "email": "a@example.com", "sub3": 0});
    let made = app.lead(&token, body).await.expect(201);
    assert_eq!(app.show(made["id"].as_str().unwrap()).await["name"], "Ana G");
}

#[tokio::test]
async fn every_complaint_is_made_at_once() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({
        "offer": "tea", "phone": "x", "email": "no", "country": "ZZZ", "ip": "1.2.3", "price": -1, "currency": "XXL",
        "quantity": 0, "test": "perhaps", "name": ["a"], "sub1": {"a": 1}, "meta": 5, "external_id": "e".repeat(129),
        "flow": "none",
    });
    let mut fields = app.lead(&token, body).await.fields();
    fields.sort();
    let expected = [
        "country",
        "currency",
        "email",
        "external_id",
        "flow",
        "ip",
        "meta",
        "name",
        "phone",
        "price",
        "quantity",
        "sub1",
        "test",
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn nul_characters_are_left_out_and_nothing_else_is_lost() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let body = json!({
        "offer": "tea", "phone": phone(1), "name": "A\u{0}na 👩‍🌾 \u{202e}", "comment": "line\nline\u{0}",
        "sub1": "\u{0}", "meta": {"k\u{0}ey": "v\u{0}alue"},
    });
    let made = app.lead(&token, body).await.expect(201);
    assert!(app.show(made["id"].as_str().unwrap()).await["name"].as_str().unwrap().contains("na 👩‍🌾"));
    assert_eq!(meta(&app).await, json!({"key": "value"}));
    let form = send(
        &app,
        &token,
        "/api/v1/leads",
        "application/x-www-form-urlencoded",
        b"offer=tea&phone=%2B34612345670&name=A%00b%ff".to_vec(),
    )
    .await;
    form.expect(201);
}

#[tokio::test]
async fn an_unrouted_lead_stays_new_and_is_routed_when_a_rule_takes_it() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    let lead_id = app.lead_id(&token, "tea", &phone(1)).await;
    let shown = app.show(&lead_id).await;
    assert_eq!((&shown["status"], &shown["unrouted"]), (&json!("new"), &json!(true)));
    assert_eq!(shown["deliveries"], json!([]));
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let shown = app.until_status(&lead_id, "pending").await;
    assert_eq!(shown["unrouted"], false);
    assert_eq!(fake.got().len(), 1);
}
