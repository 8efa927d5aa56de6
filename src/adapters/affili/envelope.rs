//! The envelope of answers: `{"status": "ok", "tag", "data", "api_version"}`; errors are said by the HTTP code and, in
//! the field, by a map of field to texts.

use serde_json::{Map, Value, json};

use crate::base::exchange::Response;

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// `data` of a good answer.
    Data(Value),
    /// A no: the HTTP code, the fields it names, and the words.
    Error { code: u16, fields: Vec<String>, words: String },
    /// Not the envelope.
    Nonsense(String),
}

/// Reads an answer.
pub(super) fn read(response: &Response) -> Said {
    if response.is_cut {
        return Said::Nonsense("the answer is too long to be read".into());
    }
    let is_good = (200..300).contains(&response.status);
    let text = response.text();
    match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(body)) if is_good && body.get("status").and_then(Value::as_str) == Some("ok") => {
            let data = body.get("data").cloned().unwrap_or(Value::Null);
            // Of a list the number of pages may stand beside it.
            match body.get("meta") {
                Some(meta) if data.is_array() => Said::Data(json!({ "data": data, "meta": meta })),
                _ => Said::Data(data),
            }
        }
        Ok(Value::Object(body)) if !is_good || body.get("errors").is_some_and(|errors| !errors.is_null()) => {
            let (fields, words) = complaints(&body);
            Said::Error { code: response.status, fields, words }
        }
        Ok(_) if is_good => Said::Nonsense("the answer is not ok, and names no error".into()),
        _ if is_good => Said::Nonsense("the answer is not JSON".into()),
        _ => Said::Error { code: response.status, fields: Vec::new(), words: String::new() },
    }
}

fn complaints(body: &Map<String, Value>) -> (Vec<String>, String) {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    match body.get("errors") {
        Some(Value::Object(errors)) => {
            let words = errors.iter().map(|(field, texts)| {
                let text = match texts {
                    Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                format!("{}: {}", clean(field), clean(&text))
            });
            (errors.keys().cloned().collect(), words.collect::<Vec<_>>().join("; "))
        }
        Some(Value::String(text)) => (Vec::new(), clean(text)),
        Some(other) if !other.is_null() => (Vec::new(), clean(&other.to_string())),
        _ => {
            let word = ["message", "msg", "error"].iter().find_map(|key| body.get(*key)?.as_str());
            (Vec::new(), clean(word.unwrap_or_default()))
        }
    }
}
