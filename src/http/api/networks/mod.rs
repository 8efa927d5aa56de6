//! `/api/v1/networks`: the connected accounts at partners. A network and its lane are written in one transaction,
//! with the audit line; the answer comes when this node decides by the change.

mod input;
#[cfg(test)]
mod tests;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use input::{NetworkInput, RateLimit};
pub use view::{FeedView, MissingParams, NetworkView};

use super::input::{archived, created, in_use, taken};
use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{List, audit, patched, publish};
use crate::app::App;
use crate::base::page::{self, Limit};
use crate::base::secret;
use crate::db::OnConstraint;
use crate::db::lane_view::{self, Limits};
use crate::db::network::{self as rows, Written};
use crate::db::reference::Reference;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, archive))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The archived ones instead.
    #[serde(default)]
    pub archived: bool,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    pub limit: Limit,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The number after which the page begins.
    pub fn after(&self) -> Result<Option<i64>, Error> {
        let read = |cursor: &String| page::decode::<(i64,)>(cursor).map(|(number,)| number);
        let bad = |error: page::BadCursor| Error::field("cursor", "invalid", error.to_string());
        self.cursor.as_ref().map(read).transpose().map_err(bad)
    }
}

/// Lists networks in the order they were made.
#[utoipa::path(get, path = "/api/v1/networks", tag = "networks", operation_id = "list_networks", params(PageQuery),
    responses((status = 200, description = "A page", body = List<NetworkView>), ListProblems))]
pub async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<List<NetworkView>>, Error> {
    let mut conn = app.db.acquire().await?;
    let found = rows::list(&mut conn, query.archived, query.after()?, query.limit.fetch()).await?;
    let found = page::Page::of(found, query.limit, |row| (row.number,));
    let items = view::views(&app, &mut conn, found.items).await?;
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

/// Connects a network.
#[utoipa::path(post, path = "/api/v1/networks", tag = "networks", operation_id = "create_network", request_body = NetworkInput,
    responses((status = 201, description = "Made", body = NetworkView), CreateProblems))]
pub async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<NetworkView>), Error> {
    let network_id = app.ids.next();
    let new = created::<NetworkInput>(body)?.check(&app, network_id)?;
    let postback_secret = app.ids.secret(32);
    let sealed = app
        .seal
        .seal(&App::network_label(network_id, "postback"), postback_secret.as_bytes())
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("seal the postback secret")))?;
    let mut tx = app.db.begin().await?;
    rows::insert(&mut tx, &new, &secret::hash(&postback_secret), &sealed)
        .await
        .on_constraint("network_slug_uq", slug_taken)?;
    ensure_lane(&mut tx, &new).await?;
    let row = rows::find(&mut tx, &by_id(network_id)).await?.ok_or(Error::NotFound("network"))?;
    let made = view::one(&app, &mut tx, &row).await?;
    audit(&mut tx, &app, &principal, "network.create", ("network", network_id), None, Some(made.audited())).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One network.
#[utoipa::path(get, path = "/api/v1/networks/{id}", tag = "networks", operation_id = "get_network",
    params(("id" = String, Path, description = "id, number or slug")),
    responses((status = 200, description = "As it is", body = NetworkView), ReadProblems))]
pub async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<NetworkView>, Error> {
    let mut conn = app.db.acquire().await?;
    let row = rows::find(&mut conn, &Reference::parse(&id)).await?.ok_or(Error::NotFound("network"))?;
    Ok(Json(view::one(&app, &mut conn, &row).await?))
}

/// Changes a network: a merge patch. Secrets left out are kept, null clears.
#[utoipa::path(patch, path = "/api/v1/networks/{id}", tag = "networks", operation_id = "update_network",
    params(("id" = String, Path, description = "id, number or slug")),
    request_body(content = NetworkInput, description = "any part of it"),
    responses((status = 200, description = "Changed", body = NetworkView), ChangeProblems))]
pub async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<NetworkView>, Error> {
    let mut tx = app.db.begin().await?;
    let row = locked(&mut tx, &id).await?;
    let before = view::one(&app, &mut tx, &row).await?;
    let mut current = NetworkInput::of(&app, &row)?;
    if let Some(chosen) = patch.get("integration").and_then(Value::as_str).filter(|chosen| *chosen != row.integration) {
        current.keep_known_settings(&app, chosen);
    }
    let old_secrets = input::secrets_of(&app, &row)?;
    let new = patched(&current, patch)?.check(&app, row.network_id)?;
    let new_secrets = crate::flow::settings::open_secrets(&app.seal, row.network_id, new.secrets.as_deref())
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("open the settings just sealed")))?;
    let has_new_secrets = old_secrets != new_secrets;
    let is_new_version = has_new_secrets
        || new.integration != row.integration
        || new.settings != row.settings
        || new.params != row.params
        || new.timeout_seconds != row.timeout_seconds;
    rows::update(&mut tx, &new, is_new_version).await.on_constraint("network_slug_uq", slug_taken)?;
    ensure_lane(&mut tx, &new).await?;
    let row = rows::find(&mut tx, &by_id(row.network_id)).await?.ok_or(Error::NotFound("network"))?;
    let after = view::one(&app, &mut tx, &row).await?;
    let mut line = after.audited();
    if has_new_secrets {
        line.as_object_mut().map(|line| line.insert("secrets_changed".to_owned(), Value::Bool(true)));
    }
    let object = ("network", row.network_id);
    audit(&mut tx, &app, &principal, "network.update", object, Some(before.audited()), Some(line)).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok(Json(after))
}

/// Puts a network away. Refused while routes send leads there.
#[utoipa::path(delete, path = "/api/v1/networks/{id}", tag = "networks", operation_id = "archive_network",
    params(("id" = String, Path, description = "id, number or slug")),
    responses((status = 204, description = "Archived"), DeleteProblems))]
async fn archive(State(app): State<App>, principal: Principal, PathId(id): PathId) -> Result<StatusCode, Error> {
    let mut tx = app.db.begin().await?;
    let row = rows::lock(&mut tx, &Reference::parse(&id)).await?.ok_or(Error::NotFound("network"))?;
    if row.archived_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let routes = rows::routes_to(&mut tx, row.network_id).await?;
    if routes > 0 {
        return Err(in_use(format!("{routes} routes send leads there: archive or change them first")));
    }
    let before = view::one(&app, &mut tx, &row).await?;
    rows::archive(&mut tx, row.network_id).await?;
    // What still waits there must run to be routed anew.
    lane_view::resume(&mut tx, row.network_id).await?;
    let object = ("network", row.network_id);
    audit(&mut tx, &app, &principal, "network.archive", object, Some(before.audited()), None).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why a network is paused.
#[derive(Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseInput {
    /// Shown to everybody who asks why leads wait.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Keeps the leads of a network waiting.
#[utoipa::path(post, path = "/api/v1/networks/{id}/pause", tag = "networks", operation_id = "pause_network",
    params(("id" = String, Path, description = "id, number or slug")), request_body = PauseInput,
    responses((status = 200, description = "Paused", body = NetworkView), ChangeProblems))]
pub async fn pause(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(input): JsonBody<PauseInput>,
) -> Result<Json<NetworkView>, Error> {
    let reason = input.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or_else(|| "paused by an operator".into());
    if reason.chars().count() > 500 || reason.contains('\0') {
        return Err(Error::field("reason", "too_long", "must be at most 500 characters"));
    }
    let mut tx = app.db.begin().await?;
    let row = locked(&mut tx, &id).await?;
    lane_view::pause(&mut tx, row.network_id, &reason).await?;
    let line = Some(json!({"reason": reason}));
    audit(&mut tx, &app, &principal, "network.pause", ("network", row.network_id), None, line).await?;
    let view = view::one(&app, &mut tx, &row).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok(Json(view))
}

/// Lets the leads of a network go on, and forgets its failures.
#[utoipa::path(post, path = "/api/v1/networks/{id}/resume", tag = "networks", operation_id = "resume_network",
    params(("id" = String, Path, description = "id, number or slug")),
    responses((status = 200, description = "Running", body = NetworkView), ChangeProblems))]
pub async fn resume(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<Json<NetworkView>, Error> {
    let mut tx = app.db.begin().await?;
    let row = locked(&mut tx, &id).await?;
    if !row.enabled {
        let detail = "the network is switched off; enable it instead".to_owned();
        return Err(Error::Conflict { code: "disabled", detail, lead_id: None });
    }
    lane_view::resume(&mut tx, row.network_id).await?;
    audit(&mut tx, &app, &principal, "network.resume", ("network", row.network_id), None, None).await?;
    let view = view::one(&app, &mut tx, &row).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok(Json(view))
}

/// A network that may be changed.
async fn locked(conn: &mut PgConnection, id: &str) -> Result<rows::Row, Error> {
    let row = rows::lock(conn, &Reference::parse(id)).await?.ok_or(Error::NotFound("network"))?;
    if row.archived_at.is_some() {
        return Err(archived("network"));
    }
    Ok(row)
}

fn by_id(id: uuid::Uuid) -> Reference {
    Reference { id: Some(id), number: None, slug: None }
}

fn slug_taken() -> Error {
    taken("slug", "network")
}

async fn ensure_lane(conn: &mut PgConnection, network: &Written) -> sqlx::Result<()> {
    let limits = Limits {
        kind: "network",
        max_in_flight: network.concurrency,
        per_second: network.per_second,
        call_seconds: network.timeout_seconds,
    };
    lane_view::ensure(conn, network.network_id, &limits, true).await?;
    if !network.enabled {
        // Switched off, its lane runs on: nothing is sent, and what waits there is routed anew.
        lane_view::release(conn, network.network_id).await?;
    }
    Ok(())
}
