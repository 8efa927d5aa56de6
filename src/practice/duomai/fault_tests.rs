//! Everything that can go wrong on request.

use std::time::{Duration, Instant};

use serde_json::json;

use super::tests::{LINKS, Net, ORDERS, PLANS, column, read, refusal};
use super::*;

fn wish() -> serde_json::Value {
    json!({ "ads_id": "61", "site_id": "100001", "ext": { "euid": "lead01" } })
}

#[tokio::test]
async fn http_faults_come_instead_of_the_work() {
    let net = Net::start().await;
    for fault in [Fault::server_error(), Fault::bad_gateway(), Fault::too_many_requests(7)] {
        net.duomai.fault_next("", fault, 1);
    }
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = net.own(LINKS, &wish()).send().await.unwrap();
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        seen.push((answer.status().as_u16(), header("content-type").unwrap(), header("retry-after")));
        assert!(!answer.text().await.unwrap().is_empty());
    }
    let plain = |status, after: Option<&str>| (status, "text/plain".to_owned(), after.map(str::to_owned));
    assert_eq!(seen, [plain(500, None), (502, "text/html".to_owned(), None), plain(429, Some("7"))]);
    assert_eq!((net.duomai.links().len(), net.duomai.calls().len()), (0, 3));
    net.data(LINKS, wish()).await;
}

#[tokio::test]
async fn a_fault_meets_the_calls_that_it_is_for() {
    let net = Net::start().await;
    net.duomai.fault_next("cps-mesh.open.orders", Fault::server_error(), 2);
    net.duomai.fault_next("/apis", Fault::throttled(), 1);
    net.duomai.fault_next("/other", Fault::throttled(), 1);
    net.duomai.fault_next("", Fault::throttled(), 0);
    assert_eq!(net.own(ORDERS, &net.last(9)).send().await.unwrap().status(), 500);
    assert_eq!(refusal(net.own(LINKS, &wish())).await, 429);
    net.data(LINKS, wish()).await;
    assert_eq!(net.own("cps-mesh.open.orders.detail.get", &json!({})).send().await.unwrap().status(), 500);
    net.data(ORDERS, net.last(9)).await;
    net.duomai.fault_next("", Fault::busy(), 9);
    net.duomai.clear_faults();
    net.data(ORDERS, net.last(9)).await;
}

#[tokio::test]
async fn a_slow_call_is_handled_at_once() {
    let net = Net::start().await;
    net.duomai.fault_next("", Fault::Slow(Duration::from_millis(300)), 1);
    let start = Instant::now();
    net.data(LINKS, wish()).await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    // A caller that gives up has still made its link.
    net.duomai.fault_next("", Fault::Slow(Duration::from_secs(30)), 1);
    let gone = net.own(LINKS, &wish()).timeout(Duration::from_millis(200)).send().await;
    assert!(gone.unwrap_err().is_timeout());
    assert_eq!(net.duomai.links().len(), 2);
}

#[tokio::test]
async fn a_dropped_call_was_handled() {
    let net = Net::start().await;
    net.duomai.fault_next("", Fault::DropAfterHandling, 2);
    for made in 1..=2 {
        let broken = match net.own(LINKS, &wish()).send().await {
            Err(_) => true,
            Ok(answer) => answer.bytes().await.is_err(),
        };
        assert!(broken);
        assert_eq!(net.duomai.links().len(), made);
    }
    net.data(LINKS, wish()).await;
}

#[tokio::test]
async fn broken_texts_come_under_http_200() {
    let net = Net::start().await;
    net.duomai.fault_next("", Fault::TruncatedJson, 1);
    net.duomai.fault_next("", Fault::HtmlPage, 1);
    for (kind, made) in [("application/json; charset=utf-8", 1), ("text/html; charset=utf-8", 1)] {
        let answer = net.own(LINKS, &wish()).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, kind));
        let text = answer.text().await.unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_err() && !text.is_empty());
        assert_eq!(net.duomai.links().len(), made);
    }
}

#[tokio::test]
async fn refusals_come_with_any_status_under_400_and_200() {
    let net = Net::start().await;
    for status in [429, 500, 5001] {
        net.duomai.fault_next("", Fault::Refuse { status, message: "busy".into() }, 1);
        assert_eq!(refusal(net.own(LINKS, &wish())).await, status);
        net.duomai.fault_next("", Fault::OkWithStatus { status, message: "busy".into() }, 1);
        let (http, answer) = read(net.own(LINKS, &wish())).await;
        assert_eq!((http, answer), (200, json!({ "status": status, "message": "busy", "data": null })));
    }
    assert_eq!(net.duomai.links(), []);
}

#[tokio::test]
async fn lists_come_with_repeats_and_in_other_shapes() {
    let net = Net::start().await;
    let ids = [net.duomai.order("a").unwrap(), net.duomai.order("b").unwrap()];
    net.duomai.fault_next("", Fault::RepeatRow, 2);
    let rows = net.data(ORDERS, net.last(9)).await;
    assert_eq!(column(&rows, "id"), [ids[0].as_str(), &ids[1], &ids[0]]);
    assert_eq!(refusal(net.own(PLANS, &json!({}))).await, 4000);
    net.duomai.fault_next("", Fault::DataAs(DataShape::Null), 1);
    assert_eq!(net.data(ORDERS, net.last(9)).await, json!(null));
    net.duomai.fault_next("", Fault::DataAs(DataShape::EmptyObject), 1);
    assert_eq!(net.data(ORDERS, net.last(9)).await, json!({}));
    net.duomai.fault_next("", Fault::DataAs(DataShape::ListInObject), 1);
    assert_eq!(column(&net.data(ORDERS, net.last(9)).await["list"], "id"), ids);
    assert_eq!(column(&net.data(ORDERS, net.last(9)).await, "id"), ids);
}
