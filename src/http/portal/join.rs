//! `/portal/join/{token}`: the one-time link with which a webmaster chooses the password of his login.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use tower_sessions::Session;
use uuid::Uuid;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::secret;
use crate::db;
use crate::db::user::User;
use crate::http::api::resource;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::new_password;
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;
use crate::http::{password, rights, session};

#[derive(Template)]
#[template(path = "portal/join.html")]
struct Page {
    shell: Shell,
    email: String,
    errors: Vec<FieldError>,
    least: usize,
}

impl Page {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    fn new(email: String, errors: Vec<FieldError>) -> Self {
        Self { shell: Shell::bare(say("join-title")), email, errors, least: password::LEAST }
    }
}

/// The link is wrong, used, or too old, or its webmaster is not in use: the same answer for all.
fn gone() -> PageError {
    PageError(Error::NotFound("link"))
}

/// The account that may be opened, and who that would be.
async fn account(app: &App, user_id: Option<Uuid>) -> Result<(User, Principal), PageError> {
    let user = match user_id {
        Some(user_id) => db::user::find(&mut *app.db.acquire().await?, user_id).await?,
        None => None,
    };
    let found = user.and_then(|user| session::person(app, &user).map(|principal| (user, principal)));
    found.ok_or_else(gone)
}

async fn whose(app: &App, hash: &[u8]) -> Result<Option<Uuid>, Error> {
    Ok(db::password_link::find(&mut *app.db.acquire().await?, hash, app.clock.now()).await?)
}

/// `GET /portal/join/{token}`
pub async fn show(State(app): State<App>, PathId(token): PathId) -> Answer {
    let user_id = whose(&app, &secret::hash(&token)).await?;
    let (user, _) = account(&app, user_id).await?;
    layout::page(&Page::new(user.email, Vec::new()))
}

/// `POST /portal/join/{token}`: the fields `password` and `again`. Ends the link and begins a session.
pub async fn join(State(app): State<App>, session: Session, PathId(token): PathId, form: FormPairs) -> Answer {
    let hash = secret::hash(&token);
    // Looked at first, so that a stranger cannot make us hash passwords.
    let user_id = whose(&app, &hash).await?;
    let (user, principal) = account(&app, user_id).await?;
    let errors = new_password::complaints(&form);
    if !errors.is_empty() {
        return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page::new(user.email, errors));
    }
    let phc = password::hash(form.raw("password").to_owned()).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if db::password_link::take(&mut tx, &hash, now).await? != Some(user.user_id) {
        return Err(gone());
    }
    db::user::set_password(&mut tx, user.user_id, Some(&phc), now).await?;
    db::user::touch(&mut tx, user.user_id, now).await?;
    resource::audit(&mut tx, &app, &principal, "user.password", ("user", user.user_id), None, None).await?;
    tx.commit().await?;
    session::begin(&session, &principal).await?;
    Ok(Redirect::to(rights::PORTAL).into_response())
}
