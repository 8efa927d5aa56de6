//! `/integrations`: the kinds of partners there are, what each can do, and what a network of it is given.

mod gallery;
mod list;
mod show;

use axum::Router;
use axum::routing::get;

pub use gallery::Gallery;

use crate::app::App;

/// The routes.
pub fn router() -> Router<App> {
    Router::new().route("/integrations", get(list::show)).route("/integrations/{id}", get(show::show))
}
