//! A call as it came, kept so that a test or an operator sees what was really sent.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// A call as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// By the practice clock.
    pub at: DateTime<Utc>,
    /// `POST`
    pub method: String,
    /// With the query.
    pub path: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// As sent.
    pub body: Vec<u8>,
}

impl Call {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Every parameter of the query, decoded.
    pub(super) fn query_pairs(&self) -> impl Iterator<Item = (String, String)> {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned()
    }

    /// The path without the query.
    pub(super) fn plain_path(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    /// As the operator sees it.
    pub(super) fn shown(&self) -> Value {
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let body = match self.json() {
            Value::Null => Value::from(String::from_utf8_lossy(&self.body)),
            body => body,
        };
        json!({ "at": self.at, "method": self.method, "path": self.path, "headers": headers, "body": body })
    }
}
