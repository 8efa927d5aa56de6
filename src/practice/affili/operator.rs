//! `/_control`: the control methods for a person with curl. JSON in, JSON out; the content type does not matter.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::call::Call;
use super::control::ControlError;
use super::fault::{Fault, PlannedFault};
use super::operator_index::{help, index};
use super::{Affili, Publisher, Settings, route};

/// Longer than Affili's own client waits.
const SLOW_SECONDS: f64 = 20.0;

/// An answer: HTTP status and JSON. A text alone is written as plain text.
type Answer = (u16, Value);

/// Whether a call is for us.
pub(super) fn is_for(call: &Call) -> bool {
    route::parts(call.plain_path()).first().is_some_and(|part| part == "_control")
}

/// Does what the operator asks.
pub(super) fn answer(affili: &Affili, call: &Call) -> Answer {
    let parts = route::parts(call.plain_path());
    let parts: Vec<&str> = parts.iter().map(String::as_str).skip(1).collect();
    let outcome = match (call.method.as_str(), parts.as_slice()) {
        ("GET", []) => Ok(index(affili, call)),
        ("GET", ["help"]) => Ok(Value::String(help(affili, call))),
        ("GET", ["account"]) => Ok(json!(affili.account())),
        ("GET", ["settings"]) => Ok(json!(affili.settings())),
        ("POST", ["settings"]) => change_settings(affili, call),
        ("POST", ["publishers"]) => read::<Publisher>(call).map(|publisher| {
            affili.add_publisher(publisher);
            json!(affili.account())
        }),
        ("POST", ["tokens"]) => read::<Referred>(call)
            .and_then(|asked| Ok(json!({ "token": affili.issue_token(&asked.referrer).map_err(not_found)? }))),
        ("GET", ["conversions"]) => Ok(json!(affili.conversions())),
        ("POST", ["conversions"]) => read::<Referred>(call).and_then(|asked| {
            let recorded = affili.record_lead(&asked.referrer, asked.external_id.as_deref());
            recorded.map(|conversion| json!(conversion)).map_err(not_found)
        }),
        ("GET", ["conversions", id]) => affili
            .conversion(id)
            .map(|conversion| json!(conversion))
            .ok_or_else(|| not_found(ControlError::NoSuchConversion((*id).to_owned()))),
        ("POST", ["conversions", id, deed]) => change(affili, call, id, deed),
        ("GET", ["customers"]) => Ok(json!(affili.customers())),
        ("GET", ["calls"]) => Ok(affili.calls().iter().map(Call::shown).collect()),
        ("POST", ["calls", "clear"]) => {
            affili.clear_calls();
            Ok(json!([]))
        }
        ("GET", ["faults"]) => Ok(affili.faults().iter().map(shown).collect()),
        ("POST", ["faults"]) => read::<Ordered>(call).and_then(|ordered| {
            let (path, times) = (ordered.path.clone(), ordered.times);
            affili.fault_next(&path, ordered.fault()?, times);
            Ok(affili.faults().iter().map(shown).collect())
        }),
        ("POST", ["faults", "clear"]) => {
            affili.clear_faults();
            Ok(json!([]))
        }
        ("GET", ["clock"]) => Ok(json!({ "now": affili.now() })),
        ("POST", ["clock"]) => read::<Advance>(call).and_then(|asked| {
            let by =
                TimeDelta::try_seconds(asked.advance_seconds).ok_or_else(|| bad("advance_seconds is too large"))?;
            Ok(json!({ "now": affili.advance_clock(by) }))
        }),
        ("POST", ["clear"]) => {
            affili.clear();
            Ok(json!({ "conversions": 0 }))
        }
        _ => Err((404, json!({ "error": "there is no such control; GET /_control lists them" }))),
    };
    outcome.map_or_else(|refusal| refusal, |body| (200, body))
}

fn change(affili: &Affili, call: &Call, id: &str, deed: &str) -> Result<Value, Answer> {
    let changed = match deed {
        "approve" => affili.approve(id),
        "reject" => affili.reject(id),
        "duplicate" => affili.duplicate(id),
        "pending" => affili.set_pending(id),
        "close" => affili.close(id),
        "reopen" => affili.reopen(id),
        "check_out" => affili.check_out(id),
        "forget" => affili.forget(id),
        "status" => affili.set_status_number(id, read::<Numbered>(call)?.value),
        "amount" => affili.set_amount(id, read::<Numbered>(call)?.value),
        "wage" => affili.set_wage(id, read::<Numbered>(call)?.value),
        "commission_amount" => affili.set_commission_amount(id, read::<Numbered>(call)?.value),
        _ => return Err((404, json!({ "error": "there is no such deed; GET /_control lists them" }))),
    };
    changed.map(|conversion| json!(conversion)).map_err(not_found)
}

/// Only what is named changes.
fn change_settings(affili: &Affili, call: &Call) -> Result<Value, Answer> {
    let Value::Object(named) = call.json() else {
        return Err(bad("the body must be a JSON object"));
    };
    let mut whole = json!(affili.settings());
    if let Value::Object(whole) = &mut whole {
        whole.extend(named);
    }
    let settings: Settings = serde_json::from_value(whole).map_err(|error| bad(&error.to_string()))?;
    affili.set_settings(settings);
    Ok(json!(affili.settings()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Referred {
    referrer: String,
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbered {
    value: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

/// A fault as it is ordered: its word, and what goes with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    #[serde(default)]
    path: String,
    fault: String,
    #[serde(default = "once")]
    times: u32,
    seconds: Option<f64>,
    status: Option<u16>,
    body: Option<String>,
}

fn once() -> u32 {
    1
}

impl Ordered {
    fn fault(self) -> Result<Fault, Answer> {
        let seconds = |otherwise| self.seconds.unwrap_or(otherwise);
        Ok(match self.fault.as_str() {
            "server_error" => Fault::server_error(),
            "bad_gateway" => Fault::bad_gateway(),
            // A cast of a float saturates.
            "too_many_requests" => Fault::too_many_requests(seconds(30.0) as u32),
            "status" => {
                let status = self.status.filter(|status| (200..600).contains(status));
                let status = status.ok_or_else(|| bad("status must be from 200 to 599"))?;
                Fault::status(status, self.body.as_deref().unwrap_or("{}"))
            }
            "slow" => {
                let time = Duration::try_from_secs_f64(seconds(SLOW_SECONDS));
                Fault::Slow(time.map_err(|_| bad("seconds must be a time"))?)
            }
            "drop_after_storing" => Fault::DropAfterStoring,
            "drop_before_storing" => Fault::DropBeforeStoring,
            "bad_gateway_after_storing" => Fault::BadGatewayAfterStoring,
            "truncated_json" => Fault::TruncatedJson,
            "html_page" => Fault::HtmlPage,
            "not_ok" => Fault::not_ok(),
            _ => return Err(bad("there is no such fault; GET /_control lists them")),
        })
    }
}

/// A planned fault in the words of an order.
fn shown(planned: &PlannedFault) -> Value {
    let (fault, detail) = match &planned.fault {
        Fault::Status { status, .. } => ("status", json!(status)),
        Fault::Slow(time) => ("slow", json!(time.as_secs_f64())),
        Fault::DropAfterStoring => ("drop_after_storing", Value::Null),
        Fault::DropBeforeStoring => ("drop_before_storing", Value::Null),
        Fault::BadGatewayAfterStoring => ("bad_gateway_after_storing", Value::Null),
        Fault::TruncatedJson => ("truncated_json", Value::Null),
        Fault::HtmlPage => ("html_page", Value::Null),
        Fault::NotOk { message, .. } => ("not_ok", json!(message)),
    };
    json!({ "path": planned.path_prefix, "fault": fault, "detail": detail, "times": planned.times })
}

/// Reads the body; none is as an empty object.
fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Answer> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

fn bad(message: &str) -> Answer {
    (400, json!({ "error": message }))
}

fn not_found(error: ControlError) -> Answer {
    (404, json!({ "error": error.to_string() }))
}
