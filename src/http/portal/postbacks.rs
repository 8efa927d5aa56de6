//! `/portal/postbacks`: where the webmaster is called when a lead changes: his rules, a new one, and the macros there are.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use serde_json::Value;
use tower_sessions::Session;

use super::macros::{self, Explained};
use super::{owner, postback_form};
use crate::app::App;
use crate::db::postback;
use crate::domain::status::Status;
use crate::http::api::postbacks::view;
use crate::http::api::postbacks::{self, PostbackView};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::words;
use crate::http::extract::JsonBody;
use crate::http::principal::Principal;

/// Rules shown.
const ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "portal/postbacks.html")]
struct Page {
    shell: Shell,
    postbacks: Vec<PostbackView>,
    form: Form,
    /// A signing secret that was just made.
    secret: Option<String>,
    macros: Vec<Explained>,
}

/// The statuses a postback tells, as people read them.
pub(super) fn told(postback: &PostbackView) -> String {
    if postback.statuses.len() >= Status::ALL.len() - 1 {
        return say("postback-statuses-all").into();
    }
    postback.statuses.iter().map(|status| words::state(status)).collect::<Vec<_>>().join(", ")
}

impl Page {
    fn told(&self, postback: &PostbackView) -> String {
        told(postback)
    }
}

async fn page(
    app: &App,
    session: &Session,
    principal: &Principal,
    form: Form,
    secret: Option<String>,
    status: StatusCode,
) -> Answer {
    let filter = postback::Filter { webmaster_id: Some(owner(principal)?), ..postback::Filter::default() };
    let mut conn = app.db.acquire().await?;
    let rows = postback::list(&mut conn, &filter, None, ROWS).await?;
    let postbacks = view::views(app, &mut conn, rows).await?;
    drop(conn);
    let shell = Shell::of(session, principal, say("portal-postbacks"), "/portal/postbacks").await?;
    let page = Page { shell, postbacks, form, secret, macros: macros::explained() };
    let mut response = layout::page_with(status, &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /portal/postbacks`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let form = postback_form::form(&app, owner(&principal)?, false, &FormPairs::default(), &[]).await?;
    page(&app, &session, &principal, form, None, StatusCode::OK).await
}

/// `POST /portal/postbacks`
pub async fn create(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let owner = owner(&principal)?;
    let mut body = postback_form::body(&form, None)?;
    if let Some(body) = body.as_object_mut() {
        body.insert("webmaster".to_owned(), Value::from(owner.to_string()));
    }
    match postbacks::create(State(app.clone()), principal.clone(), JsonBody(body)).await {
        // A new secret is shown by this answer only.
        Ok((_, Json(made))) if made.secret.is_some() => {
            let form = postback_form::form(&app, owner, false, &FormPairs::default(), &[]).await?;
            page(&app, &session, &principal, form, made.secret, StatusCode::OK).await
        }
        Ok((_, Json(made))) => {
            done(&session, &format!("/portal/postbacks/{}", made.id), say("portal-postback-made")).await
        }
        Err(error) => {
            let errors = postback_form::complaints(error)?;
            let form = postback_form::form(&app, owner, false, &form, &errors).await?;
            page(&app, &session, &principal, form, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
