//! Flows: a webmaster's use of an offer, with a code and values of its own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{self, List};
use super::{input, list};
use crate::app::App;
use crate::base::page::Limit;
use crate::db::reference::Reference;
use crate::db::{self, OnConstraint};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations on flows.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, update, archive))
}

/// A flow as an admin writes it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowInput {
    /// Slug, id or number; answered as slug.
    #[serde(deserialize_with = "input::reference")]
    pub webmaster: String,
    /// Slug, id or number; answered as slug.
    #[serde(deserialize_with = "input::reference")]
    pub offer: String,
    /// Unique word; neither a UUID nor all digits. Made up when absent.
    #[serde(default)]
    pub code: Option<String>,
    /// Values integrations read; they override the offer's.
    #[serde(default)]
    pub params: Map<String, Value>,
}

/// A flow as it is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Flow {
    /// UUIDv7.
    pub id: Uuid,
    /// For partners that need numbers.
    pub number: i64,
    #[serde(flatten)]
    pub input: FlowInput,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Set once it is taken out of use.
    pub archived_at: Option<DateTime<Utc>>,
}

impl From<db::flow::Row> for Flow {
    fn from(row: db::flow::Row) -> Self {
        Self {
            id: row.flow_id,
            number: row.number,
            input: FlowInput {
                webmaster: row.webmaster,
                offer: row.offer,
                code: Some(row.code),
                params: serde_json::from_value(row.params).unwrap_or_default(),
            },
            webmaster_id: row.webmaster_id,
            offer_id: row.offer_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// What is stored, or everything that is wrong with it. What the flow has already stays, though it may be archived.
async fn check(
    conn: &mut PgConnection,
    app: &App,
    wanted: &FlowInput,
    before: Option<&Flow>,
) -> Result<db::flow::Fields, Error> {
    let mut errors = Vec::new();
    // Ten letters and digits, the first a letter, so that it is no number.
    let code = wanted.code.clone().unwrap_or_else(|| format!("f{}", app.ids.secret(9)));
    errors.extend(resource::check_slug("code", &code));
    input::object("params", &wanted.params, &mut errors);
    let webmaster_id = db::webmaster::find(conn, &Reference::parse(&wanted.webmaster))
        .await?
        .filter(|row| row.archived_at.is_none() || before.is_some_and(|flow| flow.webmaster_id == row.webmaster_id))
        .map(|row| row.webmaster_id);
    if webmaster_id.is_none() {
        errors.push(input::unknown("webmaster", "webmaster"));
    }
    let offer_id = db::offer::find(conn, &Reference::parse(&wanted.offer))
        .await?
        .filter(|row| row.archived_at.is_none() || before.is_some_and(|flow| flow.offer_id == row.offer_id))
        .map(|row| row.offer_id);
    if offer_id.is_none() {
        errors.push(input::unknown("offer", "offer"));
    }
    input::refuse(errors)?;
    match (webmaster_id, offer_id) {
        (Some(webmaster_id), Some(offer_id)) => {
            Ok(db::flow::Fields { code, webmaster_id, offer_id, params: Value::Object(wanted.params.clone()) })
        }
        _ => Err(Error::NotFound("webmaster")),
    }
}

async fn find(conn: &mut PgConnection, reference: &str) -> Result<Flow, Error> {
    let row = db::flow::find(conn, &Reference::parse(reference)).await?;
    row.map(Flow::from).ok_or(Error::NotFound("flow"))
}

async fn locked(conn: &mut PgConnection, reference: &str) -> Result<Flow, Error> {
    let flow = find(conn, reference).await?;
    db::flow::lock(conn, flow.id).await?;
    find(conn, &flow.id.to_string()).await
}

/// What a list of flows is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FlowQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The archived ones instead of those in use.
    #[serde(default)]
    archived: bool,
    /// Of this webmaster: slug, id or number.
    webmaster: Option<String>,
    /// Of this offer: slug, id or number.
    offer: Option<String>,
}

/// List flows
#[utoipa::path(get, path = "/api/v1/flows", tag = "flows", operation_id = "list_flows", params(FlowQuery),
    responses((status = 200, description = "A page in the order of numbers", body = List<Flow>), ListProblems))]
async fn index(State(app): State<App>, QueryOf(query): QueryOf<FlowQuery>) -> Result<Json<List<Flow>>, Error> {
    let after = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let mut filter = db::flow::Filter { archived: query.archived, ..db::flow::Filter::default() };
    if let Some(webmaster) = &query.webmaster {
        let found = db::webmaster::find(&mut conn, &Reference::parse(webmaster)).await?;
        let found = found.ok_or_else(|| Error::Invalid(vec![input::unknown("webmaster", "webmaster")]))?;
        filter.webmaster_id = Some(found.webmaster_id);
    }
    if let Some(offer) = &query.offer {
        let found = db::offer::find(&mut conn, &Reference::parse(offer)).await?;
        filter.offer_id = Some(found.ok_or_else(|| Error::Invalid(vec![input::unknown("offer", "offer")]))?.offer_id);
    }
    let rows = db::flow::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    Ok(Json(list::answer(rows, query.limit, |row| row.number, Flow::from)))
}

/// Add a flow
#[utoipa::path(post, path = "/api/v1/flows", tag = "flows", operation_id = "create_flow", request_body = FlowInput,
    responses((status = 201, description = "The flow", body = Flow), CreateProblems))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Flow>), Error> {
    let wanted: FlowInput = input::created(body)?;
    let id = app.ids.next();
    let mut tx = app.db.begin().await?;
    let fields = check(&mut tx, &app, &wanted, None).await?;
    db::flow::insert(&mut tx, id, &fields, app.clock.now())
        .await
        .on_constraint("flow_code_uq", || input::taken("code", "flow"))?;
    let flow = find(&mut tx, &id.to_string()).await?;
    let after = serde_json::to_value(&flow).ok();
    resource::audit(&mut tx, &app, &principal, "flow.create", ("flow", id), None, after).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(flow)))
}

/// Read a flow
#[utoipa::path(get, path = "/api/v1/flows/{id}", tag = "flows", operation_id = "get_flow",
    params(("id" = String, Path, description = "Code, id or number")),
    responses((status = 200, description = "The flow", body = Flow), ReadProblems))]
async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<Flow>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, &id).await.map(Json)
}

/// Change a flow
///
/// A merge patch: what is left out stays, null puts a field back to its default.
#[utoipa::path(patch, path = "/api/v1/flows/{id}", tag = "flows", operation_id = "update_flow",
    params(("id" = String, Path, description = "Code, id or number")),
    request_body(content = FlowInput, description = "Any of the fields"),
    responses((status = 200, description = "The flow", body = Flow), ChangeProblems))]
async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<Flow>, Error> {
    let mut tx = app.db.begin().await?;
    let before = locked(&mut tx, &id).await?;
    if before.archived_at.is_some() {
        return Err(input::archived("flow"));
    }
    let wanted = resource::patched(&before.input, patch)?;
    let fields = check(&mut tx, &app, &wanted, Some(&before)).await?;
    db::flow::update(&mut tx, before.id, &fields, app.clock.now())
        .await
        .on_constraint("flow_code_uq", || input::taken("code", "flow"))?;
    let flow = find(&mut tx, &before.id.to_string()).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&flow).ok());
    resource::audit(&mut tx, &app, &principal, "flow.update", ("flow", flow.id), was, is).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(Json(flow))
}

/// Archive a flow
///
/// Its leads and its code stay.
#[utoipa::path(delete, path = "/api/v1/flows/{id}", tag = "flows", operation_id = "archive_flow",
    params(("id" = String, Path, description = "Code, id or number")),
    responses((status = 204, description = "Archived"), DeleteProblems))]
pub(in crate::http) async fn archive(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<StatusCode, Error> {
    let mut tx = app.db.begin().await?;
    let before = locked(&mut tx, &id).await?;
    if before.archived_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    db::flow::archive(&mut tx, before.id, app.clock.now()).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "flow.archive", ("flow", before.id), was, None).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}
