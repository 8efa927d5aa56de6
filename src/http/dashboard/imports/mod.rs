//! `/imports`: statuses and leads from files. A file is sent, its columns are named, its rows are tried and then imported.

mod act;
mod columns;
mod list;
mod live;
mod new;
mod rows;
mod show;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::list::router as list_router;
use crate::app::App;
use crate::base::sheet;

/// Most bytes of the form with its file. More than a file may have, so that one that is too large is told so by its form.
const LIMIT: usize = 2 * sheet::MAX_BYTES;

/// The pages.
pub fn router() -> Router<App> {
    let new = get(new::begin).post(new::create).layer(DefaultBodyLimit::max(LIMIT));
    list_router::<list::Imports>()
        .route("/imports/new", new)
        .route("/imports/{id}", get(show::show))
        .route("/imports/{id}/live", get(live::stream))
        .route("/imports/{id}/rows.csv", get(rows::export))
        .route("/imports/{id}/mapping", post(act::set_mapping))
        .route("/imports/{id}/run", post(act::run))
        .route("/imports/{id}/discard", post(act::discard))
}
