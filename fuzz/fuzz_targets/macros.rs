//! Templates of postbacks and values: what parses renders whatever the values are, and no value leaves its place. A
//! rendered URL keeps its server and its parts and a form its pairs, JSON stays JSON of the same shape; read back,
//! each place holds exactly the value.
//!
//! The input: `u`rl, `j`son, `f`orm or `r`aw, the template, a NUL, then the value that stands in all places.

#![no_main]

use leadrelay::domain::macros::{Audience, Encoding, Template, Values};
use serde_json::Value;
use url::Url;

/// Stands for the value where the shape of a template is asked for. It cannot overlap with itself.
const PROBE: &str = "qz7x9";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((template, value)) = text.split_once('\0') else { return };
    let Some((kind, template)) = template.split_at_checked(1) else { return };
    let encoding = match kind {
        "u" => Encoding::Url,
        "j" => Encoding::Json,
        "f" => Encoding::Form,
        _ => Encoding::Raw,
    };
    // Where the probe stands already, nothing can be told.
    if text.contains(PROBE) {
        return;
    }
    let parsed = match Template::parse(template, encoding, Audience::Admin) {
        Ok(parsed) => parsed,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(parsed.names().iter().all(|name| !name.is_empty()));
    let (shape, rendered) = (parsed.render(&all(PROBE)), parsed.render(&all(value)));
    assert_eq!(rendered, parsed.render(&all(value)), "rendered twice");
    match encoding {
        Encoding::Url => url(template, &shape, &rendered, value),
        Encoding::Form => assert_eq!(pairs(&rendered), filled(pairs(&shape), value), "{rendered:?}"),
        Encoding::Json => {
            let read = |text: &str| serde_json::from_str::<Value>(text);
            let shape = read(&shape).expect("the probe makes JSON");
            let rendered = read(&rendered).unwrap_or_else(|error| panic!("{error}: {rendered}"));
            // Names of members that are made of values may meet.
            if !has_probe_in_a_name(&shape) {
                json(&shape, &rendered, value);
            }
        }
        Encoding::Raw => assert_eq!(rendered, shape.replace(PROBE, value)),
    }
});

/// Every text is this; what has a type of its own is absent.
fn all(text: &str) -> Values {
    let some = || Some(text.to_owned());
    Values {
        id: text.to_owned(),
        external_id: some(),
        click_id: some(),
        subs: std::array::from_fn(|_| some()),
        utm: std::array::from_fn(|_| some()),
        reason: some(),
        comment: some(),
        currency: some(),
        goal: some(),
        offer: some(),
        flow: some(),
        country: some(),
        transaction_id: some(),
        ..Values::default()
    }
}

fn url(template: &str, shape: &str, rendered: &str, value: &str) {
    // What a postback's URL may not be anyway.
    if template.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return;
    }
    let Ok(shape) = shape.parse::<Url>() else { return };
    if !matches!(shape.scheme(), "http" | "https") {
        return;
    }
    let rendered: Url = rendered.parse().unwrap_or_else(|error| panic!("{error}: {rendered}"));
    assert_eq!(rendered[..url::Position::BeforePath], shape[..url::Position::BeforePath], "another server");
    let segments = |url: &Url| url.path().split('/').map(decoded).collect::<Vec<_>>();
    let expected: Vec<Vec<u8>> = segments(&shape).iter().map(|part| as_name(replace(part, value))).collect();
    assert_eq!(segments(&rendered), expected, "{rendered}");
    let query = |url: &Url| pairs(url.query().unwrap_or_default());
    assert_eq!(query(&rendered), filled(query(&shape), value), "{rendered}");
}

/// A part that would walk up the path is encoded twice.
fn as_name(part: Vec<u8>) -> Vec<u8> {
    match part.as_slice() {
        b"." => b"%2e".to_vec(),
        b".." => b"%2e%2e".to_vec(),
        _ => part,
    }
}

type Pair = (Vec<u8>, Vec<u8>);

/// The pairs of a query or a form, decoded, the empty ones left out.
fn pairs(text: &str) -> Vec<Pair> {
    let plain = |part: &str| decoded(&part.replace('+', " "));
    let split = |pair: &str| {
        pair.split_once('=').map_or((plain(pair), Vec::new()), |(name, value)| (plain(name), plain(value)))
    };
    text.split('&').map(split).filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect()
}

fn filled(pairs: Vec<Pair>, value: &str) -> Vec<Pair> {
    let all = pairs.iter().map(|(name, content)| (replace(name, value), replace(content, value)));
    all.filter(|(name, content)| !(name.is_empty() && content.is_empty())).collect()
}

fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// The value where the probe stood.
fn replace(bytes: &[u8], value: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(PROBE.as_bytes()) {
            out.extend_from_slice(value.as_bytes());
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

fn has_probe_in_a_name(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, inner)| name.contains(PROBE) || has_probe_in_a_name(inner)),
        Value::Array(items) => items.iter().any(has_probe_in_a_name),
        _ => false,
    }
}

fn json(shape: &Value, rendered: &Value, value: &str) {
    match (shape, rendered) {
        (Value::Object(shape), Value::Object(rendered)) => {
            assert!(shape.keys().eq(rendered.keys()));
            shape.values().zip(rendered.values()).for_each(|(shape, rendered)| json(shape, rendered, value));
        }
        (Value::Array(shape), Value::Array(rendered)) => {
            assert_eq!(shape.len(), rendered.len());
            shape.iter().zip(rendered).for_each(|(shape, rendered)| json(shape, rendered, value));
        }
        // Outside of quotes: a number as it was written, or nothing.
        (Value::String(text), Value::Number(number)) if text == PROBE => {
            let (read, given) = (number.to_string().parse::<f64>(), value.parse::<f64>());
            assert_eq!(read, given, "{value:?}");
        }
        (Value::String(text), Value::Null) if text == PROBE => assert_eq!(value, ""),
        (Value::String(text), Value::String(filled)) => assert_eq!(*filled, text.replace(PROBE, value)),
        (shape, rendered) => assert_eq!(shape, rendered),
    }
}
