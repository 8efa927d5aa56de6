//! The calls of one send, one after the other: V1 asks for a token when the visitor brought none, and creates the
//! conversion; the services may first find or make the customer.

use serde_json::{Map, Value, json};

use super::visitor::Visitor;
use super::{Generation, call, conversion, customer, envelope, generation, setting};
use crate::adapters::{Next, SendCx, Step};
use crate::base::exchange::{Answer, Method, Request, TransportKind};
use crate::domain::outcome::Outcome;
use crate::domain::retry;

/// Gives a token for a referrer.
const COOKIE: &str = "/api/merchants/set-cookie";

/// What the answer in hand belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Cookie,
    FindCustomer,
    MakeCustomer,
    Create,
}

impl Stage {
    fn word(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::FindCustomer => "find_customer",
            Self::MakeCustomer => "make_customer",
            Self::Create => "create",
        }
    }

    /// The stage of a step; the first one follows from the lead alone.
    fn of(cx: &SendCx<'_>, step: &Step) -> Self {
        match step.state.get("stage").and_then(Value::as_str) {
            Some("create") => Self::Create,
            Some("make_customer") => Self::MakeCustomer,
            _ => begin(cx),
        }
    }
}

/// The first stage.
fn begin(cx: &SendCx<'_>) -> Stage {
    match generation(cx.settings) {
        Generation::V1 if Visitor::of(cx.lead).token.is_none() => Stage::Cookie,
        Generation::Services if customer::is_kept(cx.settings) => Stage::FindCustomer,
        _ => Stage::Create,
    }
}

fn misconfigured(reason: impl Into<String>) -> Outcome {
    Outcome::Misconfigured { reason: reason.into() }
}

fn refused(reason: &str) -> Outcome {
    Outcome::Refused { reason: reason.into(), is_trash: false }
}

/// The first call, or why there is none.
pub(super) fn first(cx: &SendCx<'_>) -> Result<Request, Outcome> {
    let visitor = Visitor::of(cx.lead);
    let stage = begin(cx);
    if visitor.referrer.is_none() && stage != Stage::FindCustomer {
        return Err(refused("the lead has no referrer: its visitor did not come from Affili"));
    }
    if generation(cx.settings) == Generation::V1 && visitor.aff_id.is_none() {
        return Err(refused("the lead has no aff_id: the publisher is not known"));
    }
    // What would be wrong in the last call is said before the first.
    conversion::body(cx, &visitor, None)?;
    request(cx, stage, &visitor, None)
}

/// The call of a stage. `known`: the token or the customer's id, from the stages before.
fn request(cx: &SendCx<'_>, stage: Stage, visitor: &Visitor, known: Option<&str>) -> Result<Request, Outcome> {
    let key = setting(cx.settings, "access_id");
    let made = match stage {
        Stage::Cookie => {
            let body = json!({ "referrer": visitor.referrer });
            call(cx.settings, key, Method::Post, COOKIE, &[], Some(&body))
        }
        Stage::FindCustomer => customer::ask(cx.settings, cx.lead),
        Stage::MakeCustomer => {
            call(cx.settings, key, Method::Post, customer::PATH, &[], Some(&customer::body(cx.lead, visitor)))
        }
        Stage::Create => {
            let body = conversion::body(cx, visitor, known)?;
            call(cx.settings, key, Method::Post, conversion::path(cx.settings), &[], Some(&body))
        }
    };
    made.map_err(misconfigured)
}

/// What follows an answer.
pub(super) fn next(cx: &SendCx<'_>, step: &Step, answer: &Answer) -> Next {
    let stage = Stage::of(cx, step);
    let visitor = Visitor::of(cx.lead);
    let response = match answer {
        Ok(response) => response,
        Err(error) => {
            let reason = error.to_string();
            return Next::Finish(match error.kind {
                TransportKind::Blocked => misconfigured(reason),
                _ if error.may_have_arrived => Outcome::Unknown { reason },
                _ => Outcome::Retry { reason, after: None },
            });
        }
    };
    let after = response.header("retry-after").and_then(|value| retry::parse_retry_after(value, cx.now));
    let said = envelope::read(response);
    match (stage, &said) {
        (Stage::Create, _) => Next::Finish(conversion::judge(cx, response.status, said, after)),
        (Stage::Cookie, envelope::Said::Data(data)) => match data.get("token").and_then(Value::as_str) {
            Some(token) => follow(cx, step, Stage::Create, &visitor, Some(token)),
            None => Next::Finish(Outcome::Retry { reason: "set-cookie gave no token".into(), after: None }),
        },
        (Stage::FindCustomer, envelope::Said::Data(data)) => match customer::find(cx.lead, data) {
            Some(id) => follow(cx, step, Stage::Create, &visitor, Some(&id)),
            None if visitor.referrer.is_none() => {
                Next::Finish(refused("the lead has no referrer, and its person is no customer at Affili yet"))
            }
            None => follow(cx, step, Stage::MakeCustomer, &visitor, None),
        },
        (Stage::MakeCustomer, envelope::Said::Data(data)) => {
            let id = super::rows::text(data, "id");
            follow(cx, step, Stage::Create, &visitor, id.as_deref())
        }
        // Somebody else has made the customer meanwhile: the referrer is enough for the conversion.
        (Stage::MakeCustomer, envelope::Said::Error { code: 409 | 422, fields, .. })
            if fields.iter().any(|field| field == "mcs_id") =>
        {
            follow(cx, step, Stage::Create, &visitor, None)
        }
        // Nothing is stored by these stages that a repeat would double.
        (_, envelope::Said::Nonsense(reason)) => {
            Next::Finish(Outcome::Retry { reason: format!("{}: {reason}", stage.word()), after })
        }
        (_, envelope::Said::Error { code, words, .. }) => Next::Finish(refusal(*code, words, after)),
    }
}

fn follow(cx: &SendCx<'_>, step: &Step, stage: Stage, visitor: &Visitor, known: Option<&str>) -> Next {
    match request(cx, stage, visitor, known) {
        Ok(request) => {
            let state: Map<String, Value> = [("stage".to_owned(), Value::from(stage.word()))].into_iter().collect();
            Next::Call(request, Step { no: step.no + 1, state })
        }
        Err(outcome) => Next::Finish(outcome),
    }
}

/// A no before the conversion: nothing was stored.
fn refusal(code: u16, words: &str, after: Option<std::time::Duration>) -> Outcome {
    let reason = if words.is_empty() { format!("HTTP {code}") } else { words.to_owned() };
    match code {
        401 | 403 => misconfigured(reason),
        408 | 429 | 500.. => Outcome::Retry { reason, after },
        _ => Outcome::Refused { reason, is_trash: false },
    }
}
