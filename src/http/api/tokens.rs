//! Tokens as they are shown, changed and revoked. Their text is nowhere to be read.

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

use super::problems::{ChangeProblems, DeleteProblems, ListProblems, ReadProblems};
use super::resource::{self, List};
use super::token_issue::{self, OwnedToken};
use super::{input, list};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::page::Limit;
use crate::db;
use crate::db::reference::Reference;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId, QueryOf};
use crate::http::principal::Principal;

/// The operations on tokens, those that issue them among them.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, token_issue::create))
        .routes(routes!(show, update, revoke))
        .merge(token_issue::router())
}

/// A token as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Token {
    /// UUIDv7.
    pub id: Uuid,
    /// The first characters after `lr_`.
    pub prefix: String,
    /// `admin`, `webmaster`, `network` or `offer`.
    pub role: String,
    pub name: String,
    /// Slug of the owner, for a webmaster's token.
    pub webmaster: Option<String>,
    pub webmaster_id: Option<Uuid>,
    /// Slug of the owner, for a partner's token.
    pub network: Option<String>,
    pub network_id: Option<Uuid>,
    /// Slug of the offer, for an external site's token.
    pub offer: Option<String>,
    pub offer_id: Option<Uuid>,
    pub scopes: Vec<String>,
    pub rate_per_minute: Option<i32>,
    pub created_at: DateTime<Utc>,
    /// Written every few seconds.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Set once it no longer works.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<db::token::Row> for Token {
    fn from(row: db::token::Row) -> Self {
        Self {
            id: row.token_id,
            prefix: row.prefix,
            role: row.role,
            name: row.name,
            webmaster: row.webmaster,
            webmaster_id: row.webmaster_id,
            network: row.network,
            network_id: row.network_id,
            offer: row.offer,
            offer_id: row.offer_id,
            scopes: row.scopes,
            rate_per_minute: row.rate_per_minute,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// What may be changed of a token.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenPatch {
    /// To tell it from others.
    #[serde(default)]
    pub name: String,
    /// `leads:write`, `leads:read`, `stats:read`, `admin`; null for all the role may have.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Requests per minute; null for no limit.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub rate_per_minute: Option<i32>,
}

/// Every scope a webmaster's token may have.
const WEBMASTER: &[&str] = &["leads:write", "leads:read", "stats:read"];

/// What is stored, or everything that is wrong with it.
pub fn check(role: &str, wanted: &OwnedToken, default: Vec<String>) -> Result<db::token::Fields, Error> {
    let mut errors: Vec<FieldError> = Vec::new();
    let name = input::name("name", &wanted.name, "", &mut errors);
    let may_have = |scope: &str| match role {
        "admin" => scope == "admin" || WEBMASTER.contains(&scope),
        "webmaster" => WEBMASTER.contains(&scope),
        _ => false,
    };
    let mut scopes: Vec<String> = Vec::new();
    for (index, scope) in wanted.scopes.iter().flatten().enumerate() {
        if !may_have(scope) {
            let message =
                "must be a scope this role may have: leads:write, leads:read, stats:read, for admins also admin";
            errors.push(FieldError::new(format!("scopes[{index}]"), "unknown", message));
        } else if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    if wanted.scopes.as_ref().is_some_and(Vec::is_empty) && !default.is_empty() {
        errors.push(FieldError::invalid("scopes", "must name at least one scope"));
    }
    if wanted.rate_per_minute.is_some_and(|limit| limit < 1) {
        errors.push(FieldError::invalid("rate_per_minute", "must be at least 1"));
    }
    input::refuse(errors)?;
    let scopes = if wanted.scopes.is_some() { scopes } else { default };
    Ok(db::token::Fields { name, scopes, rate_per_minute: wanted.rate_per_minute })
}

/// A token as it is shown.
pub async fn find(conn: &mut PgConnection, token_id: Uuid) -> Result<Token, Error> {
    db::token::find(conn, token_id).await?.map(Token::from).ok_or(Error::NotFound("token"))
}

fn id_of(text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound("token"))
}

/// What a list of tokens is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TokenQuery {
    /// At most 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The revoked ones instead of those in use.
    #[serde(default, alias = "archived")]
    revoked: bool,
    /// `admin`, `webmaster`, `network` or `offer`.
    role: Option<String>,
    /// Of this webmaster: slug, id or number.
    webmaster: Option<String>,
    /// Of this network: slug, id or number.
    network: Option<String>,
    /// Of this offer: slug, id or number.
    offer: Option<String>,
}

/// List tokens
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", operation_id = "list_tokens", params(TokenQuery),
    responses((status = 200, description = "A page in the order they were issued", body = List<Token>), ListProblems))]
async fn index(State(app): State<App>, QueryOf(query): QueryOf<TokenQuery>) -> Result<Json<List<Token>>, Error> {
    let after = list::after(query.cursor.as_deref())?;
    if query.role.as_deref().is_some_and(|role| !["admin", "webmaster", "network", "offer"].contains(&role)) {
        return Err(Error::field("role", "invalid", "must be admin, webmaster, network or offer"));
    }
    let mut conn = app.db.acquire().await?;
    let mut filter = db::token::Filter { revoked: query.revoked, role: query.role, ..db::token::Filter::default() };
    if let Some(webmaster) = &query.webmaster {
        let found = db::webmaster::find(&mut conn, &Reference::parse(webmaster)).await?;
        let found = found.ok_or_else(|| Error::Invalid(vec![input::unknown("webmaster", "webmaster")]))?;
        filter.webmaster_id = Some(found.webmaster_id);
    }
    if let Some(network) = &query.network {
        let found = db::route::network_ref(&mut conn, &Reference::parse(network)).await?;
        filter.network_id = Some(found.ok_or_else(|| Error::Invalid(vec![input::unknown("network", "network")]))?.0);
    }
    if let Some(offer) = &query.offer {
        let found = db::offer::find(&mut conn, &Reference::parse(offer)).await?;
        filter.offer_id = Some(found.ok_or_else(|| Error::Invalid(vec![input::unknown("offer", "offer")]))?.offer_id);
    }
    let rows = db::token::list(&mut conn, &filter, after, query.limit.fetch()).await?;
    Ok(Json(list::answer(rows, query.limit, |row| row.token_id, Token::from)))
}

/// Read a token
#[utoipa::path(get, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "get_token", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The token without its text", body = Token), ReadProblems))]
async fn show(State(app): State<App>, PathId(id): PathId) -> Result<Json<Token>, Error> {
    let mut conn = app.db.acquire().await?;
    find(&mut conn, id_of(&id)?).await.map(Json)
}

/// Change a token
#[utoipa::path(patch, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "update_token", params(("id" = Uuid, Path)),
    request_body(content = TokenPatch, description = "Any of the fields"),
    responses((status = 200, description = "The token without its text", body = Token), ChangeProblems))]
async fn update(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
    JsonBody(patch): JsonBody<Value>,
) -> Result<Json<Token>, Error> {
    let id = id_of(&id)?;
    let mut tx = app.db.begin().await?;
    let before = find(&mut tx, id).await?;
    if before.revoked_at.is_some() {
        let detail = "this token is revoked and cannot be changed".to_owned();
        return Err(Error::Conflict { code: "archived", detail, lead_id: None });
    }
    let current = TokenPatch {
        name: before.name.clone(),
        scopes: Some(before.scopes.clone()),
        rate_per_minute: before.rate_per_minute,
    };
    let wanted = resource::patched(&current, patch)?;
    let wanted = OwnedToken { name: wanted.name, scopes: wanted.scopes, rate_per_minute: wanted.rate_per_minute };
    let default = match before.role.as_str() {
        "admin" => db::token::default_scopes(db::token::Owner::Admin),
        "webmaster" => WEBMASTER.iter().map(|scope| (*scope).to_owned()).collect(),
        _ => Vec::new(),
    };
    let fields = check(&before.role, &wanted, default)?;
    db::token::update(&mut tx, id, &fields).await?;
    let token = find(&mut tx, id).await?;
    let (was, is) = (serde_json::to_value(&before).ok(), serde_json::to_value(&token).ok());
    resource::audit(&mut tx, &app, &principal, "token.update", ("token", id), was, is).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(Json(token))
}

/// Revoke a token
///
/// It stops working before this is answered.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "revoke_token", params(("id" = Uuid, Path)),
    responses((status = 204, description = "Revoked"), DeleteProblems))]
pub(in crate::http) async fn revoke(
    State(app): State<App>,
    principal: Principal,
    PathId(id): PathId,
) -> Result<StatusCode, Error> {
    let id = id_of(&id)?;
    let mut tx = app.db.begin().await?;
    let before = find(&mut tx, id).await?;
    if before.revoked_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    db::token::revoke(&mut tx, id, app.clock.now()).await?;
    let was = serde_json::to_value(&before).ok();
    resource::audit(&mut tx, &app, &principal, "token.revoke", ("token", id), was, None).await?;
    tx.commit().await?;
    resource::publish(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(role: &str, scopes: Option<&[&str]>) -> Result<Vec<String>, Error> {
        let scopes = scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let default = vec!["default".to_owned()];
        check(role, &OwnedToken { scopes, ..OwnedToken::default() }, default).map(|fields| fields.scopes)
    }

    #[test]
    fn a_webmasters_token_never_becomes_an_admins() {
        assert!(scopes("webmaster", Some(&["admin"])).is_err());
        assert!(scopes("network", Some(&["leads:read"])).is_err());
        assert!(scopes("admin", Some(&[])).is_err());
        assert_eq!(scopes("webmaster", Some(&["leads:read", "leads:read"])).unwrap(), ["leads:read"]);
        assert_eq!(scopes("admin", Some(&["admin"])).unwrap(), ["admin"]);
        assert_eq!(scopes("webmaster", None).unwrap(), ["default"]);
    }
}
