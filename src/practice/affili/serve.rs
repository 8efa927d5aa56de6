//! The HTTP side: every call is read, remembered, answered under the lock, and its fault played outside of it.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde_json::Value;

use super::Affili;
use super::call::Call;
use super::fault::{self, BAD_GATEWAY, Fault};
use super::fields::Fields;
use super::network::Network;
use super::reply::{Errors, Reply};
use super::route::{self, Miss, Route};
use super::{authorization, customers, list, merchants, operator, services};

/// What is longer is no call of this API.
const LONGEST_BODY: usize = 1024 * 1024;

/// Affili's paths and `/_control`.
pub(super) fn router(affili: Affili) -> Router {
    Router::new().fallback(serve).with_state(affili)
}

async fn serve(State(affili): State<Affili>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let call = Call {
        at: affili.now(),
        method: head.method.as_str().to_owned(),
        path: head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body.to_vec(),
    };
    if operator::is_for(&call) {
        let (status, body) = operator::answer(&affili, &call);
        return match body {
            Value::String(text) => with_body(status, &text_header(), text),
            body => with_body(status, &json_header(), format!("{body:#}\n")),
        };
    }
    let fault = {
        let mut network = affili.lock();
        network.remember(call.clone());
        fault::take(&mut network.faults, &call)
    };
    let work = || {
        let mut network = affili.lock();
        answer(&mut network, call.at, &call)
    };
    match fault {
        None => write(work()),
        Some(Fault::Status { status, headers, body }) => with_body(status, &headers, body),
        Some(Fault::Slow(time)) => {
            let reply = work();
            tokio::time::sleep(time).await;
            write(reply)
        }
        Some(Fault::DropAfterStoring) => {
            work();
            broken()
        }
        Some(Fault::DropBeforeStoring) => broken(),
        Some(Fault::BadGatewayAfterStoring) => {
            work();
            with_body(502, &html_header(), BAD_GATEWAY.to_owned())
        }
        Some(Fault::TruncatedJson) => {
            let text = work().body.to_string();
            let half = text.chars().take(text.chars().count() / 2).collect();
            with_body(200, &json_header(), half)
        }
        Some(Fault::HtmlPage) => {
            let page = "<!DOCTYPE html><html lang=\"fa\"><body><h1>Affili</h1></body></html>\n";
            with_body(200, &html_header(), page.to_owned())
        }
        Some(Fault::NotOk { field, message }) => {
            let tag = route::find(&call.method, call.plain_path()).map_or("route", |route| route.tag());
            write(Reply::error(200, tag, Errors::of(&field, &message)))
        }
    }
}

/// Routing first, then the token, then the fields.
pub(super) fn answer(network: &mut Network, now: DateTime<Utc>, call: &Call) -> Reply {
    let route = match route::find(&call.method, call.plain_path()) {
        Ok(route) => route,
        Err(Miss::Path) => return Reply::error(404, "route", Errors::of("path", "is unknown")),
        Err(Miss::Method(allow)) => {
            let reply = Reply::error(405, "route", Errors::of("method", "is not allowed here"));
            return Reply { allow: Some(allow), ..reply };
        }
    };
    let one_token_for_both = network.settings.one_token_for_both;
    if let Some(refusal) = authorization::refusal(call, route.family(), &network.account, one_token_for_both) {
        return refusal;
    }
    let tag = route.tag();
    let content_type_checked = network.settings.content_type_checked;
    let fields = || Fields::read(call, content_type_checked).map_err(|errors| Reply::invalid(tag, errors));
    let reply = match route {
        Route::SetCookie => fields().map(|fields| merchants::set_cookie(network, now, tag, fields)),
        Route::CreateConversion => fields().map(|fields| merchants::create(network, now, tag, fields)),
        Route::ListConversions => Ok(list::conversions(network, tag, call)),
        Route::FindConversion(id) => Ok(merchants::find(network, tag, &id)),
        Route::UpdateConversion(id) => fields().map(|fields| merchants::update(network, now, tag, &id, fields)),
        Route::CreateServicesConversion => fields().map(|fields| services::create(network, now, tag, fields)),
        Route::UpdateServicesConversion(id) => fields().map(|fields| services::update(network, now, tag, &id, fields)),
        Route::CreateCustomer => fields().map(|fields| customers::create(network, now, tag, fields)),
        Route::ListCustomers => Ok(customers::list(network, tag, call)),
        Route::EditCustomer(id) => fields().map(|fields| customers::edit(network, now, tag, &id, fields)),
    };
    reply.unwrap_or_else(|refusal| refusal)
}

fn write(reply: Reply) -> Response {
    let mut response = with_body(reply.status, &json_header(), reply.body.to_string());
    if let Some(allow) = reply.allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

fn json_header() -> [(String, String); 1] {
    [("content-type".to_owned(), "application/json".to_owned())]
}

fn text_header() -> [(String, String); 1] {
    [("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())]
}

fn html_header() -> [(String, String); 1] {
    [("content-type".to_owned(), "text/html; charset=utf-8".to_owned())]
}

fn with_body(status: u16, headers: &[(String, String)], body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: HeaderMap = headers
        .iter()
        .filter_map(|(name, value)| {
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
        })
        .collect();
    (status, headers, Body::from(body)).into_response()
}

/// An answer whose body fails at once, so that hyper closes the connection without an end of the body.
fn broken() -> Response {
    let failure = stream::iter([Err::<Bytes, _>(std::io::Error::other("dropped on request"))]);
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(failure)).into_response()
}
