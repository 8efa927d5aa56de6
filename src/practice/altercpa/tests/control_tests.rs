//! `/_control`, as an operator uses it.

use super::*;

#[tokio::test]
async fn every_line_of_the_menu_works_as_it_stands() {
    let rig = Rig::start().await;
    let fresh = rig.get("_control").await["ask_for_it"].to_string();
    // The examples name the lead that will come first, and then the newest.
    let id = rig.agency_lead("own-0", "34600111000").await;
    assert!(fresh.contains(&id.to_string()), "{fresh}");
    let menu = rig.get("_control").await;
    let host = rig.base.strip_prefix("http://").unwrap();
    let mut seen = 0;
    for row in menu["control"].as_array().unwrap() {
        let curl = row["curl"].as_str().unwrap();
        assert!(curl.contains(host), "{curl}");
        let url = curl.split(['\'', ' ']).find(|word| word.starts_with("http")).unwrap();
        let request = match curl.split_once(" -d '") {
            Some((_, body)) => rig.http.post(url).body(body.trim_end_matches('\'').to_owned()),
            None if curl.contains("-X POST") => rig.http.post(url),
            None => rig.http.get(url),
        };
        let answer = read(request).await;
        if curl.contains(" -d ") || curl.contains("-X POST") {
            assert_eq!(answer["ok"], true, "{curl} {answer}");
        }
        seen += 1;
    }
    assert_eq!(seen, 29);
    assert!(rig.partner.leads().is_empty(), "the last line resets");
    assert!(menu["send_a_lead"].as_str().unwrap().contains(host));
}

#[tokio::test]
async fn leads_are_decided() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    let decided = async |name: &str, body: Value| {
        let (status, answer) = rig.control(name, body).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{answer}");
        (answer["lead"]["status"].as_u64().unwrap(), answer["lead"]["stage"].as_str().unwrap().to_owned())
    };
    assert_eq!(decided("work", json!({ "id": id })).await, (2, "wait".to_owned()));
    assert_eq!(decided("accept", json!({ "id": id.to_string() })).await, (6, "approve".to_owned()));
    assert_eq!(decided("cancel", json!({ "id": id, "reason": 2 })).await, (5, "cancel".to_owned()));
    assert_eq!(decided("reason", json!({ "id": id, "reason": 3 })).await, (5, "trash".to_owned()));
    assert_eq!(decided("status", json!({ "id": id, "status": 4 })).await, (4, "hold".to_owned()));
    assert_eq!(decided("status", json!({ "id": id, "status": 5, "reason": 1 })).await, (5, "trash".to_owned()));
    decided("custom", json!({ "id": id, "text": "raw" })).await;
    decided("comment", json!({ "id": id, "text": "late" })).await;
    decided("exto", json!({ "id": id, "exto": "T-1" })).await;
    decided("company", json!({ "id": id, "company": 304 })).await;
    let lead = rig.get(&format!("_control/lead?id={id}")).await;
    assert_eq!((&lead["custom"], &lead["fields"]["comment"]), (&json!("raw"), &json!("late")));
    assert_eq!((&lead["exto"], &lead["company"], &lead["phase"]), (&json!("T-1"), &json!(304), &json!(5)));
    assert_eq!(rig.get("_control/leads").await, json!([lead]));
    let (_, answer) = rig.control("postback", json!({ "id": id, "template": "http://x/?s={stage}" })).await;
    assert_eq!(answer["url"], "http://x/?s=trash");
}

#[tokio::test]
async fn the_network_is_set_up() {
    let rig = Rig::start().await;
    let set = async |name: &str, body: Value| assert_eq!(rig.control(name, body).await, (200, json!({ "ok": true })));
    set("user", json!({ "id": 205, "key": "k", "role": "agency" })).await;
    set("user", json!({ "id": 105, "key": "k", "role": "webmaster" })).await;
    set("offer", json!({ "id": 10, "name": "Ten", "cap": 1 })).await;
    set("offer", json!({ "id": 8, "blocked": true })).await;
    set("flow", json!({ "id": 505, "code": "x", "user": 105, "offer": 10 })).await;
    set("site", json!({ "id": 11, "key": "k", "offer": 10 })).await;
    set("click", json!({ "click": "c1", "flow": 505 })).await;
    set("ban", json!({ "phone": "+34 600" })).await;
    set("ban", json!({ "ip": "192.0.2.9" })).await;
    set("unban", json!({ "ip": BANNED_IP })).await;
    set("suspend", json!({ "user": 202 })).await;
    set("switches", json!({ "moe": true, "rows_limit": 5, "zone": "Europe/Moscow" })).await;
    let account = rig.get("_control/account").await;
    assert!(
        account["users"]
            .as_array()
            .unwrap()
            .contains(&json!({ "token": "202-agkey", "role": "agency", "suspended": true }))
    );
    assert_eq!(
        (&account["banned_phones"], &account["banned_ips"]),
        (&json!([BANNED_PHONE, "34600"]), &json!(["192.0.2.9"]))
    );
    let offer = rig.partner.offer(8).unwrap();
    assert_eq!((offer.blocked, offer.payout.as_str()), (true, "300.00"));
    let switches = rig.get("_control/switches").await;
    assert_eq!(
        (&switches["moe"], &switches["rows_limit"], &switches["max_ids"]),
        (&json!(true), &json!(5), &json!(100))
    );
    let form = [("offer", "10"), ("flow", "505"), ("phone", "34600111222"), ("ip", "::1")];
    assert_eq!(rig.form("wm/push.json?id=105-k", &form).await["status"], "ok");
    assert_eq!(rig.get("site/click.json?token=11-k&click=c1").await, error("traffic"));
    assert_eq!(rig.get("_control/calls").await.as_array().unwrap().len(), 2);
    rig.get("track/postback.json?id=77-trkey&click=c1").await;
    assert_eq!(rig.get("_control/conversions").await[0]["click"], "c1");
    set("reset", json!({})).await;
    assert_eq!((rig.partner.switches(), rig.partner.calls().len()), (Switches::default(), 0));
}

#[tokio::test]
async fn faults_are_planned_by_every_name() {
    let rig = Rig::start().await;
    for fault in [
        json!({ "fault": "http", "status": 500, "body": "{}", "handled": true }),
        json!({ "fault": "bad_gateway" }),
        json!({ "fault": "too_many_requests", "retry_after": 3 }),
        json!({ "fault": "slow", "millis": 5 }),
        json!({ "fault": "drop" }),
        json!({ "fault": "drop", "handled": false }),
        json!({ "fault": "truncated_json", "path": "/api/ext", "times": 3 }),
        json!({ "fault": "html_page" }),
        json!({ "fault": "empty_body" }),
        json!({ "fault": "php_warning" }),
        json!({ "fault": "ok_without_id" }),
        json!({ "fault": "verdict", "error": "db" }),
    ] {
        let (status, answer) = rig.control("fault", fault.clone()).await;
        assert_eq!((status, answer), (200, json!({ "ok": true })), "{fault}");
    }
    let faults: Vec<_> = std::iter::from_fn(|| rig.partner.lock().faults.take("/wm/push.json")).collect();
    assert_eq!(faults.len(), 11);
    assert_eq!(faults[3], Fault::Slow { wait: std::time::Duration::from_millis(5) });
    assert_eq!((faults[4].clone(), faults[5].clone()), (Fault::Drop { handled: true }, Fault::Drop { handled: false }));
}

#[tokio::test]
async fn mistakes_are_told_with_the_http_status() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    for (name, body, status) in [
        ("nothing", json!({}), 404),
        ("work", json!({}), 400),
        ("work", json!({ "id": 5 }), 404),
        ("postback", json!({ "id": 5, "template": "x" }), 404),
        ("status", json!({ "id": id, "status": 13 }), 400),
        ("status", json!({ "id": id, "status": 300 }), 400),
        ("status", json!({ "id": 5, "status": 5, "reason": 2 }), 404),
        ("custom", json!({ "id": id }), 400),
        ("suspend", json!({ "user": 5 }), 404),
        ("ban", json!({}), 400),
        ("offer", json!({ "name": "x" }), 400),
        ("user", json!({ "id": 1, "key": "k", "role": "king" }), 400),
        ("click", json!({ "click": "c" }), 400),
        ("switches", json!({ "nothing": 1 }), 400),
        ("fault", json!({ "fault": "earthquake" }), 400),
    ] {
        let (got, answer) = rig.control(name, body.clone()).await;
        assert_eq!(got, status, "{name} {body} {answer}");
        assert!(answer["error"].is_string());
    }
    let broken = rig.http.post(rig.url("_control/work")).body("{").send().await.unwrap();
    assert_eq!(broken.status().as_u16(), 400);
    for path in ["_control/nothing", "_control/lead", "_control/lead?id=5"] {
        assert_eq!(rig.http.get(rig.url(path)).send().await.unwrap().status().as_u16(), 404, "{path}");
    }
    assert_eq!(rig.partner.lead(id).unwrap().status, 1);
}
