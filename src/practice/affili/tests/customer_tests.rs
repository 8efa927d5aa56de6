//! The services API's customers.

use serde_json::{Value, json};

use super::super::RepeatedCustomer;
use super::*;

const CUSTOMERS: &str = "/services/customers";

fn customer(mcs_id: &str) -> Value {
    json!({ "referrer": REFERRER, "mcs_id": mcs_id, "meta_data": { "first_name": "Ali", "extra": 5 } })
}

#[tokio::test]
async fn a_customer_is_stored_and_edited() {
    let practice = Practice::start().await;
    let (status, body) = practice.post(CUSTOMERS, customer("u1")).await;
    let id = body["data"]["id"].as_str().unwrap();
    assert_eq!(status, 200);
    let expected = json!({
        "status": "ok", "tag": "saveCustomer",
        "data": {
            "id": id, "mcs_id": "u1", "meta_data": { "first_name": "Ali", "extra": 5 },
            "created_at": "1399-01-17 12:46:38", "updated_at": "1399-01-17 12:46:38",
            "publisher": { "id": 71, "full_name": "Sara" },
        },
        "api_version": "1.0.0",
    });
    assert_eq!(body, expected);
    assert_eq!(practice.post(CUSTOMERS, customer("u2")).await.0, 200);
    practice.affili.advance_clock(chrono::TimeDelta::days(24));
    let path = format!("{CUSTOMERS}/{id}");
    let (status, body) = practice.post(&path, json!({ "mcs_id": "u9" })).await;
    assert_eq!((status, &body["data"]["mcs_id"], &body["data"]["id"]), (200, &json!("u9"), &json!(id)));
    assert_eq!(body["data"]["meta_data"]["first_name"], "Ali");
    assert_eq!(body["data"]["updated_at"], "1399-02-10 12:46:38");
    let (_, body) = practice.post(&path, json!({ "mcs_id": "u9", "meta_data": { "mobile": "0912" } })).await;
    assert_eq!(body["data"]["meta_data"], json!({ "mobile": "0912" }));
    assert_refused(&practice.post(&path, json!({ "mcs_id": "u2" })).await, 422, &["mcs_id"]);
    assert_refused(&practice.post(&path, json!({ "meta_data": "x" })).await, 422, &["meta_data"]);
    assert_refused(&practice.post(&format!("{CUSTOMERS}/zzzzz"), json!({ "mcs_id": "u8" })).await, 404, &["id"]);
}

#[tokio::test]
async fn each_field_is_checked_and_a_repeat_is_refused_or_given_the_first() {
    let practice = Practice::start().await;
    for (changes, fields) in [
        (json!({ "referrer": null }), vec!["referrer"]),
        (json!({ "referrer": "nobody" }), vec!["referrer"]),
        (json!({ "mcs_id": null }), vec!["mcs_id"]),
        (json!({ "mcs_id": "" }), vec!["mcs_id"]),
        (json!({ "meta_data": [1] }), vec!["meta_data"]),
    ] {
        assert_refused(&practice.post(CUSTOMERS, with(customer("u1"), changes)).await, 422, &fields);
    }
    let (_, first) = practice.post(CUSTOMERS, customer("u1")).await;
    assert_refused(&practice.post(CUSTOMERS, customer("u1")).await, 422, &["mcs_id"]);
    practice.affili.change_settings(|settings| settings.repeated_customer = RepeatedCustomer::ReturnsFirst);
    let again = with(customer("u1"), json!({ "meta_data": { "first_name": "Omid" } }));
    let (status, body) = practice.post(CUSTOMERS, again).await;
    assert_eq!((status, &body["data"]), (200, &first["data"]));
    assert_eq!(practice.affili.customers().len(), 1);
    let wrong = with(customer("u1"), json!({ "referrer": "nobody" }));
    assert_refused(&practice.post(CUSTOMERS, wrong).await, 422, &["referrer"]);
}

#[tokio::test]
async fn the_list_is_filtered_by_the_query() {
    let practice = Practice::start().await;
    practice.post(CUSTOMERS, customer("u1")).await;
    practice.affili.advance_clock(chrono::TimeDelta::hours(1));
    practice.post(CUSTOMERS, with(customer("u2"), json!({ "referrer": OTHER_REFERRER }))).await;
    let first = practice.affili.customers()[0].id.clone();
    for (name, value, expected) in [
        ("id", first.as_str(), vec!["u1"]),
        ("mcs_id", "u2", vec!["u2"]),
        ("publisher_id", "71", vec!["u1"]),
        ("publisher_id", "99", vec![]),
        ("min_created_at", "2020-04-05 13:46:38", vec!["u2"]),
        ("max_updated_at", "2020-04-05 13:46:37", vec!["u1"]),
        ("page", "3", vec!["u2", "u1"]),
    ] {
        let (status, body) = read(practice.request(Method::GET, CUSTOMERS).query(&[(name, value)])).await;
        assert_eq!(status, 200);
        let rows = body["data"].as_array().unwrap();
        let got: Vec<&str> = rows.iter().map(|row| row["mcs_id"].as_str().unwrap()).collect();
        assert_eq!(got, expected, "{name}");
    }
    for (name, value) in [("publisher_id", "p71aa"), ("min_created_at", "1399-01-17 12:46:38")] {
        let answer = read(practice.request(Method::GET, CUSTOMERS).query(&[(name, value)])).await;
        assert_refused(&answer, 422, &[name]);
    }
    practice.affili.change_settings(|settings| settings.page_size = std::num::NonZeroUsize::new(1));
    let (_, body) = practice.get(&format!("{CUSTOMERS}?page=2")).await;
    assert_eq!(body["data"]["data"][0]["mcs_id"], "u1");
    assert_eq!(body["data"]["meta"], json!({ "total": 2, "last": 2, "current": 2, "per": 1 }));
}
