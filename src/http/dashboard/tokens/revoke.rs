//! `POST /tokens/{id}/revoke`, from the list and from a webmaster's page.

use axum::extract::State;
use tower_sessions::Session;

use crate::app::App;
use crate::http::api::tokens;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, back, done};
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Managers may revoke what they may issue: not the tokens of admins.
pub async fn revoke(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let token_id = id.parse().map_err(|_| Error::NotFound("token"))?;
    let token = tokens::find(&mut *app.db.acquire().await?, token_id).await?;
    if token.role != "webmaster" && !principal.is_admin() {
        return Err(Error::Forbidden(say("token-not-yours").into()).into());
    }
    tokens::revoke(State(app), principal, PathId(id)).await?;
    done(&session, &back(&form, "/webmasters"), say("token-revoked")).await
}
