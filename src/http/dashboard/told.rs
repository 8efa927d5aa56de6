//! The line of a timeline that says what a network was told about a lead it has.

use serde_json::Value;

use super::texts::say;
use super::timeline::Entry;
use super::words;

/// The line.
pub(super) fn entry(mut entry: Entry, detail: &Value, network: &str) -> Entry {
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let again = detail.get("again").and_then(Value::as_bool).unwrap_or(false);
    let (of_status, of_change) = match text("outcome") {
        "accepted" => ("timeline-network-told-status", "timeline-network-told-change"),
        _ if again => ("timeline-network-later-status", "timeline-network-later-change"),
        _ => ("timeline-network-untold-status", "timeline-network-untold-change"),
    };
    let title = match text("what") {
        "verdict" => say(of_status).with("status", words::state(text("status"))),
        _ => say(of_change),
    };
    entry.title = title.with("network", network).into();
    let reason = words::sentence(text("reason"));
    if !reason.is_empty() {
        entry.notes.push(reason);
    }
    entry
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_what_was_told_and_what_came_of_it() {
        let line = |detail: Value| {
            let entry = entry(Entry::new(DateTime::UNIX_EPOCH, 0, String::new(), String::new()), &detail, "Affili");
            (entry.title, entry.notes)
        };
        let told = line(json!({ "what": "verdict", "status": "approved", "outcome": "accepted" }));
        assert_eq!(told, ("Affili was told that the lead is approved".into(), vec![]));
        let late = line(json!({ "what": "change", "outcome": "retry", "reason": "HTTP 500", "again": true }));
        assert_eq!(late, ("Affili could not be told what has changed yet".into(), vec!["HTTP 500.".into()]));
        let no = line(json!({ "what": "change", "outcome": "refused", "again": false }));
        assert_eq!(no.0, "Affili was not told what has changed");
    }
}
