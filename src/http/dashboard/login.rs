//! `/login` and `/logout`. A wrong e-mail and a wrong password are told in the same words and take the same time.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;
use tower_sessions::Session;

use super::form::FormPairs;
use super::layout::{self, Answer, Shell};
use super::texts::{self, say};
use crate::app::App;
use crate::db;
use crate::http::client_ip::ClientIp;
use crate::http::error::Error;
use crate::http::extract::QueryOf;
use crate::http::principal::Principal;
use crate::http::{password, rights, session};

#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    shell: Shell,
    email: String,
    next: String,
    error: Option<String>,
}

impl LoginPage {
    fn new(email: &str, next: &str, error: Option<String>) -> Self {
        Self { shell: Shell::bare(say("login-do")), email: email.to_owned(), next: next.to_owned(), error }
    }
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    next: Option<String>,
}

/// Where to go on: a path of ours, or the overview.
fn onward(next: &str) -> &str {
    layout::local(next).unwrap_or("/")
}

/// `GET /login`
pub async fn show(State(app): State<App>, session: Session, QueryOf(query): QueryOf<NextQuery>) -> Answer {
    let next = onward(query.next.as_deref().unwrap_or("/"));
    if let Some(signed_in) = session::user_of(&app, &session).await? {
        return Ok(Redirect::to(home(&signed_in.principal, next)).into_response());
    }
    layout::page(&LoginPage::new("", next, None))
}

/// `POST /login`
pub async fn enter(
    State(app): State<App>,
    session: Session,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let (email, next) = (form.get("email"), onward(form.get("next")));
    let ip = ip.map(|Extension(ip)| ip);
    if let Err(after) = app.tries.password(ip, email) {
        return too_many(email, next, after);
    }
    let found = match email.len() <= 254 {
        true => db::user::find_by_email(&mut *app.db.acquire().await?, email).await?,
        false => None,
    };
    let stored = found.as_ref().and_then(|user| user.password_hash.clone());
    let is_right = password::verify(form.raw("password").to_owned(), stored).await;
    let who = found.filter(|_| is_right).and_then(|user| Some((session::person(&app, &user)?, user)));
    let Some((principal, user)) = who else {
        return match rights::count_failure(&app, ip) {
            Error::TooMany { after } => too_many(email, next, after),
            _ => layout::page_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                &LoginPage::new(email, next, Some(say("login-wrong").into())),
            ),
        };
    };
    if user.totp_since.is_some() {
        session::begin_half(&session, user.user_id, next, app.clock.now()).await?;
        return Ok(Redirect::to("/login/code").into_response());
    }
    db::user::touch(&mut *app.db.acquire().await?, user.user_id, app.clock.now()).await?;
    session::begin(&session, &principal).await?;
    Ok(Redirect::to(home(&principal, next)).into_response())
}

/// Where somebody goes on who has just signed in: a webmaster to his portal.
pub(super) fn home<'a>(principal: &Principal, next: &'a str) -> &'a str {
    let is_his = next.strip_prefix(rights::PORTAL).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if matches!(principal, Principal::Partner { .. }) && !is_his { rights::PORTAL } else { next }
}

fn too_many(email: &str, next: &str, after: Duration) -> Answer {
    let seconds = after.as_secs() + 1;
    let error = say("login-too-many").count("seconds", seconds).into();
    let mut response = layout::page_with(StatusCode::TOO_MANY_REQUESTS, &LoginPage::new(email, next, Some(error)))?;
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    Ok(response)
}

/// `POST /logout`
pub async fn leave(session: Session) -> Answer {
    session.flush().await.map_err(|error| session::broken(&error))?;
    Ok(Redirect::to("/login").into_response())
}

#[cfg(test)]
mod tests {
    use super::super::html;
    use super::*;

    #[test]
    fn only_paths_of_ours_are_followed() {
        for good in ["/", "/leads?status=hold&q=a", "/networks/n1"] {
            assert_eq!(onward(good), good);
        }
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "leads", "/a\nb", "/\u{e9}"] {
            assert_eq!(onward(bad), "/", "{bad}");
        }
    }

    #[test]
    fn the_page_stands() {
        html::check("login", &LoginPage::new("", "/", None));
        let text = html::check("login-error", &LoginPage::new("a\"b", "/leads", Some(say("login-wrong").into())));
        assert!(text.contains("role=\"alert\"") && !text.contains("a\"b"));
    }
}
