//! The whole router: which rooms there are and what each is wrapped in. Every route is under `rights::guard`;
//! sessions and the cross-site check are for pages only.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http::HeaderMap};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::api::{docs, openapi};
use super::dashboard::reader::{self, Reader};
use super::error::Error;
use super::session::PgStore;
use super::{altercpa, assets, dashboard, inbound, layers, portal, rights};
use crate::app::App;

/// The cookie of a session.
pub const COOKIE: &str = "leadrelay_session";
/// A session ends after this time without a request.
pub const IDLE_HOURS: i64 = 12;
/// Smaller answers, those of the lead intake among them, are not worth compressing.
const COMPRESS_ABOVE: u64 = 1024;

/// Calls of partners outside `/api/v1`.
fn partners() -> Router<App> {
    inbound::router().merge(altercpa::router())
}

/// Files and documents that need no session.
fn documents() -> Router<App> {
    Router::new().route("/api/docs", get(docs::page)).route("/assets/{*path}", get(assets::serve))
}

/// Everything there is, ready to be served.
pub fn router(app: App) -> Router {
    let guard = from_fn_with_state(app.clone(), rights::guard);
    let (api, _) = openapi::api_router().split_for_parts();
    let programs = api.merge(documents()).merge(partners()).route_layer(guard.clone());

    let sessions = SessionManagerLayer::new(PgStore(app.db.clone()))
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(app.public_url.scheme() == "https")
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(IDLE_HOURS)));
    // The guard asks the session who is there, so it is inside.
    let pages = dashboard::router()
        .merge(portal::router())
        .route_layer(guard)
        .route_layer(sessions)
        .route_layer(cross_site(&app));
    let pages = pages.route_layer(from_fn(reader::layer));
    let all = Router::new().merge(programs).merge(pages);
    let compress = SizeAbove::new(COMPRESS_ABOVE).and(NotForContentType::IMAGES).and(NotForContentType::SSE);
    all.fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(from_fn_with_state(app.clone(), layers::edge))
        .with_state(app)
}

/// Forms of other sites are refused. Behind a proxy the host may be another than the browser's, so the public
/// origin is trusted by name.
fn cross_site(app: &App) -> CsrfLayer<fn(ProtectionError) -> Response> {
    let origin = app.public_url.origin().ascii_serialization();
    let layer = CsrfLayer::new().add_trusted_origin(&origin).unwrap_or_else(|_| CsrfLayer::new());
    layer.with_rejection_response(refuse_cross_site)
}

fn refuse_cross_site(_: ProtectionError) -> Response {
    dashboard::error_page(&Error::Forbidden("this form was sent from another site".into()))
}

fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let is_for_programs = ["/api", "/postback"]
        .iter()
        .any(|room| path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let takes_html = || {
        headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    };
    !is_for_programs && takes_html()
}

async fn not_found(request: Request) -> Response {
    if wants_page(request.uri().path(), request.headers()) {
        let reader = Reader { language: reader::wanted(request.headers()), ..Reader::DEFAULT };
        return reader::reading(reader, async { dashboard::error_page(&Error::NotFound("page")) }).await;
    }
    Error::NotFound("path").into_response()
}

async fn method_not_allowed() -> Response {
    Error::MethodNotAllowed.into_response()
}
