//! `/replays/{kind}`: doing all rows of a list again, after it was said how many.

use askama::Template;
use axum::extract::{RawQuery, State};
use tower_sessions::Session;

use super::form::FormPairs;
use super::layout::{self, Answer, Shell, back, done};
use super::list::{Asked, Reading};
use super::places;
use super::texts::{self, Text, say};
use crate::app::App;
use crate::flow::replay::{self, Filter, ReplayKind};
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "replay.html")]
struct Page {
    shell: Shell,
    title: Text,
    place: Text,
    note: Text,
    back: String,
    action: String,
    count: usize,
}

/// The list a replay belongs to.
const fn list_of(kind: ReplayKind) -> &'static str {
    match kind {
        ReplayKind::Deliveries => "/deliveries",
        ReplayKind::Postbacks => "/postbacks",
        ReplayKind::Inbound => "/inbound",
    }
}

async fn read(app: &App, kind: &str, query: Option<&str>) -> Result<(ReplayKind, Asked, Filter), Error> {
    let kind: ReplayKind = kind.parse().map_err(|_| Error::NotFound("page"))?;
    let asked = Asked::read(list_of(kind), query);
    let mut reading = Reading::of(&asked);
    let postback_id = reading.part("postback", |raw| uuid::Uuid::parse_str(raw).map_err(|_| "must be an id"));
    let (from, to) = (reading.from("from"), reading.to("to"));
    reading.end()?;
    let network_id = filters::network(&mut *app.db.acquire().await?, asked.given("network")).await?;
    let state = asked.given("state").or(asked.given("result")).map(str::to_owned);
    let filter = Filter { network_id, postback_id, state, from, to };
    Ok((kind, asked, filter))
}

/// `GET /replays/{kind}`: how many rows the filter means.
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(kind): PathId,
    RawQuery(query): RawQuery,
) -> Answer {
    let (kind, asked, filter) = read(&app, &kind, query.as_deref()).await?;
    let count = replay::run(&app, kind, &filter, true, &principal.actor()).await?;
    let list = list_of(kind);
    let place = places::at(list).map_or_else(|| say("place-overview"), |place| place.title());
    let title = say(format!("replay-title-{kind}"));
    let query = asked.query();
    layout::page(&Page {
        shell: Shell::of(&session, &principal, title.clone(), list).await?,
        title,
        place,
        note: say(format!("replay-note-{kind}")),
        back: format!("{list}?{query}"),
        action: format!("/replays/{kind}?{query}"),
        count,
    })
}

/// `POST /replays/{kind}`
pub async fn run(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(kind): PathId,
    RawQuery(query): RawQuery,
    form: FormPairs,
) -> Answer {
    let (kind, _, filter) = read(&app, &kind, query.as_deref()).await?;
    let matched = replay::run(&app, kind, &filter, false, &principal.actor()).await?;
    done(&session, &back(&form, list_of(kind)), say("replay-done").count("count", matched)).await
}
