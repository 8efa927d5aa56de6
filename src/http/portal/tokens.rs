//! `/portal/tokens`: the tokens of the webmaster: new ones, shown once, and their end.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use serde_json::json;
use tower_sessions::Session;
use uuid::Uuid;

use super::owner;
use crate::app::App;
use crate::db::token;
use crate::http::api::token_issue::{self, IssuedToken};
use crate::http::api::tokens;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// Tokens shown.
const ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "portal/tokens.html")]
struct Page {
    shell: Shell,
    tokens: Vec<token::Row>,
    /// A token that was just made; this page is the only one that shows it.
    issued: Option<IssuedToken>,
}

/// Makes a token of the webmaster's own.
pub(super) async fn make(app: &App, principal: &Principal, name: &str) -> Result<IssuedToken, Error> {
    let id = PathId(owner(principal)?.to_string());
    let body = JsonBody(json!({ "name": name }));
    let (_, Json(issued)) = token_issue::for_webmaster(State(app.clone()), principal.clone(), id, body).await?;
    Ok(issued)
}

async fn answer(app: &App, session: &Session, principal: &Principal, issued: Option<IssuedToken>) -> Answer {
    let filter = token::Filter { webmaster_id: Some(owner(principal)?), ..token::Filter::default() };
    let tokens = token::list(&mut *app.db.acquire().await?, &filter, None, ROWS).await?;
    let shell = Shell::of(session, principal, say("portal-tokens"), "/portal/tokens").await?;
    let mut response = layout::page(&Page { shell, tokens, issued })?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /portal/tokens`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    answer(&app, &session, &principal, None).await
}

/// `POST /portal/tokens`: the field `name`.
pub async fn issue(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let issued = make(&app, &principal, form.get("name")).await?;
    answer(&app, &session, &principal, Some(issued)).await
}

/// `POST /portal/tokens/{id}/revoke`
pub async fn revoke(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let token_id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("token"))?;
    let found = token::find(&mut *app.db.acquire().await?, token_id).await?;
    // Another webmaster's token does not exist for this one.
    if found.and_then(|token| token.webmaster_id) != Some(owner(&principal)?) {
        return Err(Error::NotFound("token").into());
    }
    tokens::revoke(State(app), principal, PathId(id)).await?;
    done(&session, "/portal/tokens", say("token-revoked")).await
}

impl Page {
    fn scopes(&self, token: &token::Row) -> String {
        token.scopes.join(", ")
    }
}
