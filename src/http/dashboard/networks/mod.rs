//! `/networks`: how each is doing, pausing one, connecting one, and its page, a file for each tab. All of it goes
//! through the functions of the API, so that a form and a program are checked, stored and audited alike.

mod act;
mod answers;
mod cases;
mod frame;
mod history;
mod inbound;
mod list;
mod new;
mod parameters;
mod plans;
mod polling;
mod request;
mod settings;
mod show;
mod statuses;
mod test;

use axum::Router;
use axum::routing::{get, post};

pub use cases::Cases;

use crate::app::App;

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/networks", get(list::show))
        .route("/networks/new", get(new::show).post(new::create))
        .route("/networks/{id}", get(show::show).post(show::update))
        .route("/networks/{id}/test", post(test::run))
        .route("/networks/{id}/request", get(request::show))
        .route("/networks/{id}/answers", get(answers::show).post(answers::judge))
        .route("/networks/{id}/statuses", get(statuses::show).post(statuses::set))
        .route("/networks/{id}/polling", get(polling::show))
        .route("/networks/{id}/poll", post(act::poll))
        .route("/networks/{id}/inbound", get(inbound::show))
        .route("/networks/{id}/tests", get(cases::show))
        .route("/networks/{id}/parameters", get(parameters::show))
        .route("/networks/{id}/plans", get(plans::show).post(plans::import))
        .route("/networks/{id}/history", get(history::show))
        .route("/networks/{id}/pause", post(act::pause))
        .route("/networks/{id}/resume", post(act::resume))
}
