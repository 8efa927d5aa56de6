//! `/api/v1/unmapped-statuses`: status words of networks that nobody has mapped yet, with the leads and the money
//! that wait behind them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::problems::ListProblems;
use super::resource::List;
use crate::app::App;
use crate::base::money;
use crate::base::page::{Direction, Limit, Page};
use crate::db::unmapped::{self as rows, Filter, Row};
use crate::http::error::Error;
use crate::http::extract::QueryOf;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnmappedQuery {
    /// `open` when absent; `mapped`, or `all`.
    pub state: Option<String>,
    /// Slug, id or number.
    pub network: Option<String>,
    /// Id or number: words reported for this lead.
    pub lead: Option<String>,
    /// Last seen at or after.
    pub from: Option<DateTime<Utc>>,
    /// Last seen before.
    pub to: Option<DateTime<Utc>>,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    pub limit: Limit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A status word.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UnmappedView {
    pub id: Uuid,
    /// Slug.
    pub network: String,
    pub network_id: Uuid,
    /// The word as the network writes it.
    pub raw: String,
    /// Leads whose reports wait for the word.
    pub leads: i64,
    /// What these reports pay, by currency.
    pub revenue: Vec<WaitingMoney>,
    /// Up to three of the leads.
    pub example_lead_ids: Vec<Uuid>,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// Our status, when it has been mapped.
    pub mapped_to: Option<String>,
    pub mapped_at: Option<DateTime<Utc>>,
}

/// A sum in one currency.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WaitingMoney {
    /// Decimal.
    pub amount: String,
    /// ISO 4217; null when the network did not say.
    pub currency: Option<String>,
}

/// Lists status words, the newest first.
#[utoipa::path(get, path = "/api/v1/unmapped-statuses", tag = "unmapped statuses", operation_id = "list_unmapped_statuses", params(UnmappedQuery),
    responses((status = 200, description = "A page", body = List<UnmappedView>), ListProblems))]
async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<UnmappedQuery>,
) -> Result<Json<List<UnmappedView>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let is_mapped = match query.state.as_deref() {
        None | Some("open") => Some(false),
        Some("mapped") => Some(true),
        Some("all") => None,
        Some(_) => return Err(Error::field("state", "invalid", "must be open, mapped or all")),
    };
    let mut conn = app.db.acquire().await?;
    let filter = Filter {
        is_mapped,
        network_id: filters::network(&mut conn, query.network.as_deref()).await?,
        lead_id: filters::lead(&mut conn, query.lead.as_deref()).await?,
        from: query.from,
        to: query.to,
    };
    let found = rows::page(&mut conn, &filter, before, Direction::Newest, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.unmapped_id,)).map(view);
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}

fn view(row: Row) -> UnmappedView {
    let sums: BTreeMap<String, Decimal> = serde_json::from_value(row.revenue).unwrap_or_default();
    let money = |(currency, amount): (String, Decimal)| WaitingMoney {
        amount: money::print(amount, &currency),
        currency: Some(currency).filter(|code| !code.is_empty()),
    };
    UnmappedView {
        id: row.unmapped_id,
        network: row.network,
        network_id: row.network_id,
        raw: row.raw,
        leads: row.leads,
        revenue: sums.into_iter().map(money).collect(),
        example_lead_ids: row.example_lead_ids,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        mapped_to: row.mapped_to,
        mapped_at: row.mapped_at,
    }
}
