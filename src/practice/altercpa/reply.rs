//! How the network answers: a verdict in the body, nearly always with HTTP 200.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    status: u16,
    content_type: &'static str,
    retry_after: Option<u64>,
    pub(super) body: String,
}

impl Reply {
    /// JSON with HTTP 200.
    pub(super) fn json(body: &Value) -> Self {
        Self::json_with(200, body)
    }

    /// JSON with another HTTP status.
    pub(super) fn json_with(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    /// An HTML page.
    pub(super) fn html(status: u16, page: &str) -> Self {
        Self::text(status, "text/html; charset=utf-8", page.to_owned())
    }

    /// Any text.
    pub(super) fn text(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, retry_after: None, body }
    }

    /// PHP ran out of memory: 500, and nothing in the body.
    pub(super) fn out_of_memory() -> Self {
        Self::html(500, "")
    }

    /// The page of the network's web site, which a wrong address shows.
    pub(super) fn login_page() -> Self {
        Self::html(
            200,
            "<!DOCTYPE html><html><head><title>Practice network</title></head><body><form method=\"post\">\
             <input name=\"login\"><input name=\"pass\" type=\"password\"><button>Sign in</button></form></body></html>",
        )
    }

    /// Too many calls; come again after so many seconds.
    pub(super) fn too_many(seconds: u64) -> Self {
        let page = "<html><body><h1>429 Too Many Requests</h1></body></html>";
        Self { retry_after: Some(seconds), ..Self::html(429, page) }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut add = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        add(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(seconds) = self.retry_after {
            add(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A call that is refused: `{"status":"error","error":code}`, with HTTP 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    error: &'static str,
    bad: Option<&'static str>,
}

impl Refusal {
    /// A refusal with the network's code.
    pub(super) const fn of(error: &'static str) -> Self {
        Self { error, bad: None }
    }

    /// A refusal that names the bad parameter.
    pub(super) const fn bad(error: &'static str, parameter: &'static str) -> Self {
        Self { error, bad: Some(parameter) }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let mut body = json!({ "status": "error", "error": refusal.error });
        if let (Some(bad), Some(map)) = (refusal.bad, body.as_object_mut()) {
            map.insert("bad".to_owned(), bad.into());
        }
        Self::json(&body)
    }
}

/// What a call gives.
pub(super) type Answered = Result<Reply, Refusal>;
