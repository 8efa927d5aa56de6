//! Conversions in answers as status reports.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::setting;
use crate::adapters::pick;
use crate::base::jalali;
use crate::domain::report::StatusReport;

/// Status 1 that has been paid out to the publisher.
pub(super) const CHECKED_OUT: &str = "1, checked out";

/// A field as text, whether it came as text or number.
pub(super) fn text(row: &Value, name: &str) -> Option<String> {
    row.get(name).and_then(pick::scalar).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The list in `data`: an array, or an object that holds one. The shape is nowhere shown.
pub(super) fn list(data: &Value) -> Option<&Vec<Value>> {
    match data {
        Value::Array(rows) => Some(rows),
        Value::Object(fields) => {
            ["data", "items", "conversions", "customers"].iter().find_map(|key| fields.get(*key)?.as_array())
        }
        _ => None,
    }
}

fn is_set(row: &Value, name: &str) -> bool {
    text(row, name).is_some_and(|flag| flag == "1" || flag == "true")
}

/// The status as it is mapped.
pub(super) fn status(row: &Value) -> Option<String> {
    let status = text(row, "status").as_deref().and_then(pick::word)?;
    Some(if status == "1" && is_set(row, "checked_out") { CHECKED_OUT.to_owned() } else { status })
}

/// The time zone of dates, which no page states.
pub(super) fn zone(settings: &Map<String, Value>) -> Option<Tz> {
    match setting(settings, "timezone") {
        "" => Some(chrono_tz::Asia::Tehran),
        name => name.parse().ok(),
    }
}

/// A time as filters want it: Gregorian, of that zone.
pub(super) fn filter_time(settings: &Map<String, Value>, at: DateTime<Utc>) -> Result<String, String> {
    let zone = zone(settings).ok_or("settings.timezone: is no time zone")?;
    Ok(at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string())
}

/// A date of an answer: Solar Hijri as a rule, the time of Iran.
fn time(settings: &Map<String, Value>, row: &Value, name: &str) -> Option<DateTime<Utc>> {
    let local = jalali::parse(&text(row, name)?)?;
    zone(settings)?.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
}

/// The report of a conversion. The error says why the row is none.
pub(super) fn report(settings: &Map<String, Value>, row: &Value) -> Result<StatusReport, String> {
    if !row.is_object() {
        return Err("a row of the list is no object".into());
    }
    let external_id = text(row, "id").as_deref().and_then(pick::word);
    let our_ref = ["external_id", "order_id"].iter().find_map(|name| text(row, name)).as_deref().and_then(pick::word);
    if external_id.is_none() && our_ref.is_none() {
        return Err("a row has neither id nor external_id".into());
    }
    let status = status(row).ok_or("a row has no status")?;
    let is_duplicate = status == "3";
    // What Affili keeps for itself; what the publisher gets is in no answer.
    let fee = text(row, "wage").filter(|fee| fee != "0").map(|fee| format!("Affili's fee {fee} IRR"));
    let closed = is_set(row, "is_closed").then(|| "closed at Affili".to_owned());
    let words: Vec<String> = fee.into_iter().chain(closed).collect();
    Ok(StatusReport {
        our_ref,
        external_id,
        status: Some(status),
        comment: pick::text(&words.join(", ")),
        reason: is_duplicate.then(|| "duplicate at network".to_owned()),
        reason_code: is_duplicate.then_some(7),
        happened_at: time(settings, row, "updated_at"),
        ..StatusReport::default()
    })
}
