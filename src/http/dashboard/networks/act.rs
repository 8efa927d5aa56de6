//! Pausing and resuming a network.

use axum::Json;
use axum::extract::State;
use tower_sessions::Session;

use crate::app::App;
use crate::http::api::networks::{self, PauseInput};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// Where the form stood, when it says so and that is one of ours.
fn back(form: &FormPairs, slug: &str) -> String {
    if form.get("back") == "network" { format!("/networks/{slug}") } else { "/networks".to_owned() }
}

/// `POST /networks/{id}/pause`
pub async fn pause(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    let slug = id.0.clone();
    let input = PauseInput { reason: form.given("reason").map(str::to_owned) };
    match networks::pause(State(app), principal, id, JsonBody(input)).await {
        Ok(Json(network)) => {
            let said = format!("{} is paused; its leads wait.", network.name);
            layout::done(&session, &back(&form, &network.slug), said).await
        }
        Err(error) => or_say(&session, &back(&form, &slug), error).await,
    }
}

/// `POST /networks/{id}/resume`
pub async fn resume(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    let slug = id.0.clone();
    match networks::resume(State(app), principal, id).await {
        Ok(Json(network)) => {
            let said = format!("{} goes on; its failures are forgotten.", network.name);
            layout::done(&session, &back(&form, &network.slug), said).await
        }
        Err(error) => or_say(&session, &back(&form, &slug), error).await,
    }
}

/// A refusal is said on the page one came from; the rest is a page of its own.
async fn or_say(session: &Session, to: &str, error: Error) -> Answer {
    match error {
        Error::Conflict { detail, .. } => layout::refused(session, to, format!("Not done: {detail}.")).await,
        Error::Invalid(errors) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
            layout::refused(session, to, format!("Not done: {}.", said.join("; "))).await
        }
        other => Err(PageError(other)),
    }
}
