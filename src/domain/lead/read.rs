//! Reads single fields out of a [`RawLead`] and collects what is wrong with them.

use std::net::IpAddr;

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use super::limits::{self, Text};
use super::raw::RawLead;
use crate::base::field_error::FieldError;
use crate::base::{country, email, money, text};

/// Takes fields one by one; complaints gather in `errors`, so that a caller hears of all at once.
pub(super) struct Reader {
    pub raw: RawLead,
    pub errors: Vec<FieldError>,
}

impl Reader {
    pub fn new(raw: RawLead) -> Self {
        Self { raw, errors: Vec::new() }
    }

    pub fn refuse(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    /// A text; absent, null and empty are `None`.
    pub fn text(&mut self, field: Text) -> Option<String> {
        let value = self.raw.take(field.name)?;
        let raw = match text_of(&value) {
            Ok(raw) => raw,
            Err(message) => {
                self.refuse(field.name, "invalid_type", message);
                return None;
            }
        };
        let text = if field.has_lines { text::lines(&raw) } else { text::line(&raw) };
        if text::is_longer(&text, field.max) {
            self.refuse(field.name, "too_long", format!("must be at most {} characters long", field.max));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A text that `read` turns into something, or says what it must be.
    fn read<T>(&mut self, field: Text, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(field)?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.refuse(field.name, "invalid", message);
                None
            }
        }
    }

    pub fn email(&mut self) -> Option<String> {
        self.read(limits::EMAIL, |text| email::parse(text).map_err(|err| err.to_string()))
    }

    pub fn country(&mut self) -> Option<String> {
        self.read(limits::COUNTRY, |text| {
            country::parse(text).ok_or_else(|| "must be an ISO 3166 code of two letters".to_owned())
        })
    }

    pub fn ip(&mut self) -> Option<IpAddr> {
        self.read(limits::IP, |text| {
            text.parse::<IpAddr>().map(|ip| ip.to_canonical()).map_err(|_| "must be an IPv4 or IPv6 address".to_owned())
        })
    }

    pub fn price(&mut self) -> Option<Decimal> {
        self.read(limits::PRICE, |text| {
            let price = Decimal::from_str_exact(text).map(|price| price.normalize());
            match price {
                Ok(price) if price.scale() > limits::PRICE_SCALE => {
                    Err(format!("must have at most {} digits after the point", limits::PRICE_SCALE))
                }
                Ok(price) if price.is_sign_negative() && !price.is_zero() => Err("must not be negative".to_owned()),
                Ok(price) if price >= Decimal::from(limits::PRICE_END) => Err("is too large".to_owned()),
                Ok(price) => Ok(price.abs()),
                Err(_) => Err("must be a decimal number such as 10.50".to_owned()),
            }
        })
    }

    pub fn currency(&mut self) -> Option<String> {
        self.read(limits::CURRENCY, |text| {
            let code = text.to_ascii_uppercase();
            if money::is_currency(&code) { Ok(code) } else { Err("must be an ISO 4217 code such as USD".to_owned()) }
        })
    }

    pub fn quantity(&mut self) -> Option<i32> {
        self.read(limits::QUANTITY, |text| {
            text.parse::<i32>()
                .ok()
                .filter(|pieces| (1..=limits::QUANTITY_MAX).contains(&i64::from(*pieces)))
                .ok_or_else(|| format!("must be a whole number from 1 to {}", limits::QUANTITY_MAX))
        })
    }

    pub fn test(&mut self) -> Option<bool> {
        self.read(limits::TEST, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        })
    }

    /// `meta` as an object (or a text that holds one), with nulls still in it.
    pub fn meta(&mut self) -> Map<String, Value> {
        match self.raw.take("meta") {
            None => Map::new(),
            Some(value) if is_absent(&value) => Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(value) => object_in_text(&value).unwrap_or_else(|| {
                self.refuse("meta", "invalid_type", "must be an object");
                Map::new()
            }),
        }
    }

    /// Makes `meta` fit to be kept, and complains where it is not.
    pub fn check_meta(&mut self, meta: Map<String, Value>) -> Map<String, Value> {
        let given = meta.len();
        let mut is_whole = true;
        let meta: Map<String, Value> =
            meta.into_iter().map(|(key, value)| (text::line(&key), clean(value, &mut is_whole))).collect();
        if meta.len() > limits::META_KEYS {
            self.refuse(
                "meta",
                "too_long",
                format!("must have at most {} keys, unknown fields counted", limits::META_KEYS),
            );
        } else if meta.keys().any(|key| key.is_empty() || text::is_longer(key, limits::META_KEY)) {
            self.refuse("meta", "invalid", format!("must have keys of 1 to {} characters", limits::META_KEY));
        } else if meta.len() < given || !is_whole {
            self.refuse("meta", "invalid", "must not have keys that differ in spaces or control characters only");
        } else if meta.values().any(|value| is_deeper(value, limits::DEPTH - 2)) {
            self.refuse("meta", "invalid", format!("must be nested at most {} levels deep", limits::DEPTH));
        } else if meta.values().any(has_spoilt_number) {
            self.refuse("meta", "invalid", "must not hold numbers too large for JSON: write them as text");
        } else if serde_json::to_vec(&meta).map_or(usize::MAX, |bytes| bytes.len()) > limits::META_BYTES {
            self.refuse("meta", "too_long", format!("must be at most {} KiB as JSON", limits::META_BYTES / 1024));
        }
        meta
    }
}

/// Whether the value counts as not given.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A scalar as text.
pub(super) fn text_of(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => number_text(number).ok_or("is too large for a JSON number: write it as text"),
        Value::Array(_) | Value::Object(_) => Err("must be text"),
    }
}

/// A number as it was written. Beyond 53 bits a JSON reader has already changed it, which must not pass silently.
fn number_text(number: &Number) -> Option<String> {
    if number.is_i64() || number.is_u64() {
        return Some(number.to_string());
    }
    let float = number.as_f64().filter(|float| float.abs() < 9_007_199_254_740_992.0)?;
    // Displayed without exponent, and 3.0 as 3.
    Some(float.to_string())
}

/// The object a JSON text holds.
pub(super) fn object_in_text(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => serde_json::from_str(text).ok(),
        Value::Object(fields) => Some(fields.clone()),
        _ => None,
    }
}

/// Whether the value is nested more than `depth` levels.
pub(super) fn is_deeper(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth == 0 || items.iter().any(|item| is_deeper(item, depth - 1)),
        Value::Object(fields) => depth == 0 || fields.values().any(|field| is_deeper(field, depth - 1)),
        _ => false,
    }
}

/// Whether a number is in it that the JSON reader has changed already.
fn has_spoilt_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => number_text(number).is_none(),
        Value::Array(items) => items.iter().any(has_spoilt_number),
        Value::Object(fields) => fields.values().any(has_spoilt_number),
        _ => false,
    }
}

/// Without the characters that the database refuses. `is_whole` ends when that makes two keys one.
fn clean(value: Value, is_whole: &mut bool) -> Value {
    match value {
        Value::String(text) if text.contains('\u{0}') => Value::String(text.replace('\u{0}', "")),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| clean(item, is_whole)).collect()),
        Value::Object(fields) => {
            let given = fields.len();
            let kept: Map<String, Value> =
                fields.into_iter().map(|(key, value)| (key.replace('\u{0}', ""), clean(value, is_whole))).collect();
            *is_whole &= kept.len() == given;
            Value::Object(kept)
        }
        other => other,
    }
}
