//! `/alerts`: what is wrong now and was lately, the rules, the channels that are told.

mod channel;
mod channel_form;
mod page;
mod rule;
#[cfg(test)]
mod tests;
mod words;

use axum::Router;
use axum::routing::{get, post};

pub use words::write;

use crate::app::App;

/// The pages.
pub fn router() -> Router<App> {
    Router::new()
        .route("/alerts", get(page::show))
        .route("/alerts/rules/{id}", get(rule::show).post(rule::update))
        .route("/alerts/channels/new", get(channel::begin).post(channel::create))
        .route("/alerts/channels/{id}", get(channel::show).post(channel::update))
        .route("/alerts/channels/{id}/test", post(channel::test))
        .route("/alerts/channels/{id}/archive", post(channel::archive))
}
