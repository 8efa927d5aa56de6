//! Reading what has become of conversions, from the list of V1. The dates in answers are Solar Hijri, those of filters
//! Gregorian, the time zone is nowhere stated: so what was read is known by our clock alone, with a wide overlap.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{call, conversion, envelope, list_key, rows};
use crate::adapters::{Page, PollCx};
use crate::base::exchange::{Method, Request, Response};
use crate::domain::polling::{Asks, Feed, LeadsOf};
use crate::domain::report::StatusReport;

/// No number is given anywhere; a call a second is what nobody minds.
const PAUSE: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// What was paid out: nobody says whether that counts as a change.
const PAID: &str = "paid";
/// What nobody has decided for a week.
const UNDECIDED: &str = "undecided";
/// Single conversions that have stood open for long.
const SINGLE: &str = "single";

/// The feeds: minutes, days, payouts, and what stands open for long.
pub(super) fn all() -> Vec<Feed> {
    let feed = |name: &str, every, overlap: Duration, look_back| Feed {
        name: name.to_owned(),
        asks: Asks::Window { lag: 2 * MINUTE, overlap, look_back, max_span: 200 * DAY },
        every,
        pause: PAUSE,
        by_number: false,
    };
    vec![
        feed("updated", 10 * MINUTE, 4 * HOUR, 2 * DAY),
        feed("days", DAY, DAY, 2 * DAY),
        feed(PAID, DAY, 35 * DAY, 35 * DAY),
        feed(UNDECIDED, 7 * DAY, 130 * DAY, 130 * DAY),
        Feed {
            name: SINGLE.to_owned(),
            asks: Asks::Leads { of: LeadsOf::Open, batch: 1, by_external_id: true, min_age: 30 * DAY },
            every: DAY,
            pause: PAUSE,
            by_number: false,
        },
    ]
}

/// The call for a page.
pub(super) fn request(cx: &PollCx<'_>) -> Result<Request, String> {
    if cx.feed == SINGLE {
        let id = cx.leads.first().and_then(|lead| lead.external_id.as_deref()).ok_or("no conversion to ask for")?;
        return conversion::find(cx.settings, id);
    }
    let (from, to) = cx.window.ok_or("no time to ask for")?;
    let (after, before) = match cx.feed {
        PAID | UNDECIDED => ("min_created_at", "max_created_at"),
        _ => ("min_updated_at", "max_updated_at"),
    };
    let mut query = vec![(after, rows::filter_time(cx.settings, from)?), (before, rows::filter_time(cx.settings, to)?)];
    match cx.feed {
        PAID => query.push(("checked_out", "1".to_owned())),
        UNDECIDED => query.push(("status", "0".to_owned())),
        _ => {}
    }
    query.push(("page", page_of(cx).to_string()));
    call(cx.settings, list_key(cx.settings), Method::Get, conversion::V1, &query, None)
}

/// The number of the page that is asked for, from 1.
fn page_of(cx: &PollCx<'_>) -> u64 {
    cx.page.and_then(|page| page.get("page")?.as_u64()).unwrap_or(1)
}

/// What a list or a look-up answers with.
pub(super) fn data(answer: &Response) -> Result<Value, String> {
    match envelope::read(answer) {
        envelope::Said::Data(data) => Ok(data),
        envelope::Said::Error { code, words, .. } => Err(format!("HTTP {code} {words}").trim().to_owned()),
        envelope::Said::Nonsense(reason) => Err(reason),
    }
}

/// The conversions of a list. One broken row does not hold up the others.
pub(super) fn reports(settings: &Map<String, Value>, data: &Value) -> Result<Vec<StatusReport>, String> {
    let list = rows::list(data).ok_or("the answer holds no list where it should")?;
    let read: Vec<_> = list.iter().map(|row| rows::report(settings, row)).collect();
    match (read.iter().all(Result::is_err), read.first()) {
        (true, Some(Err(why))) => Err(why.clone()),
        _ => Ok(read.into_iter().flatten().collect()),
    }
}

/// A page of conversions.
pub(super) fn read(cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
    let data = data(answer)?;
    if cx.feed == SINGLE {
        return Ok(Page { reports: vec![rows::report(cx.settings, &data)?], next: None });
    }
    let list = rows::list(&data).ok_or("the answer holds no list where it should")?;
    let first = list.first().and_then(|row| rows::text(row, "id"));
    let before = cx.page.and_then(|page| page.get("first")?.as_str());
    if first.is_some() && before == first.as_deref() {
        // The page's number is ignored: the first page was all there is.
        return Ok(Page::default());
    }
    let reports = reports(cx.settings, &data)?;
    let is_last = list.is_empty() || is_last_by_meta(&data);
    let next = (!is_last).then(|| json!({ "page": page_of(cx) + 1, "first": first }));
    Ok(Page { reports, next })
}

/// Whether the list says by itself that it ends here.
pub(super) fn is_last_by_meta(data: &Value) -> bool {
    let meta = |name: &str| {
        let number = data.get("meta").unwrap_or(data).get(name)?;
        rows::text(&json!({ name: number }), name)?.parse::<u64>().ok()
    };
    let current = meta("current").or_else(|| meta("current_page"));
    let last = meta("last").or_else(|| meta("last_page"));
    current.zip(last).is_some_and(|(current, last)| current >= last)
}
