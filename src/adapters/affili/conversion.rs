//! The conversion: what is created, and what the answer to it means.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::envelope::Said;
use super::visitor::Visitor;
use super::{Generation, call, envelope, generation, list_key, rows, setting};
use crate::adapters::{Lookup, SendCx, pick};
use crate::base::exchange::{Answer, Method, Request};
use crate::domain::outcome::{Accepted, Outcome};

/// Conversions of V1: create by POST, list by GET; find and update with the id behind it.
pub(super) const V1: &str = "/api/merchants/conversions";
/// Conversions of the services: create by POST, update by POST with the id behind it.
pub(super) const SERVICES: &str = "/services/conversions";

/// Fields of V1 and of the services that hold our id.
const OUR_ID: [&str; 2] = ["external_id", "order_id"];
/// Fields that come from the settings, not from the lead.
const SETTINGS: [&str; 4] = ["name", "commissions", "type", "account_id"];

pub(super) fn path(settings: &Map<String, Value>) -> &'static str {
    match generation(settings) {
        Generation::V1 => V1,
        Generation::Services => SERVICES,
    }
}

/// The call that finds one by Affili's id.
pub(super) fn find(settings: &Map<String, Value>, id: &str) -> Result<Request, String> {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    call(settings, list_key(settings), Method::Get, &format!("{V1}/{id}"), &[], None)
}

/// The body of the call that creates it. `known`: the token (V1) or the customer's id (services) of a stage before.
pub(super) fn body(cx: &SendCx<'_>, visitor: &Visitor, known: Option<&str>) -> Result<Value, Outcome> {
    let kind = setting(cx.settings, "conversion_type");
    let is_sale = matches!(kind, "buy" | "sale");
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            body.insert(name.to_owned(), value);
        }
    };
    put("referrer", json!(visitor.referrer));
    match generation(cx.settings) {
        Generation::V1 => {
            put("type", Value::from(if is_sale { "buy" } else { kind }));
            put("aff_id", json!(visitor.aff_id));
            put("token", json!(known.or(visitor.token.as_deref())));
            put("external_id", Value::from(cx.lead.id.as_str()));
            let name = commission(cx);
            match (kind, name) {
                ("lead", None) => {
                    let reason = format!(
                        "a lead of V1 needs the key of its commission: the setting commission_name, or the parameter affili of the offer {}",
                        cx.lead.offer
                    );
                    return Err(Outcome::Misconfigured { reason });
                }
                ("lead", Some(name)) => put("name", Value::from(name)),
                (_, name) if is_sale => {
                    let amount = amount(cx)?;
                    put("amount", Value::from(amount));
                    let name = name.unwrap_or_else(|| "default".to_owned());
                    put("commissions", json!([{ "name": name, "sub_amount": amount }]));
                }
                _ => {}
            }
        }
        Generation::Services => {
            put("type", Value::from(if is_sale { "sale" } else { "lead" }));
            put("order_id", Value::from(cx.lead.id.as_str()));
            put("customer_id", json!(known));
            put("coupon", cx.lead.meta.get("coupon").cloned().unwrap_or_default());
            put("products", cx.lead.meta.get("products").filter(|it| it.is_array()).cloned().unwrap_or_default());
            if is_sale {
                put("amount", Value::from(amount(cx)?));
            }
        }
    }
    Ok(Value::Object(body))
}

/// The key of the commission in Affili's panel.
fn commission(cx: &SendCx<'_>) -> Option<String> {
    let of_offer = cx.params.get("affili").and_then(pick::scalar).map(|name| name.trim().to_owned());
    let own = setting(cx.settings, "commission_name").to_owned();
    of_offer.filter(|name| !name.is_empty()).or_else(|| (!own.is_empty()).then_some(own))
}

/// The order's total in Rial, which has no smaller unit.
fn amount(cx: &SendCx<'_>) -> Result<i64, Outcome> {
    let refused = |reason: &str| Outcome::Refused { reason: reason.into(), is_trash: false };
    let price = cx.lead.price.ok_or_else(|| refused("a sale needs the price of the lead"))?;
    if cx.lead.currency.as_deref() != Some("IRR") {
        return Err(refused("a sale needs its price in Rial (currency IRR)"));
    }
    let total = price * Decimal::from(cx.lead.quantity.unwrap_or(1).max(1));
    let rial = i64::try_from(total.round()).ok().filter(|rial| *rial > 0);
    rial.ok_or_else(|| refused("the price of the lead is no amount in Rial"))
}

/// What the answer to the creation means.
pub(super) fn judge(cx: &SendCx<'_>, http: u16, said: Said, after: Option<Duration>) -> Outcome {
    match said {
        Said::Data(data) => match rows::text(&data, "id").as_deref().and_then(pick::word) {
            Some(id) => accepted(&data, id),
            None => Outcome::Unknown { reason: "the answer holds no id of the conversion".into() },
        },
        Said::Nonsense(reason) => Outcome::Unknown { reason: format!("HTTP {http}: {reason}") },
        Said::Error { code, fields, words } => {
            let reason = if words.is_empty() { format!("HTTP {code}") } else { words };
            let names = |known: &[&str]| fields.iter().any(|field| known.contains(&field.as_str()));
            match code {
                401 | 403 => Outcome::Misconfigured { reason },
                429 => Outcome::Retry { reason, after },
                408 | 500.. => Outcome::Unknown { reason },
                // Our id is taken, and nobody else makes it: an earlier send has arrived.
                _ if names(&OUR_ID) && list_key(cx.settings).is_empty() => Outcome::Accepted(Accepted {
                    message: Some("an earlier send had arrived; Affili's id of it is not known".into()),
                    ..Accepted::default()
                }),
                _ if names(&OUR_ID) => {
                    Outcome::Unknown { reason: format!("an earlier send seems to have arrived: {reason}") }
                }
                _ if names(&SETTINGS) => Outcome::Misconfigured { reason },
                _ => Outcome::Refused { reason, is_trash: false },
            }
        }
    }
}

fn accepted(row: &Value, id: String) -> Outcome {
    Outcome::Accepted(Accepted { external_id: Some(id), status: rows::status(row), ..Accepted::default() })
}

/// What the list says about our id.
pub(super) fn read_lookup(cx: &SendCx<'_>, answer: &Answer) -> Lookup {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return Lookup::Unclear(error.to_string()),
    };
    let data = match envelope::read(response) {
        Said::Data(data) => data,
        Said::Error { code, words, .. } => return Lookup::Unclear(format!("HTTP {code} {words}")),
        Said::Nonsense(reason) => return Lookup::Unclear(reason),
    };
    let Some(list) = rows::list(&data) else {
        return Lookup::Unclear("the answer holds no list where it should".into());
    };
    let bare = |text: &str| text.replace('-', "").to_lowercase();
    let is_ours =
        |row: &&Value| OUR_ID.iter().filter_map(|name| rows::text(row, name)).any(|id| bare(&id) == bare(&cx.lead.id));
    let found = list.iter().find(is_ours);
    match found.and_then(|row| Some((row, rows::text(row, "id").as_deref().and_then(pick::word)?))) {
        Some((row, id)) => Lookup::Found(accepted(row, id)),
        None if list.is_empty() => Lookup::NotFound,
        None => Lookup::Unclear("the answer lists other conversions than the one asked for".into()),
    }
}
