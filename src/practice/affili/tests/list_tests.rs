//! Lists: filters, dates and pages.

use std::num::NonZeroUsize;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::{Calendar, Zone};
use super::*;

const CONVERSIONS: &str = "/api/merchants/conversions";

/// Our ids of a list's rows.
fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["external_id"].as_str().unwrap()).collect()
}

async fn listed(practice: &Practice, query: &[(&str, &str)]) -> Value {
    let (status, body) = read(practice.request(Method::GET, CONVERSIONS).query(query)).await;
    assert_eq!((status, &body["status"]), (200, &json!("ok")), "{body}");
    body["data"].clone()
}

async fn assert_listed(practice: &Practice, query: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(ids(&listed(practice, query).await), expected, "{query:?}");
}

#[tokio::test]
async fn each_filter_selects() {
    let practice = Practice::start().await;
    practice.stored_lead("L1").await;
    practice.affili.advance_clock(TimeDelta::hours(1));
    practice.stored_lead("L2").await;
    practice.affili.advance_clock(TimeDelta::hours(1));
    assert_eq!(practice.post(CONVERSIONS, practice.sale("S3")).await.0, 200);
    practice.affili.advance_clock(TimeDelta::hours(1));
    practice.affili.approve("L1").unwrap();
    practice.affili.check_out("L1").unwrap();
    practice.affili.close("L1").unwrap();
    for (name, value, expected) in [
        ("status", "1", vec!["L1"]),
        ("status", "0", vec!["S3", "L2"]),
        ("status", "3", vec![]),
        ("external_id", "L2", vec!["L2"]),
        ("external_id", "L", vec![]),
        ("is_closed", "1", vec!["L1"]),
        ("is_closed", "0", vec!["S3", "L2"]),
        ("checked_out", "1", vec!["L1"]),
        ("min_commission_amount", "381", vec!["L2", "L1"]),
        ("max_commission_amount", "380", vec!["S3"]),
        ("min_amount", "10000", vec!["S3"]),
        ("max_amount", "9999", vec!["L2", "L1"]),
        ("min_wage", "38", vec!["S3", "L2", "L1"]),
        ("max_wage", "38", vec!["S3"]),
        // Tehran is ahead by 4:30 in April 2020, so it was 12:46:38 when the first came. Both ends count as inside.
        ("min_created_at", "2020-04-05 12:46:39", vec!["S3", "L2"]),
        ("min_created_at", "2020-04-05 12:46:38", vec!["S3", "L2", "L1"]),
        ("max_created_at", "2020-04-05 13:46:38", vec!["L2", "L1"]),
        ("max_created_at", "2020-04-05 13:46:37", vec!["L1"]),
        ("min_updated_at", "2020-04-05 15:46:38", vec!["L1"]),
        ("max_updated_at", "2020-04-05 15:46:37", vec!["S3", "L2"]),
        // Not known, or empty: no filter.
        ("updated_since", "2020", vec!["S3", "L2", "L1"]),
        ("status", "", vec!["S3", "L2", "L1"]),
    ] {
        assert_listed(&practice, &[(name, value)], &expected).await;
    }
    let window = [("min_updated_at", "2020-04-05 13:00:00"), ("max_updated_at", "2020-04-05 14:00:00")];
    assert_listed(&practice, &window, &["L2"]).await;
    assert_listed(&practice, &[("status", "0"), ("external_id", "L1")], &[]).await;
}

#[tokio::test]
async fn wrong_filters_fail_loudly() {
    let practice = Practice::start().await;
    practice.stored_lead("L1").await;
    for (name, value) in [
        ("status", "4"),
        ("status", "approved"),
        ("is_closed", "true"),
        ("checked_out", "2"),
        ("min_amount", "x"),
        ("max_wage", "1.5"),
        ("min_created_at", "2020-04-05"),
        ("max_created_at", "1586074598"),
        ("max_updated_at", "2020-04-05T12:46:38Z"),
    ] {
        let answer = read(practice.request(Method::GET, CONVERSIONS).query(&[(name, value)])).await;
        assert_refused(&answer, 422, &[name]);
    }
    // A cursor that was taken from an answer.
    let (_, body) = practice.get(CONVERSIONS).await;
    let cursor = body["data"][0]["updated_at"].as_str().unwrap();
    let answer = read(practice.request(Method::GET, CONVERSIONS).query(&[("min_updated_at", cursor)])).await;
    assert_refused(&answer, 422, &["min_updated_at"]);
    assert!(answer.1["errors"]["min_updated_at"][0].to_string().contains("Jalali"));
}

#[tokio::test]
async fn calendar_and_zone_can_be_switched() {
    let practice = Practice::start().await;
    practice.stored_lead("L1").await;
    assert_eq!(listed(&practice, &[]).await[0]["created_at"], "1399-01-17 12:46:38");
    practice.affili.change_settings(|settings| settings.answer_calendar = Calendar::Gregorian);
    assert_eq!(listed(&practice, &[]).await[0]["created_at"], "2020-04-05 12:46:38");
    let utc = [("max_created_at", "2020-04-05 08:16:38")];
    assert_listed(&practice, &utc, &[]).await;
    practice.affili.change_settings(|settings| settings.filter_zone = Zone::Utc);
    assert_listed(&practice, &utc, &["L1"]).await;
    assert_listed(&practice, &[("min_created_at", "2020-04-05 08:16:39")], &[]).await;
}

#[tokio::test]
async fn pages_come_when_switched_on() {
    let practice = Practice::start().await;
    for number in 1..=5 {
        practice.stored_lead(&format!("L{number}")).await;
    }
    for page in ["1", "2", "77"] {
        assert_listed(&practice, &[("page", page)], &["L5", "L4", "L3", "L2", "L1"]).await;
    }
    practice.affili.change_settings(|settings| settings.page_size = NonZeroUsize::new(2));
    for (page, current, expected) in [
        ("1", 1, vec!["L5", "L4"]),
        ("2", 2, vec!["L3", "L2"]),
        ("3", 3, vec!["L1"]),
        ("4", 4, vec![]),
        ("x", 1, vec!["L5", "L4"]),
        ("0", 1, vec!["L5", "L4"]),
    ] {
        let data = listed(&practice, &[("page", page)]).await;
        assert_eq!(ids(&data["data"]), expected);
        assert_eq!(data["meta"], json!({ "total": 5, "last": 3, "current": current, "per": 2 }));
    }
    let data = listed(&practice, &[("external_id", "none")]).await;
    assert_eq!(data["meta"], json!({ "total": 0, "last": 1, "current": 1, "per": 2 }));
}
