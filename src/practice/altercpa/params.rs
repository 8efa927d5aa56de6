//! The parameters of a call as PHP sees them: the query and the body apart (some calls care), nested values under flat
//! names such as `meta[colour]` or `ids[0]`.

use serde_json::Value;
use url::form_urlencoded;

/// The parameters of one call. Of a repeated name the last value counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    query: Vec<(String, String)>,
    body: Vec<(String, String)>,
}

impl Params {
    /// Reads a call. A body of another type than form or JSON carries nothing, as in PHP; so does broken JSON.
    pub(super) fn of(query: &str, content_type: &str, body: &[u8]) -> Self {
        let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let body = match kind.as_str() {
            "application/x-www-form-urlencoded" => pairs(body),
            "application/json" => {
                let mut flat = Vec::new();
                if let Ok(Value::Object(map)) = serde_json::from_slice(body) {
                    for (name, value) in map {
                        flatten(name, value, &mut flat);
                    }
                }
                flat
            }
            _ => Vec::new(),
        };
        Self { query: pairs(query.as_bytes()), body }
    }

    /// The value that counts: of the body, else of the query. Blank is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        filled(last(&self.body, name)).or_else(|| self.query(name))
    }

    /// The first of these names that has a value.
    pub(super) fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// A value of the query only. Blank is none.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        filled(last(&self.query, name))
    }

    /// A value of the body only. Blank is a value: it empties a field.
    pub(super) fn body(&self, name: &str) -> Option<&str> {
        last(&self.body, name).map(str::trim)
    }

    /// A whole number, read as PHP casts it: leading digits count, anything else is 0.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.get(name).map(php_int)
    }

    /// All values of a list: `oid=1,2`, `ids[]=1&ids[]=2` or a JSON array.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let of_list = |key: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        let values = self.all().filter(|(key, _)| of_list(key)).flat_map(|(_, value)| value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// Everything that came, the query first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().chain(&self.body).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Everything that came in the body.
    pub(super) fn in_body(&self) -> impl Iterator<Item = (&str, &str)> {
        self.body.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn last<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

fn flatten(name: String, value: Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Bool(yes) => out.push((name, if yes { "1" } else { "" }.to_owned())),
        Value::Number(number) => out.push((name, number.to_string())),
        Value::String(text) => out.push((name, text)),
        Value::Array(values) => {
            for (index, value) in values.into_iter().enumerate() {
                flatten(format!("{name}[{index}]"), value, out);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                flatten(format!("{name}[{key}]"), value, out);
            }
        }
    }
}

/// `(int)$text` of PHP.
pub(super) fn php_int(text: &str) -> i64 {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).and_then(|digits| digits.parse::<i64>().ok()).map_or(0, |number| sign * number)
}
