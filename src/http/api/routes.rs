//! Routes: which network may take which leads of an offer, in what order or share, and how many.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{self, List};
use super::{input, list, route_input};
use crate::app::App;
use crate::base::page::Limit;
use crate::db;
use crate::db::reference::Reference;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

pub use super::route_input::{CapInput, RouteInput};

/// The operations on routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, update, archive))
}

/// A route as it is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Route {
    /// UUIDv7.
    pub id: Uuid,
    #[serde(flatten)]
    pub input: RouteInput,
    pub offer_id: Uuid,
    pub network_id: Uuid,
    /// Of `webmasters`, in their order.
    pub webmaster_ids: Vec<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Set once it is taken out of use.
    pub archived_at: Option<DateTime<Utc>>,
}

/// Rows with the caps and the webmasters they name.
async fn views(conn: &mut PgConnection, rows: Vec<db::route::Row>) -> Result<Vec<Route>, Error> {
    let route_ids: Vec<Uuid> = rows.iter().map(|row| row.route_id).collect();
    let caps = db::route::caps(conn, &route_ids).await?;
    let mut webmaster_ids: Vec<Uuid> = rows.iter().flat_map(|row| row.webmasters.iter().copied()).collect();
    webmaster_ids.sort_unstable();
    webmaster_ids.dedup();
    let slugs = db::webmaster::slugs(conn, &webmaster_ids).await?;
    let slug_of = |id: &Uuid| slugs.iter().find(|(other, _)| other == id).map(|(_, slug)| slug.clone());
    Ok(rows
        .into_iter()
        .map(|row| Route {
            id: row.route_id,
            offer_id: row.offer_id,
            network_id: row.network_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
            input: RouteInput {
                offer: row.offer,
                network: row.network,
                position: row.position,
                weight: row.weight,
                countries: row.countries,
                webmasters: row.webmasters.iter().map(|id| slug_of(id).unwrap_or_else(|| id.to_string())).collect(),
                caps: caps
                    .iter()
                    .filter(|(route_id, _)| *route_id == row.route_id)
                    .map(|(_, cap)| CapInput { period: cap.period, limit: cap.limit, counts: cap.counts })
                    .collect(),
                schedule: row.schedule.and_then(|schedule| serde_json::from_value(schedule).ok()),
                timezone: row.timezone,
                on_refused: row.on_refused,
                max_age_hours: row.max_age_hours,
                trigger_status: row.trigger_status,
                enabled: row.enabled,
            },
            webmaster_ids: row.webmasters,
        })
        .collect())
}

async fn find(conn: &mut PgConnection, route_id: Uuid) -> Result<Route, Error> {
    let row = db::route::find(conn, route_id).await?.ok_or(Error::NotFound("route"))?;
    views(conn, vec![row]).await?.pop().ok_or(Error::NotFound("route"))
}

fn id_of(text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound("route"))
}

/// What a list of routes is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RouteQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The archived ones instead of those in use.
    #[serde(default)]
    archived: bool,
    /// Only the enabled or only the disabled.
    enabled: Option<bool>,
    /// Of this offer: slug, id or number.
    offer: Option<String>,
    /// To this network: slug, id or number.
    network: Option<String>,
}

/// List routes
#[utoipa::path(get, path = "/api/v1/routes", tag = "routes", operation_id = "list_routes", params(RouteQuery),
    responses((status = 200, description = "A page by offer, then in the order they are tried", body = List<Route>), ListProblems))]
async fn index(State(app): State<App>, QueryOf(query): QueryOf<RouteQuery>) -> Result<Json<List<Route>>, Error> {
    let after = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let mut filter =
        db::route::Filter { archived: query.archived, enabled: query.enabled, ..db::route::Filter::default() };
    if let Some(offer) = &query.offer {
        let found = db::offer::find(&mut conn, &Reference::parse(offer)).await?;
        filter.offer_id = Some(found.ok_or_else(|| Error::Invalid(vec![input::unknown("offer", "offer")]))?.offer_id);
    }
    if let Some(network) = &query.network {
        let found = db::route::network_ref(&mut conn, &Reference::parse(network)).await?;
        filter.network_id = Some(found.ok_or_else(|| Error::Invalid(vec![input::unknown("network", "network")]))?.0);
    }
    let rows = db::route::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    let page = list::answer(rows, query.limit, |row| (row.offer_number, row.position, row.route_id), |row| row);
    Ok(Json(List { items: views(&mut conn, page.items).await?, next_cursor: page.next_cursor }))
}

/// Add a route
#[utoipa::path(post, path = "/api/v1/routes", tag = "routes", operation_id = "create_route", request_body = RouteInput,
    responses((status = 201, description = "The route", body = Route), CreateProblems))]
async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Route>), Error> {
    let wanted: RouteInput = input::created(body)?;
    let id = app.ids.next();
    let mut tx = app.db.begin().await?;
    let (fields, caps) = route_input::check(&mut tx, &wanted, &[]).await?;
    db::route::insert(&mut tx, id, &fields, app.clock.now()).await?;
    db::route::set_caps(&mut tx, &app.ids, id, &caps).await?;
    let route = find(&mut tx, id).await?;
    let after = serde_json::to_value(&route).ok();
    resource::audit(&mut tx, &app, &principal, "route.create", ("route", id), None, after).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(route)))
}

/// Read a route
#[utoipa::path(get, path = "/api/v1/routes/{id}", tag = "routes", operation_id = "get_route",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The route", body = Route), ReadProblems))]
async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<Route>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, id_of(&id)?).await.map(Json)
}

/// Change a route
///
/// A merge patch: what is left out stays, null puts a field back to its default. A cap of the same period and
/// count keeps what it has counted.
#[utoipa::path(patch, path = "/api/v1/routes/{id}", tag = "routes", operation_id = "update_route",
    params(("id" = Uuid, Path)), request_body(content = RouteInput, description = "Any of the fields"),
    responses((status = 200, description = "The route", body = Route), ChangeProblems))]
async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<Route>, Error> {
    let id = id_of(&id)?;
    let mut tx = app.db.begin().await?;
    db::route::lock(&mut tx, id).await?;
    let before = find(&mut tx, id).await?;
    if before.archived_at.is_some() {
        return Err(input::archived("route"));
    }
    let wanted = resource::patched(&before.input, patch)?;
    let (fields, caps) = route_input::check(&mut tx, &wanted, &before.webmaster_ids).await?;
    db::route::update(&mut tx, id, &fields, app.clock.now()).await?;
    db::route::set_caps(&mut tx, &app.ids, id, &caps).await?;
    let route = find(&mut tx, id).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&route).ok());
    resource::audit(&mut tx, &app, &principal, "route.update", ("route", id), was, is).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(Json(route))
}

/// Archive a route
#[utoipa::path(delete, path = "/api/v1/routes/{id}", tag = "routes", operation_id = "archive_route",
    params(("id" = Uuid, Path)), responses((status = 204, description = "Archived"), DeleteProblems))]
async fn archive(State(app): State<App>, principal: Principal, PathId(id): PathId) -> Result<StatusCode, Error> {
    let id = id_of(&id)?;
    let mut tx = app.db.begin().await?;
    db::route::lock(&mut tx, id).await?;
    let before = find(&mut tx, id).await?;
    if before.archived_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    db::route::archive(&mut tx, id, app.clock.now()).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "route.archive", ("route", id), was, None).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}
