//! Where somebody is signed in, and signing out there.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use serde_json::json;
use tower_sessions::Session;
use uuid::Uuid;

use super::agent;
use crate::app::App;
use crate::db;
use crate::db::session::Live;
use crate::http::api::resource;
use crate::http::dashboard::layout::{Answer, done};
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;
use crate::http::session;

/// A session as its owner reads about it.
#[derive(Clone, Debug)]
pub struct SessionLine {
    pub live: Live,
    /// Browser and system.
    pub agent: String,
}

impl SessionLine {
    fn of(live: Live) -> Self {
        let agent = live.user_agent.as_deref().map(agent::family).filter(|agent| !agent.is_empty());
        Self { agent: agent.unwrap_or_else(|| say("sessions-unknown").into()), live }
    }
}

/// Those of a person; `session` is the one that asks.
pub async fn of_user(app: &App, user_id: Uuid, session: &Session) -> Result<Vec<SessionLine>, Error> {
    let current = session::stored_as(session);
    let found = db::session::of_user(&mut *app.db.acquire().await?, user_id, current.as_deref()).await?;
    Ok(found.into_iter().map(SessionLine::of).collect())
}

/// `POST /account/sessions/{id}/end`, and the same in the portal.
pub async fn end_one(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let user_id = super::user_id(&principal)?;
    let session_id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("session"))?;
    let mut tx = app.db.begin().await?;
    // One that has ended by itself meanwhile is what was asked for.
    if db::session::delete_one(&mut tx, session_id, user_id).await? {
        let was = json!({ "session": session_id });
        resource::audit(&mut tx, &app, &principal, "user.session_end", ("user", user_id), Some(was), None).await?;
    }
    tx.commit().await?;
    done(&session, &format!("{}#sessions", super::place(&principal)), say("sessions-ended-one")).await
}

/// `POST /account/sessions/end`: everywhere, here too.
pub async fn end_all(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let user_id = super::user_id(&principal)?;
    end_of(&app, &principal, user_id).await?;
    session.flush().await.map_err(|error| session::broken(&error))?;
    Ok(Redirect::to("/login").into_response())
}

/// Ends all sessions of a person; answers how many there were.
pub async fn end_of(app: &App, principal: &Principal, user_id: Uuid) -> Result<u64, Error> {
    let mut tx = app.db.begin().await?;
    let ended = db::session::delete_of_user(&mut tx, user_id).await?;
    let after = json!({ "ended": ended });
    resource::audit(&mut tx, app, principal, "user.sessions_end", ("user", user_id), None, Some(after)).await?;
    tx.commit().await?;
    Ok(ended)
}
