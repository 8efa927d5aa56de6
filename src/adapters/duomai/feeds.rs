//! Reading orders by time. The list is asked for by the time of the last change; no field of its rows says that time,
//! so what was read is known by our clock alone. Later and later feeds reach further back, after the cadence that Duomai
//! itself recommends to its merchants: what one has missed, the next one finds.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{gateway, orders};
use crate::adapters::{Page, PollCx};
use crate::base::exchange::{Request, Response};
use crate::domain::polling::{Asks, Feed};
use crate::domain::report::StatusReport;

/// Rows of a page, of plans as of orders; the most there may be.
pub(super) const PAGE: usize = 200;

/// No number is given anywhere; a call a second is what nobody minds.
const PAUSE: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Name of the feed that reads changes of money after settlement.
const SETTLEMENTS: &str = "settlements";

/// A time of at most a day may be asked for; an hour less, because nobody says whether the border is included.
pub(super) const MAX_SPAN: Duration = Duration::from_secs(23 * 3600);

/// The feeds: minutes, hours, days; and weekly what was settled.
pub(super) fn all() -> Vec<Feed> {
    let feed = |name: &str, every, overlap, look_back| Feed {
        name: name.to_owned(),
        asks: Asks::Window { lag: MINUTE, overlap, look_back, max_span: MAX_SPAN },
        every,
        pause: PAUSE,
        by_number: false,
    };
    vec![
        feed("updated", 5 * MINUTE, 15 * MINUTE, 2 * DAY),
        feed("hours", HOUR, 2 * HOUR, 3 * HOUR),
        feed("days", DAY, DAY, 2 * DAY),
        feed(SETTLEMENTS, 7 * DAY, 90 * DAY, 90 * DAY),
    ]
}

/// The number of the page that is asked for, from 1.
fn page_of(cx: &PollCx<'_>) -> u64 {
    cx.page.and_then(Value::as_u64).unwrap_or(1)
}

/// The call for a page.
pub(super) fn request(cx: &PollCx<'_>) -> Result<Request, String> {
    let (from, to) = cx.window.ok_or("no time to ask for")?;
    // The field that says which time is meant is spelt in four ways in as many places; all take the time of the last
    // change when it is left out.
    let body = json!({ "stime": from.timestamp(), "etime": to.timestamp(), "page": page_of(cx), "page_size": PAGE });
    let service = if cx.feed == SETTLEMENTS { gateway::SETTLEMENTS } else { gateway::ORDERS };
    gateway::request(cx.settings, service, &body, cx.now)
}

/// A page of orders.
pub(super) fn read(cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
    let rows = rows(gateway::data(answer)?)?;
    let reports = reports(&rows, |row| {
        if cx.feed == SETTLEMENTS { orders::settlement(row) } else { orders::report(cx.settings, row) }
    })?;
    Ok(Page { reports, next: (rows.len() >= PAGE).then(|| Value::from(page_of(cx) + 1)) })
}

/// What the rows say. One broken row does not hold up the others.
pub(super) fn reports(
    rows: &[Value],
    read: impl Fn(&Map<String, Value>) -> Result<StatusReport, String>,
) -> Result<Vec<StatusReport>, String> {
    let (mut reports, mut wrong) = (Vec::with_capacity(rows.len()), None);
    for row in rows {
        match row.as_object().ok_or_else(|| "a row of the list is no object".to_owned()).and_then(&read) {
            Ok(report) => reports.push(report),
            Err(why) => wrong = Some(why),
        }
    }
    match wrong {
        Some(why) if reports.is_empty() => Err(why),
        _ => Ok(reports),
    }
}

/// The list: documented as an object, an array in every client that was seen, and nothing when there is nothing.
pub(super) fn rows(data: Value) -> Result<Vec<Value>, String> {
    match data {
        Value::Array(rows) => Ok(rows),
        Value::Null => Ok(Vec::new()),
        Value::Object(fields) if fields.is_empty() => Ok(Vec::new()),
        Value::Object(fields) => {
            let list = ["data", "list", "rows", "items"].iter().find_map(|key| fields.get(*key)?.as_array().cloned());
            list.ok_or_else(|| "the answer holds no list where it should".to_owned())
        }
        _ => Err("the answer holds no list where it should".into()),
    }
}
