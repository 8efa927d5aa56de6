//! Our closed words as people read them on the pages. A refused lead is not a broken delivery: the words keep them apart.

use super::format;
use super::texts::{self, say};
use crate::db::lane_view::Why;

/// A state of a delivery, a call to a webmaster or an exchange, or a status of a lead.
pub fn state(word: &str) -> String {
    texts::find(&format!("state-{word}")).unwrap_or_else(|| word.replace('_', " "))
}

/// The class of a word's chip: words without a colour of their own take that of their kin.
pub fn tone(word: &str) -> &str {
    match word {
        "no_route" | "unknown" | "ours" | "unmatched" | "unmapped" | "stale" | "mapping" | "checked" => "needs_review",
        "no_capacity" | "retry" => "retrying",
        "checking" => "running",
        "applied" | "created" => "delivered",
        "unchanged" | "ignored" | "duplicate" | "archived" | "off" | "revoked" | "no_password" => "waiting",
        "on" | "active" => "delivered",
        "misconfigured" => "paused",
        "lost" | "failed" | "invalid" => "dead",
        other => other,
    }
}

/// The class of a word's dot on the timeline; most things that happen are neither good nor bad.
pub fn dot(word: &str) -> &'static str {
    match tone(word) {
        "accepted" | "delivered" | "approved" | "paid" => "timeline__item--ok",
        "dead" | "rejected" | "paused" => "timeline__item--bad",
        "needs_review" | "retrying" | "hold" => "timeline__item--warn",
        _ => "",
    }
}

/// What a state of a delivery means for the lead and this network.
pub fn delivery(state: &str, network: &str) -> String {
    match state {
        "waiting" | "sending" | "retrying" | "accepted" | "refused" | "needs_review" | "dead" | "cancelled" => {
            say(format!("delivery-{state}")).with("network", network).into()
        }
        other => say("delivery-other").with("network", network).with("state", other).into(),
    }
}

/// Why no answer came.
pub fn error_kind(word: &str) -> String {
    texts::find(&format!("timeline-error-{word}")).unwrap_or_else(|| word.replace('_', " "))
}

/// What became of a report.
pub fn verdict(word: &str) -> String {
    texts::find(&format!("verdict-{word}")).unwrap_or_else(|| word.replace('_', " "))
}

/// What was decided about a route.
pub fn route(verdict: &str) -> String {
    texts::find(&format!("route-{verdict}")).unwrap_or_else(|| verdict.replace('_', " "))
}

/// Where an event came from, with the person where there is one.
pub fn source(source: &str, actor: Option<&str>) -> String {
    match actor {
        Some(actor) => match actor.split_once(':') {
            Some(("user", email)) => email.to_owned(),
            Some(("token", "environment")) => say("actor-environment").into(),
            Some(("token", _)) => say("actor-token").into(),
            Some(("link", _)) => say("actor-link").into(),
            Some(("webmaster", _)) => say("actor-webmaster").into(),
            None if actor == "command-line" => say("actor-command-line").into(),
            _ => actor.to_owned(),
        },
        // What the server does by itself needs no name.
        None => texts::find(&format!("source-{source}")).unwrap_or_default(),
    }
}

/// Why a network or an address is not healthy.
pub fn why(why: &Why) -> String {
    match why {
        Why::SwitchedOff => say("why-switched-off").into(),
        Why::Paused(None) => say("why-paused").into(),
        Why::Paused(Some(why)) => why.clone(),
        Why::Failing { in_row, until: None } => say("why-failing").count("count", *in_row).into(),
        Why::Failing { in_row, until: Some(until) } => {
            say("why-failing-until").count("count", *in_row).with("time", format::moment(until)).into()
        }
    }
}

/// A text as a sentence: a capital first, a full stop last. Nothing stays nothing.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut out: String = first.to_uppercase().chain(chars).collect();
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

/// Milliseconds, or seconds where they are long.
pub fn took(ms: i32) -> String {
    if ms < 10_000 {
        say("took-ms").count("ms", ms).into()
    } else {
        say("took-seconds").with("seconds", format!("{}.{}", ms / 1000, ms % 1000 / 100)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_sentences() {
        assert_eq!(sentence(" no answer "), "No answer.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence(""), "");
        assert_eq!(took(3_120), "3,120 ms");
        assert_eq!(took(12_340), "12.3 s");
    }

    #[test]
    fn people_are_named_tokens_are_not() {
        assert_eq!(source("admin", Some("user:ann@example.com")), "ann@example.com");
        assert_eq!(source("admin", Some("token:0190")), "an API token");
        assert_eq!(source("router", None), "routing");
    }
}
