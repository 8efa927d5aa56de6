//! Issuing tokens: for anybody under `/tokens`, for an owner under the owner's own path. The text is answered once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input;
use super::problems::{ChangeProblems, CreateProblems};
use super::resource;
use super::tokens::{self, Token};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::reference::Reference;
use crate::db::token::Owner;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// The operations that issue tokens, `POST /tokens` apart (it shares its path with the list).
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(for_webmaster)).routes(routes!(for_network)).routes(routes!(for_offer))
}

crate::text_enum! {
    /// Whom a token of `POST /tokens` is for.
    pub enum NewRole {
        /// Everything.
        Admin = "admin",
        /// A webmaster's own leads.
        Webmaster = "webmaster",
    }
}

/// A token as it is asked for.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// `webmaster` when a webmaster is named.
    #[serde(default)]
    pub role: Option<NewRole>,
    /// Slug, id or number; with the role `webmaster`.
    #[serde(default, deserialize_with = "input::maybe_reference")]
    pub webmaster: Option<String>,
    /// To tell it from others.
    #[serde(default)]
    pub name: String,
    /// `leads:write`, `leads:read`, `stats:read`, `admin`; all the role may have when absent.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Requests per minute; no limit when absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub rate_per_minute: Option<i32>,
}

/// A token as it is asked for under its owner's path.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnedToken {
    /// To tell it from others.
    #[serde(default)]
    pub name: String,
    /// `leads:write`, `leads:read`, `stats:read`, `admin`; all the role may have when absent.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Requests per minute; no limit when absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub rate_per_minute: Option<i32>,
}

/// A new token: the only answer that holds its text.
#[derive(Serialize, utoipa::ToSchema)]
pub struct IssuedToken {
    /// The text to send: keep it, it is not shown again.
    pub token: String,
    /// The form AlterCPA-compatible calls take, `{number}-{key}`; null for an admin token.
    pub altercpa_token: Option<String>,
    #[serde(flatten)]
    pub shown: Token,
}

async fn issue(
    app: &App,
    principal: &Principal,
    conn: &mut PgConnection,
    owner: Owner,
    wanted: &OwnedToken,
) -> Result<IssuedToken, Error> {
    let fields = tokens::check(owner.role(), wanted, db::token::default_scopes(owner))?;
    let issued = db::token::issue(conn, &app.ids, owner, &fields, app.clock.now()).await?;
    let shown = tokens::find(conn, issued.token_id).await?;
    let after = serde_json::to_value(&shown).ok();
    resource::audit(conn, app, principal, "token.create", ("token", issued.token_id), None, after).await?;
    Ok(IssuedToken { token: issued.token, altercpa_token: issued.altercpa_token, shown })
}

async fn webmaster(conn: &mut PgConnection, reference: &str) -> Result<Option<Owner>, Error> {
    let row = db::webmaster::find(conn, &Reference::parse(reference)).await?;
    Ok(row.filter(|row| row.archived_at.is_none()).map(|row| Owner::Webmaster(row.webmaster_id, row.number)))
}

/// Issue a token
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", operation_id = "create_token", request_body = NewToken,
    responses((status = 201, description = "The token, shown once", body = IssuedToken), CreateProblems))]
pub async fn create(
    State(app): State<App>,
    principal: Principal,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<IssuedToken>), Error> {
    let wanted: NewToken = input::created(body)?;
    let mut tx = app.db.begin().await?;
    let owner = match (wanted.role, &wanted.webmaster) {
        (Some(NewRole::Admin), None) => Owner::Admin,
        (Some(NewRole::Admin), Some(_)) => {
            return Err(Error::field("webmaster", "invalid", "must be left out for an admin token"));
        }
        (Some(NewRole::Webmaster) | None, Some(reference)) => webmaster(&mut tx, reference)
            .await?
            .ok_or_else(|| Error::Invalid(vec![input::unknown("webmaster", "webmaster")]))?,
        (Some(NewRole::Webmaster), None) => return Err(Error::Invalid(vec![FieldError::required("webmaster")])),
        (None, None) => return Err(Error::Invalid(vec![FieldError::required("role")])),
    };
    let of = OwnedToken { name: wanted.name, scopes: wanted.scopes, rate_per_minute: wanted.rate_per_minute };
    let issued = issue(&app, &principal, &mut tx, owner, &of).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Issue a webmaster's token
///
/// The body may be left out.
#[utoipa::path(post, path = "/api/v1/webmasters/{id}/tokens", tag = "tokens", operation_id = "create_webmaster_token",
    params(("id" = String, Path, description = "Slug, id or number")), request_body = OwnedToken,
    responses((status = 201, description = "The token, shown once", body = IssuedToken), ChangeProblems))]
pub(in crate::http) async fn for_webmaster(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<IssuedToken>), Error> {
    let wanted: OwnedToken = input::created(body)?;
    let mut tx = app.db.begin().await?;
    let owner = webmaster(&mut tx, &id).await?.ok_or(Error::NotFound("webmaster"))?;
    let issued = issue(&app, &principal, &mut tx, owner, &wanted).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Issue a partner's token
///
/// For the AlterCPA-compatible calls a network makes. The body may be left out.
#[utoipa::path(post, path = "/api/v1/networks/{id}/tokens", tag = "tokens", operation_id = "create_network_token",
    params(("id" = String, Path, description = "Slug, id or number")), request_body = OwnedToken,
    responses((status = 201, description = "The token, shown once", body = IssuedToken), ChangeProblems))]
async fn for_network(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<IssuedToken>), Error> {
    let wanted: OwnedToken = input::created(body)?;
    let mut tx = app.db.begin().await?;
    let reference = Reference::parse(&id);
    db::route::hold_network(&mut tx, &reference).await?.ok_or(Error::NotFound("network"))?;
    let (network_id, number) = db::route::network_ref(&mut tx, &reference).await?.ok_or(Error::NotFound("network"))?;
    let issued = issue(&app, &principal, &mut tx, Owner::Network(network_id, number), &wanted).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Issue an external site's token
///
/// For the AlterCPA-compatible calls a site makes for an offer. The body may be left out.
#[utoipa::path(post, path = "/api/v1/offers/{id}/tokens", tag = "tokens", operation_id = "create_offer_token",
    params(("id" = String, Path, description = "Slug, id or number")), request_body = OwnedToken,
    responses((status = 201, description = "The token, shown once", body = IssuedToken), ChangeProblems))]
async fn for_offer(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, Json<IssuedToken>), Error> {
    let wanted: OwnedToken = input::created(body)?;
    let mut tx = app.db.begin().await?;
    let offer = db::offer::find(&mut tx, &Reference::parse(&id))
        .await?
        .filter(|row| row.archived_at.is_none())
        .ok_or(Error::NotFound("offer"))?;
    let issued = issue(&app, &principal, &mut tx, Owner::Offer(offer.offer_id, offer.number), &wanted).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok((StatusCode::CREATED, Json(issued)))
}
