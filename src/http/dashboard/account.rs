//! `/account`: one's own language, time zone, password, second factor and sessions.

mod agent;
pub mod second_factor;
pub mod sessions;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use chrono_tz::{TZ_VARIANTS, Tz};
use tower_sessions::Session;
use uuid::Uuid;

use sessions::SessionLine;

use super::form::FormPairs;
use super::format;
use super::layout::{self, Answer, Shell, back, done};
use super::new_password;
use super::reader::{self, COOKIE, Language, Reader};
use super::texts::{self, say};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::user::User;
use crate::http::client_ip::ClientIp;
use crate::http::error::Error;
use crate::http::password;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "account/show.html")]
struct Page {
    shell: Shell,
    user: User,
    sessions: Vec<SessionLine>,
    zones: &'static [Tz],
    errors: Vec<FieldError>,
    least: usize,
}

impl Page {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    fn role_key(&self) -> String {
        format!("role-{}", self.user.role)
    }

    fn is_spoken(&self, language: &Language) -> bool {
        self.user.language.as_deref() == Some(language.as_str())
    }
}

/// Where the account of somebody is: a webmaster's is in his portal.
fn place(principal: &Principal) -> &'static str {
    match principal {
        Principal::Partner { .. } => "/portal/account",
        _ => "/account",
    }
}

/// Whose account it is. Who came by a link has none.
fn user_id(principal: &Principal) -> Result<Uuid, Error> {
    principal.user_id().ok_or(Error::NotFound("account"))
}

async fn user(app: &App, principal: &Principal) -> Result<User, Error> {
    db::user::find(&mut *app.db.acquire().await?, user_id(principal)?).await?.ok_or(Error::Unauthorized)
}

async fn page(app: &App, session: &Session, principal: &Principal, errors: Vec<FieldError>) -> Result<Page, Error> {
    let user = user(app, principal).await?;
    Ok(Page {
        shell: Shell::of(session, principal, say("account-title"), "/account").await?,
        sessions: sessions::of_user(app, user.user_id, session).await?,
        user,
        zones: &TZ_VARIANTS,
        errors,
        least: password::LEAST,
    })
}

/// `GET /account`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    layout::page(&page(&app, &session, &principal, Vec::new()).await?)
}

/// `POST /account/reading`: the fields `language` (empty: as the browser asks) and `zone`.
pub async fn set_reading(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let user_id = user_id(&principal)?;
    let language = form.given("language").and_then(|raw| raw.parse::<Language>().ok());
    let Ok(zone) = form.get("zone").parse::<Tz>() else {
        let errors = vec![FieldError::invalid("zone", say("account-zone-wrong"))];
        let page = page(&app, &session, &principal, errors).await?;
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let word = language.map(Language::as_str);
    db::user::set_reading(&mut *app.db.acquire().await?, user_id, word, zone.name()).await?;
    // Said in the language that was just chosen.
    let reader = Reader { language: language.unwrap_or_else(reader::language), zone };
    let text = reader::reading(reader, async { say("account-kept").to_string() }).await;
    done(&session, "/account", text).await
}

/// `POST /account/password`: the fields `current`, `password`, `again`. Ends every other session.
pub async fn set_password(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let user = user(&app, &principal).await?;
    if let Err(errors) = new_password::change(&app, &session, &principal, ip, &user, &form).await? {
        let page = page(&app, &session, &principal, errors).await?;
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    done(&session, "/account", say("account-password-set")).await
}

/// `POST /language`: the language of somebody who is not signed in; the fields `language` and `back`.
pub async fn set_language(form: FormPairs) -> Answer {
    let to = back(&form, "/login");
    let Ok(language) = form.get("language").parse::<Language>() else { return Ok(Redirect::to(&to).into_response()) };
    let cookie = format!("{COOKIE}={language}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| Error::Internal(error.into()))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}
