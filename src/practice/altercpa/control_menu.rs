//! What `GET /_control` shows: each control call with a curl line to copy.

use serde_json::{Value, json};

/// Stands in the examples for the id of a lead.
const LEAD: &str = "LEAD";

/// One control call.
struct Entry {
    method: &'static str,
    name: &'static str,
    does: &'static str,
    /// An example; empty for calls without a body.
    body: &'static str,
}

const fn get(name: &'static str, does: &'static str) -> Entry {
    Entry { method: "GET", name, does, body: "" }
}

const fn post(name: &'static str, does: &'static str, body: &'static str) -> Entry {
    Entry { method: "POST", name, does, body }
}

const ENTRIES: [Entry; 29] = [
    get("leads", "all leads, oldest first"),
    get("lead?id=LEAD", "one lead, by the network's id"),
    get("conversions", "what the tracker was told"),
    get("calls", "the last calls that came"),
    get("account", "users with tokens, offers, flows, sites, bans"),
    get("switches", "how this install differs from others"),
    post("work", "the network sends the lead on: status 2", r#"{"id":LEAD}"#),
    post("accept", "approves: status 6", r#"{"id":LEAD}"#),
    post("cancel", "status 5 with a reason", r#"{"id":LEAD,"reason":2}"#),
    post("status", "any status, 1 to 12; reason optional", r#"{"id":LEAD,"status":10}"#),
    post("reason", "the reason of a cancelled lead", r#"{"id":LEAD,"reason":17}"#),
    post("custom", "raw status text of the company's CRM", r#"{"id":LEAD,"text":"No answer 3"}"#),
    post("comment", "the comment", r#"{"id":LEAD,"text":"call after six"}"#),
    post("exto", "the order's id at the target", r#"{"id":LEAD,"exto":"T-1"}"#),
    post("company", "gives the lead to another company", r#"{"id":LEAD,"company":304}"#),
    post(
        "postback",
        "renders a postback template for the lead; call the URL yourself",
        r#"{"id":LEAD,"template":"https://relay.example/postback/SECRET?id={id}&status={stage}&payout={cash}"}"#,
    ),
    post("ban", "bans a phone or an IP", r#"{"phone":"79990000000"}"#),
    post("unban", "lifts a ban", r#"{"phone":"79990000000"}"#),
    post("suspend", "bans a user, or with false lets it in again", r#"{"user":202,"suspended":true}"#),
    post("user", "adds or replaces a user", r#"{"id":205,"key":"secret","role":"agency"}"#),
    post("offer", "adds an offer, or changes what is named", r#"{"id":8,"blocked":true,"cap":10,"hold_seconds":60}"#),
    post("flow", "adds or replaces a flow", r#"{"id":504,"code":"f504","user":101,"offer":8}"#),
    post("site", "adds or replaces an external site", r#"{"id":10,"key":"secret","offer":8}"#),
    post("click", "gives out a click of a flow", r#"{"click":"c1","flow":501}"#),
    post("switches", "turns what is named", r#"{"moe":true,"add_answer":"id_and_uid","duplicates":"known"}"#),
    post(
        "fault",
        "what the next calls do instead. fault: http (status, body, handled), bad_gateway, too_many_requests \
         (retry_after), slow (millis), drop (handled), truncated_json, html_page, empty_body, php_warning, \
         ok_without_id, verdict (error). path: any call when absent; times: 1 when absent",
        r#"{"path":"ext/add","fault":"drop","times":2}"#,
    ),
    post("clear_faults", "forgets the faults that wait", ""),
    post("forget_calls", "forgets the calls that came", ""),
    post("reset", "back to the default account", ""),
];

/// The menu, with the address by which the caller reached us and the id of a lead for the examples.
pub(super) fn menu(host: &str, lead: u64) -> Value {
    let lead = lead.to_string();
    let curl = |entry: &Entry| match entry {
        Entry { method: "GET", name, .. } => format!("curl 'http://{host}/_control/{name}'"),
        Entry { name, body: "", .. } => format!("curl -X POST http://{host}/_control/{name}"),
        Entry { name, body, .. } => format!("curl http://{host}/_control/{name} -d '{body}'"),
    };
    let row = |entry: &Entry| {
        let path = entry.name.split('?').next().unwrap_or("");
        let call = format!("{} /_control/{path}", entry.method);
        json!({ "call": call, "does": entry.does, "curl": curl(entry).replace(LEAD, &lead) })
    };
    json!({
        "what": "practice AlterCPA network",
        "send_a_lead": format!(
            "curl 'http://{host}/api/ext/add.json?id=202-agkey' -d id=my-1 -d offer=7 -d phone=34600111222 -d ip=192.0.2.1"
        ),
        "ask_for_it": format!("curl 'http://{host}/api/ext/list.json?id=202-agkey' -d oid={lead}"),
        "control": ENTRIES.iter().map(row).collect::<Vec<_>>(),
    })
}
