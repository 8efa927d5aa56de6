//! Webmasters: who posts leads and is paid for them.

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
use super::{input, list};
use crate::app::App;
use crate::base::page::Limit;
use crate::db::reference::Reference;
use crate::db::{self, OnConstraint};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations on webmasters.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, update, archive))
}

/// A webmaster as an admin writes it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebmasterInput {
    /// Unique word; neither a UUID nor all digits.
    #[schema(example = "anna")]
    pub slug: String,
    /// Name for people; the slug when absent.
    #[serde(default)]
    pub name: String,
    /// A disabled webmaster's tokens are refused.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A webmaster as it is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Webmaster {
    /// UUIDv7.
    pub id: Uuid,
    /// For partners that need numbers.
    pub number: i64,
    #[serde(flatten)]
    pub input: WebmasterInput,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Set once it is taken out of use.
    pub archived_at: Option<DateTime<Utc>>,
}

const fn yes() -> bool {
    true
}

impl WebmasterInput {
    fn check(&self) -> Result<db::webmaster::Fields, Error> {
        let mut errors: Vec<_> = resource::check_slug("slug", &self.slug).into_iter().collect();
        let name = input::name("name", &self.name, &self.slug, &mut errors);
        input::refuse(errors)?;
        Ok(db::webmaster::Fields { slug: self.slug.clone(), name, enabled: self.enabled })
    }
}

impl From<db::webmaster::Row> for Webmaster {
    fn from(row: db::webmaster::Row) -> Self {
        Self {
            id: row.webmaster_id,
            number: row.number,
            input: WebmasterInput { slug: row.slug, name: row.name, enabled: row.enabled },
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

async fn find(conn: &mut PgConnection, reference: &str) -> Result<Webmaster, Error> {
    let row = db::webmaster::find(conn, &Reference::parse(reference)).await?;
    row.map(Webmaster::from).ok_or(Error::NotFound("webmaster"))
}

async fn locked(conn: &mut PgConnection, reference: &str) -> Result<Webmaster, Error> {
    let webmaster = find(conn, reference).await?;
    db::webmaster::lock(conn, webmaster.id).await?;
    find(conn, &webmaster.id.to_string()).await
}

/// What a list of webmasters is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebmasterQuery {
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
}

/// List webmasters
#[utoipa::path(get, path = "/api/v1/webmasters", tag = "webmasters", operation_id = "list_webmasters", params(WebmasterQuery),
    responses((status = 200, description = "A page in the order of numbers", body = List<Webmaster>), ListProblems))]
async fn index(
    State(app): State<App>,
    QueryOf(query): QueryOf<WebmasterQuery>,
) -> Result<Json<List<Webmaster>>, Error> {
    let filter = db::webmaster::Filter { archived: query.archived, enabled: query.enabled };
    let after = list::after(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let rows = db::webmaster::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    Ok(Json(list::answer(rows, query.limit, |row| row.number, Webmaster::from)))
}

/// Add a webmaster
#[utoipa::path(post, path = "/api/v1/webmasters", tag = "webmasters", operation_id = "create_webmaster", request_body = WebmasterInput,
    responses((status = 201, description = "The webmaster", body = Webmaster), CreateProblems))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<Webmaster>), Error> {
    let fields = input::created::<WebmasterInput>(body)?.check()?;
    let id = app.ids.next();
    let mut tx = app.db.begin().await?;
    db::webmaster::insert(&mut tx, id, &fields, app.clock.now())
        .await
        .on_constraint("webmaster_slug_uq", || input::taken("slug", "webmaster"))?;
    let webmaster = find(&mut tx, &id.to_string()).await?;
    let after = serde_json::to_value(&webmaster).ok();
    resource::audit(&mut tx, &app, &principal, "webmaster.create", ("webmaster", id), None, after).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(webmaster)))
}

/// Read a webmaster
#[utoipa::path(get, path = "/api/v1/webmasters/{id}", tag = "webmasters", operation_id = "get_webmaster",
    params(("id" = String, Path, description = "Slug, id or number")),
    responses((status = 200, description = "The webmaster", body = Webmaster), ReadProblems))]
pub(in crate::http) async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<Webmaster>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, &id).await.map(Json)
}

/// Change a webmaster
///
/// A merge patch: what is left out stays, null puts a field back to its default.
#[utoipa::path(patch, path = "/api/v1/webmasters/{id}", tag = "webmasters", operation_id = "update_webmaster",
    params(("id" = String, Path, description = "Slug, id or number")),
    request_body(content = WebmasterInput, description = "Any of the fields"),
    responses((status = 200, description = "The webmaster", body = Webmaster), ChangeProblems))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<Webmaster>, Error> {
    let mut tx = app.db.begin().await?;
    let before = locked(&mut tx, &id).await?;
    if before.archived_at.is_some() {
        return Err(input::archived("webmaster"));
    }
    let fields = resource::patched(&before.input, patch)?.check()?;
    db::webmaster::update(&mut tx, before.id, &fields, app.clock.now())
        .await
        .on_constraint("webmaster_slug_uq", || input::taken("slug", "webmaster"))?;
    let webmaster = find(&mut tx, &before.id.to_string()).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&webmaster).ok());
    resource::audit(&mut tx, &app, &principal, "webmaster.update", ("webmaster", webmaster.id), was, is).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(Json(webmaster))
}

/// Archive a webmaster
///
/// The tokens are revoked; leads and the slug stay.
#[utoipa::path(delete, path = "/api/v1/webmasters/{id}", tag = "webmasters", operation_id = "archive_webmaster",
    params(("id" = String, Path, description = "Slug, id or number")),
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
    let now = app.clock.now();
    db::webmaster::archive(&mut tx, before.id, now).await?;
    db::token::revoke_of(&mut tx, before.id, now).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "webmaster.archive", ("webmaster", before.id), was, None).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}
