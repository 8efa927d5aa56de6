//! The merchants' API: tokens, `set-cookie`, create, find and update.

use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::network::Network;
use super::super::{Account, Kind, RepeatedOrder, serve};
use super::*;

const CONVERSIONS: &str = "/api/merchants/conversions";

#[tokio::test]
async fn only_the_bare_token_of_the_family_opens() {
    let practice = Practice::start().await;
    let ask = async |path: &str, authorization: Option<&str>| {
        let request = practice.http.get(format!("{}{path}", practice.base));
        let request = match authorization {
            Some(value) => request.header("AUTHORIZATION", value),
            None => request,
        };
        read(request).await
    };
    let (merchants, services) = (format!("Bearer {ACCESS_ID}"), format!("Bearer {SERVICES_TOKEN}"));
    for (path, own, other) in [(CONVERSIONS, &merchants, &services), ("/services/customers", &services, &merchants)] {
        practice.affili.change_settings(|settings| settings.one_token_for_both = false);
        assert_eq!(ask(path, Some(own)).await.0, 200);
        assert_eq!(ask(path, Some(&own.replace("Bearer", "bearer"))).await.0, 200);
        let token = own.trim_start_matches("Bearer ");
        let quoted = [format!("Bearer \"{token}\""), format!("\"{own}\""), format!("Bearer '{token}'")];
        for wrong in
            quoted.iter().map(String::as_str).chain([other.as_str(), token, "Bearer", "Bearer x", "Basic eA=="])
        {
            assert_refused(&ask(path, Some(wrong)).await, 401, &["authorization"]);
        }
        assert_refused(&ask(path, None).await, 401, &["authorization"]);
        assert!(ask(path, Some(&quoted[0])).await.1["errors"]["authorization"][0].to_string().contains("quotes"));
        practice.affili.change_settings(|settings| settings.one_token_for_both = true);
        assert_eq!(ask(path, Some(other)).await.0, 200);
        assert_eq!(ask(path, Some("Bearer x")).await.0, 401);
    }
}

#[tokio::test]
async fn a_header_name_in_any_case_is_read() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let practice = Practice::start().await;
    let host = practice.base.trim_start_matches("http://").to_owned();
    for name in ["AUTHORIZATION", "authorization", "aUTHORIZATION"] {
        let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
        let head =
            format!("GET {CONVERSIONS} HTTP/1.1\r\nHost: x\r\n{name}: Bearer {ACCESS_ID}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn paths_and_methods_are_told_apart() {
    let practice = Practice::start().await;
    let (status, body) = practice.get("/api/merchants/nothing").await;
    assert_eq!((status, body["status"].as_str()), (404, Some("error")));
    for (method, path, allow) in [
        (Method::PUT, "/api/merchants/conversions/k3x9q", "GET, POST"),
        (Method::PATCH, "/api/merchants/conversions/k3x9q", "GET, POST"),
        (Method::DELETE, CONVERSIONS, "GET, POST"),
        (Method::GET, "/api/merchants/set-cookie", "POST"),
        (Method::GET, "/services/conversions", "POST"),
        (Method::PUT, "/services/conversions/k3x9q", "POST"),
        (Method::PUT, "/services/customers/k3x9q", "POST"),
        (Method::PUT, "/services/customers", "GET, POST"),
    ] {
        let response = practice.request(method, path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &allow.parse().unwrap()),
            "{path}"
        );
    }
    assert_eq!(practice.get("/api/merchants/conversions/").await.0, 200);
}

#[tokio::test]
async fn a_visit_gets_a_token() {
    let practice = Practice::start().await;
    let path = "/api/merchants/set-cookie";
    let (status, body) = practice.post(path, json!({ "referrer": REFERRER })).await;
    assert_eq!((status, &body["tag"], &body["api_version"]), (200, &json!("setCookie"), &json!("1.0.0")));
    let token = body["data"]["token"].as_str().unwrap();
    assert_eq!(body["data"], json!({ "token": token, "valid_days": 30, "delete_cookie": 1 }));
    assert!(token.starts_with("eyJ"));
    let (_, again) = practice.post(path, json!({ "referrer": REFERRER })).await;
    assert_ne!(again["data"]["token"], token);
    for nothing in [json!({}), json!({ "referrer": null }), json!({ "referrer": "" }), json!({ "referrer": 5 })] {
        assert_refused(&practice.post(path, nothing).await, 422, &["referrer"]);
    }
    assert_refused(&practice.post(path, json!({ "referrer": "nobody" })).await, 422, &["referrer"]);
    practice.affili.change_settings(|settings| settings.unknown_referrer_is_404 = true);
    assert_refused(&practice.post(path, json!({ "referrer": "nobody" })).await, 404, &["referrer"]);
}

#[tokio::test]
async fn a_lead_is_stored_and_found() {
    let practice = Practice::start().await;
    let (_, cookie) = practice.post("/api/merchants/set-cookie", json!({ "referrer": REFERRER })).await;
    let lead = with(practice.lead("L1"), json!({ "token": cookie["data"]["token"], "meta_data": { "a": 1 } }));
    let (status, body) = practice.post(CONVERSIONS, lead).await;
    let id = body["data"]["id"].as_str().unwrap();
    assert_eq!((status, &body["status"], &body["tag"]), (200, &json!("ok"), &json!("saveConversion")));
    assert_eq!(body["data"], json!({ "id": id, "status": 0, "external_id": "L1" }));
    assert!(id.len() == 5 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
    let (status, body) = practice.get(&format!("{CONVERSIONS}/{id}")).await;
    assert_eq!(status, 200);
    let expected = json!({
        "status": "ok", "tag": "findConversion",
        "data": {
            "id": id, "publisher": { "id": "p71aa", "name": "Sara" }, "status": 0, "type": 1, "wage": 50_000,
            "amount": 0, "external_id": "L1", "commissions": [{ "id": "c9", "name": "signup", "sub_amount": 0 }],
            "is_closed": 0, "checked_out": 0, "client": { "agents": ["Firefox"], "ips": ["192.0.2.7"] }, "clicks": [],
            "created_at": "1399-01-17 12:46:38", "updated_at": "1399-01-17 12:46:38",
        },
        "api_version": "1.0.0",
    });
    assert_eq!(body, expected);
    assert_refused(&practice.get(&format!("{CONVERSIONS}/zzzz!")).await, 404, &["id"]);
    // Their find takes their id only.
    assert_eq!(practice.get(&format!("{CONVERSIONS}/L1")).await.0, 404);
    practice.affili.change_settings(|settings| settings.created_is_201 = true);
    assert_eq!(practice.post(CONVERSIONS, practice.lead("L2")).await.0, 201);
}

#[tokio::test]
async fn a_sale_and_a_click_are_stored() {
    let practice = Practice::start().await;
    let sale = with(practice.sale("S1"), json!({ "amount": "10000", "name": null, "coupon": "NOWRUZ" }));
    assert_eq!(practice.post(CONVERSIONS, sale).await.0, 200);
    let sale = practice.affili.conversion("S1").unwrap();
    // 5 % of 6000 and 2 % of 4000; the fee is a tenth of it.
    assert_eq!((sale.kind, sale.amount, sale.commission_amount, sale.wage), (Kind::Buy, 10_000, 380, 38));
    assert_eq!(practice.get(&format!("{CONVERSIONS}/{}", sale.id)).await.1["data"]["type"], 6);
    let click = json!({ "type": "click", "external_id": null, "name": null });
    assert_eq!(practice.post(CONVERSIONS, with(practice.lead(""), click)).await.0, 200);
    let stored = practice.affili.conversions();
    assert_eq!((stored.len(), stored[1].kind, stored[1].external_id.clone()), (2, Kind::Click, None));
    assert_ne!(stored[0].id, stored[1].id);
}

#[tokio::test]
async fn each_field_of_a_lead_is_checked() {
    let practice = Practice::start().await;
    let long = "x".repeat(256);
    for (changes, fields) in [
        (json!({ "type": null }), vec!["type"]),
        (json!({ "type": "sale" }), vec!["type"]),
        (json!({ "type": 1 }), vec!["type"]),
        (json!({ "referrer": null }), vec!["referrer", "token"]),
        (json!({ "referrer": "nobody" }), vec!["referrer", "token"]),
        (json!({ "referrer": OTHER_REFERRER }), vec!["aff_id", "token"]),
        (json!({ "aff_id": null }), vec!["aff_id"]),
        (json!({ "aff_id": "affili00000002x" }), vec!["aff_id"]),
        (json!({ "token": null }), vec!["token"]),
        (json!({ "token": "wrong" }), vec!["token"]),
        (json!({ "token": practice.affili.issue_token(OTHER_REFERRER).unwrap() }), vec!["token"]),
        (json!({ "name": null }), vec!["name"]),
        (json!({ "name": "nothing" }), vec!["name"]),
        // A key of a sale.
        (json!({ "name": "default" }), vec!["name"]),
        (json!({ "external_id": long }), vec!["external_id"]),
        (json!({ "external_id": true }), vec!["external_id"]),
        (json!({ "amount": -1 }), vec!["amount"]),
        (json!({ "meta_data": "text" }), vec!["meta_data"]),
        (json!({ "coupon": 5 }), vec!["coupon"]),
    ] {
        let answer = practice.post(CONVERSIONS, with(practice.lead("L1"), changes.clone())).await;
        assert_eq!(answer.1["tag"], "saveConversion");
        assert_refused(&answer, 422, &fields);
    }
    let (_, body) = practice.post(CONVERSIONS, json!({})).await;
    assert_eq!(body["errors"].as_object().unwrap().len(), 4);
    assert!(practice.affili.conversions().is_empty());
    // A lead need not have our id, and shops have numbers for ids.
    for external_id in [Value::Null, json!(17)] {
        let lead = with(practice.lead("L1"), json!({ "external_id": external_id }));
        assert_eq!(practice.post(CONVERSIONS, lead).await.0, 200);
    }
    assert_eq!(practice.affili.conversions()[1].external_id.as_deref(), Some("17"));
}

#[tokio::test]
async fn each_field_of_a_sale_is_checked() {
    let practice = Practice::start().await;
    for (changes, fields) in [
        (json!({ "external_id": null }), vec!["external_id"]),
        (json!({ "amount": null }), vec!["amount"]),
        (json!({ "amount": "many" }), vec!["amount"]),
        (json!({ "amount": 10.5 }), vec!["amount"]),
        (json!({ "amount": "-5" }), vec!["amount"]),
        (json!({ "amount": "99999999999999999999" }), vec!["amount"]),
        (json!({ "commissions": null }), vec!["commissions"]),
        (json!({ "commissions": [] }), vec!["commissions"]),
        (json!({ "commissions": "default" }), vec!["commissions"]),
        (json!({ "commissions": ["default"] }), vec!["commissions"]),
        (json!({ "commissions": [{ "name": "signup", "sub_amount": 1 }] }), vec!["commissions.0.name"]),
        (
            json!({ "commissions": [{ "name": "default", "sub_amount": 1 }, { "sub_amount": "x" }] }),
            vec!["commissions.1.name", "commissions.1.sub_amount"],
        ),
        (json!({ "commissions": [{ "name": "default" }] }), vec!["commissions.0.sub_amount"]),
    ] {
        assert_refused(&practice.post(CONVERSIONS, with(practice.sale("S1"), changes)).await, 422, &fields);
    }
    let uneven = with(practice.sale("S1"), json!({ "amount": 9_999 }));
    practice.affili.change_settings(|settings| settings.commission_sum_checked = true);
    assert_refused(&practice.post(CONVERSIONS, uneven.clone()).await, 422, &["commissions"]);
    assert_eq!(practice.post(CONVERSIONS, with(practice.sale("S2"), json!({ "amount": "10000.00" }))).await.0, 200);
    practice.affili.change_settings(|settings| settings.commission_sum_checked = false);
    assert_eq!(practice.post(CONVERSIONS, uneven).await.0, 200);
}

#[tokio::test]
async fn a_token_ends() {
    let practice = Practice::start().await;
    let lead = practice.lead("L1");
    practice.affili.advance_clock(chrono::TimeDelta::days(30));
    assert_refused(&practice.post(CONVERSIONS, lead.clone()).await, 422, &["token"]);
    practice.affili.advance_clock(chrono::TimeDelta::seconds(-1));
    assert_eq!(practice.post(CONVERSIONS, lead).await.0, 200);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let practice = Practice::start().await;
    let text = practice.lead("L1").to_string();
    let post = |content_type: &'static str, body: String| {
        read(practice.request(Method::POST, CONVERSIONS).header("content-type", content_type).body(body))
    };
    let form = "application/x-www-form-urlencoded";
    assert_refused(&post(form, text.clone()).await, 422, &["body"]);
    assert_refused(&read(practice.request(Method::POST, CONVERSIONS).body(text.clone())).await, 422, &["body"]);
    for none in ["", "[]", "{", "\"text\""] {
        assert_refused(&post("application/json", none.to_owned()).await, 422, &["body"]);
    }
    assert_eq!(post("application/json; charset=utf-8", text).await.0, 200);
    practice.affili.change_settings(|settings| settings.content_type_checked = false);
    assert_eq!(post(form, practice.lead("L2").to_string()).await.0, 200);
}

#[tokio::test]
async fn a_repeat_is_refused_or_stored_as_duplicated() {
    let practice = Practice::start().await;
    let first = practice.stored_lead("L1").await;
    assert_refused(&practice.post(CONVERSIONS, practice.lead("L1")).await, 422, &["external_id"]);
    assert_eq!(practice.affili.conversions().len(), 1);
    practice.affili.change_settings(|settings| settings.repeated_order = RepeatedOrder::StoredAsDuplicated);
    let (status, body) = practice.post(CONVERSIONS, practice.lead("L1")).await;
    assert_eq!((status, &body["data"]["status"], &body["data"]["external_id"]), (200, &json!(3), &json!("L1")));
    assert_ne!(body["data"]["id"], first.as_str());
    assert_eq!(practice.affili.conversions().len(), 2);
    // By our id the first is meant.
    assert_eq!(practice.affili.approve("L1").unwrap().id, first);
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let practice = Practice::start().await;
    let id = practice.stored_lead("L1").await;
    practice.stored_lead("L2").await;
    let path = format!("{CONVERSIONS}/{id}");
    practice.affili.advance_clock(chrono::TimeDelta::hours(1));
    let (status, body) = practice.post(&path, json!({ "status": "1" })).await;
    assert_eq!((status, &body["tag"]), (200, &json!("updateConversion")));
    assert_eq!(body["data"], json!({ "id": id, "status": 1, "external_id": "L1" }));
    let (_, found) = practice.get(&path).await;
    assert_eq!(found["data"]["updated_at"], "1399-01-17 13:46:38");
    assert_eq!(found["data"]["created_at"], "1399-01-17 12:46:38");
    let sale = json!({ "type": "buy", "amount": 900, "commissions": [{ "name": "default", "sub_amount": 900 }] });
    assert_eq!(practice.post(&path, with(sale, json!({ "external_id": "S1" }))).await.0, 200);
    let stored = practice.affili.conversion("S1").unwrap();
    assert_eq!((stored.kind, stored.amount, stored.commission_amount, stored.status), (Kind::Buy, 900, 45, 1));
    for (changes, fields) in [
        (json!({ "status": 4 }), vec!["status"]),
        (json!({ "status": -1 }), vec!["status"]),
        (json!({ "status": "approved" }), vec!["status"]),
        (json!({ "amount": 5 }), vec!["commissions"]),
        (json!({ "type": "sale" }), vec!["type"]),
        (json!({ "external_id": "L2" }), vec!["external_id"]),
        (json!({ "commissions": [{ "name": "x", "sub_amount": 1 }] }), vec!["commissions.0.name"]),
    ] {
        // Nothing of a refused update is done.
        let changes = with(changes, json!({ "coupon": "x" }));
        assert_refused(&practice.post(&path, changes).await, 422, &fields);
        assert_eq!(practice.affili.conversion(&id).unwrap(), stored);
    }
    assert_eq!(practice.post(&path, json!({ "external_id": "S1" })).await.0, 200);
    assert_refused(&practice.post(&format!("{CONVERSIONS}/zzzzz"), json!({ "status": 1 })).await, 404, &["id"]);
    practice.affili.close(&id).unwrap();
    assert_refused(&practice.post(&path, json!({ "status": 2 })).await, 422, &["is_closed"]);
    practice.affili.change_settings(|settings| settings.closed_is_409 = true);
    assert_refused(&practice.post(&path, json!({ "status": 2 })).await, 409, &["is_closed"]);
    assert_eq!(practice.affili.conversion(&id).unwrap().status, 1);
}

#[tokio::test]
async fn of_many_at_once_with_one_id_one_is_stored() {
    let practice = Practice::start().await;
    let lead = practice.lead("L1");
    let sent = (0..20).map(|_| practice.post(CONVERSIONS, lead.clone()));
    let statuses: Vec<u16> = futures_util::future::join_all(sent).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!((practice.affili.conversions().len(), practice.affili.calls().len()), (1, 20));
}

#[test]
fn ids_do_not_come_twice_and_are_the_same_in_every_run() {
    let ids = || {
        let mut network = Network::of(Account::default());
        (0..20_000).map(|_| network.next_id()).collect::<Vec<_>>()
    };
    let (first, mut sorted) = (ids(), ids());
    assert_eq!(first, sorted);
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 20_000);
    assert!(sorted.iter().all(|id| id.len() == 5));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9. -]{0,12}".prop_map(Value::from),
        prop_oneof![Just(REFERRER), Just("lead"), Just("buy"), Just("sale"), Just("click")].prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        let name = prop_oneof![Just("name"), Just("sub_amount"), Just("x")].prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_call_makes_a_panic(
        which in 0..8_usize,
        values in prop::collection::vec(any_json(), 14),
        query in "([a-z_]{1,20}=[0-9: -]{0,20}&){0,3}",
    ) {
        let names = [
            "type", "referrer", "aff_id", "token", "name", "external_id", "amount", "commissions", "status", "order_id",
            "customer_id", "mcs_id", "meta_data", "products",
        ];
        let body: serde_json::Map<_, _> = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let (method, path) = [
            ("POST", "/api/merchants/set-cookie"), ("POST", CONVERSIONS), ("GET", CONVERSIONS),
            ("POST", "/services/conversions"), ("POST", "/services/customers"), ("GET", "/services/customers"),
            ("POST", "/services/conversions/x"), ("POST", "/services/customers/%FF"),
        ][which];
        let token = if path.starts_with("/services") { SERVICES_TOKEN } else { ACCESS_ID };
        let call = Call {
            at: start_time(),
            method: method.to_owned(),
            path: format!("{path}?{query}"),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {token}")),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
            body: Value::Object(body).to_string().into_bytes(),
        };
        let reply = serve::answer(&mut Network::of(Account::default()), start_time(), &call);
        prop_assert!([200, 404, 422].contains(&reply.status), "{reply:?}");
    }
}
