//! `GET /_control` and `GET /_control/help`: what an operator can do, each with a curl line that works as it stands.

use serde_json::{Value, json};

use super::Affili;
use super::call::Call;

/// A control: method, path below `/_control`, what it does, and a body as an example.
type Control = (&'static str, &'static str, &'static str, Option<&'static str>);

const CONTROLS: &[Control] = &[
    ("GET", "/account", "the merchant's account: tokens, publishers, commissions", None),
    (
        "POST",
        "/publishers",
        "one more publisher",
        Some(
            r#"{"id":"p73cc","number":73,"name":"Mina","aff_id":"affili00000003x","referrers":["5f00000000000000000000c3"]}"#,
        ),
    ),
    ("POST", "/tokens", "a token as set-cookie gives it", Some(r#"{"referrer":"5f00000000000000000000a1"}"#)),
    ("GET", "/conversions", "every stored conversion", None),
    ("GET", "/conversions/L0000000001", "one, by Affili's id or by yours", None),
    (
        "POST",
        "/conversions",
        "a lead through the browser script, which your server does not know",
        Some(r#"{"referrer":"5f00000000000000000000a1","external_id":"L0000000009"}"#),
    ),
    ("POST", "/conversions/L0000000001/approve", "status 1", None),
    ("POST", "/conversions/L0000000001/reject", "status 2", None),
    ("POST", "/conversions/L0000000001/duplicate", "status 3", None),
    ("POST", "/conversions/L0000000001/pending", "status 0", None),
    ("POST", "/conversions/L0000000001/status", "any status", Some(r#"{"value":9}"#)),
    ("POST", "/conversions/L0000000001/close", "no longer editable through the API", None),
    ("POST", "/conversions/L0000000001/reopen", "editable again", None),
    ("POST", "/conversions/L0000000001/check_out", "paid out, hence approved", None),
    ("POST", "/conversions/L0000000001/amount", "the order's total, in Rial", Some(r#"{"value":2500000}"#)),
    ("POST", "/conversions/L0000000001/wage", "Affili's fee, in Rial", Some(r#"{"value":4000}"#)),
    ("POST", "/conversions/L0000000001/commission_amount", "the publisher's, in Rial", Some(r#"{"value":90000}"#)),
    ("POST", "/conversions/L0000000001/forget", "as if it had never come", None),
    ("GET", "/customers", "every stored customer", None),
    ("GET", "/calls", "what came, also what was refused", None),
    ("POST", "/calls/clear", "forget what came", None),
    ("GET", "/faults", "faults that have not happened yet", None),
    (
        "POST",
        "/faults",
        "a fault of the next calls. path: start of the path or of method and path, empty for any. fault: server_error, \
         bad_gateway, too_many_requests (seconds), status (status, body), slow (seconds), drop_after_storing, \
         drop_before_storing, bad_gateway_after_storing, truncated_json, html_page, not_ok",
        Some(r#"{"path":"POST /services/conversions","fault":"drop_after_storing","times":1}"#),
    ),
    ("POST", "/faults/clear", "take every fault back", None),
    ("GET", "/settings", "the switches, for what is unknown about the real Affili", None),
    (
        "POST",
        "/settings",
        "set some. repeated_order: refused, stored_as_duplicated. repeated_customer: refused, returns_first. \
         answer_calendar: jalali, gregorian. filter_zone: tehran, utc. page_size: null or a number",
        Some(r#"{"page_size":2,"repeated_order":"stored_as_duplicated"}"#),
    ),
    ("GET", "/clock", "the time here", None),
    ("POST", "/clock", "move the clock ahead", Some(r#"{"advance_seconds":3600}"#)),
    ("POST", "/clear", "forget conversions, customers, tokens, calls and faults", None),
];

/// The list as JSON.
pub(super) fn index(affili: &Affili, call: &Call) -> Value {
    let base = base(call);
    let controls: Vec<Value> = CONTROLS
        .iter()
        .map(|control| {
            let (method, path, what, _) = control;
            json!({ "call": format!("{method} /_control{path}"), "does": what, "curl": curl(&base, control) })
        })
        .collect();
    let copy = format!("curl {base}/_control/help");
    json!({ "about": "practice Affili", "lines_to_copy": copy, "try": first_steps(affili, &base), "controls": controls })
}

/// The same as plain text: JSON escapes its quotes, and a line copied out of it would not work.
pub(super) fn help(affili: &Affili, call: &Call) -> String {
    let base = base(call);
    let mut text = "# A first visit, a first lead and a first look\n".to_owned();
    for line in first_steps(affili, &base) {
        text.push_str(&format!("{line}\n"));
    }
    for control in CONTROLS {
        text.push_str(&format!("\n# {}\n{}\n", control.2, curl(&base, control)));
    }
    text
}

fn curl(base: &str, (method, path, _, body): &Control) -> String {
    let data = body.map(|body| format!(" -d '{body}'")).unwrap_or_default();
    format!("curl -X {method} {base}/_control{path}{data}")
}

/// A first visit, a first lead and a first look, through Affili's own paths.
fn first_steps(affili: &Affili, base: &str) -> Vec<String> {
    let account = affili.account();
    let referrer = account.publishers.first().and_then(|publisher| publisher.referrers.first());
    let referrer = referrer.map_or("REFERRER", String::as_str);
    let post = |path: &str, token: &str, body: Value| {
        let headers = format!("-H 'authorization: Bearer {token}' -H 'content-type: application/json'");
        format!("curl -X POST {base}{path} {headers} -d '{body}'")
    };
    let lead = json!({ "type": "lead", "order_id": "L0000000001", "referrer": referrer });
    let access_id = &account.access_id;
    vec![
        post("/api/merchants/set-cookie", access_id, json!({ "referrer": referrer })),
        post("/services/conversions", &account.services_token, lead),
        format!("curl {base}/api/merchants/conversions -H 'authorization: Bearer {access_id}'"),
    ]
}

/// Where the caller reached us. A host with odd characters is not repeated: the line goes into a shell.
fn base(call: &Call) -> String {
    let is_plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(c));
    let host = call.header("host").filter(is_plain).unwrap_or("127.0.0.1:PORT");
    format!("http://{host}")
}
