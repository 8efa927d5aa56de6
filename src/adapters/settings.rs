//! Settings of a network against what its integration asks for: the one check for the API, the screens and the
//! recorded cases, whatever the integration is made of.

use serde_json::{Map, Value};
use url::Url;

use super::{About, Setting};
use crate::base::field_error::FieldError;

/// Longest text of a setting, and of one value of an `object`.
const MAX_TEXT: usize = 8 * 1024;
/// Most entries of an `object`.
const MAX_ENTRIES: usize = 200;

/// The open settings and the secret ones.
pub type Split = (Map<String, Value>, Map<String, Value>);

/// Checks settings as an operator gives them and splits them into the open ones and the secrets. Null means "not
/// given", and so does an empty text, but in a text that need not be there: that one switches a default off. Texts that stand for a number or a bool (forms) become one.
/// Every complaint names its field as `settings.name`. The adapter's own `check` comes after this.
pub fn check_settings(about: &About, settings: &Map<String, Value>) -> Result<Split, Vec<FieldError>> {
    let (mut open, mut secret, mut errors) = (Map::new(), Map::new(), Vec::new());
    for name in settings.keys() {
        if !about.settings.iter().any(|setting| setting.name == *name) {
            let known: Vec<&str> = about.settings.iter().map(|setting| setting.name.as_str()).collect();
            let message = format!("is not a setting of {}; there are: {}", about.id, known.join(", "));
            errors.push(FieldError::new(field(name), "unknown", message));
        }
    }
    for setting in &about.settings {
        let given = settings.get(&setting.name).filter(|value| is_given(setting, value));
        match given {
            None if setting.required && setting.default.is_none() => {
                errors.push(FieldError::required(field(&setting.name)));
            }
            None => {}
            Some(value) => match check_value(setting, value) {
                Ok(value) if setting.is_secret() => drop(secret.insert(setting.name.clone(), value)),
                Ok(value) => drop(open.insert(setting.name.clone(), value)),
                Err(error) => errors.push(error),
            },
        }
    }
    if errors.is_empty() { Ok((open, secret)) } else { Err(errors) }
}

/// All settings as an adapter gets them: what was given over the defaults.
pub fn with_defaults(about: &About, open: &Map<String, Value>, secrets: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for setting in &about.settings {
        let given = secrets.get(&setting.name).or_else(|| open.get(&setting.name));
        let value = given.filter(|value| !value.is_null()).or(setting.default.as_ref());
        out.extend(value.map(|value| (setting.name.clone(), value.clone())));
    }
    out
}

fn field(name: &str) -> String {
    format!("settings.{name}")
}

fn is_given(setting: &Setting, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) if text.trim().is_empty() => setting.kind == "text" && !setting.required,
        _ => true,
    }
}

/// The value in the type of its setting.
pub fn check_value(setting: &Setting, value: &Value) -> Result<Value, FieldError> {
    let invalid = |message: &str| Err(FieldError::invalid(field(&setting.name), message));
    match (setting.kind.as_str(), value) {
        (_, Value::String(text)) if text.len() > MAX_TEXT => {
            let message = format!("is longer than {MAX_TEXT} bytes");
            Err(FieldError::new(field(&setting.name), "too_long", message))
        }
        (_, Value::String(text)) if text.contains('\0') => invalid("holds a NUL character"),
        ("text" | "secret", Value::String(_)) => Ok(value.clone()),
        ("text" | "secret", Value::Number(number)) => Ok(Value::String(number.to_string())),
        ("text" | "secret", _) => invalid("must be a text"),
        ("url", Value::String(text)) => match check_url(text.trim()) {
            Ok(()) => Ok(Value::String(text.trim().to_owned())),
            Err(message) => invalid(message),
        },
        ("url", _) => invalid("must be a URL"),
        ("number", Value::Number(_)) => Ok(value.clone()),
        ("number", Value::String(text)) => match text.trim().parse::<serde_json::Number>() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => invalid("must be a number"),
        },
        ("number", _) => invalid("must be a number"),
        ("bool", Value::Bool(_)) => Ok(value.clone()),
        ("bool", Value::String(text)) => match text.trim() {
            "true" | "1" | "on" => Ok(Value::Bool(true)),
            "false" | "0" | "off" => Ok(Value::Bool(false)),
            _ => invalid("must be true or false"),
        },
        ("bool", _) => invalid("must be true or false"),
        ("choice", Value::String(text)) if setting.choices.contains(text) => Ok(value.clone()),
        ("choice", _) => invalid(&format!("must be one of {}", setting.choices.join(", "))),
        ("object", Value::Object(entries)) => check_object(setting, entries).map(|()| value.clone()),
        ("object", _) => invalid("must be an object of names and texts"),
        _ => invalid("is of a kind that is not known"),
    }
}

fn check_object(setting: &Setting, entries: &Map<String, Value>) -> Result<(), FieldError> {
    if entries.len() > MAX_ENTRIES {
        let message = format!("has more than {MAX_ENTRIES} entries");
        return Err(FieldError::new(field(&setting.name), "too_long", message));
    }
    for (name, value) in entries {
        let at = format!("{}.{name}", field(&setting.name));
        match value {
            _ if name.trim().is_empty() || name.len() > 200 => {
                return Err(FieldError::invalid(field(&setting.name), "a name is empty or longer than 200 bytes"));
            }
            Value::String(text) if text.len() > MAX_TEXT => {
                return Err(FieldError::new(at, "too_long", format!("is longer than {MAX_TEXT} bytes")));
            }
            Value::String(text) if text.contains('\0') => {
                return Err(FieldError::invalid(at, "holds a NUL character"));
            }
            Value::String(_) | Value::Number(_) | Value::Bool(_) => {}
            _ => return Err(FieldError::invalid(at, "must be a text")),
        }
    }
    Ok(())
}

/// An absolute address without credentials: those belong into secrets.
fn check_url(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL such as https://partner.example/api")?;
    if !matches!(url.scheme(), "http" | "https" | "sandbox") || url.host_str().is_none_or(str::is_empty) {
        return Err("must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::Registry;

    fn checked(id: &str, settings: Value) -> Result<Split, String> {
        let registry = Registry::load(None).unwrap();
        let settings = settings.as_object().unwrap().clone();
        check_settings(registry.get(id).unwrap().about(), &settings).map_err(|errors| {
            errors.iter().map(|it| format!("{} {}", it.field, it.code)).collect::<Vec<_>>().join(", ")
        })
    }

    #[test]
    fn wrong_settings_are_named() {
        for (settings, complaint) in [
            (json!({}), "settings.url required"),
            (json!({ "url": "" }), "settings.url required"),
            (json!({ "url": null }), "settings.url required"),
            (json!({ "url": "crm.example" }), "settings.url invalid"),
            (json!({ "url": "ftp://crm.example" }), "settings.url invalid"),
            (json!({ "url": "https://me:pw@crm.example" }), "settings.url invalid"),
            (json!({ "url": 7 }), "settings.url invalid"),
            (json!({ "url": "https://a.b", "colour": 1 }), "settings.colour unknown"),
            (json!({ "url": "https://a.b", "resend": "maybe" }), "settings.resend invalid"),
            (json!({ "url": "https://a.b", "headers": "x" }), "settings.headers invalid"),
            (json!({ "url": "https://a.b", "headers": { "x": {} } }), "settings.headers.x invalid"),
            (json!({ "url": "https://a.b", "token": ["x"] }), "settings.token invalid"),
            (json!({ "url": "https://a.b", "token": "x".repeat(9000) }), "settings.token too_long"),
        ] {
            assert_eq!(checked("http-json", settings.clone()).unwrap_err(), complaint, "{settings}");
        }
        assert_eq!(
            checked("sandbox", json!({ "then_after_seconds": "soon" })).unwrap_err(),
            "settings.then_after_seconds invalid"
        );
    }

    #[test]
    fn secrets_are_kept_apart_and_texts_of_forms_get_their_type() {
        let (open, secret) =
            checked("http-json", json!({ "url": " https://a.b/c ", "token": "t", "status_url": "" })).unwrap();
        assert_eq!(Value::Object(open), json!({ "url": "https://a.b/c" }));
        assert_eq!(Value::Object(secret), json!({ "token": "t" }));
        let (open, _) = checked("sandbox", json!({ "then_after_seconds": " 5", "then_status": "" })).unwrap();
        assert_eq!(Value::Object(open.clone()), json!({ "then_after_seconds": 5, "then_status": "" }));
        let registry = Registry::load(None).unwrap();
        let filled = with_defaults(registry.get("sandbox").unwrap().about(), &open, &Map::new());
        assert_eq!(filled.get("then_status"), Some(&json!("")));
        assert_eq!(filled.get("outcome"), Some(&json!("accepted")));
        assert_eq!(filled.get("payout"), None);
    }
}
