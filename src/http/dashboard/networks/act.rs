//! Pausing, resuming and polling a network.

use axum::Json;
use axum::extract::State;
use chrono::{Days, NaiveDate};
use tower_sessions::Session;

use super::frame::Tab;
use crate::app::App;
use crate::http::api::networks::{self, PauseInput};
use crate::http::api::polls::{self, PollInput};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError};
use crate::http::dashboard::list;
use crate::http::dashboard::texts::say;
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
            let said = say("network-is-paused").with("network", &network.name);
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
            let said = say("network-goes-on").with("network", &network.name);
            layout::done(&session, &back(&form, &network.slug), said).await
        }
        Err(error) => or_say(&session, &back(&form, &slug), error).await,
    }
}

/// `POST /networks/{id}/poll`: now, or of the days that the form names (the reader's, both included).
pub async fn poll(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    let to = Tab::Polling.of(&id.0);
    let start = |text: &str, later: u64| {
        let day = text.parse::<NaiveDate>().ok()?.checked_add_days(Days::new(later))?;
        list::day_start(day)
    };
    let given = |name: &str, later: u64| form.given(name).map(|text| start(text, later).ok_or(())).transpose();
    let (Ok(from), Ok(until)) = (given("from", 0), given("to", 1)) else {
        return layout::refused(&session, &to, say("poll-days-wrong")).await;
    };
    let input = PollInput { feed: form.given("feed").map(str::to_owned), from, to: until };
    match polls::poll_network(State(app), principal, id, JsonBody(input)).await {
        Ok(_) => layout::done(&session, &to, say("poll-begun")).await,
        Err(error) => or_say(&session, &to, error).await,
    }
}

/// A refusal is said on the page one came from; the rest is a page of its own.
async fn or_say(session: &Session, to: &str, error: Error) -> Answer {
    match error {
        Error::Conflict { detail, .. } => {
            layout::refused(session, to, say("network-not-done").with("why", detail)).await
        }
        Error::Invalid(errors) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
            layout::refused(session, to, say("network-not-done").with("why", said.join("; "))).await
        }
        other => Err(PageError(other)),
    }
}
