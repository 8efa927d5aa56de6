//! `/offers/new` and `/offers/{id}`: the form, and putting an offer away.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::form;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::offers::{self, Offer};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done, refused};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "offers/edit.html")]
struct Page {
    shell: Shell,
    /// None: a new one.
    offer: Option<Offer>,
    form: Form,
}

async fn page(session: &Session, principal: &Principal, offer: Option<Offer>, form: Form) -> Result<Page, Error> {
    let title = offer.as_ref().map_or_else(|| say("offers-new").into(), |offer| offer.input.name.clone());
    Ok(Page { shell: Shell::of(session, principal, title, "/offers").await?, offer, form })
}

/// `GET /offers/new`
pub async fn begin(session: Session, principal: Principal) -> Answer {
    layout::page(&page(&session, &principal, None, form::form(&form::blank(), &[])).await?)
}

/// `POST /offers/new`
pub async fn create(State(app): State<App>, session: Session, principal: Principal, pairs: FormPairs) -> Answer {
    let made = match form::body(&pairs, None) {
        Ok(body) => offers::create(State(app), principal.clone(), JsonBody(body)).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match made {
        Ok((_, Json(offer))) => {
            let text = say("offer-made").with("name", &offer.input.name);
            done(&session, &format!("/offers/{}/routing", offer.input.slug), text).await
        }
        Err(Error::Invalid(errors)) => again(&session, &principal, None, &pairs, &errors).await,
        Err(error) => Err(PageError(error)),
    }
}

async fn again(
    session: &Session,
    principal: &Principal,
    offer: Option<Offer>,
    pairs: &FormPairs,
    errors: &[FieldError],
) -> Answer {
    let page = page(session, principal, offer, form::form(pairs, errors)).await?;
    layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn find(app: &App, id: String) -> Result<Offer, Error> {
    let Json(offer) = offers::show(State(app.clone()), PathId(id)).await?;
    Ok(offer)
}

/// `GET /offers/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let offer = find(&app, id).await?;
    let form = form::form(&form::values(&offer.input), &[]);
    layout::page(&page(&session, &principal, Some(offer), form).await?)
}

/// `POST /offers/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let before = find(&app, id).await?;
    let changed = match form::body(&pairs, Some(&before.input)) {
        Ok(body) => {
            let id = PathId(before.id.to_string());
            offers::update(State(app), principal.clone(), id, JsonBody(body)).await
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match changed {
        Ok(Json(offer)) => done(&session, &format!("/offers/{}", offer.input.slug), say("saved")).await,
        Err(Error::Invalid(errors)) => again(&session, &principal, Some(before), &pairs, &errors).await,
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /offers/{id}/archive`
pub async fn archive(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let offer = find(&app, id).await?;
    let back = format!("/offers/{}", offer.input.slug);
    match offers::archive(State(app), principal, PathId(offer.id.to_string())).await {
        Ok(_) => done(&session, "/offers", say("offer-archived").with("name", &offer.input.name)).await,
        Err(Error::Conflict { detail, .. }) => refused(&session, &back, words::sentence(&detail)).await,
        Err(error) => Err(PageError(error)),
    }
}
