//! What an admin does about a lead.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::read;
use super::view::LeadView;
use crate::app::App;
use crate::db;
use crate::domain::report::StatusReport;
use crate::domain::status::{Status, Verdict};
use crate::flow::{erase_lead, replay, resolve};
use crate::http::api::amount::Amount;
use crate::http::api::input::{refuse, words};
use crate::http::api::problems::{ChangeProblems, ReadProblems};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// The timeline of a lead.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Timeline {
    /// Oldest first.
    items: Vec<TimelineItem>,
}

/// One entry.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TimelineItem {
    at: DateTime<Utc>,
    /// `received`, `routed`, `delivery`, `attempt`, `report`, `inbound`, `status`, `postback` …
    kind: String,
    /// Who or what caused it.
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// Depends on the kind.
    detail: Value,
}

/// Read the timeline of a lead
#[utoipa::path(get, path = "/api/v1/leads/{id}/timeline", tag = "leads", operation_id = "get_timeline", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "Everything that happened, oldest first", body = Timeline), ReadProblems))]
pub async fn timeline(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<Json<Timeline>, Error> {
    let lead = read::one(&app, &principal, &id).await?;
    let mut conn = app.db.acquire().await?;
    let mut items: Vec<TimelineItem> = db::event::of_lead(&mut conn, lead.id)
        .await?
        .into_iter()
        .map(|event| TimelineItem {
            at: event.at,
            kind: event.kind,
            source: event.source,
            actor: event.actor,
            detail: event.detail,
        })
        .collect();
    for (at, kind, source, detail) in db::timeline::beside_events(&mut conn, lead.id).await? {
        items.push(TimelineItem { at, kind, source, actor: None, detail });
    }
    items.sort_by_key(|item| item.at);
    Ok(Json(Timeline { items }))
}

/// A status by hand.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusInput {
    /// `pending`, `hold`, `approved`, `paid`, `rejected` or `trash`.
    status: Status,
    #[serde(default)]
    reason: Option<String>,
    /// 1 to 15 as the trade knows them, or a network's own.
    #[serde(default)]
    reason_code: Option<i16>,
    #[serde(default)]
    comment: Option<String>,
    /// To the webmaster, in the offer's currency.
    #[serde(default)]
    payout: Option<Amount>,
    /// From the network, in the offer's currency.
    #[serde(default)]
    revenue: Option<Amount>,
}

/// Set the status of a lead
#[utoipa::path(post, path = "/api/v1/leads/{id}/status", tag = "leads", operation_id = "set_lead_status", params(("id" = String, Path, description = "Id or number")),
    request_body = StatusInput, responses((status = 200, description = "The lead", body = LeadView), ChangeProblems))]
pub async fn set_status(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<StatusInput>,
) -> Result<Json<LeadView>, Error> {
    if input.status == Status::New {
        return Err(Error::field("status", "invalid", "a lead cannot be made new again"));
    }
    let amounts = [("payout", input.payout), ("revenue", input.revenue)];
    let mut errors: Vec<_> =
        amounts.iter().filter_map(|(field, amount)| amount.and_then(|it| it.check(field))).collect();
    let reason = words("reason", input.reason, &mut errors);
    let comment = words("comment", input.comment, &mut errors);
    refuse(errors)?;
    let lead = read::one(&app, &principal, &id).await?;
    let report = StatusReport {
        mapped: Some(input.status),
        reason,
        reason_code: input.reason_code,
        comment,
        payout: input.payout.map(|amount| amount.0),
        revenue: input.revenue.map(|amount| amount.0),
        currency: input.revenue.map(|_| lead.currency.clone()),
        ..StatusReport::default()
    };
    let judged = resolve::status(&app, lead.id, report, &principal.actor()).await?;
    if matches!(judged.verdict, Verdict::Applied | Verdict::Unchanged) {
        return Ok(Json(read::one(&app, &principal, &id).await?));
    }
    let detail = judged.reason.unwrap_or_else(|| format!("the status was not applied: {}", judged.verdict));
    Err(Error::Conflict { code: "not_applied", detail, lead_id: None })
}

/// Which network a lead is handed to.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeliverInput {
    /// Slug, id or number; the one of its last delivery when absent.
    #[serde(default)]
    network: Option<String>,
}

/// What was begun.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Redelivered {
    delivery_id: Uuid,
}

/// Hand a lead to a network again
#[utoipa::path(post, path = "/api/v1/leads/{id}/redeliver", tag = "leads", operation_id = "redeliver_lead", params(("id" = String, Path, description = "Id or number")),
    request_body = RedeliverInput, responses((status = 202, description = "Queued", body = Redelivered), ChangeProblems))]
pub async fn redeliver(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<RedeliverInput>,
) -> Result<(StatusCode, Json<Redelivered>), Error> {
    let lead = read::one(&app, &principal, &id).await?;
    let rules = app.rules.load();
    let network_id = match &input.network {
        Some(name) => {
            let network = rules.network(name);
            Some(network.ok_or_else(|| Error::field("network", "unknown", "there is no such network"))?.network_id)
        }
        None => None,
    };
    let delivery_id = replay::redeliver(&app, lead.id, network_id, &principal.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(Redelivered { delivery_id })))
}

/// How many are sent again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Resent {
    postbacks: usize,
}

/// Tell a lead's status to its webmaster again
#[utoipa::path(post, path = "/api/v1/leads/{id}/resend-postbacks", tag = "leads", operation_id = "resend_postbacks", params(("id" = String, Path, description = "Id or number")),
    responses((status = 202, description = "Queued", body = Resent), ChangeProblems))]
pub async fn resend_postbacks(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<(StatusCode, Json<Resent>), Error> {
    let lead = read::one(&app, &principal, &id).await?;
    let postbacks = replay::resend_postbacks(&app, lead.id, None, &principal.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(Resent { postbacks })))
}

/// What is gone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Erased {
    lead_id: Uuid,
    /// When it was done first.
    erased_at: DateTime<Utc>,
}

/// Erase the personal data of a lead
///
/// For good: the contact, requests and answers of attempts, and what networks sent about the lead. The lead, its money and
/// its timeline stay. A lead that waits is not sent any more. Doing it again removes what has come since. Copies at
/// networks and webmasters are theirs to erase.
#[utoipa::path(post, path = "/api/v1/leads/{id}/erase", tag = "leads", operation_id = "erase_lead", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "Erased", body = Erased), ChangeProblems))]
pub async fn erase(State(app): State<App>, principal: Principal, PathId(id): PathId) -> Result<Json<Erased>, Error> {
    let lead = read::one(&app, &principal, &id).await?;
    let erased = erase_lead::run(&app, lead.id, &principal.actor()).await?;
    Ok(Json(Erased { lead_id: lead.id, erased_at: erased.at }))
}

impl From<replay::Refused> for Error {
    fn from(refused: replay::Refused) -> Self {
        match refused {
            replay::Refused::NotFound(what) => Self::NotFound(what),
            replay::Refused::State(detail) => Self::Conflict { code: "wrong_state", detail, lead_id: None },
            replay::Refused::Sqlx(error) => error.into(),
            replay::Refused::Other(error) => match error.downcast::<sqlx::Error>() {
                Ok(error) => error.into(),
                Err(error) => Self::Internal(error),
            },
        }
    }
}
