//! Doing things again and deciding what is in doubt: deliveries, postbacks, stored calls, unmapped words.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::input::{name, refuse, words};
use super::problems::ChangeProblems;
use crate::app::App;
use crate::domain::status::Status;
use crate::flow::map_status;
use crate::flow::replay::{self, Filter, ReplayKind};
use crate::flow::resolve::{self, Finding};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(retry_delivery))
        .routes(routes!(resolve_delivery))
        .routes(routes!(retry_postback))
        .routes(routes!(reprocess))
        .routes(routes!(map_word))
        .routes(routes!(replay_many))
}

fn id_of(text: &str, what: &'static str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound(what))
}

/// That it was begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Begun {
    id: Uuid,
}

/// Retry a delivery
///
/// One that gave up, waits for a retry, or is in review. For one in review you vouch that the network does not have the lead.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/retry", tag = "deliveries", operation_id = "retry_delivery", params(("id" = Uuid, Path)),
    responses((status = 202, description = "Queued", body = Begun), ChangeProblems))]
async fn retry_delivery(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Begun>), Error> {
    let id = id_of(&id, "delivery")?;
    replay::retry(&app, id, &principal.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { id })))
}

/// What a person found out at the network.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum FindingInput {
    /// The network has the lead.
    Accepted {
        /// Its id there.
        #[serde(default)]
        external_id: Option<String>,
    },
    /// It does not want it.
    Refused {
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// It does not have it: send it again.
    NotThere {},
}

/// End the review of a delivery
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/resolve", tag = "deliveries", operation_id = "resolve_delivery", params(("id" = Uuid, Path)),
    request_body = FindingInput, responses((status = 200, description = "Done", body = Begun), ChangeProblems))]
async fn resolve_delivery(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<FindingInput>,
) -> Result<Json<Begun>, Error> {
    let id = id_of(&id, "delivery")?;
    let mut errors = Vec::new();
    let finding = match input {
        FindingInput::Accepted { external_id } => {
            let id = name("external_id", &external_id.unwrap_or_default(), "", &mut errors);
            Finding::Accepted((!id.is_empty()).then_some(id))
        }
        FindingInput::Refused { reason } => {
            let reason = words("reason", reason, &mut errors);
            Finding::Refused(reason.unwrap_or_else(|| "refused, as an operator found out".into()))
        }
        FindingInput::NotThere {} => Finding::NotThere,
    };
    refuse(errors)?;
    resolve::delivery(&app, id, finding, &principal.actor()).await?;
    Ok(Json(Begun { id }))
}

/// Send a postback again
///
/// With the same id, so that the receiver can tell the repeat.
#[utoipa::path(post, path = "/api/v1/postback-deliveries/{id}/retry", tag = "postback deliveries", operation_id = "retry_postback_delivery", params(("id" = Uuid, Path)),
    responses((status = 202, description = "Queued", body = Begun), ChangeProblems))]
async fn retry_postback(State(app): State<App>, PathId(id): PathId) -> Result<(StatusCode, Json<Begun>), Error> {
    let id = id_of(&id, "postback delivery")?;
    replay::resend_postback(&app, id, None).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { id })))
}

/// What a call came to this time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Reprocessed {
    /// `applied`, `unchanged`, `unmapped`, `ignored` or `unmatched`.
    result: String,
}

/// Judge a stored call again
#[utoipa::path(post, path = "/api/v1/inbound-postbacks/{id}/reprocess", tag = "inbound postbacks", operation_id = "reprocess_inbound", params(("id" = Uuid, Path)),
    responses((status = 200, description = "Judged", body = Reprocessed), ChangeProblems))]
async fn reprocess(State(app): State<App>, PathId(id): PathId) -> Result<Json<Reprocessed>, Error> {
    let result = replay::reprocess(&app, id_of(&id, "inbound postback")?).await?;
    Ok(Json(Reprocessed { result }))
}

/// The meaning of a word.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapInput {
    status: Status,
}

/// What the past came to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MapAnswer {
    /// Reports that were kept for this word.
    reports: usize,
    /// Those that changed something.
    applied: usize,
}

/// Map an unmapped status
///
/// From now on, and for every report that was kept.
#[utoipa::path(post, path = "/api/v1/unmapped-statuses/{id}/map", tag = "unmapped statuses", operation_id = "map_status", params(("id" = Uuid, Path)),
    request_body = MapInput, responses((status = 200, description = "Mapped", body = MapAnswer), ChangeProblems))]
async fn map_word(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<MapInput>,
) -> Result<Json<MapAnswer>, Error> {
    if input.status == Status::New {
        return Err(Error::field("status", "invalid", "a network's word cannot mean new"));
    }
    let mapped = map_status::run(&app, id_of(&id, "unmapped status")?, input.status, &principal.actor()).await?;
    Ok(Json(MapAnswer { reports: mapped.reports, applied: mapped.applied }))
}

/// What is done again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayInput {
    kind: ReplayKind,
    #[serde(default)]
    filter: ReplayFilter,
    /// Only count.
    #[serde(default)]
    dry_run: bool,
}

/// Which rows; absent conditions hold always.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayFilter {
    /// Slug, id or number; for deliveries and inbound.
    #[serde(default)]
    network: Option<String>,
    /// Id; for postbacks.
    #[serde(default)]
    postback: Option<Uuid>,
    /// A delivery's or postback's state, or an inbound call's result. Deliveries: `dead` when absent.
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    from: Option<DateTime<Utc>>,
    #[serde(default)]
    to: Option<DateTime<Utc>>,
}

/// How many rows were meant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReplayAnswer {
    /// Rows that are done again (or would be, in a dry run); at most 10,000 in one call.
    matched: usize,
    dry_run: bool,
}

/// Replay a period or a filter
#[utoipa::path(post, path = "/api/v1/replays", tag = "deliveries", operation_id = "create_replay", request_body = ReplayInput,
    responses((status = 202, description = "Queued, at each lane's own pace", body = ReplayAnswer), ChangeProblems))]
async fn replay_many(
    State(app): State<App>,
    principal: Principal,
    JsonBody(input): JsonBody<ReplayInput>,
) -> Result<(StatusCode, Json<ReplayAnswer>), Error> {
    let rules = app.rules.load();
    let network_id = match input.filter.network.as_deref() {
        Some(name) => {
            let network = rules.network(name);
            Some(
                network
                    .ok_or_else(|| Error::field("filter.network", "unknown", "there is no such network"))?
                    .network_id,
            )
        }
        None => None,
    };
    let filter = Filter {
        network_id,
        postback_id: input.filter.postback,
        state: input.filter.state,
        from: input.filter.from,
        to: input.filter.to,
    };
    let matched = replay::run(&app, input.kind, &filter, input.dry_run, &principal.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayAnswer { matched, dry_run: input.dry_run })))
}
