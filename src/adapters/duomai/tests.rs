//! The published vectors of signatures and checksums, and the answers of pushes.

use std::collections::BTreeMap;

use super::*;
use crate::adapters::case;

const SECRET: &str = "fake-duomai-secret-0123456789";

#[test]
fn signatures_are_made_over_the_bytes_of_the_body() {
    for (service, body, expected) in [
        (
            gateway::LINK,
            r#"{"ads_id":"61","site_id":"100001","ext":{"euid":"lead0000000001"}}"#,
            "258B0FDB090A367FE61D048BDBE1086D",
        ),
        (
            gateway::ORDERS,
            r#"{"stime":1699990000,"etime":1700000000,"page":1,"page_size":200}"#,
            "7D328FB33D202D898391BDDAB6D35CBE",
        ),
        (gateway::PLANS, "", "B391AD418D2D22B4F88AFD7D47468382"),
        (
            gateway::LINK,
            r#"{"url":"https://shop.example/a?b=1&c=2","site_id":"100001","ext":{"euid":"测试1"}}"#,
            "8894D9658502F263A062B02934916832",
        ),
    ] {
        assert_eq!(gateway::sign("100001", SECRET, service, 1_700_000_000, body.as_bytes()), expected, "{body}");
    }
}

fn push(status: &str) -> BTreeMap<String, String> {
    [
        ("id", "9000001"),
        ("ads_id", "61"),
        ("ads_name", "示例计划 A+B"),
        ("site_id", "100001"),
        ("link_id", "0"),
        ("euid", "lead0000000001"),
        ("order_sn", "SN-0001"),
        ("order_time", "2024-01-02 03:04:05"),
        ("orders_price", "799.00"),
        ("siter_commission", "5.40"),
        ("status", status),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

fn checksum(params: &BTreeMap<String, String>) -> String {
    push::checksum(params.iter().map(|(name, value)| (name.as_str(), value.as_str())), SECRET)
}

#[test]
fn checksums_are_those_that_were_published() {
    for (status, expected) in [
        ("0", "9b16466f7705f43120364ece9d045dfe"),
        ("1", "477f831c1eb36b6bc53dc3be73f995c0"),
        ("2", "e912720d91d1b205542d845861219b7b"),
        ("-1", "dbde7e1133f5e0b90de2d1344b67a457"),
    ] {
        assert_eq!(checksum(&push(status)), expected, "{status}");
    }
    let mut more = push("2");
    for (name, value) in
        [("confirm_price", "700.00"), ("confirm_siter_commission", "5.00"), ("charge_time", "2024-02-01 00:00:00")]
    {
        more.insert(name.into(), value.into());
    }
    assert_eq!(checksum(&more), "74ec91ba7e91201148ef9dd6ac45ddfd");
}

fn settings(more: &[(&str, &str)]) -> Map<String, Value> {
    let given = [
        ("app_key", "100001"),
        ("app_secret", SECRET),
        ("base_url", "https://open.duomai.com"),
        ("currency", "CNY"),
        ("confirmed_as", "approved"),
    ];
    given.iter().chain(more).map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}

fn read(params: BTreeMap<String, String>) -> Result<Inbound, String> {
    let call = InboundCall { method: "GET".into(), params, ..InboundCall::default() };
    push::read(&settings(&[]), &call)
}

#[test]
fn a_push_counts_only_as_it_was_signed() {
    let mut signed = push("2");
    signed.insert("checksum".into(), checksum(&signed).to_uppercase());
    assert_eq!(read(signed.clone()).unwrap().reports[0].status.as_deref(), Some("2"));
    // The id is not signed, every other value is.
    let mut other = signed.clone();
    other.insert("id".into(), "1".into());
    assert!(read(other).is_ok());
    for name in ["status", "siter_commission", "euid", "order_sn", "anything"] {
        let mut forged = signed.clone();
        forged.insert(name.into(), "9".into());
        assert_eq!(read(forged).unwrap_err(), "the checksum is wrong", "{name}");
    }
    let mut foreign = push("2");
    foreign.insert("site_id".into(), "5".into());
    foreign.insert("checksum".into(), checksum(&foreign));
    assert!(read(foreign).unwrap_err().contains("site_id"));
    assert!(read(BTreeMap::new()).is_err());
}

#[test]
fn what_a_push_is_answered_tells_what_became_of_it() {
    let adapter = Duomai::new().unwrap();
    let said = |verdict| adapter.inbound_answer(verdict).unwrap().body;
    assert_eq!(said(Some(Verdict::Applied)), "1");
    assert_eq!(said(Some(Verdict::Unchanged)), "0");
    assert_eq!(said(Some(Verdict::Stale)), "0");
    assert_eq!(said(None), "-1");
}

#[test]
fn pages_follow_until_one_is_not_full() {
    let adapter = Duomai::new().unwrap();
    let settings = settings(&[]);
    let page = |rows: usize| {
        let row = |no: usize| json!({ "ads_id": 61, "order_sn": no, "status": 0 });
        let body = json!({ "status": 0, "data": (0..rows).map(row).collect::<Vec<_>>() }).to_string();
        Response { status: 200, headers: Vec::new(), body: body.into_bytes(), is_cut: false }
    };
    let second = Value::from(2);
    let cx = case::poll_cx(&settings, "updated", &[]);
    assert_eq!(adapter.read_page(&cx, &page(200)).unwrap().next, Some(second.clone()));
    assert_eq!(adapter.read_page(&cx, &page(199)).unwrap().next, None);
    let cx = PollCx { page: Some(&second), ..cx };
    let request = adapter.poll(&cx).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((&body["page"], &body["page_size"]), (&json!(2), &json!(200)));
    assert_eq!(adapter.read_page(&cx, &page(200)).unwrap().next, Some(Value::from(3)));
}
