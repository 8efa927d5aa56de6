//! `/login/code`: the second factor, asked for after the password was right.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use tower_sessions::Session;

use super::form::FormPairs;
use super::layout::{self, Answer, Shell, done};
use super::login::home;
use super::texts::{self, say};
use crate::app::App;
use crate::db;
use crate::http::api::resource;
use crate::http::client_ip::ClientIp;
use crate::http::error::Error;
use crate::http::principal::Principal;
use crate::http::second_factor::{self, Taken};
use crate::http::{rights, session};

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    shell: Shell,
    error: Option<String>,
}

impl CodePage {
    fn new(error: Option<String>) -> Self {
        Self { shell: Shell::bare(say("login-code-title")), error }
    }
}

/// `GET /login/code`
pub async fn show(State(app): State<App>, session: Session) -> Answer {
    if session::half_signed_in(&session, app.clock.now()).await?.is_none() {
        return Ok(Redirect::to("/login").into_response());
    }
    layout::page(&CodePage::new(None))
}

/// `POST /login/code`: the field `code`, of the authenticator or for recovery.
pub async fn enter(
    State(app): State<App>,
    session: Session,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let Some(half) = session::half_signed_in(&session, app.clock.now()).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    if let Err(after) = app.tries.code(half.user_id) {
        return too_many(after);
    }
    let Some((principal, taken)) = check(&app, half.user_id, form.get("code")).await? else {
        return match rights::count_failure(&app, ip.map(|Extension(ip)| ip)) {
            Error::TooMany { after } => too_many(after),
            _ => layout::page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &CodePage::new(Some(say("login-code-wrong").into())),
            ),
        };
    };
    session::begin(&session, &principal).await?;
    let next = home(&principal, &half.next);
    match taken {
        Some(Taken::Recovery(left)) => done(&session, next, say("login-code-recovery").count("left", left)).await,
        _ => Ok(Redirect::to(next).into_response()),
    }
}

/// Who it is whose second factor this is, and what was taken: nothing, when an admin has switched it off meanwhile.
async fn check(app: &App, user_id: uuid::Uuid, code: &str) -> Result<Option<(Principal, Option<Taken>)>, Error> {
    let mut tx = app.db.begin().await?;
    let Some(user) = db::user::find(&mut tx, user_id).await? else { return Ok(None) };
    let Some(principal) = session::person(app, &user) else { return Ok(None) };
    let taken = match db::second_factor::find(&mut tx, user_id).await? {
        Some(factor) => match second_factor::take(app, &mut tx, &user, &factor.sealed, code).await? {
            Some(taken) => Some(taken),
            None => return Ok(None),
        },
        None => None,
    };
    if matches!(taken, Some(Taken::Recovery(_))) {
        resource::audit(&mut tx, app, &principal, "user.recovery_code", ("user", user_id), None, None).await?;
    }
    db::user::touch(&mut tx, user_id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(Some((principal, taken)))
}

fn too_many(after: Duration) -> Answer {
    let seconds = after.as_secs() + 1;
    let page = CodePage::new(Some(say("login-too-many").count("seconds", seconds).into()));
    let mut response = layout::page_with(StatusCode::TOO_MANY_REQUESTS, &page)?;
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dashboard::html;

    #[test]
    fn the_page_stands() {
        html::check("login-code", &CodePage::new(None));
        let text = html::check("login-code-wrong", &CodePage::new(Some(say("login-code-wrong").into())));
        assert!(text.contains("role=\"alert\"") && text.contains("autocomplete=\"one-time-code\""));
    }
}
