//! Orders as the API shows them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::tests::{Net, ORDERS, column};
use super::*;

const DETAIL: &str = "cps-mesh.open.orders.detail.get";
const CHANGES: &str = "cps-mesh.open.orders.settlement.get";

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn ids(net: &Net, more: Value) -> Vec<String> {
    column(&net.data(ORDERS, with(net.last(3600), more)).await, "id")
}

#[tokio::test]
async fn an_order_has_every_documented_field() {
    let net = Net::start().await;
    let order = NewOrder {
        order_sn: Some("SN-0001".into()),
        amount: "799".parse().unwrap(),
        goods_name: "Kettle".into(),
        ..NewOrder::from("lead0000000001")
    };
    assert_eq!(net.duomai.order(order).unwrap(), "9000001");
    let mut expected = json!({
        "id": "9000001", "ads_id": "61", "ads_name": "示例计划 A+B", "site_id": "100001", "link_id": "0",
        "euid": "lead0000000001", "order_sn": "SN-0001", "parent_order_sn": "", "order_time": "2024-01-02 03:04:05",
        "orders_price": "799.00", "siter_commission": "5.40", "currency": "CNY", "status": "0",
        "confirm_price": "0.00", "confirm_siter_commission": "0.00", "charge_currency": "CNY",
        "charge_time": "0000-00-00 00:00:00",
        "details": [{
            "goods_cate": "", "goods_cate_name": "", "goods_id": "77", "goods_name": "Kettle",
            "goods_price": "799.00", "goods_ta": "1", "orders_price": "799.00", "order_status": "paid",
            "order_commission": "5.40", "order_sn": "SN-0001", "parent_order_sn": "", "goods_img": "",
        }],
    });
    assert_eq!(net.data(ORDERS, net.last(60)).await, json!([expected]));
    // The next status comes as a number.
    expected["status"] = json!(0);
    let detail = json!({ "ads_id": "61", "order_sn": "SN-0001" });
    assert_eq!(net.data(DETAIL, detail.clone()).await, expected);
    net.pass(60);
    net.duomai.set_status("9000001", Status::Confirmed).unwrap();
    net.duomai.change_money("9000001", Decimal::new(700, 0), Decimal::new(5005, 3)).unwrap();
    for (name, value) in [("status", "1"), ("confirm_price", "700.00"), ("confirm_siter_commission", "5.01")] {
        expected[name] = json!(value);
    }
    assert_eq!(net.data(DETAIL, detail.clone()).await, expected);
    net.pass(60);
    net.duomai.set_status("9000001", Status::Settled).unwrap();
    (expected["status"], expected["charge_time"]) = (json!(2), json!("2024-01-02 03:06:05"));
    assert_eq!(net.data(DETAIL, detail).await, expected);
}

#[tokio::test]
async fn statuses_alternate_between_text_and_number() {
    let net = Net::start().await;
    for _ in 0..3 {
        let id = net.duomai.order("a").unwrap();
        net.duomai.set_status(&id, Status::Invalid).unwrap();
    }
    let rows = net.data(ORDERS, net.last(60)).await;
    let statuses: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, [json!("-1"), json!(-1), json!("-1")]);
    assert_eq!(net.data(ORDERS, net.last(60)).await[0]["status"], -1);
}

#[tokio::test]
async fn money_and_times_follow_the_status() {
    let net = Net::start().await;
    let id = net.duomai.order(NewOrder { currency: "USD".into(), ..NewOrder::default() }).unwrap();
    let state = || {
        let order = net.duomai.find_order(&id).unwrap();
        let charged = order.charge_time.map(|at| at.timestamp());
        (order.confirm_price.to_string(), order.confirm_commission.to_string(), charged, order.update_time.timestamp())
    };
    let at = net.now();
    assert_eq!(state(), ("0".into(), "0".into(), None, at));
    net.pass(10);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    assert_eq!(state(), ("799.00".into(), "5.40".into(), Some(at + 10), at + 10));
    net.pass(10);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    assert_eq!(state(), ("799.00".into(), "5.40".into(), Some(at + 10), at + 20));
    net.pass(10);
    net.duomai.touch(&id).unwrap();
    assert_eq!(state(), ("799.00".into(), "5.40".into(), Some(at + 10), at + 30));
    net.duomai.set_status(&id, Status::Invalid).unwrap();
    assert_eq!(state(), ("0".into(), "0".into(), None, at + 30));
    let fail = net.duomai.change_money(&id, Decimal::ONE, Decimal::ONE);
    assert_eq!(fail, Err(ControlError::NotConfirmed(id.clone())));
    let unknown = Err(ControlError::UnknownOrder("1".into()));
    assert_eq!(net.duomai.set_status("1", Status::Settled), unknown);
    assert_eq!(net.duomai.touch("1"), unknown);
    assert_eq!(net.duomai.change_money("1", Decimal::ONE, Decimal::ONE), unknown);
    let wrong = net.duomai.order(NewOrder { ads_id: "999".into(), ..NewOrder::default() });
    assert_eq!(wrong, Err(ControlError::UnknownPlan("999".into())));
    let wrong = net.duomai.order(NewOrder { site_id: "9".into(), ..NewOrder::default() });
    assert_eq!(wrong, Err(ControlError::UnknownSite("9".into())));
}

#[tokio::test]
async fn a_window_is_required_and_at_most_a_day() {
    let net = Net::start().await;
    for service in [ORDERS, CHANGES] {
        for body in [
            json!({}),
            json!({ "stime": 1 }),
            json!({ "etime": 1 }),
            json!({ "stime": "", "etime": 1 }),
            json!({ "stime": 10, "etime": 10 }),
            json!({ "stime": 10, "etime": 9 }),
            json!({ "stime": 0, "etime": 86_401 }),
            json!({ "stime": i64::MIN, "etime": i64::MAX }),
            json!({ "stime": 1.5, "etime": 3 }),
            json!({ "stime": "2024-01-01", "etime": "2024-01-02" }),
            json!({ "stime": true, "etime": 3 }),
            with(net.last(60), json!({ "page": 0 })),
            with(net.last(60), json!({ "page": "x" })),
            with(net.last(60), json!({ "page_size": -1 })),
            with(net.last(60), json!({ "status": 3 })),
        ] {
            assert_eq!(net.refused(service, body.clone()).await, 4000, "{service} {body}");
        }
        assert_eq!(net.data(service, json!({ "stime": "0", "etime": "86400" })).await, json!([]));
    }
}

#[tokio::test]
async fn a_window_includes_both_ends_and_goes_by_update_time() {
    let net = Net::start().await;
    let id = net.duomai.order("a").unwrap();
    let at = net.now();
    let found = async |from: i64, to: i64, field: &str| {
        let body = json!({ "stime": from, "etime": to, "order_field": field });
        net.data(ORDERS, body).await.as_array().unwrap().len()
    };
    assert_eq!((found(at, at + 5, "").await, found(at - 5, at, "").await), (1, 1));
    assert_eq!((found(at + 1, at + 5, "").await, found(at - 5, at - 1, "").await), (0, 0));
    net.pass(100);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    net.pass(100);
    net.duomai.touch(&id).unwrap();
    for (age, spellings) in [
        (0, ["orderdatetime", "order_datatime", "orderdatatime", "OrderDatatime"].as_slice()),
        (100, &["chargedatetime", "charge_datatime", "chargedatatime", "ChargeTime"]),
        (200, &["", "updatetime", "update_time", "UpdateTime"]),
    ] {
        for spelling in spellings {
            assert_eq!(found(at + age - 5, at + age + 5, spelling).await, 1, "{spelling}");
            assert_eq!(found(at + age + 5, at + age + 50, spelling).await, 0, "{spelling}");
        }
    }
    let misspelt = json!({ "stime": at + 195, "etime": at + 205, "order_field": "updated" });
    assert_eq!(net.refused(ORDERS, misspelt.clone()).await, 4000);
    net.duomai.set_switches(Switches { check_order_field: false, ..Switches::default() });
    assert_eq!(net.data(ORDERS, misspelt).await.as_array().unwrap().len(), 1);
    net.duomai.touch_at(&id, "2020-01-01T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(found(1_577_836_800, 1_577_836_801, "").await, 1);
}

#[tokio::test]
async fn an_euid_may_have_many_orders_or_none() {
    let net = Net::start().await;
    let one = net.duomai.order("lead01").unwrap();
    let two = net.duomai.order("lead01").unwrap();
    let other = NewOrder { ads_id: "62".into(), ..NewOrder::from("never given out") };
    let other = net.duomai.order(other).unwrap();
    let none = net.duomai.order("").unwrap();
    assert_eq!(net.duomai.orders_of("lead01").len(), 2);
    assert_eq!(ids(&net, json!({})).await, [one.as_str(), &two, &other, &none]);
    assert_eq!(ids(&net, json!({ "euid": "lead01" })).await, [one.as_str(), &two]);
    assert_eq!(ids(&net, json!({ "euid": "lead" })).await, [""; 0]);
    assert_eq!(ids(&net, json!({ "ads_id": 62 })).await, [other.as_str()]);
    assert_eq!(ids(&net, json!({ "site_id": "100001", "ads_id": "61" })).await, [one.as_str(), &two, &none]);
    assert_eq!(ids(&net, json!({ "site_id": "2" })).await, [""; 0]);
    net.duomai.set_status(&two, Status::Confirmed).unwrap();
    assert_eq!(ids(&net, json!({ "status": "1" })).await, [two.as_str()]);
    assert_eq!(ids(&net, json!({ "status": 0, "euid": "lead01" })).await, [one.as_str()]);
    let all: Vec<_> = net.duomai.orders().into_iter().map(|order| order.id).collect();
    assert_eq!(all, [one, two, other, none]);
}

#[tokio::test]
async fn pages_are_cut_by_update_time_and_id() {
    let net = Net::start().await;
    let mut made = Vec::new();
    for number in 0..25 {
        made.push(net.duomai.order("a").unwrap());
        net.pass(i64::from(number % 2 == 0));
    }
    assert_eq!(ids(&net, json!({})).await, made[..20]);
    assert_eq!(ids(&net, json!({ "page": 2 })).await, made[20..]);
    assert_eq!(ids(&net, json!({ "page": "3" })).await, [""; 0]);
    assert_eq!(ids(&net, json!({ "page": i64::MAX, "page_size": 200 })).await, [""; 0]);
    assert_eq!(ids(&net, json!({ "page": 3, "page_size": "4" })).await, made[8..12]);
    net.duomai.touch(&made[0]).unwrap();
    assert_eq!(ids(&net, json!({ "page": 2 })).await.last(), Some(&made[0]));
}

#[tokio::test]
async fn oversized_pages_are_clamped_or_refused() {
    let net = Net::start().await;
    for _ in 0..201 {
        net.duomai.order("a").unwrap();
    }
    assert_eq!(ids(&net, json!({ "page_size": 200 })).await.len(), 200);
    assert_eq!(ids(&net, json!({ "page_size": 500 })).await.len(), 200);
    net.duomai.set_switches(Switches { oversized_page: OversizedPage::Refuse, ..Switches::default() });
    assert_eq!(ids(&net, json!({ "page_size": 200 })).await.len(), 200);
    assert_eq!(net.refused(ORDERS, with(net.last(60), json!({ "page_size": 201 }))).await, 4000);
}

#[tokio::test]
async fn rows_can_move_while_somebody_pages() {
    let net = Net::start().await;
    let mut made = Vec::new();
    for _ in 0..4 {
        made.push(net.duomai.order("a").unwrap());
        net.pass(1);
    }
    let first = made[0].clone();
    net.duomai.before_page(2, move |duomai| duomai.touch(&first).unwrap());
    let third = made[2].clone();
    net.duomai.before_page(2, move |duomai| duomai.set_status(&third, Status::Invalid).unwrap());
    let page = async |number: u64| ids(&net, json!({ "page": number, "page_size": 2 })).await;
    assert_eq!(page(1).await, made[..2]);
    // The first row has moved to the end, so that the third one is on page 1 and is missed.
    assert_eq!(page(2).await, [made[3].as_str(), &made[0]]);
    assert_eq!(page(1).await, made[1..3]);
    net.pass(1);
    assert_eq!(page(2).await, [made[0].as_str(), &made[2]]);
    assert_eq!(net.duomai.find_order(&made[2]).unwrap().status, Status::Invalid);
    assert_eq!(page(2).await, [made[0].as_str(), &made[2]]);
}

#[tokio::test]
async fn a_detail_needs_plan_and_number() {
    let net = Net::start().await;
    net.duomai.set_account(Account::new("100002", "second"));
    let sn = || NewOrder { order_sn: Some("SN 1/测".into()), ..NewOrder::default() };
    net.duomai.order(sn()).unwrap();
    let newer = net.duomai.order(sn()).unwrap();
    net.duomai.order(NewOrder { site_id: "100002".into(), ..sn() }).unwrap();
    let detail = net.data(DETAIL, json!({ "ads_id": 61, "order_sn": "SN 1/测" })).await;
    assert_eq!(detail["id"], newer);
    assert_eq!(net.refused(DETAIL, json!({ "ads_id": "61" })).await, 4000);
    assert_eq!(net.refused(DETAIL, json!({ "order_sn": "1" })).await, 4000);
    assert_eq!(net.refused(DETAIL, json!({ "ads_id": "62", "order_sn": "SN 1/测" })).await, 404);
}

#[tokio::test]
async fn money_that_changes_after_settlement_is_reported() {
    let net = Net::start().await;
    let new = NewOrder { order_sn: Some("SN-0001".into()), ..NewOrder::from("lead01") };
    let id = net.duomai.order(new).unwrap();
    net.duomai.set_status(&id, Status::Confirmed).unwrap();
    net.duomai.change_money(&id, Decimal::new(700, 0), Decimal::new(5, 0)).unwrap();
    // Before settlement that is no settlement change.
    assert_eq!(net.duomai.settlement_changes(), []);
    net.duomai.set_status(&id, Status::Settled).unwrap();
    net.pass(7200);
    net.duomai.change_money(&id, Decimal::new(600, 0), Decimal::new(45_678, 4)).unwrap();
    let row = json!({
        "order_sn": "SN-0001", "order_time": "2024-01-02 03:04:05", "euid": "lead01",
        "confirm_price_old": "700.0000", "modify_price": "-100.0000", "confirm_price": "600.0000",
        "confirm_siter_commission_old": "5.0000", "modify_siter_commission": "-0.4322",
        "confirm_siter_commission": "4.5678", "modify_at": "2024-01-02 05:04:05", "ads_id": "61",
        "ads_name": "示例计划 A+B",
    });
    assert_eq!(net.data(CHANGES, net.last(60)).await, json!([row]));
    for (filter, count) in [
        (json!({ "euid": "lead01", "ads_id": "61", "order_sn": "SN-0001" }), 1),
        (json!({ "euid": "other" }), 0),
        (json!({ "order_sn": "other" }), 0),
        (json!({ "ads_id": "62" }), 0),
        (json!({ "page": 2 }), 0),
    ] {
        let rows = net.data(CHANGES, with(net.last(60), filter.clone())).await;
        assert_eq!(rows.as_array().unwrap().len(), count, "{filter}");
    }
    net.duomai.change_money(&id, Decimal::new(650, 0), Decimal::new(5, 0)).unwrap();
    let rows = net.data(CHANGES, net.last(60)).await;
    assert_eq!(column(&rows, "modify_price"), ["-100.0000", "50.0000"]);
    net.duomai.set_switches(Switches { settlement_by_order_time: true, ..Switches::default() });
    assert_eq!(net.data(CHANGES, net.last(60)).await, json!([]));
    assert_eq!(net.data(CHANGES, net.last(7200)).await.as_array().unwrap().len(), 2);
}
