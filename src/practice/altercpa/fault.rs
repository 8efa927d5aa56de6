//! What can go wrong on purpose, once or several times.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::reply::Reply;

/// What a call does instead of answering well. Where the call is *handled*, the network's state changes as usual, and
/// only the caller does not learn it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// An HTTP status with a body, as JSON when it is such, else as a page.
    Http {
        /// The HTTP status.
        status: u16,
        /// The body.
        #[serde(default)]
        body: String,
        /// Whether the call is handled first.
        #[serde(default)]
        handled: bool,
    },
    /// 502 with the HTML page of a proxy. Not handled.
    BadGateway,
    /// 429 with `Retry-After`. Not handled.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Handled at once, answered later. In control calls `millis`.
    Slow {
        /// How much later.
        #[serde(rename = "millis", deserialize_with = "millis")]
        wait: Duration,
    },
    /// The connection breaks before the answer is whole.
    Drop {
        /// Whether the call is handled first.
        #[serde(default = "yes")]
        handled: bool,
    },
    /// Handled; HTTP 200 with the first half of the JSON.
    TruncatedJson,
    /// HTTP 200 with an HTML page. Not handled.
    HtmlPage,
    /// Handled; HTTP 200 with an empty body, as when PHP dies behind the work.
    EmptyBody,
    /// Handled; HTTP 200 with a PHP warning before the JSON.
    PhpWarning,
    /// Handled; HTTP 200 with `{"status":"ok"}` and no id.
    OkWithoutId,
    /// HTTP 200 with `{"status":"error","error":code}`, such as `db`. Not handled.
    Verdict {
        /// The code.
        error: String,
    },
}

impl Fault {
    /// Plays it. `handle` is what the network would have done.
    pub(super) async fn play(self, handle: impl FnOnce() -> Reply) -> Response {
        match self {
            Self::Http { status, body, handled } => {
                if handled {
                    handle();
                }
                match serde_json::from_str::<Value>(&body) {
                    Ok(Value::Object(_) | Value::Array(_)) => Reply::text(status, "application/json", body),
                    _ => Reply::html(status, &body),
                }
            }
            Self::BadGateway => Reply::html(
                502,
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
                 </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>",
            ),
            Self::TooManyRequests { retry_after } => Reply::too_many(retry_after),
            Self::Slow { wait } => {
                // Handled before the wait: a caller who gives up has still changed the state.
                let reply = handle();
                tokio::time::sleep(wait).await;
                reply
            }
            Self::Drop { handled } => {
                if handled {
                    handle();
                }
                return broken();
            }
            Self::TruncatedJson => {
                let mut reply = handle();
                let half = reply.body.len() / 2;
                let end = (0..=half).rev().find(|end| reply.body.is_char_boundary(*end)).unwrap_or(0);
                reply.body.truncate(end);
                reply
            }
            Self::HtmlPage => Reply::login_page(),
            Self::EmptyBody => {
                handle();
                Reply::html(200, "")
            }
            Self::PhpWarning => {
                let body = handle().body;
                let warning = "<br />\n<b>Warning</b>:  Undefined array key \"ip\" in <b>/core/api.php</b> on line \
                               <b>214</b><br />\n";
                Reply::html(200, &format!("{warning}{body}"))
            }
            Self::OkWithoutId => {
                handle();
                Reply::json(&json!({ "status": "ok" }))
            }
            Self::Verdict { error } => Reply::json(&json!({ "status": "error", "error": error })),
        }
        .into_response()
    }
}

/// An answer whose body fails at once, so that the server cuts the connection.
fn broken() -> Response {
    let failure = std::io::Error::other("dropped on request");
    Response::new(Body::from_stream(futures_util::stream::once(std::future::ready(Err::<Bytes, _>(failure)))))
}

fn yes() -> bool {
    true
}

fn millis<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    u64::deserialize(input).map(Duration::from_millis)
}

/// A fault that waits for its calls.
struct Planned {
    path: String,
    fault: Fault,
    times: u32,
}

/// The faults that wait, oldest first.
#[derive(Default)]
pub(super) struct Faults(Vec<Planned>);

impl Faults {
    /// Plans a fault for the next so many calls whose path begins so; an empty path means any.
    pub(super) fn plan(&mut self, path: &str, fault: Fault, times: u32) {
        if times > 0 {
            self.0.push(Planned { path: plain(path).to_owned(), fault, times });
        }
    }

    /// Forgets all that wait.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of this call, if one waits for it.
    pub(super) fn take(&mut self, path: &str) -> Option<Fault> {
        let path = plain(path);
        let index = self.0.iter().position(|planned| path.starts_with(&planned.path))?;
        let planned = self.0.get_mut(index)?;
        planned.times -= 1;
        let fault = planned.fault.clone();
        if planned.times == 0 {
            self.0.remove(index);
        }
        Some(fault)
    }
}

/// A path without its `/api` prefix: the two addresses of a call are one call.
fn plain(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    path.strip_prefix("api/").unwrap_or(path)
}
