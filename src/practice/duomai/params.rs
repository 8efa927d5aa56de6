//! The parameters of a service: a JSON object whose values may be text or whole numbers, since clients send both.

use serde_json::{Map, Value};

use super::answer::Refusal;

/// The parameters of one call.
pub(super) struct Params(Map<String, Value>);

impl Params {
    /// An empty body has no parameters; some clients send and sign just that.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        let value =
            serde_json::from_slice(body).map_err(|_| Refusal::parameter("the request body is not valid JSON"))?;
        Self::of(value).ok_or_else(|| Refusal::parameter("the request body is not a JSON object"))
    }

    /// PHP writes an empty object as an empty array.
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self(map)),
            Value::Array(list) if list.is_empty() => Some(Self(Map::new())),
            _ => None,
        }
    }

    /// A text, or a whole number as text. Null and empty are as good as absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
            Some(_) => Err(Refusal::parameter(format!("{name} must be a string"))),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::parameter(format!("{name} is required")))
    }

    /// A whole number, also written as text.
    pub(super) fn whole(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::parameter(format!("{name} must be an integer")))
    }

    /// One of a few whole numbers; the first is the default.
    pub(super) fn choice(&self, name: &str, known: &[i64]) -> Result<i64, Refusal> {
        let number = self.whole(name)?.or(known.first().copied()).unwrap_or(0);
        if known.contains(&number) { Ok(number) } else { Err(Refusal::parameter(format!("{name} is out of range"))) }
    }

    /// An object inside; absent and null give an empty one.
    pub(super) fn object(&self, name: &str) -> Result<Self, Refusal> {
        let value = self.0.get(name).filter(|value| !value.is_null()).cloned();
        let value = value.unwrap_or_else(|| Value::Object(Map::new()));
        Self::of(value).ok_or_else(|| Refusal::parameter(format!("{name} must be an object")))
    }

    /// Everything, as it came.
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}
