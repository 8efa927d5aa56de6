//! The control side over HTTP, as a person with curl sees it.

use serde_json::{Value, json};

use super::tests::{Net, ORDERS, column, read};
use super::*;

async fn post(net: &Net, action: &str, body: Value) -> (u16, Value) {
    // curl -d sends a form's content type; the control side does not care.
    let request = net.http.post(format!("{}/_control/{action}", net.base));
    read(request.header("content-type", "application/x-www-form-urlencoded").body(body.to_string())).await
}

async fn done(net: &Net, action: &str, body: Value) -> Value {
    let (status, answer) = post(net, action, body.clone()).await;
    assert_eq!(status, 200, "{action} {body}: {answer}");
    answer
}

async fn view(net: &Net, name: &str) -> Value {
    let (status, answer) = read(net.http.get(format!("{}/_control/{name}", net.base))).await;
    assert_eq!(status, 200, "{name}: {answer}");
    answer
}

#[tokio::test]
async fn every_example_of_the_list_works() {
    let net = Net::start().await;
    let list = view(&net, "").await;
    let mut names = Vec::new();
    for entry in list["do"].as_array().unwrap() {
        let (name, curl) = (entry["name"].as_str().unwrap(), entry["curl"].as_str().unwrap());
        let (command, body) = curl.split_once(" -d ").unwrap();
        assert_eq!(command, format!("curl {}/_control/{name}", net.base));
        if name == "change_money" {
            done(&net, "set_status", json!({ "id": "9000001", "status": "2" })).await;
        }
        done(&net, name, serde_json::from_str(body.trim_matches('\'')).unwrap()).await;
        names.push(name);
    }
    assert_eq!(names.len(), 16);
    for entry in list["read"].as_array().unwrap() {
        let (name, curl) = (entry["name"].as_str().unwrap(), entry["curl"].as_str().unwrap());
        assert_eq!(curl, format!("curl {}/_control/{name}", net.base));
        view(&net, name).await;
    }
    // The control side is no call of the API.
    assert_eq!(net.duomai.calls(), []);
    assert_eq!(read(net.http.get(format!("{}/_control/", net.base))).await.1, list);
}

#[tokio::test]
async fn an_operator_plays_an_order_to_its_end() {
    let net = Net::start().await;
    done(&net, "push_url", json!({ "url": "http://127.0.0.1:9/p" })).await;
    let order = json!({ "euid": "lead01", "amount": 12.5, "commission": "0.75", "order_time": "2024-01-01T00:00:00Z" });
    let order = done(&net, "order", order).await;
    assert_eq!((&order["id"], &order["status"], &order["amount"]), (&json!("9000001"), &json!(0), &json!("12.5")));
    // An id may come without quotes.
    let order = done(&net, "set_status", json!({ "id": 9_000_001, "status": 2 })).await;
    assert_eq!((&order["status"], &order["confirm_price"]), (&json!(2), &json!("12.5")));
    let money = json!({ "id": "9000001", "confirm_price": "10", "confirm_commission": 0.5 });
    assert_eq!(done(&net, "change_money", money).await["confirm_commission"], "0.5");
    assert_eq!(view(&net, "settlement_changes").await[0]["confirm_price"], "10");
    let touched = done(&net, "touch", json!({ "id": "9000001", "at": "2024-01-01T00:00:00Z" })).await;
    assert_eq!(touched["update_time"], "2024-01-01T00:00:00Z");
    let pushes = done(&net, "take_pushes", json!({})).await;
    assert_eq!(pushes.as_array().unwrap().len(), 3);
    assert!(pushes[0]["request_url"].as_str().unwrap().starts_with("http://127.0.0.1:9/p?id=9000001&"));
    let failed = done(&net, "answered", json!({ "number": 1 })).await;
    assert_eq!(failed, json!({ "outcome": "retried" }));
    let good = done(&net, "answered", json!({ "number": 2, "status": 200, "body": "1" })).await;
    assert_eq!(good, json!({ "outcome": "delivered" }));
    let retry = &done(&net, "take_pushes", json!({})).await[0];
    assert_eq!(
        (&retry["attempt"], &retry["due_after_seconds"], &retry["method"]),
        (&json!(2), &json!(30.0), &json!("GET"))
    );
    assert_eq!(column(&view(&net, "push_log").await, "outcome"), ["retried", "delivered", "taken", "taken"]);
}

#[tokio::test]
async fn an_operator_changes_the_network() {
    let net = Net::start().await;
    let switches = done(&net, "switches", json!({ "strict_euid": false })).await;
    assert_eq!((&switches["strict_euid"], &switches["check_order_field"]), (&json!(false), &json!(true)));
    let plan = done(&net, "plan", json!({ "ads_id": "63", "application": "approved" })).await;
    assert_eq!((&plan["application"], &plan["url"]), (&json!("approved"), &json!("https://outdoor.example/")));
    done(&net, "plan", json!({ "ads_id": "71", "name": "新" })).await;
    assert_eq!(net.duomai.plans().len(), 9);
    done(&net, "push_url", json!({ "url": "http://x/" })).await;
    let account = done(&net, "account", json!({ "app_key": "100001", "positions": ["27"] })).await;
    assert_eq!((&account["secret"], &account["push_url"]), (&json!(DEFAULT_SECRET), &json!("http://x/")));
    done(&net, "account", json!({ "app_key": "100002", "secret": "s" })).await;
    assert_eq!(net.duomai.accounts().len(), 2);
    let modes = done(&net, "push_modes", json!({ "method": "POST", "extra": { "a": "b" } })).await;
    assert_eq!((&modes["method"], &modes["extra"]["a"], &modes["twice"]), (&json!("POST"), &json!("b"), &json!(false)));
    for fault in [
        json!("drop_after_handling"),
        json!("truncated_json"),
        json!("html_page"),
        json!("repeat_row"),
        json!({ "slow": 2.5 }),
        json!({ "http": { "status": 429, "retry_after": 5 } }),
        json!({ "refuse": { "status": 5001 } }),
        json!({ "ok_with_status": { "status": 500 } }),
        json!({ "data_as": "list_in_object" }),
    ] {
        done(&net, "fault_next", json!({ "fault": fault })).await;
    }
    assert_eq!(view(&net, "faults").await.as_array().unwrap().len(), 9);
    done(&net, "clear_faults", json!({})).await;
    assert_eq!(view(&net, "faults").await, json!([]));
    let ids = [net.duomai.order("a").unwrap(), net.duomai.order("b").unwrap()];
    net.pass(1);
    done(&net, "before_page", json!({ "page": 1, "action": "touch", "body": { "id": ids[0] } })).await;
    assert_eq!(column(&net.data(ORDERS, net.last(9)).await, "id"), [ids[1].as_str(), &ids[0]]);
    let call = &view(&net, "calls").await[0];
    assert_eq!((&call["method"], &call["service"]), (&json!("POST"), &json!(ORDERS)));
}

#[tokio::test]
async fn a_wrong_wish_is_explained() {
    let net = Net::start().await;
    for (action, body, status) in [
        ("nothing", json!({}), 404),
        ("order", json!({ "uid": "a" }), 400),
        ("order", json!({ "ads_id": "999" }), 400),
        ("order", json!([]), 400),
        ("set_status", json!({ "id": "9000001", "status": 1 }), 400),
        ("set_status", json!({ "id": "9000001", "status": 7 }), 400),
        ("set_status", json!({ "id": [] , "status": 1 }), 400),
        ("touch", json!({}), 400),
        ("plan", json!({}), 400),
        ("plan", json!({ "ads_id": "61", "state": "broken" }), 400),
        ("account", json!({ "app_key": "100003" }), 400),
        ("switches", json!({ "strict": true }), 400),
        ("switches", json!(7), 400),
        ("push_url", json!({ "app_key": "9", "url": null }), 400),
        ("test_push", json!({}), 400),
        ("answered", json!({ "number": 9 }), 400),
        ("fault_next", json!({ "fault": "flood" }), 400),
        ("fault_next", json!({ "fault": { "slow": -1 } }), 400),
        ("before_page", json!({ "page": 1, "action": "nothing" }), 404),
    ] {
        let (got, answer) = post(&net, action, body.clone()).await;
        assert_eq!(got, status, "{action} {body}: {answer}");
        assert!(answer["error"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let broken = net.http.post(format!("{}/_control/order", net.base)).body("{");
    assert_eq!(read(broken).await.0, 400);
    let unknown = net.http.get(format!("{}/_control/nothing", net.base));
    assert_eq!(read(unknown).await.0, 404);
    let put = net.http.put(format!("{}/_control/order", net.base)).send().await.unwrap();
    assert_eq!(put.status(), 405);
}
