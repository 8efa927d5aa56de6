//! `/portal/enter/{token}`: the link that signs a webmaster in without a password, for as long as it is not revoked.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use tower_sessions::Session;

use crate::app::App;
use crate::base::secret;
use crate::db;
use crate::http::client_ip::ClientIp;
use crate::http::dashboard::layout::{Answer, PageError};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Door;
use crate::http::{rights, session};

/// `GET /portal/enter/{token}`
pub async fn enter(
    State(app): State<App>,
    session: Session,
    ip: Option<Extension<ClientIp>>,
    PathId(token): PathId,
) -> Answer {
    let mut conn = app.db.acquire().await?;
    let link = db::portal_link::find_by_hash(&mut conn, &secret::hash(&token)).await?;
    let found = link.and_then(|link| {
        let door = Door::Link { portal_link_id: link.portal_link_id };
        Some((link.portal_link_id, session::partner(&app, link.webmaster_id, door)?))
    });
    let Some((link_id, principal)) = found else {
        drop(conn);
        return Err(PageError(match rights::count_failure(&app, ip.map(|Extension(ip)| ip)) {
            wait @ Error::TooMany { .. } => wait,
            _ => Error::NotFound("portal link"),
        }));
    };
    db::portal_link::touch(&mut conn, link_id, app.clock.now()).await?;
    drop(conn);
    session::begin(&session, &principal).await?;
    Ok(Redirect::to(rights::PORTAL).into_response())
}
