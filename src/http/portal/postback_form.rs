//! The form of a webmaster's postback: its fields, what stands in them, and the body they become.

use serde_json::Value;
use uuid::Uuid;

use super::leads::open_offers;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::flow;
use crate::http::api::postbacks::PostbackView;
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;

/// Flows that can be chosen.
const FLOWS: i64 = 500;

/// The form with these values in it. One that exists can also be switched off.
pub async fn form(
    app: &App,
    owner: Uuid,
    exists: bool,
    values: &FormPairs,
    errors: &[FieldError],
) -> Result<Form, Error> {
    let filter = flow::Filter { archived: false, webmaster_id: Some(owner), offer_id: None };
    let flows = flow::list(&mut *app.db.acquire().await?, &filter, None, FLOWS).await?;
    let flow = |flow: flow::Row| Choice { label: format!("{} · {}", flow.code, flow.offer), value: flow.code };
    let said = |value: &str, key: &'static str| Choice { value: value.to_owned(), label: say(key).into() };
    let kinds = vec![said("main", "postback-kind-main"), said("additional", "postback-kind-additional")];
    let methods = ["GET", "POST"].map(|word| Choice { value: word.to_owned(), label: word.to_owned() });
    let mut fields =
        vec![Field::new(values, "url", "text", say("postback-url")).help(say("postback-url-help")).required()];
    if exists {
        fields.push(Field::new(values, "enabled", "bool", say("portal-postback-enabled")));
    }
    let more = vec![
        Field::new(values, "statuses", "text", say("postback-statuses")).help(say("postback-statuses-help")),
        Field::new(values, "kind", "choice", say("postback-kind")).of(kinds).help(say("postback-kind-help")),
        Field::new(values, "flow", "choice", say("postback-flow")).of(flows.into_iter().map(flow).collect()),
        Field::new(values, "offer", "choice", say("portal-postback-offer")).of(open_offers(&app.rules.load())),
        Field::new(values, "method", "choice", say("column-method")).of(methods.to_vec()),
        Field::new(values, "body", "lines", say("postback-body")).help(say("postback-body-help")),
        Field::new(values, "signed", "bool", say("postback-signed")),
    ];
    Ok(Form::new(fields, more, Some(say("postback-more")), errors).named("postback"))
}

/// What stands in the form of a postback.
pub fn values(postback: &PostbackView) -> FormPairs {
    let flag = |is_set: bool| if is_set { "true".to_owned() } else { String::new() };
    let pairs = [
        ("url", postback.url.clone()),
        ("enabled", flag(postback.enabled)),
        ("statuses", postback.statuses.join(", ")),
        ("kind", postback.kind.clone()),
        ("flow", postback.flow.clone().unwrap_or_default()),
        ("offer", postback.offer.clone().unwrap_or_default()),
        ("method", postback.method.clone()),
        ("body", postback.body.clone().unwrap_or_default()),
        ("signed", flag(postback.signed)),
    ];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The body for the API. `before`: the postback that is changed.
pub fn body(form: &FormPairs, before: Option<&PostbackView>) -> Result<Value, Error> {
    let mut draft = Draft::of(form);
    draft.texts(&["url", "kind", "flow", "offer", "method", "body"]);
    if form.given("statuses").is_some() {
        draft.lists(&["statuses"]);
    } else {
        draft.set("statuses", Value::Null);
    }
    if before.is_some() {
        draft.flags(&["enabled"]);
    }
    match (form.given("signed").is_some(), before.is_some_and(|postback| postback.signed)) {
        (true, false) => draft.set("secret", Value::Bool(true)),
        (false, true) => draft.set("secret", Value::Null),
        _ => {}
    }
    draft.end().map_err(Error::Invalid)
}

/// What is wrong with the fields. That there is a main one already is the fault of a field, too.
pub fn complaints(error: Error) -> Result<Vec<FieldError>, Error> {
    match error {
        Error::Invalid(errors) => Ok(errors),
        Error::Conflict { code: "main_exists", .. } => {
            Ok(vec![FieldError::new("kind", "taken", say("portal-main-exists"))])
        }
        other => Err(other),
    }
}
