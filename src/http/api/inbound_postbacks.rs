//! `/api/v1/inbound-postbacks`: what networks told us, as it came, and what became of it.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::problems::ListProblems;
use super::resource::List;
use crate::app::App;
use crate::base::page::{Direction, Limit, Page};
use crate::db::inbound_list::{self as rows, Filter, Row};
use crate::http::error::Error;
use crate::http::extract::QueryOf;

/// The results there are.
const RESULTS: &[&str] = &["applied", "unchanged", "stale", "unmapped", "ignored", "unmatched", "failed"];

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboundQuery {
    /// One result or several, separated by commas.
    #[serde(alias = "state")]
    pub result: Option<String>,
    /// Slug, id or number.
    pub network: Option<String>,
    /// Id or number.
    pub lead: Option<String>,
    /// Slug, id or number.
    pub offer: Option<String>,
    /// Slug, id or number.
    pub webmaster: Option<String>,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Received at or after.
    pub from: Option<DateTime<Utc>>,
    /// Received before.
    pub to: Option<DateTime<Utc>>,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    pub limit: Limit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A call of a network.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InboundView {
    pub id: Uuid,
    pub received_at: DateTime<Utc>,
    /// Slug.
    pub network: Option<String>,
    pub network_id: Uuid,
    pub method: String,
    /// The query as it came.
    pub query: String,
    pub content_type: Option<String>,
    /// As text, the first 16 KiB.
    pub body: String,
    /// Bytes of the whole body.
    pub body_bytes: i32,
    pub remote_ip: Option<String>,
    /// `applied`, `unchanged`, `stale`, `unmapped`, `ignored`, `unmatched` or `failed`.
    pub result: Option<String>,
    /// Why nothing changed.
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
    pub lead_number: Option<i64>,
    pub delivery_id: Option<Uuid>,
    /// Our lead as the caller named it.
    pub our_ref: Option<String>,
    /// The network's id as the caller named it.
    pub external_id: Option<String>,
    pub processed_at: Option<DateTime<Utc>>,
    /// How often it has been judged.
    pub times: i32,
}

/// Lists calls of networks, the newest first.
#[utoipa::path(get, path = "/api/v1/inbound-postbacks", tag = "inbound postbacks", operation_id = "list_inbound_postbacks", params(InboundQuery),
    responses((status = 200, description = "A page", body = List<InboundView>), ListProblems))]
async fn list(State(app): State<App>, QueryOf(query): QueryOf<InboundQuery>) -> Result<Json<List<InboundView>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let results = filters::words("result", query.result.as_deref(), RESULTS)?;
    let mut conn = app.db.acquire().await?;
    let filter = Filter {
        results,
        network_id: filters::network(&mut conn, query.network.as_deref()).await?,
        lead_id: filters::lead(&mut conn, query.lead.as_deref()).await?,
        offer_id: filters::offer(&mut conn, query.offer.as_deref()).await?,
        webmaster_id: filters::webmaster(&mut conn, query.webmaster.as_deref()).await?,
        external_id: filters::text("external_id", query.external_id)?,
        from: query.from,
        to: query.to,
    };
    let found = rows::page(&mut conn, &filter, before, Direction::Newest, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.inbound_id,)).map(view);
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}

fn view(row: Row) -> InboundView {
    InboundView {
        id: row.inbound_id,
        received_at: row.received_at,
        network: row.network,
        network_id: row.network_id,
        method: row.method,
        query: row.query,
        content_type: row.content_type,
        body: String::from_utf8_lossy(&row.body).into_owned(),
        body_bytes: row.body_bytes,
        remote_ip: row.remote_ip,
        result: row.result,
        reason: row.reason,
        lead_id: row.lead_id,
        lead_number: row.lead_number,
        delivery_id: row.delivery_id,
        our_ref: row.our_ref,
        external_id: row.external_id,
        processed_at: row.processed_at,
        times: row.times,
    }
}
