//! Addresses, tokens and the call-level errors.

use super::*;

#[tokio::test]
async fn every_call_has_two_addresses_and_three_ways_to_bring_parameters() {
    let rig = Rig::start().await;
    let query = "id=101-wmkey&offer=7&flow=501&phone=3460000000";
    for (index, prefix) in ["", "api/"].into_iter().enumerate() {
        let answer = rig.get(&format!("{prefix}wm/push.json?{query}{index}")).await;
        assert_eq!(answer["status"], "ok");
        let path = format!("{prefix}wm/push.json?id=101-wmkey");
        let phone = format!("3461000000{index}");
        let answer = rig.form(&path, &[("offer", "7"), ("flow", "501"), ("phone", &phone)]).await;
        assert_eq!(answer["status"], "ok");
        let phone: u64 = format!("3462000000{index}").parse().unwrap();
        let answer = rig.json(&path, json!({ "offer": 7, "flow": 501, "phone": phone })).await;
        assert_eq!(answer["status"], "ok");
    }
    assert_eq!(rig.partner.leads().len(), 6);
    // The offer stands in the query, another one in the body: the body wins.
    let path = "wm/push.json?id=101-wmkey&offer=9&flow=501";
    assert_eq!(rig.form(path, &[("offer", "7"), ("phone", "34630000000")]).await["status"], "ok");
    // JSON without its content type is not read.
    let request = rig.http.post(rig.url("wm/push.json?id=101-wmkey")).body(r#"{"offer":7}"#);
    assert_eq!(read(request).await, error("nooffer"));
}

#[tokio::test]
async fn call_level_errors() {
    let rig = Rig::start().await;
    for (path, code) in [
        ("api/nothing/add.json?id=202-agkey", "app"),
        ("api/nothing", "app"),
        ("nothing/add.json?id=202-agkey", "app"),
        ("api/ext/nothing.json?id=202-agkey", "func"),
        ("api/ext/add.xml?id=202-agkey", "func"),
        ("api/ext", "func"),
        ("api/ext/add.json", "key"),
        ("api/ext/add.json?id=202", "key"),
        ("api/ext/add.json?id=202-wrong", "key"),
        ("api/ext/add.json?id=999-agkey", "key"),
        ("api/ext/add.json?id=101-wmkey", "access"),
        ("api/wm/push.json?id=202-agkey", "access"),
        ("api/wm/lead.json?id=303-cokey", "access"),
        ("api/comp/list.json?id=202-agkey", "access"),
        ("api/tracker/postback.json?id=303-cokey", "access"),
        ("api/site/click.json?token=9-wrong", "key"),
        ("api/site/click.json?id=101-wmkey", "key"),
    ] {
        assert_eq!(rig.get(path).await, error(code), "{path}");
    }
    // The token is read from the query only: in the body `id` is something else.
    assert_eq!(rig.form("api/ext/add.json", &[("id", "202-agkey")]).await, error("key"));
    rig.partner.switch(|it| it.key_error = KeyError::Security);
    assert_eq!(rig.get("api/ext/add.json?id=202-wrong").await, error("security"));
}

#[tokio::test]
async fn a_suspended_user_is_shut_out() {
    let rig = Rig::start().await;
    assert!(rig.partner.suspend(202, true));
    assert_eq!(rig.get("api/ext/list.json?id=202-agkey&oid=1").await, error("security"));
    assert!(rig.partner.suspend(202, false));
    assert_eq!(rig.get("api/ext/list.json?id=202-agkey&oid=1").await, json!([]));
    assert!(!rig.partner.suspend(999, true));
}

#[tokio::test]
async fn a_wrong_address_shows_the_web_site() {
    let rig = Rig::start().await;
    for path in ["", "login", "ext/add", "some/page.html"] {
        let answer = rig.http.get(rig.url(path)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"), "{path}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_by_the_web_server() {
    let rig = Rig::start().await;
    let request = rig.http.post(rig.url("api/wm/push.json?id=101-wmkey")).body("x".repeat(LIMIT + 1));
    assert_eq!(request.send().await.unwrap().status().as_u16(), 413);
}

#[tokio::test]
async fn calls_are_kept_as_they_came() {
    let rig = Rig::start().await;
    rig.form("api/ext/add.json?id=202-agkey", &[("id", "o 1"), ("meta[colour]", "red")]).await;
    rig.control("work", json!({ "id": 1 })).await;
    let calls = rig.partner.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].method.as_str(), calls[0].path.as_str()), ("POST", "/api/ext/add.json?id=202-agkey"));
    assert_eq!(calls[0].body, b"id=o+1&meta%5Bcolour%5D=red");
    assert_eq!(calls[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(calls[0].param("id").as_deref(), Some("o 1"));
    assert_eq!(calls[0].param("meta[colour]").as_deref(), Some("red"));
    assert_eq!(calls[0].at, *rig.time.lock().unwrap());
    rig.partner.forget_calls();
    assert!(rig.partner.calls().is_empty());
}
