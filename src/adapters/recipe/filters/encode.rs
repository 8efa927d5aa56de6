//! Values in other notations: base64, HTML, and those PHP's own functions write and read.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Value;
use minijinja::{Environment, Error};
use serde_json::Value as Json;
use url::form_urlencoded::Serializer;

use super::{nothing, on_text, wrong};
use crate::adapters::recipe::absent::is_absent;

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("base64", |value: Value| on_text(&value, |text| STANDARD.encode(text)));
    env.add_filter("html", |value: Value| on_text(&value, |text| html(&text)));
    env.add_filter("php_serialize", |value: Value| on_json(&value, |json| serialized(&json)));
    env.add_filter("php_query", |value: Value| on_json(&value, |json| query(&json)));
}

fn on_json(value: &Value, write: impl FnOnce(Json) -> String) -> Result<Value, Error> {
    if is_absent(value) {
        return Ok(nothing());
    }
    let json = serde_json::to_value(value).map_err(|_| wrong("is no value that can be sent"))?;
    Ok(Value::from(write(json)))
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// As PHP's `serialize` writes it. Lengths are in bytes.
fn serialized(value: &Json) -> String {
    let mut out = String::new();
    serialize(&mut out, value);
    out
}

fn serialize(out: &mut String, value: &Json) {
    // Writing to a text does not fail.
    let _ = match value {
        Json::Null => write!(out, "N;"),
        Json::Bool(is) => write!(out, "b:{};", u8::from(*is)),
        Json::Number(number) if number.is_f64() => write!(out, "d:{number};"),
        Json::Number(number) => write!(out, "i:{number};"),
        Json::String(text) => write!(out, "s:{}:\"{text}\";", text.len()),
        Json::Array(items) => {
            let _ = write!(out, "a:{}:{{", items.len());
            for (at, item) in items.iter().enumerate() {
                let _ = write!(out, "i:{at};");
                serialize(out, item);
            }
            write!(out, "}}")
        }
        Json::Object(fields) => {
            let _ = write!(out, "a:{}:{{", fields.len());
            for (name, field) in fields {
                let _ = write!(out, "s:{}:\"{name}\";", name.len());
                serialize(out, field);
            }
            write!(out, "}}")
        }
    };
}

/// As PHP's `http_build_query` writes it: what is nested in brackets, truth as 1 and 0, null left out.
fn query(value: &Json) -> String {
    let mut pairs = Serializer::new(String::new());
    flatten(&mut pairs, String::new(), value);
    pairs.finish()
}

fn flatten(pairs: &mut Serializer<'_, String>, name: String, value: &Json) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}[{key}]") };
    match value {
        Json::Null => {}
        Json::Bool(is) => {
            pairs.append_pair(&name, if *is { "1" } else { "0" });
        }
        Json::Number(number) => {
            pairs.append_pair(&name, &number.to_string());
        }
        Json::String(text) => {
            pairs.append_pair(&name, text);
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(pairs, below(&at.to_string()), item);
            }
        }
        Json::Object(fields) => {
            for (key, field) in fields {
                flatten(pairs, below(key), field);
            }
        }
    }
}
