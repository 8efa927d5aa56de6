//! An advertiser's own site: clicks become leads, the site says what becomes of them.

use serde_json::{Value, json};

use super::{World, world};
use crate::kit::app::{TestApp, read};

async fn call(world: &World, path: &str, fields: &[(&str, &str)]) -> Value {
    let url = format!("{}{path}", world.app.base);
    read(world.app.http.get(url).query(&[("token", world.site.as_str())]).query(fields)).await.expect(200)
}

#[tokio::test]
async fn a_click_becomes_a_lead_and_its_status_is_told() {
    let world = world().await;
    world.app.patch("/api/v1/offers/tea", json!({"required_fields": []})).await.expect(200);
    world.app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "f1"})).await.expect(201);
    let made =
        call(&world, "/api/site/click.json", &[("code", "f1"), ("click", "c-1"), ("exto", "order-1"), ("price", "20")])
            .await;
    assert_eq!(made["status"], "ok", "{made}");
    let again = call(&world, "/site/click.json", &[("code", "f1"), ("click", "c-1"), ("exto", "order-1")]).await;
    assert_eq!(again["id"], made["id"], "one order is one lead");
    let early = call(&world, "/site/status.json", &[("exto", "order-1"), ("status", "approve")]).await;
    assert_eq!(early["error"], "access-denied", "nobody has the lead yet");
    world.app.drain().await;
    let told = call(&world, "/site/status.json", &[("exto", "order-1"), ("status", "hold")]).await;
    assert_eq!(told["status"], "ok", "{told}");
    let number = made["id"].as_i64().unwrap();
    assert_eq!(world.lead(number).await["status"], "hold");
    call(&world, "/site/status.json", &[("click", "c-1"), ("status", "7"), ("sta", "7")]).await;
    assert_eq!(world.lead(number).await["status"], "approved");
    // A later lead of the same click needs no flow.
    let second = call(&world, "/site/click.json", &[("click", "c-1"), ("exto", "order-2")]).await;
    assert_eq!(second["status"], "ok", "{second}");
    assert_eq!(world.lead(second["id"].as_i64().unwrap()).await["flow"], "f1");
    let unknown = call(&world, "/site/click.json", &[("click", "c-9")]).await;
    assert_eq!(unknown["error"], "flow");
    assert_eq!(
        call(&world, "/site/status.json", &[("exto", "order-9"), ("status", "approve")]).await["error"],
        "access-denied"
    );
}

#[tokio::test]
async fn a_site_without_a_partner_works_with_the_in_house_network() {
    let world = World::on(TestApp::start().await).await;
    world.app.patch("/api/v1/offers/tea", json!({"required_fields": []})).await.expect(200);
    world.app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "f1"})).await.expect(201);
    let own = json!({"slug": "shop", "name": "Our shop", "integration": "inhouse"});
    world.app.post("/api/v1/networks", own).await.expect(201);
    let route = world.app.get("/api/v1/routes").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    world.app.patch(&format!("/api/v1/routes/{route}"), json!({"network": "shop"})).await.expect(200);
    // Approved at once: the status comes with the click, before anybody could have taken the lead.
    let fields = [("code", "f1"), ("exto", "order-1"), ("status", "approve"), ("price", "12"), ("currency", "EUR")];
    let made = call(&world, "/site/click.json", &fields).await;
    assert_eq!(made["status"], "ok", "{made}");
    let lead = world.lead(made["id"].as_i64().unwrap()).await;
    assert_eq!((&lead["status"], &lead["deliveries"][0]["network"]), (&json!("approved"), &json!("shop")), "{lead:#}");
    let told = call(&world, "/site/status.json", &[("exto", "order-1"), ("status", "cancel")]).await;
    assert_eq!(told["status"], "ok", "{told}");
}
