//! `ext/add` and `ext/list`, and the shapes that differ by build.

use super::*;

const ADD: &str = "api/ext/add.json?id=202-agkey";
const LIST: &str = "api/ext/list.json?id=202-agkey";

fn lead<'a>(own: &'a str, phone: &'a str) -> [(&'a str, &'a str); 4] {
    [("id", own), ("offer", "7"), ("phone", phone), ("ip", "192.0.2.1")]
}

#[tokio::test]
async fn a_lead_has_the_callers_id_and_the_networks() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    let row = json!({
        "id": "own-1", "uid": id, "stage": "wait", "status": 1, "phase": 1, "custom": "", "reason": 0, "comment": "",
        "time": 1773136800, "done": 0
    });
    assert_eq!(rig.agency_row(id).await, row);
    let kept = rig.partner.lead_of_caller("own-1").unwrap();
    assert_eq!((kept.id, kept.source.as_deref(), kept.channel), (id, Some("src-1"), Channel::Ext));
    // By aliases, in the query.
    let answer = rig.get(&format!("{ADD}&extu=own-2&exts=src-2&offer=7&phone=34600111223")).await;
    let kept = rig.partner.lead(answer["id"].as_u64().unwrap()).unwrap();
    assert_eq!((kept.caller_id.as_deref(), kept.source.as_deref()), (Some("own-2"), Some("src-2")));
    // By JSON, with a number.
    let body = json!({ "id": 33, "wm": 5, "offer": 7, "phone": "34600111224", "items": [{ "id": 3 }] });
    let answer = rig.json(ADD, body).await;
    let kept = rig.partner.lead(answer["id"].as_u64().unwrap()).unwrap();
    assert_eq!((kept.caller_id.as_deref(), kept.source.as_deref()), (Some("33"), Some("5")));
    assert_eq!(kept.fields["items"], r#"{"[0][id]":"3"}"#);
}

#[tokio::test]
async fn each_check_has_its_code() {
    let rig = Rig::start().await;
    for (name, value, code) in [
        ("id", "", "no-id"),
        ("offer", "", "nooffer"),
        ("offer", "77", "offer"),
        ("offer", "9", "traffic"),
        ("phone", "", "nophone"),
        ("phone", BANNED_PHONE, "ban"),
        ("ip", BANNED_IP, "ban"),
    ] {
        let form = lead("own-1", "34600111222").map(|(key, other)| (key, if key == name { value } else { other }));
        assert_eq!(rig.form(ADD, &form).await, error(code), "{name}={value}");
    }
    // Pro does not need the IP, Moe does.
    let bare = [("id", "own-1"), ("offer", "7"), ("phone", "34600111222")];
    rig.partner.switch(|it| it.moe = true);
    assert_eq!(rig.form(ADD, &bare).await, json!({ "status": "error", "error": "data", "bad": "ip" }));
    assert!(rig.partner.leads().is_empty());
    rig.partner.switch(|it| it.moe = false);
    assert_eq!(rig.form(ADD, &bare).await["status"], "ok");
}

#[tokio::test]
async fn a_repeated_own_id_is_a_duplicate_for_ever() {
    let rig = Rig::start().await;
    let first = rig.form(ADD, &lead("own-1", "34600111222")).await;
    rig.pass(TimeDelta::days(400));
    for duplicates in [Duplicates::Refused, Duplicates::PhonesIgnored] {
        rig.partner.switch(|it| it.duplicates = duplicates);
        assert_eq!(rig.form(ADD, &lead("own-1", "34600999999")).await, error("duplicate"));
    }
    rig.partner.switch(|it| it.duplicates = Duplicates::Known);
    assert_eq!(rig.form(ADD, &lead("own-1", "34600999999")).await, first);
    assert_eq!(rig.partner.leads().len(), 1);
    // Another agency has ids of its own; and `auto` is no id.
    let other = "api/ext/add.json?id=203-agkey2";
    assert_eq!(rig.form(other, &lead("own-1", "34600999998")).await["status"], "ok");
    for phone in ["34600999997", "34600999996"] {
        let id = rig.form(ADD, &lead("auto", phone)).await["id"].as_u64().unwrap();
        assert_eq!(rig.agency_row(id).await["id"], id.to_string());
    }
}

#[tokio::test]
async fn answers_to_new_leads_differ_by_build() {
    let rig = Rig::start().await;
    rig.partner.switch(|it| it.add_answer = AddAnswer::IdAndUid);
    let answer = rig.form(ADD, &lead("own-1", "34600111221")).await;
    assert_eq!(answer["id"], answer["uid"]);
    rig.partner.switch(|it| it.add_answer = AddAnswer::CallerIdAndUid);
    let answer = rig.form(ADD, &lead("own-2", "34600111222")).await;
    assert_eq!(answer["id"], "own-2");
    assert_eq!(rig.partner.lead(answer["uid"].as_u64().unwrap()).unwrap().phone, "34600111222");
    rig.partner.switch(|it| (it.add_answer, it.autologin, it.ids_as_text) = (AddAnswer::Id, true, true));
    let answer = rig.form(ADD, &lead("own-3", "34600111223")).await;
    let id = answer["id"].as_str().unwrap();
    assert!(answer["url"].as_str().unwrap().starts_with(&format!("https://login.practice.example/auto/{id}/")));
    assert_eq!(answer.get("uid"), None);
    rig.partner.switch(|it| (it.ids_as_text, it.huge_ids) = (false, true));
    let id = rig.form(ADD, &lead("own-4", "34600111224")).await["id"].as_u64().unwrap();
    assert!(id > 1 << 53);
    assert_eq!(rig.agency_row(id).await["uid"].as_u64(), Some(id));
}

#[tokio::test]
async fn statuses_give_stages_and_phases() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    for (status, stage, phase) in [
        (1, "wait", 1),
        (2, "wait", 1),
        (3, "wait", 1),
        (4, "hold", 2),
        (5, "cancel", 4),
        (6, "approve", 3),
        (7, "approve", 3),
        (8, "approve", 3),
        (9, "approve", 3),
        (10, "approve", 3),
        (11, "approve", 3),
        (12, "trash", 5),
    ] {
        assert!(rig.partner.set_status(id, status));
        let row = rig.agency_row(id).await;
        assert_eq!((&row["status"], &row["stage"], &row["phase"]), (&json!(status), &json!(stage), &json!(phase)));
        assert_eq!(row["done"] == 0, ![5, 10, 11, 12].contains(&status), "{status}");
    }
    assert!(!rig.partner.set_status(id, 0) && !rig.partner.set_status(id, 13) && !rig.partner.set_status(1, 5));
    for (reason, stage) in [(1, "trash"), (2, "cancel"), (3, "trash"), (11, "trash"), (15, "cancel"), (17, "cancel")] {
        assert!(rig.partner.cancel(id, reason));
        let row = rig.agency_row(id).await;
        assert_eq!((&row["reason"], &row["stage"]), (&json!(reason), &json!(stage)));
    }
    rig.partner.switch(|it| it.trash_reasons = vec![17]);
    assert_eq!(rig.partner.stage(id), Some(Stage::Trash));
    rig.partner.set_custom(id, "Não atende 3");
    rig.partner.set_comment(id, "call after six");
    let row = rig.agency_row(id).await;
    assert_eq!((&row["custom"], &row["comment"]), (&json!("Não atende 3"), &json!("call after six")));
}

#[tokio::test]
async fn an_offer_may_hold_what_is_approved() {
    let rig = Rig::start().await;
    let offer = rig.partner.offer(7).unwrap();
    rig.partner.set_offer(Offer { hold_seconds: 3600, ..offer });
    let id = rig.agency_lead("own-1", "34600111222").await;
    rig.partner.accept(id);
    let row = rig.agency_row(id).await;
    assert_eq!((&row["stage"], &row["phase"], &row["status"]), (&json!("hold"), &json!(2), &json!(6)));
    rig.pass(TimeDelta::hours(1));
    assert_eq!(rig.agency_row(id).await["stage"], "approve");
}

#[tokio::test]
async fn lists_are_asked_by_ids_or_by_time() {
    let rig = Rig::start().await;
    let first = rig.agency_lead("own-1", "34600111221").await;
    rig.pass(TimeDelta::days(1));
    let second = rig.agency_lead("own-2", "34600111222").await;
    let foreign = rig.form("api/ext/add.json?id=203-agkey2", &lead("x", "34600111223")).await["id"].to_string();
    let uids = async |form: &[(&str, &str)]| {
        let rows = rig.form(LIST, form).await;
        rows.as_array().unwrap().iter().map(|row| row["uid"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let both = format!("{second},{first},{first},nonsense,5,{foreign}");
    assert_eq!(uids(&[("oid", &both)]).await, [first, second]);
    assert_eq!(uids(&[("ids", &both)]).await, [first, second]);
    assert_eq!(uids(&[("ids[]", &first.to_string()), ("ids[]", &second.to_string())]).await, [first, second]);
    assert_eq!(rig.json(LIST, json!({ "oid": [first, second] })).await.as_array().unwrap().len(), 2);
    assert_eq!(uids(&[("from", "2026-03-10"), ("to", "2026-03-10")]).await, [first]);
    assert_eq!(uids(&[("from", "2026-03-10"), ("to", "2026-03-11")]).await, [first, second]);
    assert_eq!(uids(&[("from", "2026-03-11")]).await, [second]);
    assert_eq!(uids(&[("to", "2026-03-10")]).await, [first]);
    assert_eq!(uids(&[("from", "1773136800"), ("to", "1773136800")]).await, [first]);
    assert_eq!(rig.form(LIST, &[]).await, error("request-error"));
    assert_eq!(rig.form(LIST, &[("from", "yesterday")]).await, error("request-error"));
    // Moe reads `ids` only.
    rig.partner.switch(|it| it.moe = true);
    assert_eq!(uids(&[("ids", &both)]).await, [first, second]);
    assert_eq!(rig.form(LIST, &[("oid", &both)]).await, error("request-error"));
}

#[tokio::test]
async fn lists_have_shapes_and_limits() {
    let rig = Rig::start().await;
    let mut ids = Vec::new();
    for number in 0..3 {
        ids.push(rig.agency_lead(&format!("own-{number}"), &format!("3460011122{number}")).await);
    }
    let all = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    rig.partner.switch(|it| it.lists_as_object = true);
    let rows = rig.form(LIST, &[("oid", &all)]).await;
    assert_eq!(rows.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(","), all);
    assert_eq!(rows[ids[1].to_string()]["id"], "own-1");
    // PHP prints an empty array, whatever it would have been.
    assert_eq!(rig.form(LIST, &[("oid", "5")]).await, json!([]));
    rig.partner.switch(|it| it.empty_as_object = true);
    assert_eq!(rig.form(LIST, &[("oid", "5")]).await, json!({}));
    rig.partner.switch(|it| (it.lists_as_object, it.max_ids) = (false, 2));
    assert_eq!(rig.form(LIST, &[("oid", &all)]).await.as_array().unwrap().len(), 2);
    rig.partner.switch(|it| it.over_max_ids = OverMaxIds::Error);
    assert_eq!(rig.form(LIST, &[("oid", &all)]).await, error("request-error"));
    rig.partner.switch(|it| it.rows_limit = Some(2));
    let answer = rig.http.get(rig.url(&format!("{LIST}&from=2026-03-10"))).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (500, ""));
}
