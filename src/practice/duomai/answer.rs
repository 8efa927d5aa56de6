//! What the API answers: an envelope with `status`, `message` and `data`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a call is not served: Duomai's own status and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: i64,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: i64, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// 401: the caller is not who it says.
    pub(super) fn unauthorised(message: impl Into<String>) -> Self {
        Self::new(401, message)
    }

    /// 4000: a parameter is wrong.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new(4000, message)
    }
}

/// The `data` of a served call, or why it is not served.
pub(super) type Answer = Result<Value, Refusal>;

/// HTTP status and envelope. Duomai answers what is abnormal with HTTP 400, whatever the status inside.
pub(super) fn envelope(answer: &Answer) -> (StatusCode, String) {
    match answer {
        Ok(data) => (StatusCode::OK, json!({ "status": 0, "message": "", "data": data }).to_string()),
        Err(Refusal { status, message }) => {
            (StatusCode::BAD_REQUEST, json!({ "status": status, "message": message }).to_string())
        }
    }
}

/// The answer as it goes over the wire.
pub(super) fn respond(answer: &Answer) -> Response {
    let (status, body) = envelope(answer);
    json_response(status, body)
}

/// A text that is JSON, or pretends to be.
pub(super) fn json_response(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}
