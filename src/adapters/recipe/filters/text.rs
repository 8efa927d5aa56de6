//! Words, letters, lengths.

use minijinja::Environment;
use minijinja::value::Value;

use super::on_text;
use crate::adapters::recipe::absent::is_absent;

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("default", |value: Value, other: Value| if is_empty(&value) { other } else { value });
    env.add_filter("upper", |value: Value| on_text(&value, |text| text.to_uppercase()));
    env.add_filter("lower", |value: Value| on_text(&value, |text| text.to_lowercase()));
    env.add_filter("letters", |value: Value| {
        on_text(&value, |text| text.chars().filter(|c| c.is_alphabetic()).collect())
    });
    env.add_filter("truncate", |value: Value, length: usize| {
        on_text(&value, |text| text.chars().take(length).collect())
    });
    // Partners that want two names get them from one.
    env.add_filter("first_word", |value: Value| {
        on_text(&value, |text| text.split_whitespace().next().unwrap_or_default().to_owned())
    });
    env.add_filter("rest_words", |value: Value| {
        on_text(&value, |text| text.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
    });
}

/// Absent, or an empty text.
fn is_empty(value: &Value) -> bool {
    is_absent(value) || value.as_str().is_some_and(|text| text.trim().is_empty())
}
