//! `comp/add`, `comp/list` and `comp/status`.

use super::*;

const LIST: &str = "api/comp/list.json?id=303-cokey";
const STATUS: &str = "api/comp/status.json?id=303-cokey";

async fn ids(rig: &Rig, filters: &str) -> Vec<u64> {
    let rows = rig.get(&format!("{LIST}&{filters}")).await;
    let mut ids: Vec<u64> = rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_company_adds_an_order_of_its_own() {
    let rig = Rig::start().await;
    let form = [
        ("offer", "7"),
        ("phone", "34600111222"),
        ("ip", "192.0.2.1"),
        ("name", "Ann"),
        ("base", "20"),
        ("count", "3"),
        ("discount", "10"),
        ("more", "4.5"),
        ("us", "mail"),
        ("subid", "s"),
    ];
    let id = rig.form("comp/add.json?id=303-cokey", &form).await["id"].as_u64().unwrap();
    rig.partner.set_exto(id, "T-1");
    let text = json!({
        "id": id, "ext": "T-1", "offer": 7, "offername": "Practice cream", "wm": 0, "status": 1, "reason": 0, "phase": 1,
        "time": 1773136800, "done": 0, "paid": 0, "phone": "34600111222", "ip": "192.0.2.1", "check": 0, "calls": 0,
        "count": 3, "currency": "EUR", "price": "58.50",
        "goods": [{ "id": 71, "name": "Practice cream", "short": "Practice cream", "count": 3, "price": "20" }],
        "base": "20", "items": [],
        "tracking": {
            "source": "mail", "campaign": "", "content": "", "term": "", "medium": "", "click": "", "uid": "",
            "subid": "s", "uuid": "", "extu": "", "exts": ""
        },
        "name": "Ann", "email": "", "country": "", "index": "", "addr": "", "area": "", "city": "", "street": "",
        "comment": "", "site": "", "delivery": "", "discount": "10", "more": "4.5"
    });
    assert_eq!(rig.get(LIST).await, json!([text]));
    for (name, value, code) in
        [("offer", "", "nooffer"), ("offer", "9", "traffic"), ("phone", "", "nophone"), ("phone", BANNED_PHONE, "ban")]
    {
        let form = form.map(|(key, other)| (key, if key == name { value } else { other }));
        assert_eq!(rig.form("comp/add.json?id=303-cokey", &form).await, error(code));
    }
    assert_eq!(rig.form("sale/add.json?id=303-cokey", &form).await, error("duplicate"));
}

#[tokio::test]
async fn the_list_has_its_filters() {
    let rig = Rig::start().await;
    let first = rig.agency_lead("own-1", "34600111221").await;
    rig.pass(TimeDelta::hours(1));
    let second = rig.agency_lead("own-2", "34600111222").await;
    rig.pass(TimeDelta::hours(1));
    let form = [("id", "own-3"), ("offer", "8"), ("phone", "34600111223")];
    let third = rig.form("ext/add.json?id=202-agkey", &form).await["id"].as_u64().unwrap();
    rig.partner.accept(first);
    rig.partner.cancel(second, 9);
    rig.partner.set_exto(first, "T-1");
    rig.partner.set_exto(third, "T-3");
    let all = [first, second, third];
    assert_eq!(ids(&rig, "").await, all);
    assert_eq!(ids(&rig, &format!("oid={first},{third}")).await, [first, third]);
    assert_eq!(ids(&rig, &format!("ids[]={first}&ids[]={second}")).await, [first, second]);
    assert_eq!(ids(&rig, "eid=T-1").await, [first]);
    assert_eq!(ids(&rig, "eids[]=T-1&eids[]=T-3&eids[]=T-9").await, [first, third]);
    assert_eq!(ids(&rig, "status=6").await, [first]);
    assert_eq!(ids(&rig, "status=-1").await, [first, third]);
    assert_eq!(ids(&rig, "status=-2").await, [third]);
    assert_eq!(ids(&rig, "status=-3").await, [first]);
    assert_eq!(ids(&rig, "from=1773136801&to=1773140400").await, [second]);
    assert_eq!(ids(&rig, &format!("after={first}")).await, [second, third]);
    assert_eq!(ids(&rig, "offer=8").await, [third]);
    // Only seconds are read; a date is a year's number, long ago.
    assert_eq!(ids(&rig, "from=2026-03-11").await, all);
    assert!(ids(&rig, "to=2026-03-11").await.is_empty());
    // The order of the rows is nobody's promise.
    let rows = rig.get(LIST).await;
    let order: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_ne!(order, all);
    assert_eq!(rig.get("api/comp/list.json?id=304-cokey2").await, json!([]));
    rig.partner.set_company(third, 304);
    assert_eq!(rig.get("api/comp/list.json?id=304-cokey2").await[0]["tracking"]["extu"], "own-3");
    rig.partner.switch(|it| it.rows_limit = Some(1));
    assert_eq!(rig.http.get(rig.url(LIST)).send().await.unwrap().status().as_u16(), 500);
}

#[tokio::test]
async fn a_reported_status_is_recognised_by_lists_and_words() {
    let rig = Rig::start().await;
    let lists = "&sta=11,20&stc=12&stt=13&stw=14&sth=15";
    for (index, (report, stage, status)) in [
        ("status=Approved", "approve", 6),
        ("status=hold", "hold", 4),
        ("status=REJECTED", "cancel", 5),
        ("status=spam", "trash", 5),
        ("status=processing", "wait", 2),
        ("status=20&sta=11,20&stc=12", "approve", 6),
        // The caller's lists come before the words.
        ("status=approve&stc=approve", "cancel", 5),
    ]
    .into_iter()
    .enumerate()
    {
        let id = rig.agency_lead(&format!("own-{index}"), &format!("3460011122{index}")).await;
        assert_eq!(rig.get(&format!("{STATUS}&oid={id}&{report}")).await, ok());
        let row = rig.agency_row(id).await;
        assert_eq!((&row["stage"], &row["status"]), (&json!(stage), &json!(status)), "{report}");
    }
    let id = rig.agency_lead("own-x", "34600222222").await;
    rig.partner.set_exto(id, "T-9");
    for (status, stage) in [("14", "wait"), ("15", "hold"), ("12", "cancel"), ("13", "trash"), ("11", "approve")] {
        assert_eq!(rig.get(&format!("{STATUS}&eid=T-9&status={status}{lists}")).await, ok());
        let row = rig.agency_row(id).await;
        assert_eq!((&row["stage"], &row["custom"]), (&json!(stage), &json!(status)));
    }
    // Approved: a later cancel changes nothing, and is answered well; fraud still goes through.
    assert_eq!(rig.get(&format!("{STATUS}&oid={id}&status=cancel")).await, ok());
    assert_eq!(rig.agency_row(id).await["stage"], "approve");
    assert_eq!(rig.get(&format!("{STATUS}&oid={id}&status=trash")).await, ok());
    assert_eq!(rig.agency_row(id).await["status"], 12);
}

#[tokio::test]
async fn an_unknown_word_changes_nothing_and_is_answered_ok() {
    let rig = Rig::start().await;
    let id = rig.agency_lead("own-1", "34600111222").await;
    assert_eq!(rig.get(&format!("{STATUS}&oid={id}&status=Zugestellt&comment=hi&count=2")).await, ok());
    let row = rig.agency_row(id).await;
    assert_eq!((&row["status"], &row["custom"], &row["comment"]), (&json!(1), &json!("Zugestellt"), &json!("hi")));
    assert_eq!(rig.partner.lead(id).unwrap().count(), 2);
    assert_eq!(rig.get(&format!("{STATUS}&status=approve")).await, error("no-id"));
    assert_eq!(rig.get(&format!("{STATUS}&oid=5&status=approve")).await, error("access-denied"));
    assert_eq!(rig.get(&format!("{STATUS}&eid=T-0&status=approve")).await, error("access-denied"));
    let other = "api/sale/status.json?id=304-cokey2";
    assert_eq!(rig.get(&format!("{other}&oid={id}&status=approve")).await, error("access-denied"));
}
