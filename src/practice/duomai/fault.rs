//! What can go wrong on the network's side, on request.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, envelope, json_response, respond};
use super::call::Call;

const HTML: &str = "<!DOCTYPE html><html><head><title>Duomai</title></head><body><h1>系统维护中</h1></body></html>";

/// What the next call of the API does instead of, or after, its work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// This HTTP answer; the call is not handled.
    Http {
        /// HTTP status.
        status: u16,
        /// The body.
        #[serde(default)]
        body: String,
        /// None: `text/html`.
        #[serde(default)]
        content_type: Option<String>,
        /// Seconds for the header Retry-After.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The call is handled at once and answered after this time (in JSON: seconds).
    Slow(#[serde(with = "seconds")] Duration),
    /// The call is handled; then the connection breaks: the head of an answer may arrive, its body never does.
    DropAfterHandling,
    /// The call is handled and answered with HTTP 200 and the first half of the JSON.
    TruncatedJson,
    /// HTTP 200 with an HTML page; the call is not handled.
    HtmlPage,
    /// HTTP 400 with this status in the envelope (429, 500, 5001 ..); the call is not handled.
    Refuse {
        /// Duomai's status.
        status: i64,
        /// Its text.
        #[serde(default)]
        message: String,
    },
    /// The same under HTTP 200.
    OkWithStatus {
        /// Duomai's status.
        status: i64,
        /// Its text.
        #[serde(default)]
        message: String,
    },
    /// The call is handled; the first row of its list comes again as the last one.
    RepeatRow,
    /// The call is handled; its `data` comes in another shape.
    DataAs(DataShape),
}

/// How `data` may look where a list is expected: the documents say object, clients say list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataShape {
    /// `null`, whatever was found.
    Null,
    /// `{}`, whatever was found.
    EmptyObject,
    /// `{"list": [..]}`
    ListInObject,
}

impl Fault {
    /// HTTP 500.
    pub fn server_error() -> Self {
        Self::http(500, "Internal Server Error", "text/plain", None)
    }

    /// HTTP 502 with a page of HTML.
    pub fn bad_gateway() -> Self {
        Self::http(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html", None)
    }

    /// HTTP 429 with Retry-After.
    pub fn too_many_requests(retry_after: u64) -> Self {
        Self::http(429, "Too Many Requests", "text/plain", Some(retry_after))
    }

    /// HTTP 400 with status 429 inside, as Duomai's documents have it.
    pub fn throttled() -> Self {
        Self::Refuse { status: 429, message: "too many requests".to_owned() }
    }

    /// HTTP 400 with status 5001 inside: the network is busy.
    pub fn busy() -> Self {
        Self::Refuse { status: 5001, message: "network busy, try again later".to_owned() }
    }

    fn http(status: u16, body: &str, content_type: &str, retry_after: Option<u64>) -> Self {
        Self::Http { status, body: body.to_owned(), content_type: Some(content_type.to_owned()), retry_after }
    }

    /// The answer of a fault that keeps the call from being handled.
    pub(super) fn instead(&self) -> Option<Response> {
        match self {
            Self::Http { status, body, content_type, retry_after } => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = (status, body.clone()).into_response();
                let content_type = content_type.as_deref().unwrap_or("text/html");
                if let Ok(value) = HeaderValue::from_str(content_type) {
                    response.headers_mut().insert(header::CONTENT_TYPE, value);
                }
                if let Some(after) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*after));
                }
                Some(response)
            }
            Self::HtmlPage => {
                Some((StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], HTML).into_response())
            }
            Self::Refuse { status, message } => Some(respond(&Err(Refusal::new(*status, message)))),
            Self::OkWithStatus { status, message } => {
                let body = json!({ "status": status, "message": message, "data": null }).to_string();
                Some(json_response(StatusCode::OK, body))
            }
            _ => None,
        }
    }

    /// Spoils the answer of a call that was handled.
    pub(super) async fn after(self, answer: Answer) -> Response {
        match self {
            Self::Slow(wait) => {
                tokio::time::sleep(wait).await;
                respond(&answer)
            }
            Self::DropAfterHandling => broken(),
            Self::TruncatedJson => {
                let (_, body) = envelope(&answer);
                let half = body.chars().count() / 2;
                json_response(StatusCode::OK, body.chars().take(half).collect())
            }
            Self::RepeatRow => respond(&answer.map(repeat_row)),
            Self::DataAs(shape) => respond(&answer.map(|data| match shape {
                DataShape::Null => Value::Null,
                DataShape::EmptyObject => json!({}),
                DataShape::ListInObject => json!({ "list": data }),
            })),
            _ => respond(&answer),
        }
    }
}

/// A body that fails at its first byte: the server then closes the connection in the middle of the answer.
fn broken() -> Response {
    let failure = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "dropped on request");
    let body = futures_util::stream::iter([Err::<Bytes, _>(failure)]);
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_LENGTH, "4096")];
    (StatusCode::OK, head, Body::from_stream(body)).into_response()
}

fn repeat_row(mut data: Value) -> Value {
    if let Some(rows) = data.as_array_mut() {
        rows.extend(rows.first().cloned());
    }
    data
}

/// A fault that waits for its calls.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Planned {
    pub(super) path_prefix: String,
    pub(super) fault: Fault,
    pub(super) times: u32,
}

impl Planned {
    /// Every API call has one path, so a service's name counts as well.
    pub(super) fn meets(&self, call: &Call) -> bool {
        call.path.starts_with(&self.path_prefix)
            || call.service().is_some_and(|service| service.starts_with(&self.path_prefix))
    }
}

/// A duration as a number of seconds.
pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
