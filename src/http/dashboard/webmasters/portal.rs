//! How a webmaster gets into his portal: logins with a one-time link to choose a password, and links that need none.
//! Each link is shown once, by the answer to its form.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::show::{self, With};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::{secret, text};
use crate::db;
use crate::http::api::{resource, users};
use crate::http::dashboard::account::second_factor;
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError, back, done};
use crate::http::dashboard::texts::{Text, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::{Principal, UserRole};

/// Characters of a link's secret.
const SECRET: usize = 40;
/// How long one may take to choose a password.
const DAYS_TO_JOIN: i64 = 7;
/// Longest name of a link.
const NAME: usize = 100;

/// A link that was just made; this page is the only one that shows it.
pub(super) struct NewLink {
    pub url: String,
    /// What it is for.
    pub note: Text,
}

/// The form of a new login.
pub(super) fn login_form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let fields = vec![Field::new(values, "email", "text", say("field-email")).help(say("login-email-help")).required()];
    Form::new(fields, Vec::new(), None, errors).named("login")
}

fn url(app: &App, room: &str, token: &str) -> String {
    format!("{}/portal/{room}/{token}", app.public_url.as_str().trim_end_matches('/'))
}

/// A new one-time link of a login.
async fn password_link(app: &App, conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<NewLink> {
    let token = app.ids.secret(SECRET);
    let now = app.clock.now();
    let expires_at = now + TimeDelta::days(DAYS_TO_JOIN);
    db::password_link::replace(conn, user_id, &secret::hash(&token), now, expires_at).await?;
    Ok(NewLink { url: url(app, "join", &token), note: say("login-link-note") })
}

/// `POST /webmasters/{id}/logins`: the field `email`. The answer shows the link to choose a password with.
pub async fn add_login(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let webmaster = show::find(&app, id).await?;
    let body = json!({
        "email": form.get("email"), "role": UserRole::Webmaster.as_str(), "webmaster": webmaster.id.to_string(),
    });
    let with = match users::create(State(app.clone()), principal.clone(), JsonBody(body)).await {
        Ok((_, Json(user))) => {
            let link = password_link(&app, &mut *app.db.acquire().await?, user.id).await?;
            With { link: Some(link), ..With::default() }
        }
        Err(Error::Invalid(errors)) => With {
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            login_form: Some(login_form(&form, &errors)),
            ..With::default()
        },
        Err(error) => return Err(PageError(error)),
    };
    show::answer(&app, &session, &principal, webmaster, with).await
}

/// A webmaster's login: people of the house are none of this page's business.
async fn login(conn: &mut PgConnection, id: &str) -> Result<(db::user::User, Uuid), Error> {
    let user_id = Uuid::parse_str(id).map_err(|_| Error::NotFound("login"))?;
    let user = db::user::find(conn, user_id).await?.ok_or(Error::NotFound("login"))?;
    let webmaster_id = user.webmaster_id.ok_or(Error::NotFound("login"))?;
    Ok((user, webmaster_id))
}

/// `POST /webmaster-logins/{id}/link`: a new one-time link; the one before no longer works.
pub async fn renew_login(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let mut tx = app.db.begin().await?;
    let (user, webmaster_id) = login(&mut tx, &id).await?;
    let link = password_link(&app, &mut tx, user.user_id).await?;
    let about = Some(json!({ "email": user.email }));
    resource::audit(&mut tx, &app, &principal, "user.password_link", ("user", user.user_id), None, about).await?;
    tx.commit().await?;
    let webmaster = show::find(&app, webmaster_id.to_string()).await?;
    show::answer(&app, &session, &principal, webmaster, With { link: Some(link), ..With::default() }).await
}

/// `POST /webmaster-logins/{id}/second-factor/off`: for one who has lost his authenticator.
pub async fn switch_second_factor_off(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let (user, _) = login(&mut *app.db.acquire().await?, &id).await?;
    second_factor::clear(&app, &principal, user.user_id).await?;
    done(&session, &back(&form, "/webmasters"), say("user-factor-off").with("email", user.email)).await
}

/// `POST /webmaster-logins/{id}/close`
pub async fn close_login(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let (user, _) = login(&mut *app.db.acquire().await?, &id).await?;
    users::archive(State(app), principal, PathId(user.user_id.to_string())).await?;
    done(&session, &back(&form, "/webmasters"), say("login-closed").with("email", user.email)).await
}

/// `POST /webmasters/{id}/portal-links`: the field `name`. The answer shows the link.
pub async fn add_link(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let webmaster = show::find(&app, id).await?;
    if webmaster.archived_at.is_some() {
        return Err(Error::NotFound("webmaster").into());
    }
    let token = app.ids.secret(SECRET);
    let link_id = app.ids.next();
    let name = text::line(form.get("name"));
    let name = text::cut(&name, NAME);
    let mut tx = app.db.begin().await?;
    let what = (name, secret::hash(&token));
    db::portal_link::insert(&mut tx, link_id, webmaster.id, (what.0, &what.1), app.clock.now()).await?;
    let after = Some(json!({ "name": name, "webmaster": webmaster.input.slug }));
    resource::audit(&mut tx, &app, &principal, "portal_link.create", ("portal_link", link_id), None, after).await?;
    tx.commit().await?;
    let link = NewLink { url: url(&app, "enter", &token), note: say("portal-link-note") };
    show::answer(&app, &session, &principal, webmaster, With { link: Some(link), ..With::default() }).await
}

/// `POST /portal-links/{id}/revoke`
pub async fn revoke_link(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let link_id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("portal link"))?;
    let mut tx = app.db.begin().await?;
    let link = db::portal_link::find(&mut tx, link_id).await?;
    // Revoked a moment ago: what is asked for is so.
    if let Some(link) = link
        && db::portal_link::revoke(&mut tx, link_id, app.clock.now()).await?
    {
        let before = Some(json!({ "name": link.name, "webmaster_id": link.webmaster_id }));
        resource::audit(&mut tx, &app, &principal, "portal_link.revoke", ("portal_link", link_id), before, None)
            .await?;
    }
    tx.commit().await?;
    done(&session, &back(&form, "/webmasters"), say("portal-link-revoked")).await
}
