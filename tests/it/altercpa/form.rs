//! A webmaster's form handler as AlterCPA generates them, unchanged but for the host.

use serde_json::{Value, json};

use super::world;
use crate::kit::app::read;
use crate::kit::fake::Play;

#[tokio::test]
async fn a_generated_form_works_after_changing_the_host() {
    let world = world().await;
    let flow = json!({"webmaster": "anna", "offer": "tea", "code": "f1"});
    let flow = world.app.post("/api/v1/flows", flow).await.expect(201)["number"].to_string();
    let offer = world.offer.to_string();
    // The form joins phonecc and phone, and adds ip, ua and domain.
    let fields = [
        ("offer", offer.as_str()),
        ("flow", flow.as_str()),
        ("name", "Ann Lee"),
        ("phonecc", "34"),
        ("phone", "612 345 678"),
        ("ip", "203.0.113.7"),
        ("ua", "Mozilla/5.0"),
        ("domain", "land.example"),
        ("comm", "call me"),
        ("subid", "s-1"),
        ("sub2", "s-2"),
        ("uuid", "click-9"),
        ("us", "news"),
        ("uc", "autumn"),
        ("count", "2"),
        ("base", "39.90"),
        ("currency", "EUR"),
        ("meta[size]", "XL"),
        ("color", "red"),
        ("ajax", "1"),
    ];
    let answer = world.form("/api/wm/push.json", &world.webmaster, &fields).await;
    assert_eq!(answer["status"], "ok", "{answer}");
    assert_eq!(answer["id"], answer["uid"]);
    world.app.drain().await;
    let sent = world.fake.until(1).await[0].json();
    for (name, value) in [
        ("phone", json!("+34612345678")),
        ("name", json!("Ann Lee")),
        ("user_agent", json!("Mozilla/5.0")),
        ("comment", json!("call me")),
        ("sub1", json!("s-1")),
        ("sub2", json!("s-2")),
        ("click_id", json!("click-9")),
        ("utm_source", json!("news")),
        ("utm_campaign", json!("autumn")),
        ("quantity", json!(2)),
        ("price", json!("39.90")),
    ] {
        assert_eq!(sent[name], value, "{name}: {sent:#}");
    }
    assert_eq!(
        (&sent["meta"]["size"], &sent["meta"]["color"], &sent["meta"]["ajax"]),
        (&json!("XL"), &json!("red"), &Value::Null)
    );
    let lead = world.lead(answer["id"].as_i64().unwrap()).await;
    assert_eq!((&lead["flow"], &lead["status"]), (&json!("f1"), &json!("pending")));
}

#[tokio::test]
async fn get_json_and_header_tokens_are_as_good() {
    let world = world().await;
    let offer = world.offer.to_string();
    let by_get = world.get("/wm/push.json", &world.webmaster, &[("offer", &offer), ("phone", "34612345671")]).await;
    assert_eq!(by_get["status"], "ok", "{by_get}");
    let url = format!("{}/api/wm/push.json", world.app.base);
    let body = json!({"offer": "tea", "phone": 34612345672_i64, "last": "Lee", "name": "Ann"});
    let by_json = read(world.app.http.post(&url).bearer_auth(&world.webmaster).json(&body)).await.expect(200);
    assert_eq!(by_json["status"], "ok", "{by_json}");
    let lead = world.lead(by_json["id"].as_i64().unwrap()).await;
    assert_eq!((&lead["first_name"], &lead["last_name"]), (&json!("Ann"), &json!("Lee")));
}

#[tokio::test]
async fn the_autologin_url_is_in_the_answer_where_the_offer_waits_for_it() {
    let app = crate::kit::app::TestApp::start().await;
    let fake = crate::kit::fake::Fake::start().await;
    app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"params": {"altercpa-wait": "10"}})).await.expect(200);
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let token = app.post("/api/v1/webmasters/anna/tokens", json!({})).await.expect(201)["altercpa_token"].clone();
    fake.answers([Play::Json(
        200,
        json!({"status": "ok", "id": "x", "redirect_url": "https://broker.example/in?t=1"}),
    )]);
    let url = format!("{}/wm/push.json", app.base);
    let form = [("offer", "tea"), ("phone", "34612345678")];
    let answer = read(app.http.post(url).query(&[("id", token.as_str().unwrap())]).form(&form)).await.expect(200);
    assert_eq!(answer["url"], "https://broker.example/in?t=1", "{answer}");
}

#[tokio::test]
async fn what_is_wrong_is_said_in_its_words_and_with_http_200() {
    let world = world().await;
    let offer = world.offer.to_string();
    let push = async |token: &str, fields: &[(&str, &str)]| {
        let answer = world.form("/wm/push.json", token, fields).await;
        answer["error"].as_str().unwrap_or("none").to_owned()
    };
    let token = world.webmaster.as_str();
    assert_eq!(push("1-nobody", &[("offer", &offer), ("phone", "34612345678")]).await, "security");
    assert_eq!(push("", &[("offer", &offer)]).await, "security");
    assert_eq!(push(&world.partner, &[("offer", &offer), ("phone", "34612345678")]).await, "access");
    assert_eq!(push(token, &[("phone", "34612345678")]).await, "nooffer");
    assert_eq!(push(token, &[("offer", "99999"), ("phone", "34612345678")]).await, "offer");
    assert_eq!(push(token, &[("offer", &offer)]).await, "nophone");
    assert_eq!(push(token, &[("offer", &offer), ("phone", "12")]).await, "nophone");
    assert_eq!(push(token, &[("offer", &offer), ("flow", "77777"), ("phone", "34612345678")]).await, "flow");
    let unknown = world.form("/api/wm/offers.json", token, &[]).await;
    assert_eq!((&unknown["status"], &unknown["error"]), (&json!("error"), &json!("func")));
    assert_eq!(world.form("/wm/push.xml", token, &[]).await["error"], "func");
    assert_eq!(world.app.count("select count(*) from lead").await, 0);
}

#[tokio::test]
async fn a_field_that_a_lead_can_do_without_does_not_cost_the_lead() {
    let world = world().await;
    let offer = world.offer.to_string();
    let fields = [
        ("offer", offer.as_str()),
        ("phone", "34612345678"),
        ("email", "no mail"),
        ("count", "many"),
        ("currency", "uah "),
    ];
    let answer = world.form("/wm/push.json", &world.webmaster, &fields).await;
    assert_eq!(answer["status"], "ok", "{answer}");
    world.app.drain().await;
    let sent = world.fake.until(1).await[0].json();
    assert_eq!(
        (&sent["email"], &sent["meta"]["email"], &sent["meta"]["quantity"]),
        (&Value::Null, &json!("no mail"), &json!("many"))
    );
    assert_eq!(sent["currency"], "UAH");
}
