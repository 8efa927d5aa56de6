//! What is around every request: its id, its caller's address, a time limit, a net for panics, headers for
//! browsers, one log line and the metrics. Log and metrics name the route's template, never the path or the
//! query as they came: both may hold secrets and personal data.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::client_ip::{ClientIp, client_ip};
use super::error::{Error, REQUEST_ID};
use super::routes::TABLE;
use crate::app::App;
use crate::base::ids::Ids;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Scripts and styles from our own files only; no frames, no foreign forms.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers every answer has unless its handler set them.
static HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// The caller's id of the request when it is a plain word, else a new one.
fn request_id(headers: &HeaderMap, ids: &Ids) -> String {
    let is_plain = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    headers
        .get(X_REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(is_plain)
        .map_or_else(|| ids.next().to_string(), str::to_owned)
}

/// The outermost layer.
pub async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers(), &app.ids);
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let ip = client_ip(peer.ip(), request.headers(), &app.config.server.trusted_proxies);
        request.extensions_mut().insert(ClientIp(ip));
    }
    REQUEST_ID.scope(id.clone(), Box::pin(answer(id, app.config.server.request_timeout(), request, next))).await
}

async fn answer(id: String, limit: Duration, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_word(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let running = AssertUnwindSafe(tokio::time::timeout(limit, next.run(request))).catch_unwind();
    let mut response = match running.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Error::Unavailable { after: Duration::from_secs(2) }.into_response(),
        // The panic's text went to the standard error by the hook; it may hold anything, so it is not logged here.
        Err(_) => Error::Internal(anyhow::anyhow!("the handler panicked")).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, value);
    }
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(value) = HeaderValue::from_str(&allowed(route))
    {
        response.headers_mut().entry(header::ALLOW).or_insert(value);
    }
    note(method, route, response.status(), started.elapsed(), &id);
    response
}

/// The methods a route has, for the header that goes with 405.
fn allowed(route: &str) -> String {
    let methods: Vec<&str> = TABLE.iter().filter(|(_, path, _)| *path == route).map(|(method, _, _)| *method).collect();
    methods.join(", ")
}

fn note(method: &'static str, route: &str, status: StatusCode, took: Duration, request_id: &str) {
    let ms = (took.as_secs_f64() * 100_000.0).round() / 100.0;
    tracing::info!(target: "leadrelay::access", method, route, status = status.as_u16(), ms, request_id, "request");
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(took.as_secs_f64());
}

/// Methods are a closed list in logs and metrics: callers may send any word.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_request_ids_are_taken_over() {
        let taken = |given: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given.as_bytes()).unwrap());
            request_id(&headers, &Ids) == given
        };
        assert!(taken("a-B_9.z"));
        assert!(taken(&"x".repeat(64)));
        for bad in ["", "a b", "a/b", "é", "<x>", &"x".repeat(65)] {
            assert!(!taken(bad), "{bad}");
        }
        assert!(!request_id(&HeaderMap::new(), &Ids).is_empty());
    }
}
