//! `/api/v1/postback-deliveries`: what webmasters were told.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filters;
use super::problems::ListProblems;
use super::resource::List;
use crate::app::App;
use crate::base::page::{Direction, Limit, Page};
use crate::db::postback_delivery_list::{self as rows, Filter, PostbackDeliveryRow};
use crate::domain::status::Status;
use crate::http::error::Error;
use crate::http::extract::QueryOf;

/// The states there are.
const STATES: &[&str] =
    &["waiting", "sending", "retrying", "delivered", "dead", "suppressed", "superseded", "cancelled"];

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PostbackDeliveryQuery {
    /// One state or several, separated by commas.
    pub state: Option<String>,
    /// One of the lead's statuses or several, separated by commas.
    pub status: Option<String>,
    /// Id of a postback.
    pub postback: Option<Uuid>,
    /// Id or number.
    pub lead: Option<String>,
    /// Slug, id or number.
    pub offer: Option<String>,
    /// Slug, id or number.
    pub webmaster: Option<String>,
    /// Slug, id or number: leads that this network has or had.
    pub network: Option<String>,
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

/// Lists calls to webmasters, the newest first.
#[utoipa::path(get, path = "/api/v1/postback-deliveries", tag = "postback deliveries", operation_id = "list_postback_deliveries", params(PostbackDeliveryQuery),
    responses((status = 200, description = "A page", body = List<PostbackDeliveryRow>), ListProblems))]
async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<PostbackDeliveryQuery>,
) -> Result<Json<List<PostbackDeliveryRow>>, Error> {
    let before = filters::cursor(query.cursor.as_deref())?;
    let known: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let states = filters::words("state", query.state.as_deref(), STATES)?;
    let statuses = filters::words("status", query.status.as_deref(), &known)?;
    let mut conn = app.db.acquire().await?;
    let filter = Filter {
        states,
        statuses,
        postback_id: query.postback,
        lead_id: filters::lead(&mut conn, query.lead.as_deref()).await?,
        offer_id: filters::offer(&mut conn, query.offer.as_deref()).await?,
        webmaster_id: filters::webmaster(&mut conn, query.webmaster.as_deref()).await?,
        network_id: filters::network(&mut conn, query.network.as_deref()).await?,
        from: query.from,
        to: query.to,
        rules_of: None,
    };
    let found = rows::page(&mut conn, &filter, before, Direction::Newest, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.id,));
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}
