//! `/portal/account`: how the webmaster reads the pages, and of his login the password, the second factor and where he is
//! signed in. Whoever came by a link has no login; how he reads is kept with the link.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use chrono_tz::{TZ_VARIANTS, Tz};
use tower_sessions::Session;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::user::User;
use crate::http::client_ip::ClientIp;
use crate::http::dashboard::account::sessions::{self, SessionLine};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell, done};
use crate::http::dashboard::new_password;
use crate::http::dashboard::reader::{self, Language, Reader};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::password;
use crate::http::principal::{Door, Principal};

#[derive(Template)]
#[template(path = "portal/account.html")]
struct Page {
    shell: Shell,
    language: Option<String>,
    zone: String,
    /// None for those who came by a link.
    user: Option<User>,
    sessions: Vec<SessionLine>,
    zones: &'static [Tz],
    errors: Vec<FieldError>,
    least: usize,
}

impl Page {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    fn is_spoken(&self, language: &Language) -> bool {
        self.language.as_deref() == Some(language.as_str())
    }
}

fn door(principal: &Principal) -> Result<&Door, Error> {
    match principal {
        Principal::Partner { door, .. } => Ok(door),
        _ => Err(Error::Unauthorized),
    }
}

async fn page(app: &App, session: &Session, principal: &Principal, errors: Vec<FieldError>) -> Result<Page, Error> {
    let door = door(principal)?;
    let mut conn = app.db.acquire().await?;
    let (language, zone, user) = match door {
        Door::Login { user_id, .. } => {
            let user = db::user::find(&mut conn, *user_id).await?.ok_or(Error::Unauthorized)?;
            (user.language.clone(), user.time_zone.clone(), Some(user))
        }
        Door::Link { portal_link_id } => {
            let link = db::portal_link::find(&mut conn, *portal_link_id).await?.ok_or(Error::Unauthorized)?;
            (link.language, link.time_zone, None)
        }
    };
    drop(conn);
    let sessions = match &user {
        Some(user) => sessions::of_user(app, user.user_id, session).await?,
        None => Vec::new(),
    };
    Ok(Page {
        shell: Shell::of(session, principal, say("account-title"), "/portal/account").await?,
        language,
        zone,
        user,
        sessions,
        zones: &TZ_VARIANTS,
        errors,
        least: password::LEAST,
    })
}

/// `GET /portal/account`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    layout::page(&page(&app, &session, &principal, Vec::new()).await?)
}

/// `POST /portal/account/reading`: the fields `language` (empty: as the browser asks) and `zone`.
pub async fn set_reading(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let language = form.given("language").and_then(|raw| raw.parse::<Language>().ok());
    let Ok(zone) = form.get("zone").parse::<Tz>() else {
        let errors = vec![FieldError::invalid("zone", say("account-zone-wrong"))];
        let page = page(&app, &session, &principal, errors).await?;
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let word = language.map(Language::as_str);
    let mut conn = app.db.acquire().await?;
    match door(&principal)? {
        Door::Login { user_id, .. } => db::user::set_reading(&mut conn, *user_id, word, zone.name()).await?,
        Door::Link { portal_link_id } => {
            db::portal_link::set_reading(&mut conn, *portal_link_id, word, zone.name()).await?;
        }
    }
    drop(conn);
    // Said in the language that was just chosen.
    let reader = Reader { language: language.unwrap_or_else(reader::language), zone };
    let text = reader::reading(reader, async { say("account-kept").to_string() }).await;
    done(&session, "/portal/account", text).await
}

/// `POST /portal/account/password`: the fields `current`, `password`, `again`. Ends every other session of the login.
pub async fn set_password(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let Door::Login { user_id, .. } = door(&principal)? else { return Err(Error::NotFound("login").into()) };
    let found = db::user::find(&mut *app.db.acquire().await?, *user_id).await?;
    let user = found.ok_or(Error::Unauthorized)?;
    if let Err(errors) = new_password::change(&app, &session, &principal, ip, &user, &form).await? {
        let page = page(&app, &session, &principal, errors).await?;
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    done(&session, "/portal/account", say("account-password-set")).await
}
