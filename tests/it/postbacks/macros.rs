//! Values arrive as they were, whatever stands in them.

use serde_json::{Value, json};

use super::told;
use crate::delivery::phone;
use crate::status::id;

const NASTY: &str = "a b&c+ü\"'<>\\/%41#?={id}";

#[tokio::test]
async fn values_survive_urls_forms_and_json() {
    let told = told().await;
    let app = &told.world.app;
    told.postback("/url/{sub1}?s1={sub1}&click={click_id}&x=1", json!({"kind": "additional"})).await;
    told.postback("/form?s1={sub1}&click={click_id}", json!({"kind": "additional", "method": "POST", "body": "form"}))
        .await;
    let body = json!({"s1": "{sub1}", "deep": [{"click": "{click_id}", "n": "x{sub1}y"}], "utm": "{utm_source}"});
    told.postback("/json?s1={subid1}", json!({"kind": "additional", "method": "POST", "body": body})).await;
    let lead = json!({"offer": "tea", "phone": phone(1), "sub1": NASTY, "click_id": NASTY, "utm_source": NASTY});
    app.lead(&told.world.token, lead).await.expect(201);
    app.drain().await;
    let got = told.tracker.got();
    assert_eq!(got.len(), 3);
    let find = |path: &str| got.iter().find(|one| one.path.starts_with(path)).unwrap();
    let url = find("/url/");
    assert_eq!(
        (url.query("s1").as_deref(), url.query("click").as_deref(), url.query("x").as_deref()),
        (Some(NASTY), Some(NASTY), Some("1"))
    );
    let segment = url.path.strip_prefix("/url/").unwrap().split('?').next().unwrap();
    assert_eq!(percent_encoding::percent_decode_str(segment).decode_utf8().unwrap(), NASTY);
    let form = find("/form");
    assert_eq!((form.path.as_str(), form.method.as_str()), ("/form", "POST"));
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&form.body).into_owned().collect();
    assert_eq!(pairs, [("s1".to_owned(), NASTY.to_owned()), ("click".to_owned(), NASTY.to_owned())]);
    let json_call = find("/json");
    assert_eq!(json_call.query("s1").as_deref(), Some(NASTY));
    assert_eq!(json_call.header("content-type"), Some("application/json"));
    assert_eq!(
        json_call.json(),
        json!({"s1": NASTY, "deep": [{"click": NASTY, "n": format!("x{NASTY}y")}], "utm": NASTY})
    );
}

#[tokio::test]
async fn a_postback_tells_what_the_lead_is() {
    let told = told().await;
    let app = &told.world.app;
    app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "f1"})).await.expect(201);
    let path = "/pb?id={id}&number={number}&ext={external_id}&uuid={uuid}&status={status}&stage={stage}&word={status:w|h|a|c|t}\
        &reason={reason}&comment={comment}&cash={cash}&currency={currency}&goal={goal}&offer={offer}&flow={flow}&country={country}\
        &tx={transaction_id}&time={time}&unix={unixtime}&none={sub12}";
    told.postback(path, json!({"statuses": ["approved"]})).await;
    let body = json!({"offer": "tea", "phone": phone(1), "flow": "f1", "external_id": "o-1", "click_id": "c-1"});
    let lead = app.lead(&told.world.token, body).await.expect(201);
    app.drain().await;
    told.world
        .report(&[
            ("id", id(&lead)),
            ("status", "approved"),
            ("transaction_id", "t-1"),
            ("comment", "ship it"),
            ("payout", "98765.43"),
            ("goal", "sale"),
        ])
        .await;
    app.drain().await;
    let got = told.tracker.got();
    let call = got.last().unwrap();
    for (name, value) in [
        ("id", id(&lead)),
        ("number", &lead["number"].to_string()),
        ("ext", "o-1"),
        ("uuid", "c-1"),
        ("status", "approved"),
        ("stage", "approve"),
        ("word", "a"),
        ("comment", "ship it"),
        ("cash", "10.00"),
        ("currency", "USD"),
        ("goal", "sale"),
        ("offer", "tea"),
        ("flow", "f1"),
        ("country", "ES"),
        ("tx", "t-1"),
        ("none", ""),
        ("reason", ""),
    ] {
        assert_eq!(call.query(name).as_deref(), Some(value), "{name}");
    }
    assert!(call.query("unix").unwrap().parse::<i64>().unwrap() > 1_700_000_000);
    assert!(!call.path.contains("98765"), "what the network pays us is not told");
}

#[tokio::test]
async fn a_wrong_template_is_refused_when_it_is_saved() {
    let told = told().await;
    let app = &told.world.app;
    let save = |url: &'static str, more: Value| {
        let mut body = json!({"webmaster": "anna", "url": format!("{}{url}", told.tracker.base)});
        leadrelay::http::api::resource::merge(&mut body, more);
        app.post("/api/v1/postbacks", body)
    };
    assert_eq!(save("/pb?x={nonsense}", json!({})).await.fields(), ["url"]);
    assert_eq!(
        save("/pb?x={revenue}", json!({})).await.fields(),
        ["url"],
        "our revenue is not the webmaster's business"
    );
    assert_eq!(save("/pb", json!({"method": "POST", "body": {"x": "{revenue}"}})).await.fields(), ["body"]);
    assert_eq!(save("/pb", json!({"method": "POST", "body": "{\"x\": {nonsense}}"})).await.fields(), ["body"]);
    assert_eq!(save("/pb", json!({"statuses": []})).await.fields(), ["statuses"]);
    save("/pb?x={payout}", json!({})).await.expect(201);
    assert_eq!(save("/other", json!({})).await.status, 409, "one main postback");
}
