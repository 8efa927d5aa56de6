//! `POST /portal/api/try`: a test lead of the webmaster's own, taken by the same intake as every other; request and
//! answer are shown.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use tower_sessions::Session;

use super::api::{self, With};
use super::{owner, pace};
use crate::app::App;
use crate::domain::lead::RawLead;
use crate::http::api::leads::{self, Asked};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::Answer;
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Fields that are tried.
const FIELDS: &[&str] = &["offer", "name", "phone", "email", "country", "click_id", "sub1"];
/// How long a verdict is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was sent, and what came back.
pub struct Tried {
    pub request: String,
    pub answer: String,
    /// HTTP status.
    pub status: u16,
    /// The lead that was stored.
    pub number: Option<i64>,
}

impl Tried {
    fn new(body: &Value, status: StatusCode, answer: &impl Serialize, number: Option<i64>) -> Self {
        let head = "POST /api/v1/leads?wait=5\nauthorization: Bearer •••\ncontent-type: application/json";
        let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
        Self {
            request: format!("{head}\n\n{}", pretty(body)),
            answer: format!("HTTP {}\ncontent-type: {kind}\n\n{}", status.as_u16(), pretty(answer)),
            status: status.as_u16(),
            number,
        }
    }

    /// Whether it was taken.
    pub fn is_taken(&self) -> bool {
        self.number.is_some()
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The lead of the form: what was filled in, and that it is a test.
fn body(form: &FormPairs) -> Value {
    let given = FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), Value::from(form.given(name)?))));
    let mut body: Map<String, Value> = given.collect();
    body.insert("test".to_owned(), Value::Bool(true));
    Value::Object(body)
}

/// `POST /portal/api/try`
pub async fn run(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    pace::count(owner(&principal)?)?;
    let body = body(&form);
    let raw = RawLead::from_value(body.clone()).map_err(|error| Error::Malformed(error.to_string()))?;
    let asked = Asked { patience: Some(PATIENCE), ..Asked::default() };
    let (tried, status, errors) = match leads::take(&app, &principal, raw, asked).await {
        Ok(taken) => {
            let number = Some(taken.lead.number);
            (Tried::new(&body, taken.status, &taken.lead, number), StatusCode::OK, Vec::new())
        }
        Err(error) => {
            error.log();
            let status = error.status();
            let tried = Tried::new(&body, status, &error.problem(), None);
            let errors = if let Error::Invalid(errors) = error { errors } else { Vec::new() };
            (tried, status, errors)
        }
    };
    let with = With { status: Some(status), tried: Some(tried), typed: Some((form, errors)), ..With::default() };
    api::answer(&app, &session, &principal, with).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_always_a_test() {
        let form = FormPairs::parse(b"offer=tea&phone=+34&test=&empty=&webmaster=other");
        assert_eq!(body(&form), json!({ "offer": "tea", "phone": "34", "test": true }));
    }
}
