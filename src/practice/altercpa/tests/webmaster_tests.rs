//! `wm/push` and `wm/lead`.

use super::*;

const PUSH: &str = "api/wm/push.json?id=101-wmkey";

/// A lead of webmaster 101, with further parameters.
async fn push(rig: &Rig, phone: &str, further: &[(&str, &str)]) -> Value {
    rig.form(PUSH, &[&[("offer", "7"), ("flow", "501"), ("phone", phone)], further].concat()).await
}

#[tokio::test]
async fn a_lead_is_taken_with_all_it_brings() {
    let rig = Rig::start().await;
    let further = [
        ("fio", "Ann"),
        ("last", "Lee"),
        ("comm", "call late"),
        ("country", "es"),
        ("ip", "192.0.2.7"),
        ("us", "google"),
        ("utm_term", "cream"),
        ("sub3", "x"),
        ("subid", "click-9"),
        ("meta[age]", "40"),
        ("colour", "red"),
        ("ajax", "1"),
        ("items[0][id]", "3"),
    ];
    let answer = push(&rig, "+34 600 111-222", &further).await;
    let id = answer["id"].as_u64().unwrap();
    assert_eq!(answer, json!({ "status": "ok", "id": id }));
    let lead = rig.partner.lead(id).unwrap();
    assert_eq!((lead.user, lead.flow, lead.company, lead.status), (101, Some(501), 303, 1));
    assert_eq!((lead.phone.as_str(), lead.ip.as_str()), ("34600111222", "192.0.2.7"));
    assert_eq!(
        json!(lead.fields),
        json!({
            "comment": "call late", "country": "ES", "items": r#"{"[0][id]":"3"}"#, "last": "Lee", "name": "Ann",
            "sub3": "x", "subid": "click-9", "utm_source": "google", "utm_term": "cream"
        })
    );
    assert_eq!(json!(lead.meta), json!({ "age": "40", "colour": "red" }));
}

#[tokio::test]
async fn each_check_has_its_code() {
    let rig = Rig::start().await;
    let full = [("offer", "7"), ("flow", "501"), ("phone", "34600111222"), ("ip", "192.0.2.1")];
    for (name, value, code) in [
        ("offer", "", "nooffer"),
        ("offer", "77", "offer"),
        ("offer", "x", "offer"),
        ("offer", "9", "traffic"),
        ("flow", "", "noflow"),
        ("flow", "502", "badflow"),
        ("flow", "503", "badflow"),
        ("flow", "x", "badflow"),
        ("phone", "", "nophone"),
        ("phone", "call me", "nophone"),
        ("phone", BANNED_PHONE, "ban"),
        ("ip", BANNED_IP, "ban"),
    ] {
        let form = full.map(|(key, other)| (key, if key == name { value } else { other }));
        assert_eq!(rig.form(PUSH, &form).await, error(code), "{name}={value}");
    }
    assert!(rig.partner.leads().is_empty());
    rig.partner.ban("+34 600 111 222");
    assert_eq!(rig.form(PUSH, &full).await, error("ban"));
    rig.partner.unban("34600111222");
    rig.partner.ban_ip("192.0.2.1");
    assert_eq!(rig.form(PUSH, &full).await, error("ban"));
    rig.partner.unban("192.0.2.1");
    assert_eq!(rig.form(PUSH, &full).await["status"], "ok");
}

#[tokio::test]
async fn an_offer_may_check_phones_and_emails_and_be_full() {
    let rig = Rig::start().await;
    let offer = rig.partner.offer(7).unwrap();
    rig.partner.set_offer(Offer { check_phone: true, check_email: true, cap: Some(1), ..offer });
    let bad = |code: &str| json!({ "status": "error", "error": code, "bad": code });
    assert_eq!(push(&rig, "123", &[]).await, bad("phone"));
    assert_eq!(push(&rig, "34600111222", &[("email", "nobody")]).await, bad("email"));
    let email = [("email", "a@example.com")];
    assert_eq!(push(&rig, "34600111222", &email).await["status"], "ok");
    assert_eq!(push(&rig, "34600111223", &email).await, error("traffic"));
    rig.pass(TimeDelta::hours(14));
    assert_eq!(push(&rig, "34600111223", &email).await["status"], "ok");
}

#[tokio::test]
async fn forms_may_send_the_country_code_apart() {
    let rig = Rig::start().await;
    let id = push(&rig, "600 111 222", &[("phonecc", "+34")]).await["id"].as_u64().unwrap();
    assert_eq!(rig.partner.lead(id).unwrap().phone, "34600111222");
    let id = push(&rig, "34600111333", &[("phonecc", "ES")]).await["id"].as_u64().unwrap();
    assert_eq!(rig.partner.lead(id).unwrap().phone, "34600111333");
}

#[tokio::test]
async fn the_same_phone_on_the_offer_is_a_duplicate_for_a_day() {
    let rig = Rig::start().await;
    let first = push(&rig, "34600111222", &[]).await;
    assert_eq!(push(&rig, "+34600111222", &[]).await, error("duplicate"));
    // Whoever sends it.
    let other = [("offer", "7"), ("flow", "502"), ("phone", "34600111222")];
    assert_eq!(rig.form("api/wm/push.json?id=102-wmkey2", &other).await, error("duplicate"));
    // Another offer is another matter.
    let broker = [("offer", "8"), ("flow", "503"), ("phone", "34600111222")];
    assert_eq!(rig.form(PUSH, &broker).await["status"], "ok");
    rig.partner.switch(|it| it.duplicates = Duplicates::Known);
    assert_eq!(push(&rig, "34600111222", &[]).await, first);
    rig.partner.switch(|it| it.duplicates = Duplicates::PhonesIgnored);
    assert_eq!(push(&rig, "34600111222", &[]).await["status"], "ok");
    rig.partner.switch(|it| it.duplicates = Duplicates::Refused);
    rig.pass(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(push(&rig, "34600111222", &[]).await, error("duplicate"));
    rig.pass(TimeDelta::seconds(1));
    assert_eq!(push(&rig, "34600111222", &[]).await["status"], "ok");
    rig.partner.switch(|it| it.duplicate_hours = 0);
    rig.pass(TimeDelta::days(1000));
    assert_eq!(push(&rig, "34600111222", &[]).await, error("duplicate"));
}

#[tokio::test]
async fn the_list_has_one_day_and_the_webmasters_own() {
    let rig = Rig::start().await;
    let ids: Vec<u64> = {
        let mut ids = Vec::new();
        for phone in ["34600000001", "34600000002", "34600000003", "34600000004"] {
            let further = [("site", "12"), ("utm_source", "google")];
            ids.push(push(&rig, phone, &further).await["id"].as_u64().unwrap());
        }
        ids
    };
    rig.agency_lead("a-1", "34600000009").await;
    rig.partner.accept(ids[0]);
    rig.partner.cancel(ids[1], 2);
    rig.partner.set_status(ids[2], 4);
    let list = async |filters: &str| {
        let rows = rig.get(&format!("wm/lead.json?id=101-wmkey&{filters}")).await;
        let ids: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
        ids
    };
    assert_eq!(list("").await, ids);
    assert_eq!(list("day=2026-03-10&offer=7&flow=501&site=12").await, ids);
    assert_eq!(list("status=a").await, [ids[0]]);
    assert_eq!(list("status=c").await, [ids[1]]);
    assert_eq!(list("status=w").await, [ids[2], ids[3]]);
    for none in ["day=2026-03-09", "offer=8", "flow=502", "site=13", "status=z"] {
        assert!(list(none).await.is_empty(), "{none}");
    }
    assert_eq!(rig.get("wm/lead.json?id=101-wmkey&day=today").await, error("request-error"));
    assert_eq!(rig.get("wm/lead.json?id=102-wmkey2").await, json!([]));
    let row = &rig.get("wm/lead.json?id=101-wmkey&status=c").await[0];
    assert_eq!(
        *row,
        json!({
            "id": ids[1], "time": 1773136800, "stage": "cancel", "status": 5, "status_text": "Cancelled",
            "reason": 2, "reason_text": "Changed mind", "offer": 7, "offer_name": "Practice cream", "flow": 501,
            "site": "12", "site_url": "", "space": "", "space_url": "", "ip": "", "utm_source": "google",
            "utm_campaign": "", "utm_content": "", "utm_term": "", "utm_medium": ""
        })
    );
}

#[tokio::test]
async fn days_begin_in_the_networks_zone() {
    let rig = Rig::start().await;
    rig.partner.set_zone(chrono_tz::Europe::Moscow);
    rig.pass(TimeDelta::hours(11));
    // 21:00 UTC is midnight in Moscow.
    push(&rig, "34600111222", &[]).await;
    assert_eq!(rig.get("wm/lead.json?id=101-wmkey&day=2026-03-10").await, json!([]));
    assert_eq!(rig.get("wm/lead.json?id=101-wmkey&day=2026-03-11").await[0]["flow"], 501);
}
