//! What there is below `/_control`, with an example of each.

use serde_json::{Value, json};

/// What can be read: name and explanation.
const VIEWS: &[(&str, &str)] = &[
    ("orders", "all orders"),
    ("settlement_changes", "changes of money after settlement"),
    ("links", "promotion links that were made"),
    ("visits", "visitors who followed a link to /track.php here"),
    ("plans", "the plans; change one with POST plan"),
    ("accounts", "the accounts with their secrets"),
    ("switches", "how strict the network is"),
    ("push_modes", "how pushes are made"),
    ("push_log", "all pushes and what became of them"),
    ("faults", "faults that wait for their call"),
    ("calls", "what came, the newest last"),
];

/// What can be done: name, explanation, example body.
const ACTIONS: &[(&str, &str, &str)] = &[
    (
        "order",
        "a customer orders; everything is optional, see a row of GET orders",
        r#"{"euid":"lead0000000001","ads_id":"61","amount":"799.00","commission":"5.40","currency":"CNY"}"#,
    ),
    (
        "set_status",
        "0 unconfirmed, 1 confirmed, 2 settled, -1 invalid; moves the update time and pushes",
        r#"{"id":"9000001","status":1}"#,
    ),
    (
        "change_money",
        "new confirmed money; after settlement also a settlement change",
        r#"{"id":"9000001","confirm_price":"700.00","confirm_commission":"5.00"}"#,
    ),
    ("touch", "moves the update time to now, or to `at`", r#"{"id":"9000001"}"#),
    ("account", "adds an account, or changes one", r#"{"app_key":"100002","secret":"another-secret"}"#),
    ("plan", "changes a plan, or adds one", r#"{"ads_id":"63","application":"approved"}"#),
    ("switches", "changes the given switches", r#"{"oversized_page":"refuse","clock_window_seconds":300}"#),
    (
        "push_url",
        "where an account's orders are pushed; null for nowhere",
        r#"{"url":"http://127.0.0.1:8080/postback/SECRET"}"#,
    ),
    ("push_modes", "changes how pushes are made", r#"{"method":"POST","confirmed_fields":true,"twice":false}"#),
    ("test_push", "the push of the staff's review", r#"{"status":-1,"signed":"other"}"#),
    ("take_pushes", "fetches the queued pushes, to be sent by hand", "{}"),
    (
        "answered",
        "reports a receiver's answer; without status and body: none came",
        r#"{"number":1,"status":200,"body":"1"}"#,
    ),
    (
        "fault_next",
        "spoils the next calls whose path or service begins so; faults: \"drop_after_handling\", \"truncated_json\", \
         \"html_page\", \"repeat_row\", {\"slow\":2.5}, {\"http\":{\"status\":429,\"retry_after\":5}}, \
         {\"refuse\":{\"status\":5001}}, {\"ok_with_status\":{\"status\":500}}, {\"data_as\":\"list_in_object\"}",
        r#"{"path_prefix":"cps-mesh.open.orders","fault":{"http":{"status":502,"body":"bad gateway"}},"times":1}"#,
    ),
    ("clear_faults", "forgets all planned faults", "{}"),
    (
        "before_page",
        "carries out another action before a page of the order list is answered",
        r#"{"page":2,"action":"touch","body":{"id":"9000001"}}"#,
    ),
    ("clear_calls", "forgets what came", "{}"),
];

/// Whether something of this name can be done.
pub(super) fn is_action(name: &str) -> bool {
    ACTIONS.iter().any(|(known, ..)| *known == name)
}

/// The list for a person.
pub(super) fn list(host: &str) -> Value {
    let view = |(name, what): &(&str, &str)| json!({ "name": name, "what": what, "curl": format!("curl http://{host}/_control/{name}") });
    let action = |(name, what, example): &(&str, &str, &str)| json!({ "name": name, "what": what, "curl": format!("curl http://{host}/_control/{name} -d '{example}'") });
    json!({
        "read": VIEWS.iter().map(view).collect::<Vec<_>>(),
        "do": ACTIONS.iter().map(action).collect::<Vec<_>>(),
    })
}
