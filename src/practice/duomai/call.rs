//! What came over the wire, kept for tests and operators.

use axum::extract::Request;
use serde::Serialize;
use serde_json::{Value, json};

/// Bodies above this are not read: no real call comes near.
const LIMIT: usize = 1024 * 1024;

/// A call as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `POST`
    pub method: String,
    /// With the query.
    pub path: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl Call {
    /// Reads a request to its end. None when the body breaks off or is too large.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = head.headers.iter().map(header).collect();
        let body = axum::body::to_bytes(body, LIMIT).await.ok()?.to_vec();
        Some(Self { method: head.method.as_str().to_owned(), path, headers, body })
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded. Of a repeated name the last one counts, as in PHP.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        named.last().map(|(_, value)| value.into_owned())
    }

    /// The service that was asked for.
    pub fn service(&self) -> Option<String> {
        self.query("service")
    }
}

impl Serialize for Call {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers: serde_json::Map<_, _> =
            self.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({
            "method": self.method,
            "path": self.path,
            "service": self.service(),
            "headers": headers,
            "body": String::from_utf8_lossy(&self.body),
        })
        .serialize(serializer)
    }
}
