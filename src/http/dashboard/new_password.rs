//! Choosing a password: at the set-up, by a link, or in place of the present one.

use axum::Extension;
use tower_sessions::Session;

use super::form::FormPairs;
use super::texts::{Text, say};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::user::User;
use crate::http::api::resource;
use crate::http::client_ip::ClientIp;
use crate::http::error::Error;
use crate::http::principal::Principal;
use crate::http::{password, session};

/// What is wrong with the fields `password` and `again`.
pub fn complaints(form: &FormPairs) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = password::check("password", form.raw("password")).into_iter().collect();
    if form.raw("password") != form.raw("again") {
        errors.push(FieldError::invalid("again", say("account-password-differs")));
    }
    errors
}

/// Whether this is the person's password; else what to say. Tries are counted as those of the login are.
pub async fn is_present(app: &App, user: &User, ip: Option<Extension<ClientIp>>, given: &str) -> Result<(), Text> {
    if let Err(after) = app.tries.password(ip.map(|Extension(ip)| ip), &user.email) {
        return Err(say("login-too-many").count("seconds", after.as_secs() + 1));
    }
    let is_right = password::verify(given.to_owned(), user.password_hash.clone()).await;
    if is_right { Ok(()) } else { Err(say("account-password-wrong")) }
}

/// Changes a password by the fields `current`, `password` and `again`, and ends every other session; or what is wrong.
pub async fn change(
    app: &App,
    session: &Session,
    principal: &Principal,
    ip: Option<Extension<ClientIp>>,
    user: &User,
    form: &FormPairs,
) -> Result<Result<(), Vec<FieldError>>, Error> {
    let mut errors = complaints(form);
    if let Err(error) = is_present(app, user, ip, form.raw("current")).await {
        errors.push(FieldError::invalid("current", error));
    }
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let phc = password::hash(form.raw("password").to_owned()).await?;
    let mut tx = app.db.begin().await?;
    db::user::set_password(&mut tx, user.user_id, Some(&phc), app.clock.now()).await?;
    resource::audit(&mut tx, app, principal, "user.password", ("user", user.user_id), None, None).await?;
    tx.commit().await?;
    // The old sessions are over, this one among them: it goes on under a new id.
    session::begin(session, principal).await?;
    Ok(Ok(()))
}
