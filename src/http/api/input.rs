//! Reading what an admin sends: nulls, texts, open objects, countries, references. Every complaint names its field.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::resource;
use crate::base::field_error::FieldError;
use crate::base::{country, money, text};
use crate::http::error::Error;

/// Most characters of a name.
const NAME: usize = 255;
/// Most characters of a reason or a comment.
const WORDS: usize = 1000;
/// Most keys of an open object.
const KEYS: usize = 200;

/// A new object from the body of a POST. A null counts as left out, as it does in a PATCH.
pub fn created<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    if !body.is_object() {
        return Err(Error::field("body", "invalid", "must be an object"));
    }
    let mut value = Value::Object(Map::new());
    resource::merge(&mut value, body);
    let text = serde_json::to_vec(&value).map_err(|error| Error::Internal(error.into()))?;
    crate::http::extract::read_json(&text)
}

/// Fails with all complaints at once, if there are any.
pub fn refuse(errors: Vec<FieldError>) -> Result<(), Error> {
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// A name for people: one line; empty means the fallback.
pub fn name(field: &str, raw: &str, fallback: &str, errors: &mut Vec<FieldError>) -> String {
    let name = text::line(raw);
    if text::is_longer(&name, NAME) {
        errors.push(FieldError::new(field, "too_long", format!("must have at most {NAME} characters")));
    }
    if name.is_empty() { fallback.to_owned() } else { name }
}

/// A reason or a comment; empty means none.
pub fn words(field: &str, raw: Option<String>, errors: &mut Vec<FieldError>) -> Option<String> {
    let words = text::lines(&raw?);
    if text::is_longer(&words, WORDS) {
        errors.push(FieldError::new(field, "too_long", format!("must have at most {WORDS} characters")));
    }
    (!words.is_empty()).then_some(words)
}

/// Country codes in upper case, each once.
pub fn countries(field: &str, raw: &[String], errors: &mut Vec<FieldError>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::with_capacity(raw.len());
    for (index, code) in raw.iter().enumerate() {
        match country::parse(code) {
            Some(code) if codes.contains(&code) => {}
            Some(code) => codes.push(code),
            None => errors.push(FieldError::invalid(format!("{field}[{index}]"), "must be an ISO 3166 alpha-2 code")),
        }
    }
    codes
}

/// A currency code in upper case.
pub fn currency(field: &str, raw: &str, errors: &mut Vec<FieldError>) -> String {
    let code = raw.trim().to_ascii_uppercase();
    if !money::is_currency(&code) {
        errors.push(FieldError::invalid(field, "must be an ISO 4217 code"));
    }
    code
}

/// An open object such as `params`: what PostgreSQL can keep, and not without end.
pub fn object(field: &str, object: &Map<String, Value>, errors: &mut Vec<FieldError>) {
    if object.len() > KEYS {
        errors.push(FieldError::new(field, "too_long", format!("must have at most {KEYS} keys")));
    }
    for (key, value) in object {
        if key.is_empty() || text::is_longer(key, 128) {
            errors.push(FieldError::invalid(field, "keys must have 1 to 128 characters"));
        }
        if has_nul(key, value) {
            errors.push(FieldError::invalid(format!("{field}.{}", key.replace('\0', "")), "must not hold NUL"));
        }
    }
}

fn has_nul(key: &str, value: &Value) -> bool {
    key.contains('\0')
        || match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(|item| has_nul("", item)),
            Value::Object(map) => map.iter().any(|(key, value)| has_nul(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
}

/// For serde: a slug or an id as a string, or a number.
pub fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    OneReference::deserialize(deserializer).map(String::from)
}

/// For serde: a list of references.
pub fn references<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<OneReference>::deserialize(deserializer)?.into_iter().map(String::from).collect())
}

/// For serde: a reference that may be left out.
pub fn maybe_reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<OneReference>::deserialize(deserializer)?.map(String::from))
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a slug, an id or a number")]
enum OneReference {
    Text(String),
    Number(u64),
}

impl From<OneReference> for String {
    fn from(reference: OneReference) -> Self {
        match reference {
            OneReference::Text(text) => text,
            OneReference::Number(number) => number.to_string(),
        }
    }
}

/// The reference names nothing that can be used.
pub fn unknown(field: impl Into<String>, what: &str) -> FieldError {
    FieldError::new(field, "unknown", format!("there is no such {what}"))
}

/// The slug is taken, perhaps by something archived.
pub fn taken(field: &'static str, what: &str) -> Error {
    Error::field(field, "taken", format!("is taken by another {what}, perhaps an archived one"))
}

/// Changes of archived objects are refused.
pub fn archived(what: &str) -> Error {
    Error::Conflict {
        code: "archived",
        detail: format!("this {what} is archived and cannot be changed"),
        lead_id: None,
    }
}

/// Archiving it would leave something else broken.
pub fn in_use(detail: impl Into<String>) -> Error {
    Error::Conflict { code: "in_use", detail: detail.into(), lead_id: None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_count_as_left_out() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Thing {
            #[serde(default)]
            list: Vec<u8>,
        }
        assert_eq!(created::<Thing>(json!({"list": null})).unwrap(), Thing { list: vec![] });
        assert!(created::<Thing>(json!([])).is_err());
        assert!(created::<Thing>(json!({"other": 1})).is_err());
    }

    #[test]
    fn countries_are_upper_cased_and_named_when_wrong() {
        let mut errors = Vec::new();
        let codes = countries("countries", &["de".into(), "DE".into(), "xx".into()], &mut errors);
        assert_eq!(codes, ["DE"]);
        assert_eq!(errors[0].field, "countries[2]");
    }

    #[test]
    fn what_postgres_cannot_keep_is_refused() {
        let mut errors = Vec::new();
        object("params", json!({"a": {"b": ["x\u{0}"]}, "c": 1}).as_object().unwrap(), &mut errors);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].field, "params.a");
    }
}
