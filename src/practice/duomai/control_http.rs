//! `/_control`: the control side for a person with curl. What there is stands in `control_list`.

use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Duomai;
use super::account::{Account, DEFAULT_APP_KEY};
use super::call::Call;
use super::control::ControlError;
use super::control_list::{is_action, list};
use super::fault::Fault;
use super::order::{NewOrder, Status};
use super::plan::Plan;
use super::push::TestChecksum;

/// Answers everything below `/_control`.
pub(super) async fn answer(Shared(duomai): Shared<Duomai>, request: Request) -> Response {
    let Some(call) = Call::read(request).await else { return StatusCode::BAD_REQUEST.into_response() };
    let path = call.path.split('?').next().unwrap_or("");
    let name = path.trim_start_matches("/_control").trim_matches('/');
    let result = match (call.method.as_str(), name) {
        ("GET", "") => Ok(list(call.header("host").unwrap_or("127.0.0.1"))),
        ("GET", view) => duomai.view(view),
        ("POST", action) => body_of(&call).and_then(|body| duomai.act(action, &body)),
        _ => return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]).into_response(),
    };
    match result {
        Ok(value) => (StatusCode::OK, axum::Json(value)).into_response(),
        Err(error) => {
            let status = match error {
                ControlError::UnknownAction(_) => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, axum::Json(json!({ "error": error.to_string() }))).into_response()
        }
    }
}

fn body_of(call: &Call) -> Result<Value, ControlError> {
    if call.body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(&call.body) {
        // Serde would read a list as the fields of a struct in order, which nobody means.
        Ok(body @ Value::Object(_)) => Ok(body),
        Ok(_) => Err(ControlError::BadBody("the body must be a JSON object".to_owned())),
        Err(error) => Err(ControlError::BadBody(format!("the body is no JSON: {error}"))),
    }
}

impl Duomai {
    fn view(&self, name: &str) -> Result<Value, ControlError> {
        match name {
            "orders" => as_json(&self.orders()),
            "settlement_changes" => as_json(&self.settlement_changes()),
            "links" => as_json(&self.links()),
            "visits" => as_json(&self.visits()),
            "plans" => as_json(&self.plans()),
            "accounts" => as_json(&self.accounts()),
            "switches" => as_json(&self.switches()),
            "push_modes" => as_json(&self.push_modes()),
            "push_log" => as_json(&self.push_log()),
            "faults" => as_json(&self.lock().faults),
            "calls" => as_json(&self.calls()),
            _ => Err(ControlError::UnknownAction(name.to_owned())),
        }
    }

    /// Carries out an action of the table.
    fn act(&self, name: &str, body: &Value) -> Result<Value, ControlError> {
        match name {
            "order" => {
                let id = self.order(read::<NewOrder>(body)?)?;
                return as_json(&self.find_order(&id));
            }
            "set_status" => {
                let SetStatus { id, status } = read(body)?;
                self.set_status(&id, status)?;
                return as_json(&self.find_order(&id));
            }
            "change_money" => {
                let ChangeMoney { id, confirm_price, confirm_commission } = read(body)?;
                self.change_money(&id, confirm_price, confirm_commission)?;
                return as_json(&self.find_order(&id));
            }
            "touch" => {
                let Touch { id, at } = read(body)?;
                self.touch_at(&id, at.unwrap_or_else(|| self.now()))?;
                return as_json(&self.find_order(&id));
            }
            "account" => {
                let key = body.get("app_key").and_then(Value::as_str);
                let old = self.accounts().into_iter().find(|account| Some(account.app_key.as_str()) == key);
                let account: Account = old.map_or_else(|| read(body), |old| merged(&old, body))?;
                self.set_account(account.clone());
                return as_json(&account);
            }
            "plan" => {
                let ads_id = body.get("ads_id").and_then(Value::as_str).unwrap_or("");
                if ads_id.is_empty() {
                    return Err(ControlError::BadBody("ads_id is required, as a text".to_owned()));
                }
                let old = self.plans().into_iter().find(|plan| plan.ads_id == ads_id);
                let old =
                    old.unwrap_or_else(|| Plan::new(ads_id, format!("计划 Plan {ads_id}"), "https://shop.example/"));
                let plan = merged(&old, body)?;
                self.set_plan(plan.clone());
                return as_json(&plan);
            }
            "switches" => {
                self.set_switches(merged(&self.switches(), body)?);
                return as_json(&self.switches());
            }
            "push_url" => {
                let PushUrl { app_key, url } = read(body)?;
                self.set_push_url(&app_key, url.as_deref())?;
            }
            "push_modes" => {
                self.set_push_modes(merged(&self.push_modes(), body)?);
                return as_json(&self.push_modes());
            }
            "test_push" => {
                let TestPush { app_key, status, signed } = read(body)?;
                self.test_push(&app_key, status, signed)?;
            }
            "take_pushes" => {
                let row = |push: &super::push::Push| {
                    let mut row = as_json(push)?;
                    if let Some(row) = row.as_object_mut() {
                        row.insert("request_url".to_owned(), json!(push.request_url()));
                    }
                    Ok(row)
                };
                return self.take_pushes().iter().map(row).collect();
            }
            "answered" => {
                let Answered { number, status, body } = read(body)?;
                let answer = status.map(|status| (status, body));
                let outcome = self.lock().answered(number, answer);
                return as_json(&json!({ "outcome": outcome.ok_or(ControlError::UnknownPush(number))? }));
            }
            "fault_next" => {
                let FaultNext { path_prefix, fault, times } = read(body)?;
                self.fault_next(&path_prefix, fault, times);
            }
            "clear_faults" => self.clear_faults(),
            "before_page" => {
                let BeforePage { page, action, body } = read(body)?;
                if !is_action(&action) {
                    return Err(ControlError::UnknownAction(action));
                }
                // Whether it worked is seen in the orders; the page is answered in any case.
                let body = Value::Object(body);
                self.before_page(page, move |duomai| drop(duomai.act(&action, &body)));
            }
            "clear_calls" => self.clear_calls(),
            _ => return Err(ControlError::UnknownAction(name.to_owned())),
        }
        Ok(json!({ "ok": true }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetStatus {
    #[serde(deserialize_with = "text_or_number")]
    id: String,
    status: Status,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeMoney {
    #[serde(deserialize_with = "text_or_number")]
    id: String,
    confirm_price: Decimal,
    confirm_commission: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Touch {
    #[serde(deserialize_with = "text_or_number")]
    id: String,
    at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PushUrl {
    #[serde(default = "default_app_key")]
    app_key: String,
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestPush {
    #[serde(default = "default_app_key")]
    app_key: String,
    #[serde(default = "unconfirmed")]
    status: Status,
    #[serde(default)]
    signed: TestChecksum,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    number: u64,
    status: Option<u16>,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultNext {
    #[serde(default)]
    path_prefix: String,
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BeforePage {
    page: u64,
    action: String,
    #[serde(default)]
    body: serde_json::Map<String, Value>,
}

/// An id, with or without quotes.
fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("an id is a text or a number")),
    }
}

fn default_app_key() -> String {
    DEFAULT_APP_KEY.to_owned()
}

const fn unconfirmed() -> Status {
    Status::Unconfirmed
}

const fn once() -> u32 {
    1
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, ControlError> {
    T::deserialize(body).map_err(|error| ControlError::BadBody(error.to_string()))
}

fn as_json<T: Serialize>(value: &T) -> Result<Value, ControlError> {
    serde_json::to_value(value).map_err(|error| ControlError::BadBody(error.to_string()))
}

/// A value with some of its fields replaced.
fn merged<T: Serialize + DeserializeOwned>(old: &T, changes: &Value) -> Result<T, ControlError> {
    let mut whole = as_json(old)?;
    match (whole.as_object_mut(), changes.as_object()) {
        (Some(whole), Some(changes)) => {
            for (name, value) in changes {
                whole.insert(name.clone(), value.clone());
            }
        }
        _ => return Err(ControlError::BadBody("the body must be a JSON object".to_owned())),
    }
    read(&whole)
}
