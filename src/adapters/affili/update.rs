//! Updating what Affili has: a conversion by our verdict or another amount, a kept customer by what is new about him.

use serde_json::{Value, json};

use super::envelope::{self, Said};
use super::visitor::Visitor;
use super::{Generation, call, conversion, customer, generation, setting};
use crate::adapters::{Next, Step, Tell, TellCx};
use crate::base::exchange::{Answer, Method, Request, TransportKind};
use crate::domain::outcome::{Accepted, Outcome};
use crate::domain::status::Status;

/// A verdict in their numbers. They have no number for a fake; only a real duplicate is one.
fn number_of(status: Status, reason_code: Option<i16>) -> i64 {
    match status {
        Status::New | Status::Pending | Status::Hold => 0,
        Status::Approved | Status::Paid => 1,
        Status::Trash if reason_code == Some(7) => 3,
        Status::Rejected | Status::Trash => 2,
    }
}

fn needless(why: &str) -> Outcome {
    Outcome::Refused { reason: why.into(), is_trash: false }
}

/// The call, or why there is none.
pub(super) fn request(cx: &TellCx<'_>) -> Result<Request, Outcome> {
    let settings = cx.send.settings;
    let id = cx.external_id.ok_or_else(|| needless("Affili's id of the conversion is not known"))?;
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let body = match cx.what {
        Tell::Verdict => json!({ "status": number_of(cx.status, cx.reason_code) }),
        Tell::Change if customer::is_kept(settings) => {
            return customer::ask(settings, cx.send.lead).map_err(misconfigured);
        }
        Tell::Change => {
            let is_sale = matches!(setting(settings, "conversion_type"), "buy" | "sale");
            if !is_sale || generation(settings) == Generation::Services {
                return Err(needless(
                    "nothing that Affili keeps has changed: only the amount of a sale of v1 or a kept customer can",
                ));
            }
            let whole = conversion::body(&cx.send, &Visitor::of(cx.send.lead), None)?;
            let part = |name: &str| whole.get(name).cloned().unwrap_or(Value::Null);
            // The amount may only change together with the commissions it is made of.
            json!({ "external_id": part("external_id"), "amount": part("amount"), "commissions": part("commissions") })
        }
    };
    let path = format!("{}/{id}", conversion::path(settings));
    call(settings, setting(settings, "access_id"), Method::Post, &path, &[], Some(&body)).map_err(misconfigured)
}

fn misconfigured(reason: String) -> Outcome {
    Outcome::Misconfigured { reason }
}

/// What follows an answer: a customer is looked for first, then edited.
pub(super) fn next(cx: &TellCx<'_>, step: &Step, answer: &Answer) -> Next {
    let looks = cx.what == Tell::Change && customer::is_kept(cx.send.settings) && step.no == 0;
    let found = match answer {
        Ok(response) if looks => envelope::read(response),
        _ => return Next::Finish(judge(answer)),
    };
    match found {
        Said::Data(data) => match customer::find(cx.send.lead, &data) {
            Some(their_id) => match customer::edit(cx.send.settings, cx.send.lead, &their_id) {
                Ok(request) => Next::Call(request, Step { no: step.no + 1, ..Step::default() }),
                Err(reason) => Next::Finish(misconfigured(reason)),
            },
            None => Next::Finish(needless("the lead's person is no customer at Affili")),
        },
        _ => Next::Finish(judge(answer)),
    }
}

/// What the answer means. An update says how things are: it may be repeated.
fn judge(answer: &Answer) -> Outcome {
    let response = match answer {
        Ok(response) => response,
        Err(error) if error.kind == TransportKind::Blocked => {
            return Outcome::Misconfigured { reason: error.to_string() };
        }
        Err(error) => return Outcome::Retry { reason: error.to_string(), after: None },
    };
    match envelope::read(response) {
        Said::Data(_) => Outcome::Accepted(Accepted::default()),
        Said::Nonsense(reason) => Outcome::Unknown { reason },
        Said::Error { code, words, .. } => {
            let reason = if words.is_empty() { format!("HTTP {code}") } else { words };
            match code {
                401 | 403 => Outcome::Misconfigured { reason },
                408 | 429 | 500.. => Outcome::Retry { reason, after: None },
                // Closed conversions take no update.
                _ => Outcome::Refused { reason, is_trash: false },
            }
        }
    }
}
