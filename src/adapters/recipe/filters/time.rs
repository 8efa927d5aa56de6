//! A time in the forms partners ask for. Templates hold it as RFC 3339.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use chrono_tz::Tz;
use minijinja::value::Value;
use minijinja::{Environment, Error};

use super::{nothing, text_of, wrong};

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("unixtime", |value: Value| of(&value, |time| Ok(Value::from(time.timestamp()))));
    env.add_filter("unixtime_ms", |value: Value| of(&value, |time| Ok(Value::from(time.timestamp_millis()))));
    env.add_filter("plus_days", |value: Value, days: i64| of(&value, |time| plus_days(time, days)));
    env.add_filter("in_zone", |value: Value, zone: String| of(&value, |time| in_zone(time, &zone)));
    env.add_filter("date", |value: Value, format: String| of(&value, |time| date(time, &format)));
}

fn of(value: &Value, read: impl FnOnce(DateTime<FixedOffset>) -> Result<Value, Error>) -> Result<Value, Error> {
    let Some(text) = text_of(value) else { return Ok(nothing()) };
    read(DateTime::parse_from_rfc3339(&text).map_err(|_| wrong("not a time"))?)
}

fn plus_days(time: DateTime<FixedOffset>, days: i64) -> Result<Value, Error> {
    let moved = TimeDelta::try_days(days).and_then(|days| time.checked_add_signed(days));
    let moved = moved.ok_or_else(|| wrong("plus_days: too far"))?;
    Ok(Value::from(moved.to_rfc3339_opts(SecondsFormat::Secs, true)))
}

fn in_zone(time: DateTime<FixedOffset>, zone: &str) -> Result<Value, Error> {
    let zone: Tz = zone.parse().map_err(|_| wrong("in_zone: not a time zone such as Europe/Kyiv"))?;
    Ok(Value::from(time.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

fn date(time: DateTime<FixedOffset>, format: &str) -> Result<Value, Error> {
    let mut out = String::new();
    // A wrong format makes chrono's Display fail, which `to_string` would turn into a panic.
    write!(out, "{}", time.format(format)).map_err(|_| wrong("date: not a format such as %Y-%m-%d"))?;
    Ok(Value::from(out))
}
