//! Telling networks about leads that they have: changes, verdicts, and second networks.

use serde_json::{Value, json};

use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

fn timeline_of(lines: &Value, kind: &str) -> Vec<Value> {
    let items = lines["items"].as_array().unwrap();
    items.iter().filter(|line| line["kind"] == kind).map(|line| line["detail"].clone()).collect()
}

#[tokio::test]
async fn a_change_is_sent_to_the_network_that_has_the_lead() {
    let app = TestApp::idle().await;
    let (fake, changes) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({"change_url": format!("{}/change", changes.base), "token": "t-1"})).await;
    app.route("tea", "n1", 1).await;
    let lead = app.lead_id(&token, "tea", "+34612345678").await;
    // Before the lead is sent a change needs no call: the send has it.
    app.call(reqwest::Method::PATCH, &format!("/api/v1/leads/{lead}"), &token, &json!({"city": "Málaga"}))
        .await
        .expect(200);
    app.drain().await;
    assert_eq!(fake.until(1).await[0].json()["city"], "Málaga");
    // Two changes in a row are one call, with the lead as it is then.
    changes.answers([Play::Json(500, json!({}))]);
    for change in [json!({"quantity": 3}), json!({"address": "Calle Mayor 1"})] {
        app.call(reqwest::Method::PATCH, &format!("/api/v1/leads/{lead}"), &token, &change).await.expect(200);
    }
    app.hurry().await;
    app.drain().await;
    app.hurry().await;
    app.drain().await;
    let got = changes.got();
    assert_eq!(got.len(), 2, "a failed call is made again");
    let said = got[1].json();
    assert_eq!((&said["id"], &said["quantity"], &said["address"]), (&json!(lead), &json!(3), &json!("Calle Mayor 1")));
    assert_eq!(got[1].header("authorization"), Some("Bearer t-1"));
    let lines = app.get(&format!("/api/v1/leads/{lead}/timeline")).await.expect(200);
    let told = timeline_of(&lines, "told");
    assert_eq!(
        told.iter().map(|it| it["outcome"].clone()).collect::<Vec<_>>(),
        [json!("retry"), json!("accepted")],
        "{lines:#}"
    );
    assert_eq!(fake.got().len(), 1, "the lead is not sold again");
}

#[tokio::test]
async fn without_a_way_to_tell_a_change_stays_here() {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let lead = app.lead_id(&token, "tea", "+34612345678").await;
    app.drain().await;
    app.call(reqwest::Method::PATCH, &format!("/api/v1/leads/{lead}"), &token, &json!({"quantity": 2}))
        .await
        .expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!(fake.got().len(), 1);
}

#[tokio::test]
async fn an_approved_lead_goes_to_a_second_network() {
    let app = TestApp::idle().await;
    let (sale, fulfilment) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    let network = app.network("n1", &sale.base, json!({})).await;
    app.network("stock", &fulfilment.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let second = json!({"offer": "tea", "network": "stock", "position": 1, "trigger_status": "approved"});
    app.post("/api/v1/routes", second).await.expect(201);
    let lead = app.lead_id(&token, "tea", "+34612345678").await;
    app.drain().await;
    assert_eq!((sale.got().len(), fulfilment.got().len()), (1, 0));
    let url = network["postback_url"].as_str().unwrap();
    let report = async |status: &str| {
        crate::kit::app::read(app.http.get(url).query(&[("id", lead.as_str()), ("status", status)])).await.expect(200);
        app.drain().await;
    };
    report("hold").await;
    assert_eq!(fulfilment.got().len(), 0, "not yet approved");
    report("approved").await;
    assert_eq!(fulfilment.until(1).await[0].json()["id"], json!(lead));
    report("paid").await;
    report("approved").await;
    assert_eq!(fulfilment.got().len(), 1, "shipped once");
    let shown = app.show(&lead).await;
    assert_eq!(shown["status"], "paid", "the second network does not own the lead");
}
