//! An agency's client: it adds leads under its own ids and asks for their stages.

use serde_json::{Value, json};

use super::world;
use crate::kit::app::read;

#[tokio::test]
async fn leads_are_added_under_own_ids_and_listed_with_stages() {
    let world = world().await;
    let offer = world.offer.to_string();
    let fields = |id: &'static str, phone: &'static str| {
        [("id", id), ("wm", "src-7"), ("offer", "tea"), ("phone", phone), ("ip", "203.0.113.7")]
    };
    let first = world.form("/ext/add.json", &world.webmaster, &fields("A-1", "34612345671")).await;
    let second = world.form("/api/ext/add.json", &world.webmaster, &fields("A-2", "34612345672")).await;
    assert_eq!((&first["status"], &second["status"]), (&json!("ok"), &json!("ok")), "{first} {second}");
    // The same again, as after a time-out: the same lead.
    let again = world.form("/ext/add.json", &world.webmaster, &fields("A-1", "34612345671")).await;
    assert_eq!(again["id"], first["id"]);
    // The same id for somebody else: a duplicate, with the lead it belongs to.
    let other = world.form("/ext/add.json", &world.webmaster, &fields("A-1", "34612345679")).await;
    assert_eq!((&other["error"], &other["id"]), (&json!("duplicate"), &first["id"]));
    world.app.drain().await;
    let number = first["id"].as_i64().unwrap();
    world
        .app
        .post(
            &format!("/api/v1/leads/{number}/status"),
            json!({"status": "rejected", "reason": "no answer", "reason_code": 11}),
        )
        .await;

    let numbers = format!("{},{}", first["id"], second["id"]);
    let list = world.form("/ext/list.json", &world.webmaster, &[("oid", &numbers)]).await;
    let items = list.as_array().unwrap_or_else(|| panic!("{list}"));
    assert_eq!(items.len(), 2);
    let by_id = |id: &str| items.iter().find(|item| item["id"] == id).cloned().unwrap();
    assert_eq!(
        (&by_id("A-1")["uid"], &by_id("A-1")["stage"], &by_id("A-1")["phase"]),
        (&first["id"], &json!("cancel"), &json!(4))
    );
    assert_eq!(
        (&by_id("A-2")["stage"], &by_id("A-2")["status"], &by_id("A-2")["wm"]),
        (&json!("wait"), &json!(2), &json!("src-7"))
    );
    // By own ids, by day, and nothing where nothing is.
    let own = world.form("/ext/list.json", &world.webmaster, &[("eid", "A-2")]).await;
    assert_eq!(own.as_array().unwrap().len(), 1);
    let today = world.app.app.clock.now().format("%Y-%m-%d").to_string();
    let day = world.form("/ext/list.json", &world.webmaster, &[("from", &today), ("to", &today)]).await;
    assert_eq!(day.as_array().unwrap().len(), 2);
    for nothing in [[("oid", "999999")], [("oid", "not-a-number")], [("from", "2001-01-01")]] {
        let filter = if nothing[0].0 == "from" { vec![nothing[0], ("to", "2001-01-02")] } else { nothing.to_vec() };
        assert_eq!(world.form("/ext/list.json", &world.webmaster, &filter).await, json!([]), "{filter:?}");
    }
    assert_eq!(world.form("/ext/list.json", &world.webmaster, &[("from", "soon")]).await["error"], "data");
    let _ = offer;
}

#[tokio::test]
async fn a_foreign_webmaster_sees_nothing_and_pages_follow_a_header() {
    let world = world().await;
    for no in 0..3 {
        world.accepted(&format!("B-{no}"), &format!("3461234567{no}")).await;
    }
    let other = world.app.webmaster("berta").await;
    let url = format!("{}/ext/list.json", world.app.base);
    let foreign = read(world.app.http.post(&url).bearer_auth(&other)).await.expect(200);
    assert_eq!(foreign, json!([]));
    let page = async |fields: &[(&str, &str)]| {
        let answer = read(world.app.http.post(&url).query(&[("id", world.webmaster.as_str())]).form(fields)).await;
        let next = answer.headers.get("x-next-cursor").map(|value| value.to_str().unwrap().to_owned());
        let ids: Vec<Value> = answer.expect(200).as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        (ids, next)
    };
    let (ids, next) = page(&[("limit", "2")]).await;
    assert_eq!(ids, [json!("B-0"), json!("B-1")]);
    let (ids, next) = page(&[("limit", "2"), ("cursor", &next.unwrap())]).await;
    assert_eq!((ids, next), (vec![json!("B-2")], None));
    // What changes is found by when it changed.
    let since = (world.app.app.clock.now() + chrono::TimeDelta::hours(1)).timestamp().to_string();
    assert_eq!(page(&[("changed_since", &since)]).await.0, Vec::<Value>::new());
}

#[tokio::test]
async fn a_webmaster_lists_the_leads_of_a_day() {
    let world = world().await;
    let number = world.accepted("C-1", "34612345678").await;
    let today = world.app.app.clock.now().format("%Y-%m-%d").to_string();
    let list =
        world.form("/wm/lead.json", &world.webmaster, &[("day", &today), ("offer", "tea"), ("status", "w")]).await;
    assert_eq!(
        (&list[0]["id"], &list[0]["stage"], &list[0]["offer"]),
        (&json!(number), &json!("wait"), &json!(world.offer))
    );
    let cancelled = world.form("/wm/lead.json", &world.webmaster, &[("day", &today), ("status", "c")]).await;
    assert_eq!(cancelled, json!([]));
}
