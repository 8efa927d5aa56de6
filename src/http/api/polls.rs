//! Asking a network for statuses at once, and what polls have brought; reports that found no lead.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::problems::{ChangeProblems, ListProblems, ReadProblems};
use super::resource::List;
use crate::app::App;
use crate::base::page::{Direction, Limit, Page};
use crate::db::orphan::{self, Orphan};
use crate::db::poll::{self as rows, Poll};
use crate::db::reference::{self, Reference};
use crate::flow::assign_report;
use crate::flow::start_polls::{self, Wanted};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(poll_network))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(list_orphans))
        .routes(routes!(assign))
}

/// What is to be asked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PollInput {
    /// Only this feed.
    #[serde(default)]
    pub feed: Option<String>,
    /// What happened from here on; for a network that is asked by ids, the leads that were made from here on.
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    /// And before this.
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
}

/// Polls that were begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PollsBegun {
    /// The most telling one.
    pub poll_id: Uuid,
    /// All of them: one for each feed.
    pub poll_ids: Vec<Uuid>,
}

/// Ask a network for statuses now
///
/// Without a time everything that is open is asked about. With `from`, and `to`, a part of the past is read again: by
/// time where the network can be asked so, else all leads of that time by their ids.
#[utoipa::path(post, path = "/api/v1/networks/{id}/poll", tag = "polls", operation_id = "poll_network", params(("id" = String, Path, description = "Slug, id or number")),
    request_body = PollInput, responses((status = 202, description = "Begun", body = PollsBegun), ChangeProblems))]
pub async fn poll_network(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<PollInput>,
) -> Result<(StatusCode, Json<PollsBegun>), Error> {
    let network_id = app.rules.load().network(&id).ok_or(Error::NotFound("network"))?.network_id;
    let now = app.clock.now();
    match (input.from, input.to) {
        (None, Some(_)) => return Err(Error::field("from", "required", "is required with to")),
        (Some(from), _) if from >= now => return Err(Error::field("from", "invalid", "must be in the past")),
        (Some(from), Some(to)) if to <= from => return Err(Error::field("to", "invalid", "must be after from")),
        _ => {}
    }
    let feed = filters::text("feed", input.feed)?;
    if let Some(name) = &feed {
        let rules = app.rules.load();
        let feeds = rules.networks.get(&network_id).map(|network| start_polls::feeds_of(&app, network));
        let feeds = feeds.unwrap_or_default();
        if !feeds.is_empty() && !feeds.iter().any(|feed| feed.name == *name) {
            let names: Vec<String> = feeds.into_iter().map(|feed| feed.name).collect();
            return Err(Error::field("feed", "unknown", format!("must be one of {}", names.join(", "))));
        }
    }
    let wanted = Wanted { feed, from: input.from, to: input.to };
    let poll_ids = start_polls::by_hand(&app, network_id, &wanted, &principal.actor()).await?;
    let poll_id = *poll_ids.first().ok_or(Error::NotFound("feed"))?;
    Ok((StatusCode::ACCEPTED, Json(PollsBegun { poll_id, poll_ids })))
}

/// A poll.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PollView {
    pub id: Uuid,
    /// Slug.
    pub network: String,
    pub network_id: Uuid,
    pub feed: String,
    /// The time it is about.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// `waiting`, `running`, `done` or `failed`.
    pub state: String,
    /// Who asked for it; null: the schedule.
    pub actor: Option<String>,
    /// Pages asked for.
    pub calls: i32,
    /// Leads asked about by id.
    pub asked: i32,
    /// Reports that came.
    pub reports: i32,
    pub applied: i32,
    pub unchanged: i32,
    /// Their status word is not mapped.
    pub unmapped: i32,
    /// They name no lead of this network.
    pub unmatched: i32,
    /// Stale, or without a status.
    pub ignored: i32,
    /// Why it failed, or what holds it up.
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl PollView {
    /// The view of a poll of this network.
    pub fn of(poll: Poll, network: String) -> Self {
        Self {
            id: poll.poll_id,
            network,
            network_id: poll.network_id,
            feed: poll.feed,
            from: poll.from_at,
            to: poll.to_at,
            state: poll.state,
            actor: poll.actor,
            calls: poll.calls,
            asked: poll.asked,
            reports: poll.reports,
            applied: poll.applied,
            unchanged: poll.unchanged,
            unmapped: poll.unmapped,
            unmatched: poll.unmatched,
            ignored: poll.ignored,
            error: poll.error,
            created_at: poll.created_at,
            ended_at: poll.ended_at,
        }
    }
}

/// Which polls.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PollQuery {
    /// Slug, id or number.
    network: Option<String>,
    feed: Option<String>,
    /// Words with commas: `waiting`, `running`, `done`, `failed`.
    state: Option<String>,
    /// Only those that changed something, could not map or match something, or failed.
    #[serde(default)]
    telling: bool,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists polls, the newest first.
#[utoipa::path(get, path = "/api/v1/polls", tag = "polls", operation_id = "list_polls", params(PollQuery),
    responses((status = 200, description = "A page", body = List<PollView>), ListProblems))]
async fn list(State(app): State<App>, QueryOf(query): QueryOf<PollQuery>) -> Result<Json<List<PollView>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let states = filters::words("state", query.state.as_deref(), &["waiting", "running", "done", "failed"])?;
    let mut conn = app.db.acquire().await?;
    let filter = rows::Filter {
        network_id: filters::network(&mut conn, query.network.as_deref()).await?,
        feed: filters::text("feed", query.feed)?,
        states: (!states.is_empty()).then_some(states),
        is_telling: query.telling,
    };
    let found = rows::page(&mut conn, &filter, before, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |poll| (poll.poll_id,));
    let items = page.items.into_iter().map(|poll| view(&app, poll)).collect();
    Ok(Json(List { items, next_cursor: page.next_cursor }))
}

fn view(app: &App, poll: Poll) -> PollView {
    let network = app.rules.load().networks.get(&poll.network_id).map(|network| network.slug.clone());
    PollView::of(poll, network.unwrap_or_default())
}

/// One poll.
#[utoipa::path(get, path = "/api/v1/polls/{id}", tag = "polls", operation_id = "get_poll", params(("id" = Uuid, Path)),
    responses((status = 200, description = "As it is", body = PollView), ReadProblems))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<PollView>, Error> {
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("poll"))?;
    let mut conn = app.db.acquire().await?;
    let poll = rows::find(&mut conn, id).await?.ok_or(Error::NotFound("poll"))?;
    Ok(Json(view(&app, poll)))
}

/// Which reports without a lead.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrphanQuery {
    /// Slug, id or number.
    network: Option<String>,
    /// Also those that have found their lead.
    #[serde(default)]
    all: bool,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists reports that found no lead, the newest first.
#[utoipa::path(get, path = "/api/v1/orphan-reports", tag = "polls", operation_id = "list_orphan_reports", params(OrphanQuery),
    responses((status = 200, description = "A page", body = List<Orphan>), ListProblems))]
async fn list_orphans(
    State(app): State<App>,
    QueryOf(query): QueryOf<OrphanQuery>,
) -> Result<Json<List<Orphan>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let network_id = filters::network(&mut conn, query.network.as_deref()).await?;
    let filter = orphan::Filter {
        network_id,
        is_found: if query.all { None } else { Some(false) },
        ..orphan::Filter::default()
    };
    let found = orphan::page(&mut conn, &filter, before, Direction::Newest, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.id,));
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}

/// Whose report it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignInput {
    /// Id or number of the lead.
    pub lead: String,
}

/// What became of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Assigned {
    pub id: Uuid,
    pub lead_id: Uuid,
    /// `applied`, `unchanged`, `stale`, `unmapped` or `ignored`.
    pub result: String,
    pub reason: Option<String>,
}

/// Give a report to the lead it belongs to
///
/// The lead must have been taken by the network that reports.
#[utoipa::path(post, path = "/api/v1/orphan-reports/{id}/assign", tag = "polls", operation_id = "assign_orphan_report", params(("id" = Uuid, Path)),
    request_body = AssignInput, responses((status = 200, description = "Judged", body = Assigned), ChangeProblems))]
async fn assign(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<AssignInput>,
) -> Result<Json<Assigned>, Error> {
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("orphan report"))?;
    let lead_id = {
        let mut conn = app.db.acquire().await?;
        reference::lead_id(&mut conn, &Reference::parse(&input.lead)).await?.ok_or_else(|| filters::unknown("lead"))?
    };
    let judged = assign_report::run(&app, id, lead_id, &principal.actor()).await?;
    Ok(Json(Assigned { id, lead_id, result: judged.verdict.to_string(), reason: judged.reason }))
}
