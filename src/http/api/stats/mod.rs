//! `GET /api/v1/stats`: leads and money, grouped by what the caller likes.

mod ask;
mod view;

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(in crate::http) use ask::{StatsQuery, read};
pub(in crate::http) use view::Stats;

use super::problems::ListProblems;
use crate::app::App;
use crate::db;
use crate::http::error::Error;
use crate::http::extract::QueryOf;
use crate::http::principal::Principal;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stats))
}

/// Count leads and money
///
/// Exact at the moment of the call. By the day of the lead (`by=lead`) the figures tell what became of the leads of a
/// day; by the day of the event (`by=event`) what changed on it, so that a reversal is taken from the day it happened
/// on. Test leads count nowhere. A webmaster's token sees its own leads, and neither networks nor revenue.
#[utoipa::path(get, path = "/api/v1/stats", tag = "stats", operation_id = "get_stats", params(StatsQuery),
    responses((status = 200, description = "The groups and their sum", body = Stats), ListProblems))]
async fn stats(
    State(app): State<App>,
    principal: Principal,
    QueryOf(query): QueryOf<StatsQuery>,
) -> Result<Json<Stats>, Error> {
    let mut conn = app.db.acquire().await?;
    let asked = read(&mut conn, &query, principal.webmaster_id(), app.clock.now()).await?;
    let groups = db::stats::count(&mut conn, &asked).await?.map_err(|db::stats::TooMany| too_many())?;
    drop(conn);
    Ok(Json(Stats::of(&asked, &groups, principal.is_admin())))
}

/// The answer to a question that is too wide.
pub(in crate::http) fn too_many() -> Error {
    let why = format!("gives more than {} groups; narrow the time, or group by less", db::stats::MOST_ROWS);
    Error::field("group_by", "too_many", why)
}
