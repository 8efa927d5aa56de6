//! Tokens of everybody, for admins: the list, and issuing one for programs of one's own.

mod list;
mod new;
mod revoke;

use axum::Router;
use axum::routing::{get, post};

use super::list::router as list_router;
use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    list_router::<list::Tokens>()
        .route("/tokens/new", get(new::begin).post(new::issue))
        .route("/tokens/{id}/revoke", post(revoke::revoke))
}
