//! The shape of lists, which differs by build, and the span of time they are asked for.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::network::Network;
use super::params::Params;
use super::reply::{Refusal, Reply};
use super::switches::Switches;

/// Answers rows: an array, or an object keyed by the network's id. Too many break the call.
pub(super) fn list(switches: &Switches, rows: Vec<(u64, Value)>) -> Reply {
    if switches.rows_limit.is_some_and(|limit| rows.len() > limit) {
        return Reply::out_of_memory();
    }
    let is_object = switches.lists_as_object && (!rows.is_empty() || switches.empty_as_object);
    let body = if is_object {
        Value::Object(rows.into_iter().map(|(id, row)| (id.to_string(), row)).collect::<Map<_, _>>())
    } else {
        Value::Array(rows.into_iter().map(|(_, row)| row).collect())
    };
    Reply::json(&body)
}

/// The span of `from` and `to`, both included: days of the network's zone, or Unix seconds. An open end is the
/// beginning of time or now; without both, and with what is no date, the answer is `request-error`.
pub(super) fn window(
    network: &Network,
    params: &Params,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let (from, to) = (params.get("from"), params.get("to"));
    if from.is_none() && to.is_none() {
        return Err(Refusal::of("request-error"));
    }
    let bound = |text: Option<&str>, otherwise, days| match text {
        Some(text) => moment(network, text, days).ok_or(Refusal::of("request-error")),
        None => Ok(otherwise),
    };
    let from = bound(from, DateTime::UNIX_EPOCH, 0)?;
    let to = bound(to, now, 1)?;
    Ok((from, to))
}

/// A moment: Unix seconds, or the beginning of a day and so many days more, less a millisecond at a span's end.
fn moment(network: &Network, text: &str, days: u64) -> Option<DateTime<Utc>> {
    if let Ok(seconds) = text.parse() {
        return DateTime::from_timestamp(seconds, 0);
    }
    let day = text.parse::<NaiveDate>().ok()?.checked_add_days(chrono::Days::new(days))?;
    let midnight = day.and_time(NaiveTime::MIN).and_local_timezone(network.switches.zone).earliest();
    // A zone may jump over midnight; then its day begins later by the clock, and this is near enough.
    let midnight = midnight.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |at| at.with_timezone(&Utc));
    if days == 0 { Some(midnight) } else { midnight.checked_sub_signed(TimeDelta::milliseconds(1)) }
}
