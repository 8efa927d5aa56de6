//! `/portal/api`: how to post leads: samples with the webmaster's own token in them, a form that tries it, and every
//! error there is.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use tower_sessions::Session;

use super::leads::open_offers;
use super::samples::{self, Sample};
use super::tokens;
use super::try_it::Tried;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::http::api::docs::ERRORS;
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::principal::Principal;

/// The errors somebody who posts and reads leads can meet.
const MET: &[&str] = &[
    "malformed",
    "unauthorized",
    "forbidden",
    "not_found",
    "duplicate",
    "idempotency_conflict",
    "too_large",
    "unsupported_media_type",
    "invalid",
    "too_many_requests",
    "internal",
    "unavailable",
];

/// One of them.
struct ErrorLine {
    status: u16,
    code: &'static str,
    when: Text,
    advice: Text,
}

#[derive(Template)]
#[template(path = "portal/api.html")]
struct Page {
    shell: Shell,
    samples: Vec<Sample>,
    /// Whether a token is filled in; this page is the only one that shows it.
    token: Option<String>,
    form: Form,
    tried: Option<Tried>,
    errors: Vec<ErrorLine>,
    /// Slug of the offer in the samples.
    offer: String,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
pub(super) struct With {
    pub status: Option<StatusCode>,
    pub token: Option<String>,
    pub tried: Option<Tried>,
    /// What was typed, and what is wrong with it.
    pub typed: Option<(FormPairs, Vec<FieldError>)>,
}

fn errors() -> Vec<ErrorLine> {
    let known = ERRORS.iter().filter(|line| MET.contains(&line.code));
    let line = |line: &'static crate::http::api::docs::ErrorLine| ErrorLine {
        status: line.status,
        code: line.code,
        when: say(format!("portal-error-{}", line.code)),
        advice: say(format!("portal-error-do-{}", line.code)),
    };
    known.map(line).collect()
}

/// The form that tries it, filled with a sample.
fn form(app: &App, typed: Option<(FormPairs, Vec<FieldError>)>, sample: Vec<(String, String)>) -> Form {
    let (values, errors) = typed.unwrap_or_else(|| (FormPairs(sample.into_iter().collect()), Vec::new()));
    let mut offer =
        Field::new(&values, "offer", "choice", say("column-offer")).of(open_offers(&app.rules.load())).required();
    if !offer.choices.iter().any(|choice| choice.value == offer.value) {
        offer.value.clear();
    }
    let text = |name: &str, label: Text| Field::new(&values, name, "text", label);
    let fields = vec![
        offer,
        text("name", say("field-name")),
        text("phone", say("contact-phone")),
        text("email", say("contact-email")),
        text("country", say("column-country")),
        text("click_id", say("lead-click-id")),
        text("sub1", say("sub1")),
    ];
    Form::new(fields, Vec::new(), None, &errors).named("try")
}

/// Answers with the page.
pub(super) async fn answer(app: &App, session: &Session, principal: &Principal, with: With) -> Answer {
    let shell = Shell::of(session, principal, say("portal-api"), "/portal/api").await?;
    let rules = app.rules.load();
    let open = rules.offers.values().filter(|offer| offer.enabled);
    let offer = open.min_by_key(|offer| offer.number).map(AsRef::as_ref);
    let page = Page {
        shell,
        samples: samples::all(app, offer, with.token.as_deref()),
        token: with.token,
        form: form(app, with.typed, samples::fields(offer)),
        tried: with.tried,
        errors: errors(),
        offer: offer.map(|offer| offer.slug.clone()).unwrap_or_default(),
    };
    let mut response = layout::page_with(with.status.unwrap_or(StatusCode::OK), &page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// `GET /portal/api`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    answer(&app, &session, &principal, With::default()).await
}

/// `POST /portal/api/token`: the field `name`. The answer has the token in every sample.
pub async fn issue(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let issued = tokens::make(&app, &principal, form.get("name")).await?;
    answer(&app, &session, &principal, With { token: Some(issued.token), ..With::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_one_can_meet_is_explained() {
        let lines = errors();
        assert_eq!(lines.len(), MET.len());
        for line in lines {
            assert!(!line.when.to_string().is_empty() && !line.advice.to_string().is_empty(), "{}", line.code);
        }
    }
}
