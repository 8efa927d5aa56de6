//! What is answered: Affili's envelope around data or errors.

use serde_json::{Map, Value, json};

const API_VERSION: &str = "1.0.0";

/// An answer before it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reply {
    pub status: u16,
    /// The methods of the path, where the one that came is none of them.
    pub allow: Option<&'static str>,
    pub body: Value,
}

impl Reply {
    /// HTTP 200 and `status` ok.
    pub fn ok(tag: &str, data: Value) -> Self {
        let body = json!({ "status": "ok", "tag": tag, "data": data, "api_version": API_VERSION });
        Self { status: 200, allow: None, body }
    }

    /// The same for a call that made something.
    pub fn created(tag: &str, data: Value, is_201: bool) -> Self {
        Self { status: if is_201 { 201 } else { 200 }, ..Self::ok(tag, data) }
    }

    /// `status` error.
    pub fn error(status: u16, tag: &str, errors: Errors) -> Self {
        let body = json!({ "status": "error", "tag": tag, "errors": errors.0, "api_version": API_VERSION });
        Self { status, allow: None, body }
    }

    /// 422: the fields are wrong.
    pub fn invalid(tag: &str, errors: Errors) -> Self {
        Self::error(422, tag, errors)
    }

    /// 404: no such id.
    pub fn unknown_id(tag: &str) -> Self {
        Self::error(404, tag, Errors::of("id", "is unknown"))
    }
}

/// What is wrong, by field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Errors(Map<String, Value>);

impl Errors {
    /// One error.
    pub fn of(field: &str, message: &str) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// One more.
    pub fn add(&mut self, field: &str, message: &str) {
        let text = Value::from(format!("The {field} {message}."));
        match self.0.get_mut(field) {
            Some(Value::Array(messages)) => messages.push(text),
            _ => {
                self.0.insert(field.to_owned(), Value::Array(vec![text]));
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
