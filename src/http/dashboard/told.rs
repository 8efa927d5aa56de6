//! The line of a timeline that says what a network was told about a lead it has.

use serde_json::Value;

use super::timeline::Entry;
use super::words;

/// The line.
pub(super) fn entry(mut entry: Entry, detail: &Value, network: &str) -> Entry {
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let what = match text("what") {
        "verdict" => format!("that the lead is {}", text("status")),
        _ => "what has changed".to_owned(),
    };
    let again = detail.get("again").and_then(Value::as_bool).unwrap_or(false);
    entry.title = match text("outcome") {
        "accepted" => format!("{network} was told {what}"),
        _ if again => format!("{network} could not be told {what} yet"),
        _ => format!("{network} was not told {what}"),
    };
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
