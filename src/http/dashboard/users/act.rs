//! What an admin does about somebody's account: a new password, the end of sessions and of the second factor, closing
//! it and opening it again.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use serde_json::json;
use tower_sessions::Session;

use super::edit::{self, Made, With};
use crate::app::App;
use crate::db::{self, OnConstraint};
use crate::http::api::resource;
use crate::http::api::users::{self, LAST_ADMIN};
use crate::http::dashboard::account::{second_factor, sessions};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError, done, refused};
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// `POST /users/{id}/password`: makes a password, which the answer alone shows. The sessions end.
pub async fn new_password(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let found = edit::find(&app, &id).await?;
    let here = format!("/users/{}", found.user.id);
    if edit::is_self(&principal, &found.user) {
        return Ok(Redirect::to("/account").into_response());
    }
    let Some(once) = Once::claim(&app, &principal, &form).await? else {
        return refused(&session, &here, say("user-password-sent-before")).await;
    };
    let password = edit::new_password(&app);
    let body = JsonBody(json!({ "password": password }));
    let changed = users::update(State(app.clone()), principal.clone(), PathId(found.user.id.to_string()), body);
    let Json(user) = once.then(&app, changed).await?;
    let made = Some(Made { email: user.input.email.clone(), password });
    let found = edit::Found { user, archived: false };
    edit::answer(&app, &session, &principal, found, With { made, ..With::default() }).await
}

/// `POST /users/{id}/second-factor/off`
pub async fn switch_second_factor_off(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
) -> Answer {
    let found = edit::find(&app, &id).await?;
    second_factor::clear(&app, &principal, found.user.id).await?;
    let text = say("user-factor-off").with("email", &found.user.input.email);
    done(&session, &format!("/users/{}", found.user.id), text).await
}

/// `POST /users/{id}/sessions/end`
pub async fn end_sessions(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
) -> Answer {
    let found = edit::find(&app, &id).await?;
    let ended = sessions::end_of(&app, &principal, found.user.id).await?;
    done(&session, &format!("/users/{}", found.user.id), say("user-sessions-ended").count("count", ended)).await
}

/// `POST /users/{id}/archive`
pub async fn archive(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let found = edit::find(&app, &id).await?;
    let here = format!("/users/{}", found.user.id);
    if found.archived {
        return done(&session, &here, say("user-archived").with("email", &found.user.input.email)).await;
    }
    match users::archive(State(app), principal, PathId(found.user.id.to_string())).await {
        Ok(_) => done(&session, "/users", say("user-archived").with("email", &found.user.input.email)).await,
        Err(Error::Conflict { code: LAST_ADMIN, .. }) => refused(&session, &here, say("user-last-admin")).await,
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /users/{id}/restore`
pub async fn restore(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let found = edit::find(&app, &id).await?;
    let here = format!("/users/{}", found.user.id);
    match open_again(&app, &principal, &found).await {
        Ok(()) => done(&session, &here, say("user-restored").with("email", &found.user.input.email)).await,
        Err(Error::Invalid(_)) => refused(&session, &here, say("user-email-taken")).await,
        Err(error) => Err(PageError(error)),
    }
}

async fn open_again(app: &App, principal: &Principal, found: &edit::Found) -> Result<(), Error> {
    if !found.archived {
        return Ok(());
    }
    let id = found.user.id;
    let mut tx = app.db.begin().await?;
    db::user::restore(&mut tx, id, app.clock.now())
        .await
        .on_constraint("app_user_email_uq", || Error::field("email", "taken", "belongs to another user"))?;
    let after = serde_json::to_value(&found.user).ok();
    resource::audit(&mut tx, app, principal, "user.restore", ("user", id), None, after).await?;
    tx.commit().await?;
    Ok(())
}
