//! `/webmasters/new` and the profile of one.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tower_sessions::Session;

use super::show::{self, With};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::webmasters::{self, Webmaster};
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "webmasters/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
}

/// The form with these values in it.
pub(super) fn form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let fields = vec![
        Field::new(values, "name", "text", say("field-name")).help(say("set-up-name-help")),
        Field::new(values, "slug", "text", say("column-slug")).help(say("set-up-slug-help")).required(),
        Field::new(values, "enabled", "bool", say("webmaster-enabled")),
    ];
    Form::new(fields, Vec::new(), None, errors)
}

/// What stands in the form of a webmaster.
pub(super) fn values(webmaster: &Webmaster) -> FormPairs {
    let input = &webmaster.input;
    let enabled = if input.enabled { "true" } else { "" };
    let pairs = [("name", input.name.as_str()), ("slug", input.slug.as_str()), ("enabled", enabled)];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn body(pairs: &FormPairs) -> Result<Value, Error> {
    let mut draft = Draft::of(pairs);
    draft.texts(&["name", "slug"]);
    draft.flags(&["enabled"]);
    draft.end().map_err(Error::Invalid)
}

/// `GET /webmasters/new`
pub async fn begin(session: Session, principal: Principal) -> Answer {
    let values = FormPairs([("enabled".to_owned(), "true".to_owned())].into());
    let shell = Shell::of(&session, &principal, say("webmasters-new"), "/webmasters").await?;
    layout::page(&NewPage { shell, form: form(&values, &[]) })
}

/// `POST /webmasters/new`
pub async fn create(State(app): State<App>, session: Session, principal: Principal, pairs: FormPairs) -> Answer {
    match webmasters::create(State(app), principal.clone(), JsonBody(body(&pairs)?)).await {
        Ok((_, Json(made))) => {
            let text = say("webmaster-made").with("name", &made.input.name);
            done(&session, &format!("/webmasters/{}#tokens", made.input.slug), text).await
        }
        Err(Error::Invalid(errors)) => {
            let shell = Shell::of(&session, &principal, say("webmasters-new"), "/webmasters").await?;
            let page = NewPage { shell, form: form(&pairs, &errors) };
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /webmasters/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let before = show::find(&app, id).await?;
    let id = PathId(before.id.to_string());
    match webmasters::update(State(app.clone()), principal.clone(), id, JsonBody(body(&pairs)?)).await {
        Ok(Json(webmaster)) => done(&session, &format!("/webmasters/{}", webmaster.input.slug), say("saved")).await,
        Err(Error::Invalid(errors)) => {
            let with = With {
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                form: Some(form(&pairs, &errors)),
                ..With::default()
            };
            show::answer(&app, &session, &principal, before, with).await
        }
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /webmasters/{id}/archive`
pub async fn archive(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let webmaster = show::find(&app, id).await?;
    webmasters::archive(State(app), principal, PathId(webmaster.id.to_string())).await?;
    done(&session, "/webmasters", say("webmaster-archived").with("name", &webmaster.input.name)).await
}
