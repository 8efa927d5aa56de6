//! What is added to a webmaster and taken away: tokens, flows, postbacks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tower_sessions::Session;

use super::show::{self, Issued, With};
use crate::app::App;
use crate::http::api::{flows, postbacks, token_issue};
use crate::http::dashboard::fields::Draft;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError, back, done, refused};
use crate::http::dashboard::once::Once;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// `POST /webmasters/{id}/tokens`: the fields `name` and `once`. The answer is the one page that shows the token.
pub async fn issue_token(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let webmaster = show::find(&app, id).await?;
    let Some(once) = Once::claim(&app, &principal, &form).await? else {
        let here = format!("/webmasters/{}#tokens", webmaster.input.slug);
        return refused(&session, &here, say("token-sent-before")).await;
    };
    let id = PathId(webmaster.id.to_string());
    let body = JsonBody(json!({ "name": form.get("name") }));
    let issued = token_issue::for_webmaster(State(app.clone()), principal.clone(), id, body);
    let (_, Json(issued)) = once.then(&app, issued).await?;
    let issued = Issued { token: issued.token, altercpa: issued.altercpa_token };
    let with = With { issued: Some(issued), ..With::default() };
    show::answer(&app, &session, &principal, webmaster, with).await
}

/// `POST /webmasters/{id}/flows`: the fields `offer` and `code`.
pub async fn add_flow(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let webmaster = show::find(&app, id).await?;
    let mut draft = Draft::of(&form);
    draft.texts(&["offer", "code"]);
    draft.set("webmaster", Value::from(webmaster.id.to_string()));
    let body = draft.end().map_err(Error::Invalid)?;
    match flows::create(State(app.clone()), principal.clone(), JsonBody(body)).await {
        Ok((_, Json(flow))) => {
            let text = say("flow-made").with("code", flow.input.code.unwrap_or_default());
            done(&session, &format!("/webmasters/{}#flows", webmaster.input.slug), text).await
        }
        Err(Error::Invalid(errors)) => {
            let with = With {
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                flow_form: Some(show::flow_form(&app, &form, &errors)),
                ..With::default()
            };
            show::answer(&app, &session, &principal, webmaster, with).await
        }
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /flows/{id}/archive`
pub async fn archive_flow(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    flows::archive(State(app), principal, id).await?;
    done(&session, &back(&form, "/webmasters"), say("flow-archived")).await
}

/// `POST /webmasters/{id}/postbacks`
pub async fn add_postback(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let webmaster = show::find(&app, id).await?;
    let mut draft = Draft::of(&form);
    draft.texts(&["url", "kind", "flow", "offer", "method", "body"]);
    if form.given("statuses").is_some() {
        draft.lists(&["statuses"]);
    }
    if form.given("signed").is_some() {
        draft.set("secret", Value::Bool(true));
    }
    draft.set("webmaster", Value::from(webmaster.id.to_string()));
    let body = draft.end().map_err(Error::Invalid)?;
    match postbacks::create(State(app.clone()), principal.clone(), JsonBody(body)).await {
        // A new secret is shown by this answer only.
        Ok((_, Json(made))) if made.secret.is_some() => {
            let with = With { secret: made.secret, ..With::default() };
            show::answer(&app, &session, &principal, webmaster, with).await
        }
        Ok(_) => done(&session, &format!("/webmasters/{}#postbacks", webmaster.input.slug), say("postback-made")).await,
        Err(Error::Invalid(errors)) => {
            let flows = show::flows_of(&app, &webmaster).await?;
            let with = With {
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                postback_form: Some(show::postback_form(&app, &flows, &form, &errors)),
                ..With::default()
            };
            show::answer(&app, &session, &principal, webmaster, with).await
        }
        Err(error) => Err(PageError(error)),
    }
}

/// `POST /postback-rules/{id}/archive`
pub async fn archive_postback(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    id: PathId,
    form: FormPairs,
) -> Answer {
    postbacks::archive(State(app), principal, id).await?;
    done(&session, &back(&form, "/webmasters"), say("postback-archived")).await
}
