//! The control: as methods, and by `/_control` as a person with curl uses it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::{ControlError, Publisher};
use super::*;

/// Without token and content type, as curl sends it.
async fn control(practice: &Practice, method: Method, path: &str, body: &str) -> (u16, Value) {
    let request = practice.http.request(method, format!("{}/_control{path}", practice.base));
    read(request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())).await
}

#[tokio::test]
async fn the_panel_can_be_played() {
    let practice = Practice::start().await;
    let affili = &practice.affili;
    let id = practice.stored_lead("L1").await;
    type Deed = fn(&Affili, &str) -> Result<super::super::Conversion, ControlError>;
    let deeds: &[(Deed, i64)] = &[
        (Affili::approve, 1),
        (Affili::reject, 2),
        (Affili::duplicate, 3),
        (Affili::set_pending, 0),
        (|affili, id| affili.set_status_number(id, 9), 9),
        (Affili::close, 9),
        (Affili::check_out, 1),
        (Affili::reopen, 1),
        (|affili, id| affili.set_amount(id, 7), 1),
        (|affili, id| affili.set_wage(id, 8), 1),
        (|affili, id| affili.set_commission_amount(id, 9), 1),
    ];
    for (at, (deed, status)) in deeds.iter().enumerate() {
        let now = affili.advance_clock(TimeDelta::seconds(1));
        // By their id and by ours.
        let changed = deed(affili, if at % 2 == 0 { &id } else { "L1" }).unwrap();
        assert_eq!((changed.status, changed.updated_at, changed.id.as_str()), (*status, now, id.as_str()));
        assert_eq!(affili.conversion("L1"), Some(changed));
        assert_eq!(deed(affili, "nothing"), Err(ControlError::NoSuchConversion("nothing".to_owned())));
    }
    let (_, found) = practice.get(&format!("/api/merchants/conversions/{id}")).await;
    let data = &found["data"];
    assert_eq!((&data["amount"], &data["wage"], &data["checked_out"]), (&json!(7), &json!(8), &json!(1)));
    assert_eq!((&data["status"], &data["is_closed"]), (&json!(1), &json!(0)));
    affili.set_status_number(&id, 9).unwrap();
    let (_, found) = practice.get(&format!("/api/merchants/conversions/{id}")).await;
    assert_eq!(found["data"]["status"], 9);
    affili.forget("L1").unwrap();
    assert!(affili.conversions().is_empty() && affili.forget("L1").is_err());
    assert_eq!(practice.get(&format!("/api/merchants/conversions/{id}")).await.0, 404);
}

#[tokio::test]
async fn a_payout_can_be_silent() {
    let practice = Practice::start().await;
    practice.stored_lead("L1").await;
    practice.affili.advance_clock(TimeDelta::days(1));
    practice.affili.change_settings(|settings| settings.payout_changes_updated_at = false);
    let paid = practice.affili.check_out("L1").unwrap();
    assert_eq!((paid.is_checked_out, paid.status, paid.updated_at), (true, 1, start_time()));
}

#[tokio::test]
async fn a_lead_may_come_that_the_caller_does_not_know() {
    let practice = Practice::start().await;
    practice.affili.record_lead(REFERRER, Some("foreign")).unwrap();
    practice.affili.record_lead(OTHER_REFERRER, None).unwrap();
    let (_, body) = practice.get("/api/merchants/conversions").await;
    assert_eq!((&body["data"][1]["external_id"], &body["data"][0]["external_id"]), (&json!("foreign"), &Value::Null));
    let unknown = ControlError::UnknownReferrer("nobody".to_owned());
    assert_eq!(practice.affili.record_lead("nobody", None), Err(unknown.clone()));
    assert_eq!(practice.affili.issue_token("nobody"), Err(unknown));
    practice.affili.add_publisher(Publisher {
        id: "p73cc".to_owned(),
        number: 73,
        name: "Mina".to_owned(),
        aff_id: "affili00000003x".to_owned(),
        referrers: vec!["nobody".to_owned()],
    });
    assert!(practice.affili.issue_token("nobody").is_ok());
}

#[tokio::test]
async fn calls_are_kept_as_they_came() {
    let practice = Practice::start().await;
    practice.stored_lead("L1").await;
    practice.get("/services/customers?mcs_id=a%20b&x").await;
    practice.get("/nothing").await;
    control(&practice, Method::GET, "/calls", "").await;
    let calls = practice.affili.calls();
    let paths: Vec<&str> = calls.iter().map(|call| call.path.as_str()).collect();
    assert_eq!(paths, ["/api/merchants/conversions", "/services/customers?mcs_id=a%20b&x", "/nothing"]);
    assert_eq!((calls[0].method.as_str(), &calls[0].json()["external_id"]), ("POST", &json!("L1")));
    assert_eq!(calls[0].header("authorization"), Some("Bearer fake-affili-access-id"));
    assert_eq!((calls[1].query("mcs_id").as_deref(), calls[1].query("y")), (Some("a b"), None));
    practice.affili.clear_calls();
    assert!(practice.affili.calls().is_empty());
}

#[tokio::test]
async fn every_control_of_the_index_works_as_it_is_printed() {
    let practice = Practice::start().await;
    let (status, index) = control(&practice, Method::GET, "", "").await;
    assert_eq!(status, 200);
    let lines: Vec<&str> =
        index["controls"].as_array().unwrap().iter().map(|row| row["curl"].as_str().unwrap()).collect();
    assert!(lines.len() > 25);
    let help = practice.http.get(format!("{}/_control/help", practice.base)).send().await.unwrap();
    assert_eq!(help.headers()["content-type"], "text/plain; charset=utf-8");
    let help = help.text().await.unwrap();
    let printed = index["try"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).chain(lines.clone());
    assert!(printed.eq(help.lines().filter(|line| line.starts_with("curl "))));
    for line in lines {
        // What is forgotten must be there again for the next.
        if practice.affili.conversion("L0000000001").is_none() {
            practice.stored_lead("L0000000001").await;
        }
        let (head, body) = line.split_once(" -d ").unwrap_or((line, ""));
        let words: Vec<&str> = head.split(' ').collect();
        assert_eq!((words[0], words[1]), ("curl", "-X"));
        let method = words[2].parse().unwrap();
        let path = words[3].strip_prefix(&format!("{}/_control", practice.base)).unwrap();
        let (status, answer) = control(&practice, method, path, body.trim_matches('\'')).await;
        assert_eq!(status, 200, "{line}: {answer}");
    }
    practice.affili.clear();
    practice.affili.set_settings(super::super::Settings::default());
    for line in index["try"].as_array().unwrap() {
        let line = line.as_str().unwrap();
        let url = line.split(' ').find(|word| word.starts_with("http")).unwrap();
        let path = url.strip_prefix(&practice.base).unwrap();
        let body = line.split_once(" -d '").map(|(_, body)| body.trim_end_matches('\''));
        let (status, answer) = match body {
            Some(body) => practice.post(path, serde_json::from_str(body).unwrap()).await,
            None => practice.get(path).await,
        };
        assert_eq!((status, &answer["status"]), (200, &json!("ok")), "{line}");
    }
    assert_eq!(practice.affili.conversions().len(), 1);
}

#[tokio::test]
async fn the_control_answers_json() {
    let practice = Practice::start().await;
    practice.stored_lead("L 1/2").await;
    let (status, body) = control(&practice, Method::POST, "/conversions/L%201%2F2/status", r#"{"value":9}"#).await;
    assert_eq!((status, &body["status"], &body["created_at"]), (200, &json!(9), &json!("2020-04-05T08:16:38Z")));
    for (method, path, body, expected) in [
        (Method::GET, "/nothing", "", 404),
        (Method::GET, "/conversions/nothing", "", 404),
        (Method::POST, "/conversions/nothing/approve", "", 404),
        (Method::POST, "/conversions/L%201%2F2/nothing", "", 404),
        (Method::POST, "/conversions/L%201%2F2/status", "", 400),
        (Method::POST, "/conversions", r#"{"referrer":"nobody"}"#, 404),
        (Method::POST, "/settings", r#"{"page_size":0}"#, 400),
        (Method::POST, "/settings", r#"{"nothing":1}"#, 400),
        (Method::POST, "/settings", "text", 400),
        (Method::POST, "/faults", r#"{"fault":"nothing"}"#, 400),
        (Method::POST, "/faults", r#"{"fault":"status","status":99}"#, 400),
        (Method::POST, "/faults", r#"{"fault":"slow","seconds":-1}"#, 400),
        (Method::POST, "/clock", r#"{"advance_seconds":9223372036854775807}"#, 400),
    ] {
        let (status, answer) = control(&practice, method, path, body).await;
        assert_eq!((status, answer["error"].is_string()), (expected, true), "{path}");
    }
    let words = [
        "server_error",
        "bad_gateway",
        "too_many_requests",
        "slow",
        "drop_after_storing",
        "drop_before_storing",
        "bad_gateway_after_storing",
        "truncated_json",
        "html_page",
        "not_ok",
    ];
    for word in words {
        let fault = json!({ "fault": word, "times": 2 }).to_string();
        assert_eq!(control(&practice, Method::POST, "/faults", &fault).await.0, 200, "{word}");
    }
    assert_eq!(practice.affili.faults().len(), words.len());
    let (_, faults) = control(&practice, Method::GET, "/faults", "").await;
    let shown: Vec<&str> = faults.as_array().unwrap().iter().map(|fault| fault["fault"].as_str().unwrap()).collect();
    assert_eq!((&shown[..3], &shown[3..]), (["status"; 3].as_slice(), &words[3..]));
    let slow = practice.affili.faults()[3].fault.clone();
    assert_eq!(slow, super::super::Fault::Slow(std::time::Duration::from_secs(20)));
    // The control itself has no faults.
    let (_, settings) = control(&practice, Method::POST, "/settings", r#"{"page_size":3}"#).await;
    assert_eq!((&settings["page_size"], &settings["filter_zone"]), (&json!(3), &json!("tehran")));
    let (_, clock) = control(&practice, Method::POST, "/clock", r#"{"advance_seconds":60}"#).await;
    assert_eq!(clock, json!({ "now": "2020-04-05T08:17:38Z" }));
}
