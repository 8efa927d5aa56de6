//! The services API's conversions.

use serde_json::{Value, json};

use super::super::{Kind, RepeatedOrder};
use super::*;

const CONVERSIONS: &str = "/services/conversions";

fn lead(order_id: &str) -> Value {
    json!({ "type": "lead", "order_id": order_id, "referrer": REFERRER })
}

#[tokio::test]
async fn leads_and_sales_are_stored() {
    let practice = Practice::start().await;
    let (status, body) = practice.post(CONVERSIONS, lead("L1")).await;
    assert_eq!((status, &body["tag"]), (200, &json!("saveConversion")));
    let id = body["data"]["id"].as_str().unwrap();
    assert_eq!(body["data"], json!({ "id": id }));
    // As Affili's own client sends a sale: a number for an id, a text for an amount, empty texts for nothing.
    let sale = json!({
        "type": "sale", "order_id": 1207, "amount": "250000.00", "coupon": "", "referrer": REFERRER, "customer_id": null,
        "products": [{ "pid": 1, "name": "Host", "quantity": 1, "unit_price": 250_000, "total_price": 250_000 }],
    });
    assert_eq!(practice.post(CONVERSIONS, sale).await.0, 200);
    let sale = practice.affili.conversion("1207").unwrap();
    assert_eq!((sale.kind, sale.amount, sale.status, sale.coupon), (Kind::Buy, 250_000, 0, None));
    assert_eq!(sale.products.unwrap()[0]["name"], "Host");
    // The merchants' API sees it too.
    let (status, found) = practice.get(&format!("/api/merchants/conversions/{id}")).await;
    assert_eq!((status, &found["data"]["external_id"], &found["data"]["status"]), (200, &json!("L1"), &json!(0)));
    practice.affili.change_settings(|settings| settings.services_start_approved = true);
    assert_eq!(practice.post(CONVERSIONS, lead("L2")).await.0, 200);
    assert_eq!(practice.affili.conversion("L2").unwrap().status, 1);
}

#[tokio::test]
async fn each_field_is_checked() {
    let practice = Practice::start().await;
    for (changes, fields) in [
        (json!({ "type": null }), vec!["type"]),
        // The words of the merchants' API.
        (json!({ "type": "buy" }), vec!["type"]),
        (json!({ "type": "click" }), vec!["type"]),
        (json!({ "type": "sale" }), vec!["amount"]),
        (json!({ "type": "sale", "order_id": null }), vec!["order_id", "amount"]),
        (json!({ "type": "sale", "amount": "x" }), vec!["amount"]),
        (json!({ "referrer": null }), vec!["referrer"]),
        (json!({ "referrer": "" }), vec!["referrer"]),
        (json!({ "referrer": "nobody" }), vec!["referrer"]),
        (json!({ "customer_id": "nobody" }), vec!["customer_id"]),
        (json!({ "products": { "pid": 1 } }), vec!["products"]),
        (json!({ "meta_data": 1 }), vec!["meta_data"]),
    ] {
        assert_refused(&practice.post(CONVERSIONS, with(lead("L1"), changes)).await, 422, &fields);
    }
    assert!(practice.affili.conversions().is_empty());
    assert_eq!(practice.post(CONVERSIONS, with(lead("L1"), json!({ "order_id": null }))).await.0, 200);
}

#[tokio::test]
async fn a_customer_stands_for_a_referrer() {
    let practice = Practice::start().await;
    let customer = json!({ "referrer": OTHER_REFERRER, "mcs_id": "u1" });
    let (_, customer) = practice.post("/services/customers", customer).await;
    let customer_id = &customer["data"]["id"];
    let returning = json!({ "type": "lead", "order_id": "L1", "referrer": "", "customer_id": customer_id });
    assert_eq!(practice.post(CONVERSIONS, returning.clone()).await.0, 200);
    assert_eq!(practice.affili.conversion("L1").unwrap().publisher.name, "Reza");
    let visit = with(returning, json!({ "order_id": "L2", "referrer": REFERRER }));
    assert_eq!(practice.post(CONVERSIONS, visit).await.0, 200);
    assert_eq!(practice.affili.conversion("L2").unwrap().publisher.name, "Sara");
}

#[tokio::test]
async fn a_repeat_is_refused_or_stored_as_duplicated() {
    let practice = Practice::start().await;
    assert_eq!(practice.post(CONVERSIONS, lead("L1")).await.0, 200);
    assert_refused(&practice.post(CONVERSIONS, lead("L1")).await, 422, &["order_id"]);
    // Both families share their conversions.
    let (status, _) = practice.post("/api/merchants/conversions", practice.lead("L1")).await;
    assert_eq!(status, 422);
    practice.affili.change_settings(|settings| settings.repeated_order = RepeatedOrder::StoredAsDuplicated);
    assert_eq!(practice.post(CONVERSIONS, lead("L1")).await.0, 200);
    let statuses: Vec<i64> = practice.affili.conversions().iter().map(|conversion| conversion.status).collect();
    assert_eq!(statuses, [0, 3]);
}

#[tokio::test]
async fn a_verdict_is_taken() {
    let practice = Practice::start().await;
    let (_, body) = practice.post(CONVERSIONS, lead("L1")).await;
    let path = format!("{CONVERSIONS}/{}", body["data"]["id"].as_str().unwrap());
    practice.affili.advance_clock(chrono::TimeDelta::days(24));
    for status in [json!(1), json!("2")] {
        let (code, body) = practice.post(&path, json!({ "status": status })).await;
        assert_eq!((code, &body["status"]), (200, &json!("ok")));
    }
    let stored = practice.affili.conversion("L1").unwrap();
    assert_eq!((stored.status, stored.updated_at), (2, practice.affili.now()));
    for wrong in [json!({}), json!({ "status": 4 }), json!({ "status": "approved" }), json!({ "status": null })] {
        assert_refused(&practice.post(&path, wrong).await, 422, &["status"]);
    }
    assert_refused(&practice.post(&format!("{CONVERSIONS}/zzzzz"), json!({ "status": 1 })).await, 404, &["id"]);
    practice.affili.close("L1").unwrap();
    assert_refused(&practice.post(&path, json!({ "status": 1 })).await, 422, &["is_closed"]);
}
