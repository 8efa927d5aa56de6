//! A country in the forms partners ask for. Leads hold it as ISO 3166-1 alpha-2; one that is no country is nothing.

use minijinja::Environment;
use minijinja::value::Value;
use rust_iso3166::{ALPHA2_MAP, CountryCode};

use super::{nothing, text_of};

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("iso3", |value: Value| of(&value, |country| Value::from(country.alpha3)));
    env.add_filter("country_name", |value: Value| of(&value, |country| Value::from(country.name)));
    env.add_filter("country_number", |value: Value| of(&value, |country| Value::from(country.numeric)));
}

fn of(value: &Value, read: impl FnOnce(&CountryCode) -> Value) -> Value {
    let code = text_of(value).map(|text| text.trim().to_ascii_uppercase());
    code.and_then(|code| ALPHA2_MAP.get(code.as_str()).map(read)).unwrap_or_else(nothing)
}
