//! `/portal/offers`: what the webmaster may send leads for, what it pays, what a lead must have, and his flows.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tower_sessions::Session;
use uuid::Uuid;

use super::owner;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::domain::rules::{Goal, Offer, Rules};
use crate::http::api::flows;
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::JsonBody;
use crate::http::principal::Principal;

/// An offer as he sees it.
struct Card {
    slug: String,
    name: String,
    countries: String,
    payout: Option<String>,
    /// Name and payout.
    goals: Vec<(String, String)>,
    required: Vec<String>,
    flows: Vec<String>,
    form: Form,
}

#[derive(Template)]
#[template(path = "portal/offers.html")]
struct Page {
    shell: Shell,
    cards: Vec<Card>,
}

/// What stood in the form of a flow that could not be made.
struct Wrong<'a> {
    form: &'a FormPairs,
    errors: &'a [FieldError],
}

fn goal(offer: &Offer, goal: &Goal) -> (String, String) {
    let name = if goal.name.is_empty() || goal.name == goal.slug {
        goal.slug.clone()
    } else {
        format!("{} ({})", goal.name, goal.slug)
    };
    let currency = goal.currency.as_deref().unwrap_or(&offer.currency);
    let payout = goal.payout.or(offer.payout).map(|payout| format::money(payout, currency));
    (name, payout.unwrap_or_default())
}

fn card(rules: &Rules, offer: &Offer, owner: Uuid, wrong: Option<&Wrong<'_>>) -> Card {
    let mut flows: Vec<String> = rules
        .flows
        .values()
        .filter(|flow| flow.webmaster_id == owner && flow.offer_id == offer.offer_id)
        .map(|flow| flow.code.clone())
        .collect();
    flows.sort();
    let wrong = wrong.filter(|wrong| wrong.form.get("offer") == offer.slug);
    let nothing = FormPairs::default();
    let (values, errors) = wrong.map_or((&nothing, [].as_slice()), |wrong| (wrong.form, wrong.errors));
    let code = Field::new(values, "code", "text", say("flow-code")).help(say("flow-code-help"));
    Card {
        slug: offer.slug.clone(),
        name: offer.name.clone(),
        countries: offer.countries.join(", "),
        payout: offer.payout.map(|payout| format::money(payout, &offer.currency)),
        goals: offer.goals.iter().map(|one| goal(offer, one)).collect(),
        required: offer.required_fields.clone(),
        flows,
        form: Form::new(vec![code], Vec::new(), None, errors).named(&format!("flow-{}", offer.number)),
    }
}

fn cards(rules: &Rules, owner: Uuid, wrong: Option<&Wrong<'_>>) -> Vec<Card> {
    let mut open: Vec<_> = rules.offers.values().filter(|offer| offer.enabled).collect();
    open.sort_by_cached_key(|offer| offer.name.to_lowercase());
    open.into_iter().map(|offer| card(rules, offer, owner, wrong)).collect()
}

/// `GET /portal/offers`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let owner = owner(&principal)?;
    let shell = Shell::of(&session, &principal, say("portal-offers"), "/portal/offers").await?;
    layout::page(&Page { shell, cards: cards(&app.rules.load(), owner, None) })
}

/// `POST /portal/flows`: the fields `offer` and `code`.
pub async fn add_flow(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let owner = owner(&principal)?;
    let slug = app.rules.load().offer(form.get("offer")).filter(|offer| offer.enabled).map(|offer| offer.slug.clone());
    let slug = slug.ok_or(Error::NotFound("offer"))?;
    let mut draft = Draft::of(&form);
    draft.texts(&["code"]);
    draft.set("offer", Value::from(slug));
    draft.set("webmaster", Value::from(owner.to_string()));
    let body = draft.end().map_err(Error::Invalid)?;
    match flows::create(State(app.clone()), principal.clone(), JsonBody(body)).await {
        Ok((_, Json(flow))) => {
            let text = say("flow-made").with("code", flow.input.code.unwrap_or_default());
            done(&session, "/portal/offers", text).await
        }
        Err(Error::Invalid(errors)) => {
            let shell = Shell::of(&session, &principal, say("portal-offers"), "/portal/offers").await?;
            let wrong = Wrong { form: &form, errors: &errors };
            let page = Page { shell, cards: cards(&app.rules.load(), owner, Some(&wrong)) };
            layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(PageError(error)),
    }
}
