//! Parts of a URL. What is no URL has none.

use minijinja::Environment;
use minijinja::value::Value;
use url::Url;

use super::{nothing, text_of};

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("host", |value: Value| of(&value, |url| url.host_str().map(str::to_owned)));
    env.add_filter("path", |value: Value| of(&value, |url| Some(url.path().to_owned())));
    env.add_filter("query_param", |value: Value, name: String| {
        of(&value, |url| url.query_pairs().find(|(key, _)| *key == name).map(|(_, value)| value.into_owned()))
    });
}

fn of(value: &Value, read: impl FnOnce(Url) -> Option<String>) -> Value {
    let url = text_of(value).and_then(|text| Url::parse(&text).ok());
    url.and_then(read).map_or_else(nothing, Value::from)
}
