//! `/setup/{token}`: the link printed at the first start, which makes the first admin. It works once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use sqlx::PgConnection;
use tower_sessions::Session;

use super::form::FormPairs;
use super::layout::{self, Answer, PageError, Shell};
use super::new_password;
use super::texts::{self, say};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::{email, secret};
use crate::db::{self, OnConstraint};
use crate::http::api::{input, resource};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::password;
use crate::http::principal::{Principal, UserRole};
use crate::http::session;

#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    shell: Shell,
    email: String,
    name: String,
    errors: Vec<FieldError>,
    least: usize,
}

impl SetupPage {
    fn new(form: &FormPairs, errors: Vec<FieldError>) -> Self {
        Self {
            shell: Shell::bare(say("setup-title")),
            email: form.get("email").to_owned(),
            name: form.get("name").to_owned(),
            errors,
            least: password::LEAST,
        }
    }

    /// What is wrong with a field.
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}

/// The link is wrong or was used: the same answer for both.
fn gone() -> PageError {
    PageError(Error::NotFound("set-up link"))
}

async fn is_open(conn: &mut PgConnection, hash: &[u8]) -> Result<bool, Error> {
    let stored = db::instance::find(conn).await?.and_then(|instance| instance.setup_hash);
    Ok(stored.is_some_and(|stored| secret::same(&stored, hash)))
}

/// `GET /setup/{token}`
pub async fn show(State(app): State<App>, PathId(token): PathId) -> Answer {
    let mut conn = app.db.acquire().await?;
    if !is_open(&mut conn, &secret::hash(&token)).await? {
        return Err(gone());
    }
    layout::page(&SetupPage::new(&FormPairs::default(), Vec::new()))
}

/// `POST /setup/{token}`
pub async fn create(State(app): State<App>, session: Session, PathId(token): PathId, form: FormPairs) -> Answer {
    let hash = secret::hash(&token);
    // Looked at first, so that a stranger cannot make us hash passwords.
    if !is_open(&mut *app.db.acquire().await?, &hash).await? {
        return Err(gone());
    }
    match make_admin(&app, &hash, &form).await {
        Ok(principal) => {
            session::begin(&session, &principal).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(Error::Invalid(errors)) => {
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &SetupPage::new(&form, errors))
        }
        Err(error) => Err(PageError(error)),
    }
}

/// The admin and the end of the link, in one transaction.
async fn make_admin(app: &App, hash: &[u8], form: &FormPairs) -> Result<Principal, Error> {
    let mut errors = Vec::new();
    let address = email::parse(form.get("email"))
        .map_err(|error| errors.push(FieldError::invalid("email", error.to_string())))
        .unwrap_or_default();
    let name = input::name("name", form.get("name"), "", &mut errors);
    errors.extend(new_password::complaints(form));
    input::refuse(errors)?;
    let phc = password::hash(form.raw("password").to_owned()).await?;
    let user_id = app.ids.next();
    let principal = Principal::User { user_id, email: address.clone(), role: UserRole::Admin };
    let mut tx = app.db.begin().await?;
    if !db::instance::claim_setup(&mut tx, hash).await? {
        return Err(Error::NotFound("set-up link"));
    }
    db::user::insert(&mut tx, user_id, &address, &name, (UserRole::Admin.as_str(), None), Some(&phc))
        .await
        .on_constraint("app_user_email_uq", || Error::field("email", "taken", "belongs to another user"))?;
    db::user::touch(&mut tx, user_id, app.clock.now()).await?;
    let after = serde_json::json!({ "email": address, "name": name, "role": UserRole::Admin.as_str() });
    resource::audit(&mut tx, app, &principal, "user.create", ("user", user_id), None, Some(after)).await?;
    tx.commit().await?;
    Ok(principal)
}

#[cfg(test)]
mod tests {
    use super::super::html;
    use super::*;

    #[test]
    fn the_page_stands_and_names_what_is_wrong() {
        html::check("setup", &SetupPage::new(&FormPairs::default(), Vec::new()));
        let form = FormPairs::parse(b"email=ann%40x&name=%3Cb%3EAnn");
        let errors = vec![
            FieldError::invalid("email", "must be an e-mail address such as name@example.com"),
            FieldError::new("password", "too_short", "must have at least 10 characters"),
        ];
        let text = html::check("setup-errors", &SetupPage::new(&form, errors));
        assert!(text.contains("value=\"ann@x\"") && !text.contains("<b>Ann"));
        assert!(text.contains("aria-describedby=\"email-error\"") && text.contains("at least 10 characters"));
    }
}
