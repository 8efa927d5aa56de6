//! The filters of template files. All of them pass an absent value through, so `{{ lead.phone | digits }}` leaves
//! the field out of a lead without a phone. None can fail on what a lead holds, and none does I/O.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use hmac::{Hmac, KeyInit, Mac};
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};
use sha2::{Digest, Sha256};

use super::absent::is_absent;

/// Adds them to an engine. `default`, `upper` and `lower` replace the engine's own.
pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("default", |value: Value, other: Value| if is_empty(&value) { other } else { value });
    env.add_filter("upper", |value: Value| on_text(&value, |text| text.to_uppercase()));
    env.add_filter("lower", |value: Value| on_text(&value, |text| text.to_lowercase()));
    env.add_filter("digits", |value: Value| {
        on_text(&value, |text| text.chars().filter(char::is_ascii_digit).collect())
    });
    env.add_filter("national", |value: Value| on_text(&value, |text| split_phone(&text).1));
    env.add_filter("calling_code", |value: Value| on_text(&value, |text| split_phone(&text).0));
    env.add_filter("sha256", |value: Value| on_text(&value, |text| hex::encode(Sha256::digest(text.as_bytes()))));
    env.add_filter("hmac_sha256", hmac_sha256);
    env.add_filter("unixtime", |value: Value| {
        let Some(text) = text_of(&value) else { return Ok(Value::from(())) };
        Ok::<_, Error>(Value::from(parse_time(&text)?.timestamp()))
    });
    env.add_filter("plus_days", |value: Value, days: i64| {
        let Some(text) = text_of(&value) else { return Ok(Value::from(())) };
        let moved = TimeDelta::try_days(days).and_then(|days| parse_time(&text).ok()?.checked_add_signed(days));
        let moved =
            moved.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "plus_days: not a time, or too far"))?;
        Ok::<_, Error>(Value::from(moved.to_rfc3339_opts(SecondsFormat::Secs, true)))
    });
    env.add_filter("date", |value: Value, format: String| {
        let Some(text) = text_of(&value) else { return Ok(Value::from(())) };
        let mut out = String::new();
        // A wrong format makes chrono's Display fail, which `to_string` would turn into a panic.
        write!(out, "{}", parse_time(&text)?.format(&format))
            .map_err(|_| Error::new(ErrorKind::InvalidOperation, "date: not a format such as %Y-%m-%d"))?;
        Ok::<_, Error>(Value::from(out))
    });
}

/// Absent, or an empty text.
pub(super) fn is_empty(value: &Value) -> bool {
    is_absent(value) || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn text_of(value: &Value) -> Option<String> {
    (!is_absent(value)).then(|| value.to_string())
}

fn on_text(value: &Value, change: impl FnOnce(String) -> String) -> Value {
    text_of(value).map_or_else(|| Value::from(()), |text| Value::from(change(text)))
}

fn parse_time(text: &str) -> Result<DateTime<chrono::FixedOffset>, Error> {
    DateTime::parse_from_rfc3339(text).map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a time"))
}

/// Calling code and national number of an E.164 phone, digits only. Unreadable: no code, all digits.
fn split_phone(text: &str) -> (String, String) {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let code = phonenumber::parse(None, text).map(|phone| phone.code().value().to_string()).unwrap_or_default();
    let national = digits.strip_prefix(&code).unwrap_or(&digits).to_owned();
    (code, national)
}

fn hmac_sha256(value: Value, key: String) -> Result<Value, Error> {
    let Some(text) = text_of(&value) else { return Ok(Value::from(())) };
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "hmac_sha256: key cannot be used"))?;
    mac.update(text.as_bytes());
    Ok(Value::from(hex::encode(mac.finalize().into_bytes())))
}
