//! Pausing and resuming a network, and saying what its words mean.

use axum::Json;
use axum::extract::State;
use chrono::{NaiveDate, NaiveTime};
use tower_sessions::Session;
use uuid::Uuid;

use crate::app::App;
use crate::domain::status::Status;
use crate::flow::map_status;
use crate::flow::replay::Refused;
use crate::http::api::networks::{self, PauseInput};
use crate::http::api::polls::{self, PollInput};
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

/// `POST /networks/{id}/poll`: now, or of the days that the form names (UTC, both included).
pub async fn poll(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    let to = format!("/networks/{}#polls", id.0);
    let day = |name: &str| form.given(name).map(|text| text.parse::<NaiveDate>()).transpose();
    let (Ok(from), Ok(until)) = (day("from"), day("to")) else {
        return layout::refused(&session, &to, "Not asked: write days as 2026-11-30.").await;
    };
    let at = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let input = PollInput {
        feed: form.given("feed").map(str::to_owned),
        from: from.map(at),
        to: until.and_then(|day| day.succ_opt()).map(at),
    };
    match polls::poll_network(State(app), principal, id, JsonBody(input)).await {
        Ok(_) => layout::done(&session, &to, "The network is being asked; reload to see what it says.").await,
        Err(error) => or_say(&session, &to, error).await,
    }
}

/// `POST /networks/{id}/map`
pub async fn map(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let network = super::show::find(&app, &id).await?;
    let to = format!("/networks/{}#words", network.slug);
    let word: Uuid = form.get("word").parse().map_err(|_| Error::NotFound("status word"))?;
    let status = match form.get("status").parse::<Status>() {
        Ok(status) if status != Status::New => status,
        _ => return layout::refused(&session, &to, "Choose what the word means.").await,
    };
    match map_status::run(&app, word, status, &principal.actor()).await {
        Ok(mapped) => {
            let said = match mapped.reports {
                0 => format!("It means {status} from now on."),
                1 => format!("It means {status} from now on; the one report that waited is applied."),
                reports => format!("It means {status} from now on; the {reports} reports that waited are applied."),
            };
            layout::done(&session, &to, said).await
        }
        Err(Refused::State(why)) => layout::refused(&session, &to, format!("Not mapped: {why}.")).await,
        Err(other) => Err(PageError(Error::from(other))),
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
