//! Reads the fields of a call's body and collects what is wrong with them, by field.

use serde_json::{Map, Value};

use super::account::Account;
use super::call::Call;
use super::conversion::{Kind, Line};
use super::reply::Errors;

/// Longest text of a field.
const LONGEST: usize = 255;

/// More Rial than any order has.
const MOST: i64 = 999_999_999_999_999;

/// The fields of a body.
pub(super) struct Fields {
    values: Map<String, Value>,
    pub errors: Errors,
}

impl Fields {
    /// Reads the body of a call, which must be a JSON object.
    pub fn read(call: &Call, content_type_checked: bool) -> Result<Self, Errors> {
        let media_type = call.header("content-type").and_then(|text| text.split(';').next()).unwrap_or_default();
        if content_type_checked && !media_type.trim().eq_ignore_ascii_case("application/json") {
            return Err(Errors::of("body", "must be sent as application/json"));
        }
        match call.json() {
            Value::Object(values) => Ok(Self { values, errors: Errors::default() }),
            _ => Err(Errors::of("body", "must be a JSON object")),
        }
    }

    /// A value; null and the empty text stand for nothing, as Affili's own client sends them.
    fn given(&self, name: &str) -> Option<&Value> {
        self.values
            .get(name)
            .filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// Whether something is given.
    pub fn has(&self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// It is an error when nothing is given.
    pub fn require(&mut self, name: &str) {
        if !self.has(name) {
            self.errors.add(name, "field is required");
        }
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = match self.given(name)? {
            Value::String(text) => Ok(text.trim().to_owned()),
            _ => Err("must be a string"),
        };
        self.keep(name, text.and_then(short))
    }

    /// An id of the merchant's: a text, or a whole number as shops have them.
    pub fn own_id(&mut self, name: &str) -> Option<String> {
        let text = match self.given(name)? {
            Value::String(text) => Ok(text.trim().to_owned()),
            Value::Number(number) if number.is_u64() => Ok(number.to_string()),
            _ => Err("must be a string"),
        };
        self.keep(name, text.and_then(short))
    }

    /// An amount: a number or the text of one, without a fraction.
    pub fn amount(&mut self, name: &str) -> Option<i64> {
        let amount = amount(self.given(name)?);
        self.keep(name, amount)
    }

    /// A status of the documented ones.
    pub fn status(&mut self) -> Option<i64> {
        let status = amount(self.given("status")?).ok().filter(|status| (0..=3).contains(status));
        self.keep("status", status.ok_or("must be one of 0, 1, 2, 3"))
    }

    /// A type word.
    pub fn kind(&mut self, read: fn(&str) -> Option<Kind>, words: &str) -> Option<Kind> {
        let word = self.text("type")?;
        let kind = read(&word);
        if kind.is_none() {
            self.errors.add("type", words);
        }
        kind
    }

    /// A JSON object. PHP writes an empty one as an empty list.
    pub fn object(&mut self, name: &str) -> Option<Value> {
        let object = match self.given(name)? {
            Value::Array(items) if items.is_empty() => Ok(Value::Object(Map::new())),
            object @ Value::Object(_) => Ok(object.clone()),
            _ => Err("must be an object"),
        };
        self.keep(name, object)
    }

    /// A list of JSON objects.
    pub fn objects(&mut self, name: &str) -> Option<Vec<Map<String, Value>>> {
        let objects = match self.given(name)? {
            Value::Array(items) => items.iter().map(|item| item.as_object().cloned()).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        self.keep(name, objects.ok_or("must be an array of objects"))
    }

    /// The commissions of a conversion. An empty list is as none.
    pub fn lines(&mut self, account: &Account, kind: Kind) -> Option<Vec<Line>> {
        let objects = self.objects("commissions")?;
        if objects.is_empty() {
            self.errors.add("commissions", "field is required");
            return None;
        }
        let mut lines = Vec::new();
        for (at, object) in objects.iter().enumerate() {
            let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
            let commission = account.commission(kind, name);
            if commission.is_none() {
                self.errors.add(&format!("commissions.{at}.name"), "is no commission of this account");
            }
            let sub_amount = object.get("sub_amount").map_or(Err("field is required"), amount);
            let sub_amount = self.keep(&format!("commissions.{at}.sub_amount"), sub_amount);
            if let (Some(commission), Some(sub_amount)) = (commission, sub_amount) {
                lines.push(Line::of(commission, sub_amount));
            }
        }
        Some(lines)
    }

    fn keep<T>(&mut self, field: &str, value: Result<T, &'static str>) -> Option<T> {
        value.map_err(|message| self.errors.add(field, message)).ok()
    }
}

fn short(text: String) -> Result<String, &'static str> {
    if text.chars().count() > LONGEST { Err("may not be longer than 255 characters") } else { Ok(text) }
}

/// A whole number as a number or as text; shops write 10000 as `10000.00` too.
fn amount(value: &Value) -> Result<i64, &'static str> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err("must be an integer"),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.bytes().any(|byte| byte != b'0') {
        return Err("must be an integer, not negative");
    }
    whole.parse().ok().filter(|amount| *amount <= MOST).ok_or("is too large")
}
