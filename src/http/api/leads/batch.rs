//! Taking many leads in one request. One bad item spoils no other.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::Value;

use super::intake::{self, Answered};
use super::view::LeadAnswer;
use crate::app::App;
use crate::domain::lead::RawLead;
use crate::http::api::problems::CreateProblems;
use crate::http::error::{Error, Problem};
use crate::http::extract::read_body;
use crate::http::principal::Principal;

/// Leads in one request.
const MOST: usize = 1000;
/// Two bodies in flight at once are answered before more are looked at.
const AT_ONCE: usize = 256;

/// What became of each item, in their order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchAnswer {
    /// One per item.
    results: Vec<ItemAnswer>,
}

/// What became of one item.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ItemAnswer {
    /// Its place in the request, from 0.
    index: usize,
    /// What it would have been answered alone.
    http_status: u16,
    /// The lead, when it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<LeadAnswer>,
    /// Else what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// Post many leads
///
/// A JSON array, or one JSON object per line (`application/x-ndjson`); at most 1000.
#[utoipa::path(post, path = "/api/v1/leads/batch", tag = "leads", operation_id = "create_leads",
    request_body(content((Vec<super::super::lead_schema::LeadInput> = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "One result per item", body = BatchAnswer), CreateProblems))]
pub async fn create_batch(
    State(app): State<App>,
    principal: Principal,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let items = items(&app, request).await?;
    let mut results = Vec::with_capacity(items.len());
    let mut items = items.into_iter().enumerate().peekable();
    while items.peek().is_some() {
        let part: Vec<_> = items.by_ref().take(AT_ONCE).collect();
        let answers = part.into_iter().map(|(index, raw)| {
            let (app, principal) = (&app, &principal);
            async move {
                let answered = match raw {
                    Ok(raw) => intake::take(app, principal, raw, intake::Asked::default()).await,
                    Err(error) => Err(error),
                };
                answer(index, answered)
            }
        });
        results.extend(futures_util::future::join_all(answers).await);
    }
    Ok(Json(BatchAnswer { results }))
}

fn answer(index: usize, answered: Result<Answered, Error>) -> ItemAnswer {
    match answered {
        Ok(Answered { status, lead }) => {
            ItemAnswer { index, http_status: status.as_u16(), lead: Some(lead), error: None }
        }
        Err(error) => {
            error.log();
            ItemAnswer { index, http_status: error.status().as_u16(), lead: None, error: Some(error.problem()) }
        }
    }
}

async fn items(app: &App, request: Request) -> Result<Vec<Result<RawLead, Error>>, Error> {
    let mime = intake::mime(request.headers());
    let limit = app.config.intake.max_batch_body_bytes;
    let items: Vec<Result<RawLead, Error>> = match mime.as_str() {
        "application/json" => {
            let body = read_body(request, limit).await?;
            let values: Vec<Value> =
                serde_json::from_slice(&body).map_err(|_| Error::Malformed("the body is not a JSON array".into()))?;
            values
                .into_iter()
                .map(|value| RawLead::from_value(value).map_err(|error| Error::Malformed(error.to_string())))
                .collect()
        }
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            let body = read_body(request, limit).await?;
            body.split(|byte| *byte == b'\n')
                .filter(|line| !line.iter().all(u8::is_ascii_whitespace))
                .map(|line| RawLead::from_json(line).map_err(|error| Error::Malformed(error.to_string())))
                .collect()
        }
        _ => return Err(Error::UnsupportedMediaType("application/json or application/x-ndjson")),
    };
    if items.len() > MOST {
        return Err(Error::field("body", "too_many", format!("at most {MOST} leads in one request")));
    }
    Ok(items)
}
