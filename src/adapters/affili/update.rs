//! Updating a conversion that Affili has: our verdict, or another amount.

use serde_json::{Value, json};

use super::envelope::{self, Said};
use super::visitor::Visitor;
use super::{Generation, call, conversion, generation, setting};
use crate::adapters::{Tell, TellCx};
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
        Tell::Change => {
            let is_sale = matches!(setting(settings, "conversion_type"), "buy" | "sale");
            if !is_sale || generation(settings) == Generation::Services {
                return Err(needless("nothing that Affili keeps can change: only the amount of a sale of v1 can"));
            }
            let whole = conversion::body(&cx.send, &Visitor::of(cx.send.lead), None)?;
            let part = |name: &str| whole.get(name).cloned().unwrap_or(Value::Null);
            // The amount may only change together with the commissions it is made of.
            json!({ "external_id": part("external_id"), "amount": part("amount"), "commissions": part("commissions") })
        }
    };
    let path = format!("{}/{id}", conversion::path(settings));
    call(settings, setting(settings, "access_id"), Method::Post, &path, &[], Some(&body))
        .map_err(|reason| Outcome::Misconfigured { reason })
}

/// What the answer means. An update says how things are: it may be repeated.
pub(super) fn judge(answer: &Answer) -> Outcome {
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
