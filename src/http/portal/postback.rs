//! `/portal/postbacks/{id}`: one rule: changed, tried with a sample, put away.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use tower_sessions::Session;
use uuid::Uuid;

use super::{owner, pace, postback_form, postbacks as page_of_all};
use crate::app::App;
use crate::db::postback;
use crate::flow::replay::Refused;
use crate::flow::test_postback::{self, Tested};
use crate::http::api::postbacks::view;
use crate::http::api::postbacks::{self, PostbackView};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "portal/postback.html")]
struct Page {
    shell: Shell,
    postback: PostbackView,
    form: Form,
    secret: Option<String>,
    tested: Option<Tested>,
    /// Why the sample was not even sent.
    refused: Option<String>,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
struct With {
    status: Option<StatusCode>,
    form: Option<Form>,
    secret: Option<String>,
    tested: Option<Tested>,
    refused: Option<String>,
}

impl Page {
    fn told(&self) -> String {
        page_of_all::told(&self.postback)
    }
}

/// A rule of this webmaster that is in use. Others do not exist for him.
async fn own(app: &App, principal: &Principal, id: &str) -> Result<PostbackView, Error> {
    let gone = || Error::NotFound("postback");
    let id = Uuid::parse_str(id).map_err(|_| gone())?;
    let owner = owner(principal)?;
    let mut conn = app.db.acquire().await?;
    let row = postback::find(&mut conn, id).await?;
    let row = row.filter(|row| row.webmaster_id == Some(owner) && row.archived_at.is_none()).ok_or_else(gone)?;
    view::one(app, &mut conn, row).await
}

async fn answer(app: &App, session: &Session, principal: &Principal, postback: PostbackView, with: With) -> Answer {
    let shell = Shell::of(session, principal, say("portal-postback"), "/portal/postbacks").await?;
    let form = match with.form {
        Some(form) => form,
        None => postback_form::form(app, owner(principal)?, true, &postback_form::values(&postback), &[]).await?,
    };
    let page = Page { shell, postback, form, secret: with.secret, tested: with.tested, refused: with.refused };
    let mut response = layout::page_with(with.status.unwrap_or(StatusCode::OK), &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /portal/postbacks/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let postback = own(&app, &principal, &id).await?;
    answer(&app, &session, &principal, postback, With::default()).await
}

/// `POST /portal/postbacks/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let before = own(&app, &principal, &id).await?;
    let body = postback_form::body(&form, Some(&before))?;
    let id = PathId(before.id.to_string());
    match postbacks::update(State(app.clone()), principal.clone(), id, JsonBody(body)).await {
        Ok(Json(after)) if after.secret.is_some() => {
            let with = With { secret: after.secret.clone(), ..With::default() };
            answer(&app, &session, &principal, after, with).await
        }
        Ok(Json(after)) => done(&session, &format!("/portal/postbacks/{}", after.id), say("saved")).await,
        Err(error) => {
            let errors = postback_form::complaints(error)?;
            let form = postback_form::form(&app, owner(&principal)?, true, &form, &errors).await?;
            let status = Some(StatusCode::UNPROCESSABLE_ENTITY);
            answer(&app, &session, &principal, before, With { status, form: Some(form), ..With::default() }).await
        }
    }
}

/// `POST /portal/postbacks/{id}/test`: a sample is really sent, and shown with its answer; neither is kept.
pub async fn test(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let postback = own(&app, &principal, &id).await?;
    pace::count(owner(&principal)?)?;
    let with = match test_postback::run(&app, postback.id).await {
        Ok(tested) => With { tested: Some(tested), ..With::default() },
        Err(Refused::State(why)) => {
            With { status: Some(StatusCode::CONFLICT), refused: Some(words::sentence(&why)), ..With::default() }
        }
        Err(error) => return Err(PageError(error.into())),
    };
    answer(&app, &session, &principal, postback, with).await
}

/// `POST /portal/postbacks/{id}/archive`
pub async fn archive(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let postback = own(&app, &principal, &id).await?;
    postbacks::archive(State(app), principal, PathId(postback.id.to_string())).await?;
    done(&session, "/portal/postbacks", say("postback-archived")).await
}
