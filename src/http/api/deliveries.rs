//! `/api/v1/deliveries`: what went to networks, and one delivery with its attempts.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::problems::{ListProblems, ReadProblems};
use super::resource::List;
use crate::app::App;
use crate::base::page::{Direction, Limit, Page};
use crate::db::delivery_list::{self as rows, AttemptRow, DeliveryRow, Filter};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};

/// The states there are.
const STATES: &[&str] = &["waiting", "sending", "retrying", "accepted", "refused", "needs_review", "dead", "cancelled"];

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// One state or several, separated by commas.
    pub state: Option<String>,
    /// Slug, id or number.
    pub network: Option<String>,
    /// Id or number.
    pub lead: Option<String>,
    /// Slug, id or number.
    pub offer: Option<String>,
    /// Slug, id or number.
    pub webmaster: Option<String>,
    /// Id of a route.
    pub route: Option<Uuid>,
    /// `sale` or `fulfilment`.
    pub purpose: Option<String>,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Made at or after.
    pub from: Option<DateTime<Utc>>,
    /// Made before.
    pub to: Option<DateTime<Utc>>,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    pub limit: Limit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryDetail {
    #[serde(flatten)]
    pub delivery: DeliveryRow,
    /// In the order they were made; `attempts` counts them.
    pub exchanges: Vec<AttemptRow>,
}

/// Lists deliveries, the newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", operation_id = "list_deliveries", params(DeliveryQuery),
    responses((status = 200, description = "A page", body = List<DeliveryRow>), ListProblems))]
async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<DeliveryQuery>,
) -> Result<Json<List<DeliveryRow>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let states = filters::words("state", query.state.as_deref(), STATES)?;
    filters::words("purpose", query.purpose.as_deref(), &["sale", "fulfilment"])?;
    let mut conn = app.db.acquire().await?;
    let filter = Filter {
        states,
        network_id: filters::network(&mut conn, query.network.as_deref()).await?,
        lead_id: filters::lead(&mut conn, query.lead.as_deref()).await?,
        offer_id: filters::offer(&mut conn, query.offer.as_deref()).await?,
        webmaster_id: filters::webmaster(&mut conn, query.webmaster.as_deref()).await?,
        route_id: query.route,
        purpose: query.purpose,
        external_id: filters::text("external_id", query.external_id)?,
        from: query.from,
        to: query.to,
    };
    let found = rows::page(&mut conn, &filter, before, Direction::Newest, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.id,));
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}

/// One delivery with its attempts: requests and answers as sent, secrets masked.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "deliveries", operation_id = "get_delivery", params(("id" = Uuid, Path)),
    responses((status = 200, description = "As it is", body = DeliveryDetail), ReadProblems))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<DeliveryDetail>, Error> {
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("delivery"))?;
    let mut conn = app.db.acquire().await?;
    let delivery = rows::find(&mut conn, id).await?.ok_or(Error::NotFound("delivery"))?;
    let exchanges = rows::attempts(&mut conn, id).await?;
    Ok(Json(DeliveryDetail { delivery, exchanges }))
}
