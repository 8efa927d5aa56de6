//! People with a login, for admins: the list, new ones, and the page of one with what can be done about the account.

mod act;
mod edit;
mod list;

use axum::Router;
use axum::routing::{get, post};

use super::list::router as list_router;
use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    list_router::<list::Users>()
        .route("/users/new", get(edit::begin).post(edit::create))
        .route("/users/{id}", get(edit::show).post(edit::update))
        .route("/users/{id}/password", post(act::new_password))
        .route("/users/{id}/second-factor/off", post(act::switch_second_factor_off))
        .route("/users/{id}/sessions/end", post(act::end_sessions))
        .route("/users/{id}/archive", post(act::archive))
        .route("/users/{id}/restore", post(act::restore))
}
