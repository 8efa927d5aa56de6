//! The gateway: who may call and how. And the server that all tests of this folder talk to.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Account, Call, Clock, DEFAULT_APP_KEY, DEFAULT_SECRET, Duomai, NewOrder, Switches, gateway, sign};

pub(super) const LINKS: &str = "cps-mesh.cpslink.links.post";
pub(super) const ORDERS: &str = "cps-mesh.open.orders.query.get";
pub(super) const PLANS: &str = "cps-mesh.open.stores.plans.get";

/// A network on loopback at 2024-01-02 03:04:05 in Shanghai, whose clock stands until it is moved.
pub(super) struct Net {
    pub(super) duomai: Duomai,
    pub(super) base: String,
    pub(super) http: reqwest::Client,
    time: Arc<Mutex<DateTime<Utc>>>,
}

impl Net {
    pub(super) async fn start() -> Self {
        let time = Arc::new(Mutex::new("2024-01-02T03:04:05+08:00".parse().unwrap()));
        let clock: Clock = {
            let time = Arc::clone(&time);
            Arc::new(move || *time.lock().unwrap())
        };
        let duomai = Duomai::new(clock);
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let router = duomai.router();
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { duomai, base, http: client(), time }
    }

    pub(super) fn now(&self) -> i64 {
        self.time.lock().unwrap().timestamp()
    }

    pub(super) fn pass(&self, seconds: i64) {
        *self.time.lock().unwrap() += Duration::seconds(seconds);
    }

    /// A window that ends now.
    pub(super) fn last(&self, seconds: i64) -> Value {
        json!({ "stime": self.now() - seconds, "etime": self.now() })
    }

    pub(super) fn request(&self, query: &[(&str, &str)], body: impl Into<String>) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}/apis", self.base)).query(query);
        request.header("content-type", "application/json").body(body.into())
    }

    /// A signed call as an account.
    pub(super) fn signed(&self, key: &str, secret: &str, service: &str, body: &str) -> reqwest::RequestBuilder {
        let at = self.now().to_string();
        let sign = sign(secret, key, service, &at, body.as_bytes());
        let query = [("app_key", key), ("timestamp", at.as_str()), ("service", service), ("sign", sign.as_str())];
        self.request(&query, body)
    }

    /// A signed call as the default account.
    pub(super) fn own(&self, service: &str, body: &Value) -> reqwest::RequestBuilder {
        self.signed(DEFAULT_APP_KEY, DEFAULT_SECRET, service, &body.to_string())
    }

    /// The data of a call that must be served.
    pub(super) async fn data(&self, service: &str, body: Value) -> Value {
        let (http, answer) = read(self.own(service, &body)).await;
        assert_eq!((http, &answer["status"], &answer["message"]), (200, &json!(0), &json!("")), "{body}: {answer}");
        answer["data"].clone()
    }

    /// The status of a call that must be refused.
    pub(super) async fn refused(&self, service: &str, body: Value) -> i64 {
        refusal(self.own(service, &body)).await
    }
}

#[expect(clippy::disallowed_methods, reason = "a client of a test")]
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

pub(super) async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

/// The status inside of an answer that must be a refusal.
pub(super) async fn refusal(request: reqwest::RequestBuilder) -> i64 {
    let (http, answer) = read(request).await;
    assert_eq!(http, 400, "{answer}");
    assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()) && answer.get("data").is_none());
    answer["status"].as_i64().unwrap()
}

/// One field of every row.
pub(super) fn column(rows: &Value, name: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[test]
fn signatures_are_those_of_the_sheet() {
    let link = r#"{"ads_id":"61","site_id":"100001","ext":{"euid":"lead0000000001"}}"#;
    let list = r#"{"stime":1699990000,"etime":1700000000,"page":1,"page_size":200}"#;
    let chinese = r#"{"url":"https://shop.example/a?b=1&c=2","site_id":"100001","ext":{"euid":"测试1"}}"#;
    for (service, body, expected) in [
        (LINKS, link, "258B0FDB090A367FE61D048BDBE1086D"),
        (ORDERS, list, "7D328FB33D202D898391BDDAB6D35CBE"),
        (PLANS, "", "B391AD418D2D22B4F88AFD7D47468382"),
        (LINKS, chinese, "8894D9658502F263A062B02934916832"),
    ] {
        assert_eq!(sign(DEFAULT_SECRET, DEFAULT_APP_KEY, service, "1700000000", body.as_bytes()), expected);
    }
    let documented = r#"{"url":"https://www.jd.com","site_id":"27"}"#;
    let expected = "1AF433EA3B890CDA41CB6FEB54812674";
    assert_eq!(sign("app_secret", "test", LINKS, "1596699247", documented.as_bytes()), expected);
}

#[tokio::test]
async fn signed_calls_of_the_sheet_are_served() {
    let net = Net::start().await;
    let chinese = r#"{"url":"https://shop.example/a?b=1&c=2","site_id":"100001","ext":{"euid":"测试1"}}"#;
    let query = [
        ("sign", "8894D9658502F263A062B02934916832"),
        ("timestamp", "1700000000"),
        ("service", LINKS),
        ("app_key", "100001"),
    ];
    let (http, answer) = read(net.request(&query, chinese)).await;
    assert_eq!((http, &answer["data"]["ext"]["euid"]), (200, &json!("测试1")));
    // A further parameter of the query takes no part.
    let further = [query.as_slice(), &[("further", "1")]].concat();
    assert_eq!(read(net.request(&further, chinese)).await.0, 200);
    let slash = net.http.post(format!("{}/apis/", net.base)).query(&query).body(chinese);
    assert_eq!(read(slash.header("content-type", "application/json; charset=utf-8")).await.0, 200);
    let call = net.duomai.calls().remove(0);
    assert_eq!((call.method.as_str(), call.service().as_deref()), ("POST", Some(LINKS)));
    assert_eq!((call.body.as_slice(), call.header("content-type")), (chinese.as_bytes(), Some("application/json")));
    assert_eq!((call.json()["site_id"].as_str(), call.query("none")), (Some("100001"), None));
    net.duomai.clear_calls();
    assert_eq!(net.duomai.calls(), []);
}

#[tokio::test]
async fn only_post_to_the_one_path() {
    let net = Net::start().await;
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
        let answer = net.http.request(method, format!("{}/apis", net.base)).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].as_bytes()), (405, b"POST".as_slice()));
    }
    for path in ["/", "/api", "/apis/more", "/apis//"] {
        assert_eq!(net.http.post(format!("{}{path}", net.base)).send().await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(net.duomai.calls().len(), 7);
}

#[tokio::test]
async fn a_call_that_is_not_well_signed_is_refused() {
    let net = Net::start().await;
    let (body, at) = (r#"{"page":1,"page_size":20}"#, net.now().to_string());
    let good = sign(DEFAULT_SECRET, DEFAULT_APP_KEY, PLANS, &at, body.as_bytes());
    let whole = [("app_key", "100001"), ("timestamp", at.as_str()), ("service", PLANS), ("sign", good.as_str())];
    assert_eq!(read(net.request(&whole, body)).await.0, 200);
    // The same meaning in other bytes.
    for other in [r#"{"page":1, "page_size":20}"#, r#"{"page_size":20,"page":1}"#, ""] {
        assert_eq!(refusal(net.request(&whole, other)).await, 401, "{other}");
    }
    for missing in 0..4 {
        let mut query = whole.to_vec();
        let name = query.remove(missing).0;
        assert_eq!(refusal(net.request(&query, body)).await, 401);
        query.push((name, ""));
        assert_eq!(refusal(net.request(&query, body)).await, 401);
    }
    let lower = good.to_lowercase();
    let as_milliseconds = format!("{at}.5");
    for (at_place, value) in [(0, "100002"), (1, "1"), (1, as_milliseconds.as_str()), (2, ORDERS), (3, &lower)] {
        let mut query = whole;
        query[at_place].1 = value;
        assert_eq!(refusal(net.request(&query, body)).await, 401, "{value}");
    }
    assert_eq!(refusal(net.signed("100001", "wrong", PLANS, body)).await, 401);
    assert_eq!(refusal(net.signed("100009", DEFAULT_SECRET, PLANS, body)).await, 401);
}

#[tokio::test]
async fn every_account_has_its_own_secret_and_orders() {
    let net = Net::start().await;
    net.duomai.set_account(Account::new("100002", "second"));
    let ours = net.duomai.order("a").unwrap();
    let theirs = net.duomai.order(NewOrder { site_id: "100002".into(), .."a".into() }).unwrap();
    assert_eq!(column(&net.data(ORDERS, net.last(60)).await, "id"), [ours]);
    let (_, answer) = read(net.signed("100002", "second", ORDERS, &net.last(60).to_string())).await;
    assert_eq!(column(&answer["data"], "id"), [theirs]);
    assert_eq!(refusal(net.signed("100002", DEFAULT_SECRET, ORDERS, "{}")).await, 401);
}

#[tokio::test]
async fn services_and_bodies_are_checked() {
    let net = Net::start().await;
    for service in ["cps-mesh.open.orders.gone.get", "open.orders.query.get", "CPS-MESH.open.orders.query.get"] {
        assert_eq!(net.refused(service, json!({})).await, 404);
    }
    for body in ["{", "7", "null", r#""text""#, "[1]", "page=1&page_size=20"] {
        assert_eq!(refusal(net.signed("100001", DEFAULT_SECRET, PLANS, body)).await, 4000, "{body}");
    }
    // No parameters at all: served where none is required.
    for body in ["", "{}", "[]"] {
        let request = net.signed("100001", DEFAULT_SECRET, "cps-mesh.open.stores.query.get", body);
        assert_eq!(read(request).await.0, 200, "{body}");
    }
    let at = net.now().to_string();
    let body = net.last(60).to_string();
    let sign = sign(DEFAULT_SECRET, DEFAULT_APP_KEY, ORDERS, &at, body.as_bytes());
    let query = [("app_key", "100001"), ("timestamp", at.as_str()), ("service", ORDERS), ("sign", sign.as_str())];
    let typed = |kind: &str| {
        let request = net.http.post(format!("{}/apis", net.base)).query(&query);
        request.header("content-type", kind).body(body.clone())
    };
    assert_eq!(refusal(typed("text/plain")).await, 4000);
    net.duomai.set_switches(Switches { require_json_type: false, ..Switches::default() });
    assert_eq!(read(typed("text/plain")).await.0, 200);
}

#[tokio::test]
async fn the_clock_is_checked_on_request_only() {
    let net = Net::start().await;
    let old = |net: &Net, age: i64| {
        let (at, body) = ((net.now() - age).to_string(), net.last(60).to_string());
        let sign = sign(DEFAULT_SECRET, DEFAULT_APP_KEY, ORDERS, &at, body.as_bytes());
        let query = [("app_key", "100001"), ("timestamp", at.as_str()), ("service", ORDERS), ("sign", sign.as_str())];
        net.request(&query, body)
    };
    assert_eq!(read(old(&net, 1_000_000)).await.0, 200);
    net.duomai.set_switches(Switches { clock_window_seconds: Some(300), ..Switches::default() });
    assert_eq!(read(old(&net, 300)).await.0, 200);
    assert_eq!(read(old(&net, -300)).await.0, 200);
    assert_eq!(refusal(old(&net, 301)).await, 401);
    assert_eq!(refusal(old(&net, -301)).await, 401);
}

proptest! {
    #[test]
    fn no_call_makes_a_panic(
        service in prop::sample::select(vec![
            LINKS, "cps-mesh.cpslink.links.put", "cps-mesh.cpslink.links.short.post", ORDERS,
            "cps-mesh.open.orders.detail.get", "cps-mesh.open.orders.settlement.get", PLANS,
            "cps-mesh.open.stores.plan.detail.get", "cps-mesh.open.stores.query.get",
        ]),
        values in prop::collection::vec(
            prop_oneof![
                any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from), any::<String>().prop_map(Value::from),
                Just(json!({})), Just(json!([])), Just(Value::Null), Just(json!("61")), Just(json!("https://shop.example/")),
            ],
            0..16,
        ),
        raw in any::<Vec<u8>>(),
        is_raw in any::<bool>(),
    ) {
        let duomai = Duomai::new(Arc::new(DateTime::<Utc>::default));
        duomai.order("a").unwrap();
        let names = ["url", "ads_id", "site_id", "ext", "stime", "etime", "page", "page_size", "order_field", "status",
            "product_id", "original", "type", "order_sn", "query", "is_apply"];
        let map: serde_json::Map<_, _> = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
        let body = if is_raw { raw } else { Value::from(map).to_string().into_bytes() };
        let sign = sign(DEFAULT_SECRET, DEFAULT_APP_KEY, service, "0", &body);
        let path = format!("/apis?app_key=100001&timestamp=0&service={service}&sign={sign}");
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let answer = gateway::handle(&duomai, &Call { method: "POST".to_owned(), path, headers, body });
        prop_assert!(answer.is_ok() || answer.is_err_and(|refusal| refusal.status >= 404));
    }
}
