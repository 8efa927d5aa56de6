//! Everything that happened to a lead, in one order and in plain words: events, exchanges, calls of networks, calls to
//! the webmaster. A pure function of rows, so that it is tested without a database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{told, words};
use crate::base::money;
use crate::db::delivery::Delivery;
use crate::db::event::Event;
use crate::db::screen_lead::{AttemptRow, InboundRow, PostbackRow};

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: DateTime<Utc>,
    /// What happened, in words.
    pub title: String,
    /// A word for a chip and its text.
    pub chip: Option<(String, String)>,
    /// Who or what it came from; empty where the title says so.
    pub from: String,
    /// Sentences below the title.
    pub notes: Vec<String>,
    /// Short technical facts: milliseconds, HTTP status.
    pub facts: Vec<String>,
    pub trace: Vec<TraceLine>,
    /// Request and answer, each with a heading.
    pub bodies: Vec<(&'static str, String)>,
    /// Order within the same moment.
    rank: u8,
}

/// Why a route was or was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    pub position: i64,
    pub network: String,
    pub is_taken: bool,
    pub why: String,
}

/// What the timeline is made of.
pub struct History<'a> {
    pub events: &'a [Event],
    pub attempts: &'a [AttemptRow],
    pub inbound: &'a [InboundRow],
    pub postbacks: &'a [PostbackRow],
    pub deliveries: &'a [Delivery],
    /// Network ids to what people call them.
    pub networks: &'a HashMap<Uuid, String>,
    /// Whether request and answer texts may be seen, and how: none hides them.
    pub body: Option<&'a dyn Fn(&str) -> String>,
}

/// The timeline, oldest first.
pub fn build(history: &History<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(history.events.iter().map(|event| of_event(history, event)));
    entries.extend(history.attempts.iter().map(|attempt| of_attempt(history, attempt)));
    entries.extend(history.inbound.iter().map(|call| of_inbound(history, call)));
    entries.extend(history.postbacks.iter().map(|call| of_postback(history, call)));
    entries.sort_by_key(|entry| (entry.at, entry.rank));
    entries
}

impl Entry {
    pub(super) fn new(at: DateTime<Utc>, rank: u8, title: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            at,
            title: title.into(),
            chip: None,
            from: from.into(),
            notes: Vec::new(),
            facts: Vec::new(),
            trace: Vec::new(),
            bodies: Vec::new(),
            rank,
        }
    }

    fn chip(mut self, word: &str) -> Self {
        self.chip = Some((word.to_owned(), words::state(word).to_owned()));
        self
    }

    fn note(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.notes.push(text);
        }
        self
    }
}

impl History<'_> {
    fn network(&self, id: Option<Uuid>) -> &str {
        id.and_then(|id| self.networks.get(&id)).map_or("a network", String::as_str)
    }

    fn network_of_delivery(&self, id: Option<Uuid>) -> &str {
        let delivery = id.and_then(|id| self.deliveries.iter().find(|delivery| delivery.delivery_id == id));
        self.network(delivery.map(|delivery| delivery.network_id))
    }
}

fn text<'a>(detail: &'a Value, key: &str) -> Option<&'a str> {
    detail.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn id(detail: &Value, key: &str) -> Option<Uuid> {
    text(detail, key)?.parse().ok()
}

/// An amount as events keep it: text, or a number.
fn amount(detail: &Value, key: &str, currency: Option<&str>) -> Option<String> {
    let value = detail.get(key)?;
    let read = match value {
        Value::String(text) => text.parse().ok()?,
        Value::Number(number) => number.to_string().parse().ok()?,
        _ => return None,
    };
    let currency = currency.unwrap_or("");
    Some(format!("{} {currency}", money::print(read, currency)).trim().to_owned())
}

fn of_event(history: &History<'_>, event: &Event) -> Entry {
    let detail = &event.detail;
    let from = words::source(&event.source, event.actor.as_deref());
    let network = || history.network(id(detail, "network_id"));
    let entry = |rank, title: String| Entry::new(event.at, rank, title, from.clone());
    match event.kind.as_str() {
        "received" => with_trace(entry(0, format!("Received{}", going_to(history, detail))), detail),
        "routed" => with_trace(entry(5, format!("Routed{}", going_to(history, detail))), detail),
        "delivery" => {
            let state = text(detail, "state").unwrap_or("waiting");
            let reason = text(detail, "reason").unwrap_or_default();
            entry(4, words::delivery(state, network())).chip(state).note(words::sentence(reason))
        }
        "report" => report(history, entry(6, String::new()), event),
        "status" => status(entry(7, String::new()), detail),
        "redelivered" => entry(1, format!("Sent to {} again by hand", network())),
        "retried" => entry(1, format!("Delivery to {} retried by hand", network())),
        "postbacks_resent" => {
            let count = detail.get("postbacks").and_then(Value::as_u64).unwrap_or(0);
            let note = if count == 0 { "There was no postback to send again." } else { "" };
            entry(1, words::count(count, "postback sent again", "postbacks sent again")).note(note)
        }
        "status_by_hand" => {
            let result = text(detail, "result").unwrap_or("applied");
            entry(8, "Status set by hand".into()).note(words::sentence(words::verdict(result)))
        }
        "changed" => {
            let fields: Vec<&str> = match detail.get("fields") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => detail.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default(),
            };
            entry(1, "Lead changed".into()).note(if fields.is_empty() {
                String::new()
            } else {
                format!("Changed: {}.", fields.join(", "))
            })
        }
        "told" => told::entry(entry(5, String::new()), detail, network()),
        "revealed" => entry(1, "Contact data shown".into()),
        other => entry(9, words::sentence(&other.replace('_', " ")).trim_end_matches('.').to_owned()),
    }
}

fn going_to(history: &History<'_>, detail: &Value) -> String {
    match id(detail, "network_id") {
        Some(network_id) => format!(", goes to {}", history.network(Some(network_id))),
        None => ", no route takes it now".to_owned(),
    }
}

fn with_trace(mut entry: Entry, detail: &Value) -> Entry {
    let lines = detail.get("trace").and_then(Value::as_array);
    for line in lines.into_iter().flatten() {
        let verdict = text(line, "verdict").unwrap_or_default();
        let why = match text(line, "detail") {
            Some(more) => format!("{}: {more}", words::route(verdict)),
            None => words::route(verdict).to_owned(),
        };
        entry.trace.push(TraceLine {
            position: line.get("position").and_then(Value::as_i64).unwrap_or(0),
            network: text(line, "network").unwrap_or("?").to_owned(),
            is_taken: verdict == "taken",
            why,
        });
    }
    entry
}

fn report(history: &History<'_>, mut entry: Entry, event: &Event) -> Entry {
    let detail = &event.detail;
    let network = history.network_of_delivery(id(detail, "delivery_id"));
    let mapped = text(detail, "mapped");
    let said = match (text(detail, "status"), mapped) {
        (Some(raw), Some(status)) if !raw.eq_ignore_ascii_case(status) => format!("“{raw}”, which is {status}"),
        (Some(raw), _) => format!("“{raw}”"),
        (None, Some(status)) => status.to_owned(),
        (None, None) => "something without a status".to_owned(),
    };
    entry.title = match event.source.as_str() {
        "admin" | "import" => format!("Reported: {said}"),
        "answer" => format!("{network}’s answer means {said}"),
        _ => format!("{network} says {said}"),
    };
    let result = text(detail, "result").unwrap_or_default();
    let because = text(detail, "why").map(|why| format!(": {why}")).unwrap_or_default();
    if result != "applied" || !because.is_empty() {
        entry = entry.note(words::sentence(&format!("{}{because}", words::verdict(result))));
    }
    let currency = text(detail, "currency");
    for (key, label) in [("revenue", "Revenue"), ("payout", "Payout")] {
        if let Some(amount) = amount(detail, key, currency) {
            entry.facts.push(format!("{label} {amount}"));
        }
    }
    for (key, label) in [("goal", "Goal"), ("transaction_id", "Transaction")] {
        if let Some(value) = text(detail, key) {
            entry.facts.push(format!("{label} {value}"));
        }
    }
    for key in ["reason", "comment"] {
        entry = entry.note(words::sentence(text(detail, key).unwrap_or_default()));
    }
    entry
}

fn status(mut entry: Entry, detail: &Value) -> Entry {
    let to = text(detail, "to").unwrap_or("new");
    entry.title = match (text(detail, "move"), text(detail, "from")) {
        (Some(name), Some(from)) => format!("Status {name}: {from} → {to}"),
        (None, Some(from)) => format!("Status: {from} → {to}"),
        _ => format!("Status: {to}"),
    };
    entry = entry.chip(to).note(words::sentence(text(detail, "reason").unwrap_or_default()));
    let currency = text(detail, "currency");
    if let Some(payout) = amount(detail, "payout", currency) {
        entry.facts.push(format!("Payout {payout}"));
    }
    match detail.get("postbacks") {
        Some(Value::Number(count)) => {
            let count = count.as_u64().unwrap_or(0);
            entry.facts.push(words::count(count, "postback queued", "postbacks queued"));
        }
        Some(_) => entry.facts.push("no postback rule".into()),
        None => {}
    }
    entry
}

fn of_attempt(history: &History<'_>, attempt: &AttemptRow) -> Entry {
    let whom = match attempt.kind.as_str() {
        "postback" => "Call to the webmaster".to_owned(),
        "lookup" => format!("Asked {} whether it has the lead", history.network_of_delivery(Some(attempt.subject_id))),
        _ => format!("Sent to {}", history.network_of_delivery(Some(attempt.subject_id))),
    };
    let title = if attempt.no > 1 { format!("{whom}, attempt {}", attempt.no) } else { whom };
    let rank = if attempt.kind == "postback" { 9 } else { 3 };
    let mut entry = Entry::new(attempt.started_at, rank, title, "").chip(&attempt.outcome);
    if let Some(status) = attempt.http_status {
        entry.facts.push(format!("HTTP {status}"));
    }
    entry.facts.push(words::took(attempt.took_ms));
    if let Some(kind) = &attempt.error_kind {
        entry.facts.push(kind.replace('_', " "));
    }
    entry = entry.note(words::sentence(attempt.detail.as_deref().unwrap_or_default()));
    if attempt.is_late {
        entry = entry.note("The answer came after the delivery had been taken over.");
    }
    if let Some(show) = history.body {
        for (heading, body) in [("Request", &attempt.request), ("Answer", &attempt.response)] {
            if let Some(body) = body {
                entry.bodies.push((heading, show(body)));
            }
        }
    }
    entry
}

fn of_inbound(history: &History<'_>, call: &InboundRow) -> Entry {
    let title = format!("{} called our postback", history.network(Some(call.network_id)));
    let mut entry = Entry::new(call.received_at, 5, title, "");
    if let Some(result) = &call.result {
        entry = entry.note(words::sentence(words::verdict(result)));
    }
    entry = entry.note(words::sentence(call.reason.as_deref().unwrap_or_default()));
    entry.facts.push(call.method.clone());
    if let Some(show) = history.body {
        if !call.query.is_empty() {
            entry.bodies.push(("Query", show(&call.query)));
        }
        if !call.body.is_empty() {
            entry.bodies.push(("Body", show(&String::from_utf8_lossy(&call.body))));
        }
    }
    entry
}

fn of_postback(history: &History<'_>, call: &PostbackRow) -> Entry {
    let mut entry =
        Entry::new(call.created_at, 8, format!("Webmaster is to hear: {}", call.status), "").chip(&call.state);
    if call.state == "delivered" {
        entry.title = format!("Webmaster told: {}", call.status);
        entry.facts.push(format!("told at {}", call.updated_at.format("%H:%M:%S")));
    }
    if let Some(status) = call.http_status {
        entry.facts.push(format!("HTTP {status}"));
    }
    if let Some(next_at) = call.next_at.filter(|_| call.state == "retrying") {
        entry.facts.push(format!("next try at {}", next_at.format("%H:%M:%S")));
    }
    entry = entry.note(words::sentence(call.reason.as_deref().unwrap_or_default()));
    if let Some(show) = history.body {
        entry.bodies.push(("URL", show(&format!("{} {}", call.method, call.url))));
    }
    entry
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_789_992_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn n(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn event(kind: &str, source: &str, seconds: i64, detail: Value) -> Event {
        Event {
            event_id: n(1),
            lead_id: n(2),
            at: at(seconds),
            kind: kind.into(),
            source: source.into(),
            actor: None,
            detail,
        }
    }

    fn delivery() -> Delivery {
        Delivery {
            delivery_id: n(0x41),
            lead_id: n(2),
            network_id: n(0x21),
            route_id: None,
            purpose: "sale".into(),
            state: "accepted".into(),
            attempts: 1,
            sending_at: None,
            next_at: None,
            external_id: None,
            redirect_url: None,
            message: None,
            reason: None,
            is_duplicate: false,
            expires_at: at(0),
            accepted_at: Some(at(1)),
            created_at: at(0),
        }
    }

    fn built(events: &[Event], attempts: &[AttemptRow], with_bodies: bool) -> Vec<Entry> {
        let networks = HashMap::from([(n(0x21), "N1".to_owned())]);
        let show = |text: &str| text.replace("secret", "•••");
        let body: Option<&dyn Fn(&str) -> String> = if with_bodies { Some(&show) } else { None };
        let deliveries = [delivery()];
        let history = History {
            events,
            attempts,
            inbound: &[],
            postbacks: &[],
            deliveries: &deliveries,
            networks: &networks,
            body,
        };
        build(&history)
    }

    #[test]
    fn every_kind_of_event_is_told_in_words() {
        for (kind, source, detail, title, notes) in [
            ("received", "intake", json!({ "network_id": n(0x21) }), "Received, goes to N1", vec![]),
            ("routed", "router", json!({ "network_id": null }), "Routed, no route takes it now", vec![]),
            (
                "delivery",
                "system",
                json!({ "network_id": n(0x21), "state": "refused", "reason": "bad phone" }),
                "N1 refused the lead",
                vec!["Bad phone."],
            ),
            (
                "report",
                "postback",
                json!({ "delivery_id": n(0x41), "result": "applied", "status": "confirm", "mapped": "approved" }),
                "N1 says “confirm”, which is approved",
                vec![],
            ),
            (
                "report",
                "poll",
                json!({ "delivery_id": n(0x41), "result": "stale", "why": "paid before", "status": "Hold", "mapped": "hold" }),
                "N1 says “Hold”",
                vec!["Would move the lead backwards; ignored: paid before."],
            ),
            ("status", "system", json!({ "from": "hold", "to": "approved" }), "Status: hold → approved", vec![]),
            (
                "status",
                "system",
                json!({ "from": "approved", "to": "trash", "move": "reversed", "reason": "fake" }),
                "Status reversed: approved → trash",
                vec!["Fake."],
            ),
            ("redelivered", "admin", json!({ "network_id": n(0x21) }), "Sent to N1 again by hand", vec![]),
            ("retried", "admin", json!({ "network_id": n(9) }), "Delivery to a network retried by hand", vec![]),
            (
                "postbacks_resent",
                "admin",
                json!({ "postbacks": 0 }),
                "0 postbacks sent again",
                vec!["There was no postback to send again."],
            ),
            ("status_by_hand", "admin", json!({ "result": "applied" }), "Status set by hand", vec!["Applied."]),
            ("changed", "intake", json!({ "fields": ["zip", "city"] }), "Lead changed", vec!["Changed: zip, city."]),
            ("revealed", "admin", json!({}), "Contact data shown", vec![]),
            ("brand_new", "system", json!(null), "Brand new", vec![]),
        ] {
            let entry = built(&[event(kind, source, 0, detail)], &[], true).remove(0);
            assert_eq!(entry.title, title);
            assert_eq!(entry.notes, notes, "{kind}");
        }
    }

    #[test]
    fn a_trace_gives_the_reason_for_every_candidate() {
        let detail = json!({ "network_id": n(0x21), "trace": [
            { "route_id": n(5), "network": "n0", "position": 1, "verdict": "country", "detail": "takes DE" },
            { "route_id": n(6), "network": "n1", "position": 2, "verdict": "taken" },
        ] });
        let entry = built(&[event("received", "intake", 0, detail)], &[], true).remove(0);
        assert_eq!(entry.trace.iter().map(|line| line.is_taken).collect::<Vec<_>>(), [false, true]);
        assert_eq!(entry.trace[0].why, "Another country: takes DE");
    }

    #[test]
    fn everything_stands_in_the_order_it_happened_and_bodies_only_where_allowed() {
        let attempt = AttemptRow {
            subject_id: n(0x41),
            kind: "send".into(),
            no: 2,
            started_at: at(2),
            took_ms: 312,
            outcome: "accepted".into(),
            http_status: Some(200),
            error_kind: None,
            detail: None,
            is_late: false,
            request: Some("POST secret".into()),
            response: None,
        };
        let events = [
            event(
                "status",
                "system",
                3,
                json!({ "from": "new", "to": "pending", "payout": "1.5", "currency": "USD", "postbacks": 1 }),
            ),
            event("delivery", "system", 3, json!({ "network_id": n(0x21), "state": "accepted" })),
            event("received", "intake", 1, json!({})),
        ];
        let entries = built(&events, std::slice::from_ref(&attempt), true);
        let titles: Vec<_> = entries.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!(
            titles,
            ["Received, no route takes it now", "Sent to N1, attempt 2", "N1 has the lead", "Status: new → pending"]
        );
        assert_eq!(entries[1].facts, ["HTTP 200", "312 ms"]);
        assert_eq!(entries[1].bodies, [("Request", "POST •••".to_owned())]);
        assert_eq!(entries[3].facts, ["Payout 1.50 USD", "1 postback queued"]);
        assert!(built(&events, &[attempt], false).iter().all(|entry| entry.bodies.is_empty()));
    }
}
