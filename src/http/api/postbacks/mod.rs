//! `/api/v1/postbacks`: who is called on status changes. A postback and its lane are written in one transaction,
//! with the audit line.

mod input;
mod secret;
mod target;
#[cfg(test)]
mod tests;
pub mod view;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use input::{CallMethod, PostbackInput, PostbackKind};
pub use view::{EndpointHealth, PostbackView};

use super::filters;
use super::input::{archived, created};
use super::problems::{ChangeProblems, CreateProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{List, audit, patched, publish};
use crate::app::App;
use crate::base::page::{Limit, Page};
use crate::db::OnConstraint;
use crate::db::lane_view::{self, Limits};
use crate::db::postback::{self as rows, Filter, Row, Written};
use crate::db::reference::{self, Reference};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;
use secret::Change;

/// A webmaster's server answers within this: the deadline of `flow::send_postback`.
const CALL_SECONDS: i32 = 15;
/// Calls at once to one endpoint.
const MAX_IN_FLIGHT: i32 = 64;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, archive))
}

/// Which ones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PostbackQuery {
    /// Slug, id or number.
    pub webmaster: Option<String>,
    /// Code, id or number.
    pub flow: Option<String>,
    /// Slug, id or number.
    pub offer: Option<String>,
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

/// Lists postbacks in the order they were made.
#[utoipa::path(get, path = "/api/v1/postbacks", tag = "postbacks", operation_id = "list_postbacks", params(PostbackQuery),
    responses((status = 200, description = "A page", body = List<PostbackView>), ListProblems))]
async fn list(
    State(app): State<App>,
    QueryOf(query): QueryOf<PostbackQuery>,
) -> Result<Json<List<PostbackView>>, Error> {
    let after = filters::cursor(query.cursor.as_deref())?;
    let mut conn = app.db.acquire().await?;
    let flow = match &query.flow {
        Some(text) => {
            let found = reference::flow(&mut conn, &Reference::parse(text)).await?;
            Some(found.ok_or_else(|| filters::unknown("flow"))?.flow_id)
        }
        None => None,
    };
    let filter = Filter {
        archived: query.archived,
        webmaster_id: filters::webmaster(&mut conn, query.webmaster.as_deref()).await?,
        flow_id: flow,
        offer_id: filters::offer(&mut conn, query.offer.as_deref()).await?,
    };
    let found = rows::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    let found = Page::of(found, query.limit, |row| (row.postback_id,));
    let items = view::views(&app, &mut conn, found.items).await?;
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

/// Adds a postback.
#[utoipa::path(post, path = "/api/v1/postbacks", tag = "postbacks", operation_id = "create_postback", request_body = PostbackInput,
    responses((status = 201, description = "Made", body = PostbackView), CreateProblems))]
pub(in crate::http) async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<PostbackView>), Error> {
    let postback_id = app.ids.next();
    let change = read_change(&app, body.get("secret"))?;
    let input: PostbackInput = created(body)?;
    let sealed = secret::seal(&app, postback_id, &change.apply(Vec::new(), false))?;
    let mut tx = app.db.begin().await?;
    let new = input.check(&app, &mut tx, postback_id, sealed).await?;
    rows::insert(&mut tx, &new).await.on_constraint("postback_main_uq", main_exists)?;
    ensure_lane(&mut tx, &new).await?;
    let row = found(&mut tx, postback_id).await?;
    let mut made = view::one(&app, &mut tx, row).await?;
    audit(&mut tx, &app, &principal, "postback.create", ("postback", postback_id), None, Some(made.audited())).await?;
    tx.commit().await?;
    publish(&app).await?;
    made.secret = change.shown();
    Ok((StatusCode::CREATED, Json(made)))
}

/// One postback, with the health of its endpoint.
#[utoipa::path(get, path = "/api/v1/postbacks/{id}", tag = "postbacks", operation_id = "get_postback", params(("id" = Uuid, Path)),
    responses((status = 200, description = "As it is", body = PostbackView), ReadProblems))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<PostbackView>, Error> {
    let mut conn = app.db.acquire().await?;
    let row = found(&mut conn, read_id(&id)?).await?;
    Ok(Json(view::one(&app, &mut conn, row).await?))
}

/// Changes a postback: a merge patch. The secret is kept when left out, null clears it.
#[utoipa::path(patch, path = "/api/v1/postbacks/{id}", tag = "postbacks", operation_id = "update_postback", params(("id" = Uuid, Path)),
    request_body(content = PostbackInput, description = "any part of it"),
    responses((status = 200, description = "Changed", body = PostbackView), ChangeProblems))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<PostbackView>, Error> {
    let postback_id = read_id(&id)?;
    // Read before the merge, which cannot tell null from absent.
    let change = read_change(&app, patch.get("secret"))?;
    let mut tx = app.db.begin().await?;
    let row = rows::lock(&mut tx, postback_id).await?.ok_or(Error::NotFound("postback"))?;
    if row.archived_at.is_some() {
        return Err(archived("postback"));
    }
    let input = patched(&PostbackInput::of(&row), patch)?;
    let old = secret::open(&app, postback_id, row.secret.as_deref())?;
    let secrets = change.apply(old.clone(), input.drop_old_secret);
    let sealed = if secrets == old { row.secret.clone() } else { secret::seal(&app, postback_id, &secrets)? };
    let before = view::one(&app, &mut tx, row).await?;
    let new = input.check(&app, &mut tx, postback_id, sealed).await?;
    rows::update(&mut tx, &new).await.on_constraint("postback_main_uq", main_exists)?;
    ensure_lane(&mut tx, &new).await?;
    let row = found(&mut tx, postback_id).await?;
    let mut after = view::one(&app, &mut tx, row).await?;
    let (was, is) = (Some(before.audited()), Some(after.audited()));
    audit(&mut tx, &app, &principal, "postback.update", ("postback", postback_id), was, is).await?;
    tx.commit().await?;
    publish(&app).await?;
    after.secret = change.shown();
    Ok(Json(after))
}

/// Puts a postback away; nothing more is told by it.
#[utoipa::path(delete, path = "/api/v1/postbacks/{id}", tag = "postbacks", operation_id = "archive_postback", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Archived"), DeleteProblems))]
pub(in crate::http) async fn archive(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<StatusCode, Error> {
    let postback_id = read_id(&id)?;
    let mut tx = app.db.begin().await?;
    let row = rows::lock(&mut tx, postback_id).await?.ok_or(Error::NotFound("postback"))?;
    if row.archived_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let before = view::one(&app, &mut tx, row).await?;
    rows::archive(&mut tx, postback_id).await?;
    // What still waits there must run to be cancelled.
    lane_view::resume(&mut tx, postback_id).await?;
    let was = Some(before.audited());
    audit(&mut tx, &app, &principal, "postback.archive", ("postback", postback_id), was, None).await?;
    tx.commit().await?;
    publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read_id(text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound("postback"))
}

async fn found(conn: &mut PgConnection, postback_id: Uuid) -> Result<Row, Error> {
    rows::find(conn, postback_id).await?.ok_or(Error::NotFound("postback"))
}

fn read_change(app: &App, value: Option<&Value>) -> Result<Change, Error> {
    Change::read(value, &app.ids).map_err(|error| Error::Invalid(vec![error]))
}

fn main_exists() -> Error {
    let detail = "there is a main postback of this flow or webmaster already; add an additional one".to_owned();
    Error::Conflict { code: "main_exists", detail, lead_id: None }
}

async fn ensure_lane(conn: &mut PgConnection, postback: &Written) -> sqlx::Result<()> {
    let limits =
        Limits { kind: "endpoint", max_in_flight: MAX_IN_FLIGHT, per_second: None, call_seconds: CALL_SECONDS };
    lane_view::ensure(conn, postback.postback_id, &limits, postback.enabled).await
}
