//! The filters of template files. All of them pass an absent value through, so `{{ lead.phone | digits }}` leaves
//! the field out of a lead without a phone. None can fail on what a lead holds, and none does I/O.

mod address;
mod encode;
mod hash;
mod password;
mod phone;
mod place;
mod text;
mod time;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};

use super::absent::is_absent;

/// Adds them to an engine. `default`, `upper` and `lower` replace the engine's own.
pub(super) fn add_to(env: &mut Environment<'static>) {
    text::add_to(env);
    phone::add_to(env);
    place::add_to(env);
    time::add_to(env);
    hash::add_to(env);
    encode::add_to(env);
    address::add_to(env);
    password::add_to(env);
}

/// A value as text; nothing when it is absent.
fn text_of(value: &Value) -> Option<String> {
    (!is_absent(value)).then(|| value.to_string())
}

/// Changes a value that is there, taken as text.
fn on_text(value: &Value, change: impl FnOnce(String) -> String) -> Value {
    text_of(value).map_or_else(nothing, |text| Value::from(change(text)))
}

fn nothing() -> Value {
    Value::from(())
}

/// What is said of a filter that was called with what it cannot work with.
fn wrong(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::absent;
    use super::*;

    fn value(expression: &str) -> Result<Json, Error> {
        let mut env = Environment::new();
        add_to(&mut env);
        let lead = json!({
            "name": " Ana María  García López ", "phone": "+34612345678", "country": "ES", "none": null,
            "at": "2026-11-27T08:05:09.250Z", "url": "https://shop.example.com:8443/a/b?x=1&click=a%20b#top",
            "meta": { "age": 42, "ok": true, "list": ["a&b", "ü"], "off": false, "no": null },
        });
        let lead = absent::fields(lead.as_object().cloned().unwrap());
        serde_json::to_value(env.compile_expression(expression)?.eval(lead)?).map_err(|_| wrong("no JSON"))
    }

    #[test]
    fn each_filter_does_what_its_name_says() {
        for (expression, expected) in [
            ("name | first_word", json!("Ana")),
            ("name | rest_words", json!("María García López")),
            ("'Ana' | rest_words | default('Unknown')", json!("Unknown")),
            ("name | trim | truncate(5)", json!("Ana M")),
            ("'a1-б2' | letters", json!("aб")),
            ("phone | digits", json!("34612345678")),
            ("phone | e164", json!("+34612345678")),
            ("'34612345678' | e164", json!("+34612345678")),
            ("phone | national", json!("612345678")),
            ("phone | calling_code", json!("34")),
            ("phone | leading_zero", json!("0612345678")),
            ("country | iso3", json!("ESP")),
            ("country | country_name", json!("Spain")),
            ("country | country_number", json!(724)),
            ("at | unixtime", json!(1_795_766_709)),
            ("at | unixtime_ms", json!(1_795_766_709_250_i64)),
            ("at | date('%d-%m-%Y %H:%M')", json!("27-11-2026 08:05")),
            ("at | in_zone('Europe/Kyiv') | date('%Y-%m-%d %H:%M:%S')", json!("2026-11-27 10:05:09")),
            ("at | plus_days(-27) | date('%Y-%m-%d')", json!("2026-10-31")),
            ("'a' | md5", json!("0cc175b9c0f1b6a831c399e269772661")),
            ("'a' | sha1", json!("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")),
            ("'a' | sha256 | truncate(8)", json!("ca978112")),
            ("'a' | hmac_sha256('key') | truncate(8)", json!("780c3db4")),
            ("'ü' | base64", json!("w7w=")),
            ("'<a href=\"x\">&' | html", json!("&lt;a href=&quot;x&quot;&gt;&amp;")),
            ("url | host", json!("shop.example.com")),
            ("url | path", json!("/a/b")),
            ("url | query_param('click')", json!("a b")),
            (
                "meta | php_serialize",
                json!(
                    "a:5:{s:3:\"age\";i:42;s:4:\"list\";a:2:{i:0;s:3:\"a&b\";i:1;s:2:\"ü\";}s:2:\"no\";N;s:3:\"off\";b:0;s:2:\"ok\";b:1;}"
                ),
            ),
            ("meta | php_query", json!("age=42&list%5B0%5D=a%26b&list%5B1%5D=%C3%BC&off=0&ok=1")),
        ] {
            assert_eq!(value(expression).map_err(|error| error.to_string()), Ok(expected), "{expression}");
        }
    }

    #[test]
    fn what_is_absent_stays_absent() {
        for filter in [
            "first_word",
            "rest_words",
            "truncate(3)",
            "letters",
            "digits",
            "e164",
            "national",
            "leading_zero",
            "iso3",
            "country_name",
            "country_number",
            "unixtime",
            "unixtime_ms",
            "date('%Y')",
            "in_zone('UTC')",
            "md5",
            "sha1",
            "base64",
            "html",
            "host",
            "path",
            "query_param('a')",
            "php_serialize",
            "php_query",
            "password(12)",
        ] {
            assert_eq!(value(&format!("none | {filter}")).unwrap(), Json::Null, "{filter}");
        }
        for (expression, expected) in [
            ("'XX' | iso3", Json::Null),
            ("'no url' | host", Json::Null),
            ("url | query_param('y')", Json::Null),
            ("'Ana' | rest_words", json!("")),
        ] {
            assert_eq!(value(expression).unwrap(), expected, "{expression}");
        }
    }

    #[test]
    fn a_password_keeps_its_policy_and_is_the_same_each_time() {
        for length in [4, 8, 12, 64] {
            for seed in ["0198c0de-0000-7000-8000-000000000001", "x", ""] {
                let made = value(&format!("'{seed}' | password({length})")).unwrap();
                let text = made.as_str().unwrap();
                assert_eq!(text.len(), length, "{text}");
                for kind in [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit] {
                    assert!(text.chars().any(|c| kind(&c)), "{text}");
                }
                assert!(text.chars().all(|c| c.is_ascii_alphanumeric()), "{text}");
                assert_eq!(value(&format!("'{seed}' | password({length})")).unwrap(), made);
            }
        }
        assert!(value("'x' | password(3)").is_err() && value("'x' | password(65)").is_err());
        assert!(value("'x' | password(12, '!@#')").unwrap().as_str().unwrap().contains(['!', '@', '#']));
    }

    #[test]
    fn what_cannot_be_is_an_error_and_no_panic() {
        for expression in ["'x' | date('%Y')", "at | date('%Q')", "at | in_zone('Mars')", "at | plus_days(99999999999)"]
        {
            assert!(value(expression).is_err(), "{expression}");
        }
    }
}
