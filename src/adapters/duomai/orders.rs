//! Orders, of the list and of pushes, as status reports. An order is a conversion of its own: one link can bring none or
//! many. It is named by plan and order number, which all of Duomai's services and the push give, while its own id is
//! missing in some.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::setting;
use crate::adapters::pick;
use crate::domain::report::StatusReport;
use crate::domain::status::Status;

/// A field as text, whether it came as text or number.
fn text(row: &Map<String, Value>, name: &str) -> Option<String> {
    row.get(name).and_then(pick::scalar).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn amount(row: &Map<String, Value>, name: &str) -> Option<Decimal> {
    text(row, name).and_then(|text| pick::amount(&text))
}

/// `yyyy-MM-dd HH:mm:ss`, the time of China. `0000-00-00 00:00:00` stands for "not yet".
fn time(row: &Map<String, Value>, name: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(&text(row, name)?, "%Y-%m-%d %H:%M:%S").ok()?;
    chrono_tz::Asia::Shanghai.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
}

/// What names an order.
fn key(row: &Map<String, Value>) -> Option<String> {
    Some(format!("{}-{}", text(row, "ads_id")?, text(row, "order_sn")?)).as_deref().and_then(pick::word)
}

/// The report of an order. The error says why the row is none.
pub(super) fn report(settings: &Map<String, Value>, row: &Map<String, Value>) -> Result<StatusReport, String> {
    let key = key(row).ok_or("a row has no ads_id or no order_sn")?;
    let status = text(row, "status").ok_or("a row has no status")?;
    let is_confirmed = matches!(status.as_str(), "1" | "2");
    // In the list the first amounts stay estimates for ever; in a push they become the confirmed ones.
    let confirmed = amount(row, "confirm_siter_commission")
        .filter(|confirmed| is_confirmed && (!confirmed.is_zero() || status == "2"));
    let currency = match confirmed {
        Some(_) => text(row, "charge_currency").or_else(|| text(row, "currency")),
        None => text(row, "currency"),
    };
    // A push names none.
    let currency = currency.unwrap_or_else(|| setting(settings, "currency").to_owned());
    let revenue = confirmed.or_else(|| amount(row, "siter_commission"));
    let (revenue, currency, note) =
        pick::money(revenue.map(|amount| amount.to_string()).as_deref(), Some(currency.as_str()));
    let held = status == "1" && setting(settings, "confirmed_as") == Status::Hold.as_str();
    Ok(StatusReport {
        our_ref: text(row, "euid").as_deref().and_then(pick::word),
        transaction_id: Some(key),
        mapped: held.then_some(Status::Hold),
        status: pick::word(&status),
        revenue,
        currency,
        comment: pick::with_note(comment(row, confirmed.is_some()), note),
        happened_at: time(row, "order_time"),
        ..StatusReport::default()
    })
}

/// For people: which order, of what, how large.
fn comment(row: &Map<String, Value>, is_confirmed: bool) -> Option<String> {
    let mut words = format!("order {}", text(row, "order_sn")?);
    if let Some(id) = text(row, "id") {
        words.push_str(&format!(" (Duomai {id})"));
    }
    if let Some(plan) = text(row, "ads_name") {
        words.push_str(&format!(", {plan}"));
    }
    let price = if is_confirmed { amount(row, "confirm_price") } else { None };
    if let Some(price) = price.or_else(|| amount(row, "orders_price")) {
        words.push_str(&format!(", amount {price}"));
    }
    if let Some(product) = text(row, "goods_name").or_else(|| product(row)) {
        words.push_str(&format!(", {product}"));
    }
    pick::text(&words)
}

/// The first line of the order.
fn product(row: &Map<String, Value>) -> Option<String> {
    text(row.get("details")?.as_array()?.first()?.as_object()?, "goods_name")
}

/// The report of a change of money after settlement: no status, and no id but plan and order number.
pub(super) fn settlement(row: &Map<String, Value>) -> Result<StatusReport, String> {
    let key = key(row).ok_or("a row has no ads_id or no order_sn")?;
    let new = amount(row, "confirm_siter_commission").ok_or("a row has no confirm_siter_commission")?;
    let old = text(row, "confirm_siter_commission_old").unwrap_or_default();
    Ok(StatusReport {
        our_ref: text(row, "euid").as_deref().and_then(pick::word),
        transaction_id: Some(key),
        revenue: Some(new),
        comment: pick::text(&format!("the commission was changed after settlement, from {old} to {new}")),
        happened_at: time(row, "modify_at"),
        ..StatusReport::default()
    })
}
