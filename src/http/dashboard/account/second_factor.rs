//! `/account/second-factor`, and the same in the portal: switching it on with a code that proves it, new recovery codes, switching it off.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sqlx::PgConnection;
use tower_sessions::Session;

use crate::app::App;
use crate::db;
use crate::db::second_factor::Factor;
use crate::db::user::User;
use crate::http::api::resource;
use crate::http::client_ip::ClientIp;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell, done};
use crate::http::dashboard::new_password;
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::principal::Principal;
use crate::http::{second_factor, session};

/// Key of the sealed secret that no code has proved yet.
const UNPROVED: &str = "second_factor_unproved";

/// A secret that is to be brought into an authenticator.
struct Offered {
    text: String,
    /// Of the picture: the length of a side, and what is dark.
    width: usize,
    path: String,
}

/// A second factor that is on.
struct On {
    factor: Factor,
    left: i64,
}

#[derive(Template)]
#[template(path = "account/second_factor.html")]
struct Page {
    shell: Shell,
    offered: Option<Offered>,
    on: Option<On>,
    /// Recovery codes that were just made; this page is the only one that shows them.
    codes: Vec<String>,
    /// A form and what is wrong with it.
    error: Option<(&'static str, String)>,
}

impl Page {
    fn error(&self, form: &str) -> Option<&str> {
        self.error.as_ref().filter(|(of, _)| *of == form).map(|(_, error)| error.as_str())
    }

    /// The picture with the white edge it must have.
    fn edges(offered: &Offered) -> String {
        let side = offered.width + 8;
        format!("-4 -4 {side} {side}")
    }
}

async fn shell(session: &Session, principal: &Principal) -> Result<Shell, Error> {
    Shell::of(session, principal, say("factor-title"), super::place(principal)).await
}

/// Where this page is.
fn here(principal: &Principal) -> String {
    format!("{}/second-factor", super::place(principal))
}

/// The secret this session offers; made when there is none.
async fn unproved(app: &App, session: &Session, user: &User) -> Result<Vec<u8>, Error> {
    let stored: Option<String> = session.get(UNPROVED).await.map_err(|error| session::broken(&error))?;
    let sealed = stored.and_then(|stored| STANDARD.decode(stored).ok());
    if let Some(secret) = sealed.and_then(|sealed| second_factor::open(app, user.user_id, &sealed).ok()) {
        return Ok(secret);
    }
    let secret = app.ids.bytes::<{ second_factor::SECRET }>().to_vec();
    let sealed = STANDARD.encode(second_factor::seal(app, user.user_id, &secret)?);
    session.insert(UNPROVED, sealed).await.map_err(|error| session::broken(&error))?;
    Ok(secret)
}

/// The page as it is for this person now.
async fn page(
    app: &App,
    session: &Session,
    principal: &Principal,
    error: Option<(&'static str, String)>,
) -> Result<Page, Error> {
    let user = super::user(app, principal).await?;
    let mut page = Page { shell: shell(session, principal).await?, offered: None, on: None, codes: Vec::new(), error };
    let mut conn = app.db.acquire().await?;
    match db::second_factor::find(&mut conn, user.user_id).await? {
        Some(factor) => {
            let left = db::second_factor::codes_left(&mut conn, user.user_id).await?;
            page.on = Some(On { factor, left });
        }
        None => {
            let secret = unproved(app, session, &user).await?;
            let (width, path) = second_factor::picture(&user.email, &secret)?;
            page.offered = Some(Offered { text: second_factor::written(&secret), width, path });
        }
    }
    Ok(page)
}

async fn again(
    app: &App,
    session: &Session,
    principal: &Principal,
    form: &'static str,
    error: impl Into<String>,
) -> Answer {
    let page = page(app, session, principal, Some((form, error.into()))).await?;
    layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `GET /account/second-factor`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    layout::page(&page(&app, &session, &principal, None).await?)
}

/// New recovery codes instead of all that there were.
async fn renew_codes(app: &App, conn: &mut PgConnection, user: &User) -> Result<Vec<String>, Error> {
    let codes = second_factor::new_codes(&app.ids);
    db::second_factor::set_codes(conn, user.user_id, &second_factor::hashes(&codes)).await?;
    Ok(codes)
}

/// The one page that shows recovery codes.
async fn shown(session: &Session, principal: &Principal, codes: Vec<String>) -> Answer {
    let shell = shell(session, principal).await?;
    layout::page(&Page { shell, offered: None, on: None, codes, error: None })
}

/// `POST /account/second-factor`: the field `code`, which proves that the authenticator has the secret.
pub async fn switch_on(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let user = super::user(&app, &principal).await?;
    let secret = unproved(&app, &session, &user).await?;
    let now = app.clock.now();
    let Some(step) = second_factor::step(&user.email, &secret, form.get("code"), now.timestamp())? else {
        return again(&app, &session, &principal, "code", say("factor-code-wrong")).await;
    };
    let sealed = second_factor::seal(&app, user.user_id, &secret)?;
    let mut tx = app.db.begin().await?;
    if !db::second_factor::set(&mut tx, user.user_id, &sealed, step, now).await? {
        return done(&session, &here(&principal), say("factor-already")).await;
    }
    let codes = renew_codes(&app, &mut tx, &user).await?;
    resource::audit(&mut tx, &app, &principal, "user.second_factor_on", ("user", user.user_id), None, None).await?;
    tx.commit().await?;
    session.remove_value(UNPROVED).await.map_err(|error| session::broken(&error))?;
    shown(&session, &principal, codes).await
}

/// `POST /account/second-factor/codes`: new recovery codes; the field `current`.
pub async fn new_codes(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let user = super::user(&app, &principal).await?;
    if let Err(error) = new_password::is_present(&app, &user, ip, form.raw("current")).await {
        return again(&app, &session, &principal, "codes", error).await;
    }
    let mut tx = app.db.begin().await?;
    if db::second_factor::find(&mut tx, user.user_id).await?.is_none() {
        return done(&session, &here(&principal), say("factor-is-off")).await;
    }
    let codes = renew_codes(&app, &mut tx, &user).await?;
    resource::audit(&mut tx, &app, &principal, "user.recovery_codes", ("user", user.user_id), None, None).await?;
    tx.commit().await?;
    shown(&session, &principal, codes).await
}

/// `POST /account/second-factor/off`: the field `current`.
pub async fn switch_off(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    ip: Option<Extension<ClientIp>>,
    form: FormPairs,
) -> Answer {
    let user = super::user(&app, &principal).await?;
    if let Err(error) = new_password::is_present(&app, &user, ip, form.raw("current")).await {
        return again(&app, &session, &principal, "off", error).await;
    }
    clear(&app, &principal, user.user_id).await?;
    done(&session, super::place(&principal), say("factor-off-done")).await
}

/// Takes somebody's second factor away; `false` when there was none.
pub async fn clear(app: &App, principal: &Principal, user_id: uuid::Uuid) -> Result<bool, Error> {
    let mut tx = app.db.begin().await?;
    let was_on = db::second_factor::clear(&mut tx, user_id, app.clock.now()).await?;
    if was_on {
        resource::audit(&mut tx, app, principal, "user.second_factor_off", ("user", user_id), None, None).await?;
    }
    tx.commit().await?;
    Ok(was_on)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::http::dashboard::html;
    use crate::http::dashboard::overview::tests::shell;

    fn page() -> Page {
        Page { shell: shell("/account"), offered: None, on: None, codes: Vec::new(), error: None }
    }

    #[test]
    fn each_of_its_faces_stands() {
        let secret = b"12345678901234567890";
        let (width, path) = second_factor::picture("ann@example.com", secret).unwrap();
        let offered = Offered { text: second_factor::written(secret), width, path };
        let error = Some(("code", "wrong".to_owned()));
        let text = html::check("factor-new", &Page { offered: Some(offered), error, ..page() });
        assert!(text.contains("GEZD GNBV") && text.contains("<svg class=\"qr\"") && text.contains("id=\"code-error\""));
        let factor = Factor { sealed: vec![1], since: DateTime::UNIX_EPOCH };
        let error = Some(("off", "wrong".to_owned()));
        let text = html::check("factor-on", &Page { on: Some(On { factor, left: 9 }), error, ..page() });
        assert!(
            text.contains("id=\"off-error\"")
                && !text.contains("id=\"codes-error\"")
                && !text.contains("<svg class=\"qr\"")
        );
        let text = html::check("factor-codes", &Page { codes: vec!["ab12-cd34".into()], ..page() });
        assert!(text.contains("ab12-cd34"));
    }
}
