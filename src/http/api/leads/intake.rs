//! Taking one lead.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::view::LeadAnswer;
use super::wait;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::domain::lead::{self, ParseCx, RawLead};
use crate::flow::accept_lead::{self, Intake, Receipt};
use crate::http::api::problems::CreateProblems;
use crate::http::error::Error;
use crate::http::extract::{QueryOf, read_body};
use crate::http::principal::Principal;

/// How long a caller waits before trying again when nothing could be stored.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// Longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// Whether the answer waits for the verdict.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// Seconds (1 to 30): answer when a network has accepted or all have refused, or then.
    wait: Option<i64>,
}

/// How a lead is to be taken.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `Idempotency-Key`.
    pub key: Option<String>,
    /// How long to wait for the verdict.
    pub patience: Option<Duration>,
    /// Digits without `+` are an international number (the AlterCPA calls).
    pub international_phone: bool,
}

/// A request's answer: 201 or 200, and the lead.
#[derive(Debug)]
pub struct Answered {
    /// 201 for a new lead, 200 for a repeat.
    pub status: StatusCode,
    /// The lead.
    pub lead: LeadAnswer,
}

/// Post a lead
///
/// Takes JSON or a form. Answered 201 only after the lead is stored durably. Fields that are not known land in `meta`.
#[utoipa::path(post, path = "/api/v1/leads", tag = "leads", operation_id = "create_lead", params(WaitQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "A repeat with the same key within 7 days gets the first answer")),
    request_body(content((super::super::lead_schema::LeadInput = "application/json"), (super::super::lead_schema::LeadInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, description = "Stored", body = LeadAnswer),
        (status = 200, description = "The same request was answered before: its lead", body = LeadAnswer), CreateProblems))]
pub async fn create(
    State(app): State<App>,
    principal: Principal,
    QueryOf(query): QueryOf<WaitQuery>,
    request: Request,
) -> Result<(StatusCode, Json<LeadAnswer>), Error> {
    let patience = patience(query.wait)?;
    let asked = Asked { key: idempotency_key(request.headers())?, patience, ..Asked::default() };
    let raw = read(&app, request).await?;
    let answered = take(&app, &principal, raw, asked).await?;
    Ok((answered.status, Json(answered.lead)))
}

fn patience(wait: Option<i64>) -> Result<Option<Duration>, Error> {
    match wait {
        None => Ok(None),
        Some(seconds @ 1..=30) => Ok(Some(Duration::from_secs(seconds.unsigned_abs()))),
        Some(_) => Err(Error::field("wait", "invalid", "must be 1 to 30 seconds")),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().map(str::trim).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(Error::field(
            "Idempotency-Key",
            "invalid",
            format!("must be 1 to {LONGEST_KEY} visible ASCII characters"),
        ));
    }
    Ok(Some(key.to_owned()))
}

async fn read(app: &App, request: Request) -> Result<RawLead, Error> {
    let mime = mime(request.headers());
    let limit = app.config.intake.max_body_bytes;
    match mime.as_str() {
        "application/json" => {
            let body = read_body(request, limit).await?;
            RawLead::from_json(&body).map_err(|error| Error::Malformed(error.to_string()))
        }
        "application/x-www-form-urlencoded" => {
            let body = read_body(request, limit).await?;
            if std::str::from_utf8(&body).is_err() {
                return Err(Error::Malformed("the body is not valid UTF-8".into()));
            }
            Ok(RawLead::from_form(&body))
        }
        _ => Err(Error::UnsupportedMediaType("application/json or application/x-www-form-urlencoded")),
    }
}

/// The media type of a body, without parameters, in lower case.
pub(super) fn mime(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    text.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Takes a lead as it came: also for batches and for other dialects.
pub async fn take(app: &App, principal: &Principal, raw: RawLead, asked: Asked) -> Result<Answered, Error> {
    let patience = asked.patience;
    let intake = plan(app, principal, raw, asked)?;
    let lead_id = intake.lead_id();
    // Before the commit, so that no verdict is missed.
    let waiter = patience.map(|patience| (app.waiters.wait_for(lead_id), patience));
    let (status, stored, duplicate) = match accept_lead::run(app, intake).await {
        Receipt::Created(stored) => (StatusCode::CREATED, stored, false),
        Receipt::Repeat(stored) => (StatusCode::OK, stored, true),
        Receipt::Conflict(lead_id) => {
            return Err(Error::Conflict {
                code: "idempotency_conflict",
                detail: "this external_id or Idempotency-Key was used with other fields".into(),
                lead_id: Some(lead_id),
            });
        }
        Receipt::Duplicate(lead_id) => {
            return Err(Error::Conflict {
                code: "duplicate",
                detail: "the offer has this lead already".into(),
                lead_id,
            });
        }
        Receipt::Unavailable => return Err(Error::Unavailable { after: RETRY_AFTER }),
        Receipt::Failed => return Err(Error::Internal(anyhow::anyhow!("the lead could not be written"))),
    };
    let mut lead = LeadAnswer::new(&stored, duplicate);
    if let Some((waiter, patience)) = waiter {
        let own = if duplicate { app.waiters.wait_for(stored.lead_id) } else { waiter };
        wait::for_verdict(app, &own, &mut lead, patience).await?;
    }
    Ok(Answered { status, lead })
}

/// Checks a lead and plans its way: no query.
fn plan(app: &App, principal: &Principal, mut raw: RawLead, asked: Asked) -> Result<Intake, Error> {
    let rules = app.rules.load();
    let mut errors = Vec::new();
    let mut take = |raw: &mut RawLead, name: &str| match raw.take_text(name) {
        Ok(text) => text,
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let offer = take(&mut raw, "offer");
    let flow = take(&mut raw, "flow");
    let named = if principal.is_admin() { take(&mut raw, "webmaster") } else { None };
    let webmaster = match (principal.webmaster_id(), named) {
        (Some(id), _) => rules.webmasters.get(&id),
        (None, Some(name)) => {
            let found = rules.webmaster(&name);
            if found.is_none() {
                errors.push(FieldError::new("webmaster", "unknown", "there is no such webmaster"));
            }
            found
        }
        (None, None) => {
            errors.push(FieldError::new("webmaster", "required", "an admin token must name the webmaster"));
            None
        }
    };
    if webmaster.is_some_and(|webmaster| !webmaster.enabled) {
        return Err(Error::Forbidden("this webmaster is blocked".into()));
    }
    let offer = match offer {
        None => {
            if !errors.iter().any(|error| error.field == "offer") {
                errors.push(FieldError::required("offer"));
            }
            None
        }
        Some(name) => match rules.offer(&name) {
            None => {
                errors.push(FieldError::new("offer", "unknown", "there is no such offer"));
                None
            }
            Some(offer) if !offer.enabled => {
                errors.push(FieldError::new("offer", "disabled", "the offer is switched off"));
                None
            }
            found => found,
        },
    };
    let flow_id = flow.and_then(|name| {
        let is_ours = |flow: &&std::sync::Arc<crate::domain::rules::Flow>| {
            webmaster.is_none_or(|webmaster| webmaster.webmaster_id == flow.webmaster_id)
                && offer.is_none_or(|offer| offer.offer_id == flow.offer_id)
        };
        let found = rules.flow(&name).filter(is_ours).map(|flow| flow.flow_id);
        if found.is_none() {
            errors.push(FieldError::new("flow", "unknown", "there is no such flow of this webmaster and offer"));
        }
        found
    });
    // The offer says what a lead must have: without it nothing more can be told.
    let Some(offer) = offer else { return Err(Error::Invalid(errors)) };
    let cx = ParseCx { offer, is_admin: principal.is_admin(), international_phone: asked.international_phone };
    let parsed = lead::parse(raw, &cx).map_err(|more| errors.extend(more));
    let (Ok(mut lead), Some(webmaster), true) = (parsed, webmaster, errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    lead.flow_id = flow_id;
    let hash = lead.hash();
    Ok(Intake::plan(app, &rules, webmaster.webmaster_id, offer, lead, hash, asked.key))
}
