//! `/offers/{id}/routing`: the routes of an offer from top to bottom, a draft of other ones, what a lead would meet, and
//! the versions there were.

mod act;
mod edit;
mod form;
mod hours;
mod show;
mod simulation;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::db::routing::Draft;
use crate::domain::routing::plan::Planned;
use crate::domain::rules::{Offer, Rules};
use crate::http::error::Error;

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/offers/{id}/routing", get(show::show))
        .route("/offers/{id}/routing/draft", post(act::begin))
        .route("/offers/{id}/routing/discard", post(act::discard))
        .route("/offers/{id}/routing/publish", post(act::publish))
        .route("/offers/{id}/routing/roll-back", post(act::roll_back))
        .route("/offers/{id}/routing/simulation", get(simulation::show))
        .route("/offers/{id}/routing/routes/{route}", get(edit::show).post(edit::save))
        .route("/offers/{id}/routing/routes/{route}/remove", post(act::remove))
}

/// The offer of a path, which must be in use.
fn offer_of(rules: &Rules, id: &str) -> Result<Arc<Offer>, Error> {
    rules.offer(id).cloned().ok_or(Error::NotFound("offer"))
}

fn page_of(offer: &Offer) -> String {
    format!("/offers/{}/routing", offer.slug)
}

/// The routes of a draft.
fn plan_of(draft: &Draft) -> Result<Vec<Planned>, Error> {
    serde_json::from_value(draft.routes.clone()).map_err(|error| Error::Internal(error.into()))
}
