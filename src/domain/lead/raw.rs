//! A lead as it came: fields in order with JSON values, whether from JSON, a form or pairs. Nothing is judged yet
//! but the form itself.

use serde_json::{Map, Value};

use super::{limits, read};
use crate::base::field_error::FieldError;

/// The request is not of the form it claims (answered with 400, not 422).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON. Says where, not what.
    #[error("is not valid JSON (line {line}, column {column})")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but no object.
    #[error("must be a JSON object")]
    NotAnObject,
    /// Nested too deeply.
    #[error("is nested more than {} levels deep", limits::DEPTH)]
    TooDeep,
}

/// The fields of one request; of a repeated one the last counts.
#[derive(Clone, Default, PartialEq)]
pub struct RawLead {
    fields: Map<String, Value>,
}

impl std::fmt::Debug for RawLead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawLead({} fields)", self.fields.len())
    }
}

impl RawLead {
    /// From a JSON object.
    pub fn from_json(body: &[u8]) -> Result<Self, ParseError> {
        let value = serde_json::from_slice::<Value>(body)
            .map_err(|err| ParseError::Json { line: err.line(), column: err.column() })?;
        Self::from_value(value)
    }

    /// From a JSON value that is already read, such as one item of a batch.
    pub fn from_value(value: Value) -> Result<Self, ParseError> {
        if read::is_deeper(&value, limits::DEPTH) {
            return Err(ParseError::TooDeep);
        }
        match value {
            Value::Object(fields) => Ok(Self { fields }),
            _ => Err(ParseError::NotAnObject),
        }
    }

    /// From an urlencoded form or query. Broken UTF-8 is replaced.
    pub fn from_form(body: &[u8]) -> Self {
        Self::from_pairs(url::form_urlencoded::parse(body).into_owned())
    }

    /// From names and texts; `meta[key]` goes into `meta`.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut raw = Self::default();
        let mut meta = Map::new();
        for (name, text) in pairs {
            let key = name.strip_prefix("meta[").and_then(|rest| rest.strip_suffix(']'));
            match key {
                Some(key) if !key.is_empty() => meta.insert(key.to_owned(), Value::String(text)),
                _ => raw.fields.insert(name, Value::String(text)),
            };
        }
        if !meta.is_empty() {
            // `meta` as a JSON text beside `meta[key]`: the brackets are added to it.
            let whole = raw.fields.remove("meta").and_then(|whole| read::object_in_text(&whole));
            let mut whole = whole.unwrap_or_default();
            whole.extend(meta);
            raw.fields.insert("meta".to_owned(), Value::Object(whole));
        }
        raw
    }

    /// Sets a field, for callers that know it from elsewhere (a header, a path, another protocol).
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// Takes a field out as text; absent, null and empty are `None`.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, FieldError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let text = read::text_of(&value).map_err(|message| FieldError::new(name, "invalid_type", message))?;
        let text = crate::base::text::line(&text);
        Ok((!text.is_empty()).then_some(text))
    }

    /// Takes a field out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.shift_remove(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    pub(super) fn into_fields(self) -> Map<String, Value> {
        self.fields
    }
}
