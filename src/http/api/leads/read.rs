//! Reading leads.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::view::{self, LeadView};
use crate::app::App;
use crate::base::page::{self, Limit};
use crate::db;
use crate::db::lead_list::{Filter, Position, Row};
use crate::domain::status::Status;
use crate::http::api::list;
use crate::http::api::problems::{ListProblems, ReadProblems};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// What a list of leads is narrowed to.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeadQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// Where an earlier page ended: `next_cursor` or `resume_cursor`.
    cursor: Option<String>,
    /// Changed at or after this.
    changed_since: Option<DateTime<Utc>>,
    /// In this status.
    status: Option<Status>,
    /// Slug, id or number.
    offer: Option<String>,
    /// The webmaster's own id.
    external_id: Option<String>,
    /// Came at or after this.
    created_from: Option<DateTime<Utc>>,
    /// Came before this.
    created_to: Option<DateTime<Utc>>,
    /// Admins only: slug, id or number.
    webmaster: Option<String>,
}

/// A page of leads in the order of their changes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LeadList {
    /// Oldest change first.
    items: Vec<LeadView>,
    /// Where the next page begins; null when there is none now.
    next_cursor: Option<String>,
    /// Where to go on later: also on the last page, so that a reader who comes back misses no change.
    resume_cursor: Option<String>,
}

/// List leads
///
/// In the order of their changes. A reader that follows the cursors misses none, whatever is written meanwhile.
#[utoipa::path(get, path = "/api/v1/leads", tag = "leads", operation_id = "list_leads", params(LeadQuery),
    responses((status = 200, description = "A page in the order of changes", body = LeadList), ListProblems))]
pub async fn index(
    State(app): State<App>,
    principal: Principal,
    QueryOf(query): QueryOf<LeadQuery>,
) -> Result<Json<LeadList>, Error> {
    let rules = app.rules.load();
    let unknown = |field: &str| Error::field(field, "unknown", format!("there is no such {field}"));
    let offer_id = match query.offer.as_deref() {
        Some(name) => Some(rules.offer(name).ok_or_else(|| unknown("offer"))?.offer_id),
        None => None,
    };
    let webmaster_id = match (principal.webmaster_id(), query.webmaster.as_deref()) {
        (Some(own), _) => Some(own),
        (None, Some(name)) => Some(rules.webmaster(name).ok_or_else(|| unknown("webmaster"))?.webmaster_id),
        (None, None) => None,
    };
    let filter = Filter {
        webmaster_id,
        offer_id,
        status: query.status,
        external_id: query.external_id.clone(),
        changed_since: query.changed_since,
        created_from: query.created_from,
        created_to: query.created_to,
        lead_id: None,
    };
    let after: Option<Position> = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let mut rows = db::lead_list::page(&mut conn, &filter, after, query.limit.fetch()).await?;
    drop(conn);
    let has_more = rows.len() > query.limit.rows();
    rows.truncate(query.limit.rows());
    let last = rows.last().map(|row| page::encode(&(row.xid, row.lead_id)));
    let items = rows.into_iter().map(|row| view::lead(&rules, row, principal.is_admin())).collect();
    Ok(Json(LeadList { items, next_cursor: last.clone().filter(|_| has_more), resume_cursor: last.or(query.cursor) }))
}

/// Get a lead
#[utoipa::path(get, path = "/api/v1/leads/{id}", tag = "leads", operation_id = "get_lead", params(("id" = String, Path, description = "Id or number")),
    responses((status = 200, description = "The lead", body = LeadView), ReadProblems))]
pub async fn show(State(app): State<App>, principal: Principal, PathId(id): PathId) -> Result<Json<LeadView>, Error> {
    Ok(Json(one(&app, &principal, &id).await?))
}

/// A lead the caller may see, by id or number.
pub async fn one(app: &App, principal: &Principal, reference: &str) -> Result<LeadView, Error> {
    let rules = app.rules.load();
    // One view of the database: a status must not stand beside a delivery that has moved on meanwhile.
    let mut tx = app.db.begin_with("begin isolation level repeatable read, read only").await?;
    let row = row(&mut tx, principal, reference).await?;
    let lead_id = row.lead_id;
    let mut lead = view::lead(&rules, row, principal.is_admin());
    if principal.is_admin() {
        lead.deliveries = Some(view::deliveries(&rules, &db::delivery::of_leads(&mut tx, &[lead_id]).await?));
    }
    tx.commit().await?;
    Ok(lead)
}

async fn row(conn: &mut sqlx::PgConnection, principal: &Principal, reference: &str) -> Result<Row, Error> {
    let lead_id = id_of(conn, reference).await?;
    let filter = Filter { lead_id: Some(lead_id), webmaster_id: principal.webmaster_id(), ..Filter::default() };
    // Another webmaster's lead does not exist for this one.
    db::lead_list::page(conn, &filter, None, 1).await?.into_iter().next().ok_or(Error::NotFound("lead"))
}

/// The id of the lead that a path means.
pub async fn id_of(conn: &mut sqlx::PgConnection, reference: &str) -> Result<Uuid, Error> {
    if let Ok(id) = Uuid::parse_str(reference) {
        return Ok(id);
    }
    let number: i64 = reference.parse().map_err(|_| Error::NotFound("lead"))?;
    db::lead::id_of_number(conn, number).await?.ok_or(Error::NotFound("lead"))
}
