//! Everything that happened to a lead, in one order and in plain words: events, exchanges, calls of networks, calls to
//! the webmaster. A pure function of rows, so that it is tested without a database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::texts::say;
use super::{curl, format, told, words};
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
    pub bodies: Vec<(String, String)>,
    /// The id of its element and the request as a curl call.
    pub curl: Option<(String, String)>,
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
    /// Whether the webmaster himself reads it.
    pub is_his: bool,
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
    for (no, (id, _)) in entries.iter_mut().filter_map(|entry| entry.curl.as_mut()).enumerate() {
        *id = format!("curl-{no}");
    }
    entries
}

impl Entry {
    /// A line with nothing but its title.
    pub fn new(at: DateTime<Utc>, rank: u8, title: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            at,
            title: title.into(),
            chip: None,
            from: from.into(),
            notes: Vec::new(),
            facts: Vec::new(),
            trace: Vec::new(),
            bodies: Vec::new(),
            curl: None,
            rank,
        }
    }

    /// What stands in its bodies: "Request and answer".
    pub fn unfolds(&self) -> String {
        let mut headings = self.bodies.iter().map(|(heading, _)| heading);
        let first = headings.next().cloned().unwrap_or_default();
        headings.fold(first, |first, next| {
            say("timeline-bodies").with("first", first).with("next", next.to_lowercase()).into()
        })
    }

    fn chip(mut self, word: &str) -> Self {
        self.chip = Some((word.to_owned(), words::state(word)));
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
    fn network(&self, id: Option<Uuid>) -> String {
        let known = id.and_then(|id| self.networks.get(&id));
        known.cloned().unwrap_or_else(|| say("lead-some-network").into())
    }

    fn network_of_delivery(&self, id: Option<Uuid>) -> String {
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
    let read: Decimal = match value {
        Value::String(text) => text.parse().ok()?,
        Value::Number(number) => number.to_string().parse().ok()?,
        _ => return None,
    };
    Some(format::money(read, currency.unwrap_or("")).trim().to_owned())
}

fn of_event(history: &History<'_>, event: &Event) -> Entry {
    let detail = &event.detail;
    let from = words::source(&event.source, event.actor.as_deref());
    let network = || history.network(id(detail, "network_id"));
    let entry = |rank, title: String| Entry::new(event.at, rank, title, from.clone());
    match event.kind.as_str() {
        "received" => {
            let title = going(history, detail, "timeline-received", "timeline-received-no-route");
            with_trace(entry(0, title), detail)
        }
        "routed" => {
            let title = going(history, detail, "timeline-routed", "timeline-routed-no-route");
            with_trace(entry(5, title), detail)
        }
        "delivery" => {
            let state = text(detail, "state").unwrap_or("waiting");
            let reason = text(detail, "reason").unwrap_or_default();
            entry(4, words::delivery(state, &network())).chip(state).note(words::sentence(reason))
        }
        "report" => report(history, entry(6, String::new()), event),
        "status" => status(entry(7, String::new()), detail),
        "redelivered" => entry(1, say("timeline-redelivered").with("network", network()).into()),
        "retried" => entry(1, say("timeline-retried").with("network", network()).into()),
        "postbacks_resent" => {
            let count = detail.get("postbacks").and_then(Value::as_u64).unwrap_or(0);
            let note = if count == 0 { say("timeline-resent-none").into() } else { String::new() };
            entry(1, say("timeline-resent").count("count", count).into()).note(note)
        }
        "status_by_hand" => {
            let result = text(detail, "result").unwrap_or("applied");
            entry(8, say("timeline-status-by-hand").into()).note(words::sentence(&words::verdict(result)))
        }
        "changed" => {
            let fields: Vec<&str> = match detail.get("fields") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
                _ => detail.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default(),
            };
            entry(1, say("timeline-changed").into()).note(if fields.is_empty() {
                String::new()
            } else {
                say("timeline-changed-fields").with("fields", fields.join(", ")).into()
            })
        }
        "told" => told::entry(entry(5, String::new()), detail, &network()),
        "revealed" => entry(1, say("timeline-revealed").into()),
        "erased" => entry(9, say("timeline-erased").into()),
        other => entry(9, words::sentence(&other.replace('_', " ")).trim_end_matches('.').to_owned()),
    }
}

/// One of two texts: with the network the lead goes to, or for no network.
fn going(history: &History<'_>, detail: &Value, to: &'static str, nowhere: &'static str) -> String {
    match id(detail, "network_id") {
        Some(network_id) => say(to).with("network", history.network(Some(network_id))).into(),
        None => say(nowhere).into(),
    }
}

fn with_trace(mut entry: Entry, detail: &Value) -> Entry {
    let lines = detail.get("trace").and_then(Value::as_array);
    for line in lines.into_iter().flatten() {
        let verdict = text(line, "verdict").unwrap_or_default();
        let why = match text(line, "detail") {
            Some(more) => format!("{}: {more}", words::route(verdict)),
            None => words::route(verdict),
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
    // A word of theirs that reads as ours does is not said twice.
    let mapped = text(detail, "mapped").map(words::state);
    let said: String = match (text(detail, "status"), mapped) {
        (Some(raw), Some(status)) if !raw.eq_ignore_ascii_case(&status) => {
            say("timeline-said-means").with("word", raw).with("status", status).into()
        }
        (Some(raw), _) => say("timeline-said").with("word", raw).into(),
        (None, Some(status)) => status,
        (None, None) => say("timeline-said-nothing").into(),
    };
    let title = match event.source.as_str() {
        "admin" | "import" => say("timeline-reported"),
        "answer" => say("timeline-answered").with("network", network),
        _ => say("timeline-says").with("network", network),
    };
    entry.title = title.with("said", said).into();
    let result = text(detail, "result").unwrap_or_default();
    let because = text(detail, "why").map(|why| format!(": {why}")).unwrap_or_default();
    if result != "applied" || !because.is_empty() {
        entry = entry.note(words::sentence(&format!("{}{because}", words::verdict(result))));
    }
    let currency = text(detail, "currency");
    for (key, label) in [("revenue", "timeline-revenue"), ("payout", "timeline-payout")] {
        if let Some(amount) = amount(detail, key, currency) {
            entry.facts.push(say(label).with("amount", amount).into());
        }
    }
    for (key, label) in [("goal", "timeline-goal"), ("transaction_id", "timeline-transaction")] {
        if let Some(value) = text(detail, key) {
            entry.facts.push(say(label).with("value", value).into());
        }
    }
    for key in ["reason", "comment"] {
        entry = entry.note(words::sentence(text(detail, key).unwrap_or_default()));
    }
    entry
}

fn status(mut entry: Entry, detail: &Value) -> Entry {
    let to = text(detail, "to").unwrap_or("new");
    let title = match (text(detail, "move"), text(detail, "from")) {
        (_, None) => say("timeline-status"),
        (name, Some(from)) => {
            let key = match name {
                Some("reversed") => "timeline-status-reversed",
                Some("reopened") => "timeline-status-reopened",
                _ => "timeline-status-moved",
            };
            say(key).with("from", words::state(from))
        }
    };
    entry.title = title.with("to", words::state(to)).into();
    entry = entry.chip(to);
    for key in ["reason", "comment"] {
        entry = entry.note(words::sentence(text(detail, key).unwrap_or_default()));
    }
    let currency = text(detail, "currency");
    if let Some(payout) = amount(detail, "payout", currency) {
        entry.facts.push(say("timeline-payout").with("amount", payout).into());
    }
    match detail.get("postbacks") {
        Some(Value::Number(count)) => {
            entry.facts.push(say("timeline-postbacks").count("count", count.as_u64().unwrap_or(0)).into());
        }
        Some(_) => entry.facts.push(say("timeline-no-rule").into()),
        None => {}
    }
    entry
}

fn of_attempt(history: &History<'_>, attempt: &AttemptRow) -> Entry {
    let network = || history.network_of_delivery(Some(attempt.subject_id));
    let mut title = match attempt.kind.as_str() {
        "postback" if history.is_his => say("timeline-call-you"),
        "postback" => say("timeline-call"),
        "lookup" => say("timeline-asked").with("network", network()),
        _ => say("timeline-sent").with("network", network()),
    };
    if attempt.no > 1 {
        title = say("timeline-attempt").with("what", title).with("no", attempt.no);
    }
    let rank = if attempt.kind == "postback" { 9 } else { 3 };
    let mut entry = Entry::new(attempt.started_at, rank, title, "").chip(&attempt.outcome);
    if let Some(status) = attempt.http_status {
        entry.facts.push(format!("HTTP {status}"));
    }
    entry.facts.push(words::took(attempt.took_ms));
    if let Some(kind) = &attempt.error_kind {
        entry.facts.push(words::error_kind(kind));
    }
    entry = entry.note(words::sentence(attempt.detail.as_deref().unwrap_or_default()));
    if attempt.is_late {
        entry = entry.note(say("timeline-late"));
    }
    if let Some(show) = history.body {
        for (heading, body) in [("timeline-request", &attempt.request), ("timeline-answer", &attempt.response)] {
            if let Some(body) = body {
                entry.bodies.push((say(heading).into(), show(body)));
            }
        }
        let call = attempt.request.as_deref().and_then(|request| curl::of(&show(request)));
        entry.curl = call.map(|call| (String::new(), call));
    }
    entry
}

fn of_inbound(history: &History<'_>, call: &InboundRow) -> Entry {
    let title = say("timeline-called").with("network", history.network(Some(call.network_id)));
    let mut entry = Entry::new(call.received_at, 5, title, "");
    if let Some(result) = &call.result {
        entry = entry.note(words::sentence(&words::verdict(result)));
    }
    entry = entry.note(words::sentence(call.reason.as_deref().unwrap_or_default()));
    entry.facts.push(call.method.clone());
    if let Some(show) = history.body {
        if !call.query.is_empty() {
            entry.bodies.push((say("timeline-query").into(), show(&call.query)));
        }
        if !call.body.is_empty() {
            entry.bodies.push((say("timeline-body").into(), show(&String::from_utf8_lossy(&call.body))));
        }
    }
    entry
}

fn of_postback(history: &History<'_>, call: &PostbackRow) -> Entry {
    let is_told = call.state == "delivered";
    let title = match (is_told, history.is_his) {
        (true, false) => say("timeline-told"),
        (false, false) => say("timeline-to-tell"),
        (true, true) => say("timeline-told-you"),
        (false, true) => say("timeline-to-tell-you"),
    };
    let title = title.with("status", words::state(&call.status));
    let mut entry = Entry::new(call.created_at, 8, title, "").chip(&call.state);
    if is_told {
        entry.facts.push(say("timeline-told-at").with("time", format::clock(call.updated_at)).into());
    }
    if let Some(status) = call.http_status {
        entry.facts.push(format!("HTTP {status}"));
    }
    if let Some(next_at) = call.next_at.filter(|_| call.state == "retrying") {
        entry.facts.push(say("timeline-next-try").with("time", format::clock(next_at)).into());
    }
    entry = entry.note(words::sentence(call.reason.as_deref().unwrap_or_default()));
    if let Some(show) = history.body {
        entry.bodies.push((say("timeline-url").into(), show(&format!("{} {}", call.method, call.url))));
    }
    entry
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
