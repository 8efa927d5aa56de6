//! Webmasters: the list, and the page of one with his tokens, flows, postbacks and the ways into his portal.

mod act;
mod edit;
mod list;
mod portal;
mod show;

use axum::Router;
use axum::routing::{get, post};

use super::list::router as list_router;
use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    list_router::<list::Webmasters>()
        .route("/webmasters/new", get(edit::begin).post(edit::create))
        .route("/webmasters/{id}", get(show::show).post(edit::update))
        .route("/webmasters/{id}/archive", post(edit::archive))
        .route("/webmasters/{id}/tokens", post(act::issue_token))
        .route("/webmasters/{id}/flows", post(act::add_flow))
        .route("/webmasters/{id}/postbacks", post(act::add_postback))
        .route("/webmasters/{id}/logins", post(portal::add_login))
        .route("/webmaster-logins/{id}/link", post(portal::renew_login))
        .route("/webmaster-logins/{id}/second-factor/off", post(portal::switch_second_factor_off))
        .route("/webmaster-logins/{id}/close", post(portal::close_login))
        .route("/webmasters/{id}/portal-links", post(portal::add_link))
        .route("/portal-links/{id}/revoke", post(portal::revoke_link))
        .route("/flows/{id}/archive", post(act::archive_flow))
        .route("/postback-rules/{id}/archive", post(act::archive_postback))
}
