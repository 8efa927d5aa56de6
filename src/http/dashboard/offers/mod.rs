//! Offers: the list, and the form of one.

mod edit;
mod form;
mod list;

use axum::Router;
use axum::routing::{get, post};

use super::list::router as list_router;
use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    list_router::<list::Offers>()
        .route("/offers/new", get(edit::begin).post(edit::create))
        .route("/offers/{id}", get(edit::show).post(edit::update))
        .route("/offers/{id}/archive", post(edit::archive))
}
