//! Opening hours of routes. They are read in the route's time zone; a span that cannot be read is closed.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use crate::base::field_error::FieldError;
use crate::domain::cap::first_instant;
use crate::domain::rules::{OpenSpan, Schedule};

/// The end of a day, in minutes.
const DAY: u32 = 24 * 60;
/// Most spans of one schedule.
const MAX_SPANS: usize = 100;

/// Whether the schedule is open now; no schedule is always open.
pub fn is_open(schedule: Option<&Schedule>, tz: Tz, now: DateTime<Utc>) -> bool {
    let Some(schedule) = schedule else { return true };
    let local = now.with_timezone(&tz).naive_local();
    let minute = local.hour() * 60 + local.minute();
    schedule.open.iter().any(|span| {
        span.minutes().is_some_and(|(from, to)| from <= minute && minute < to) && span.has_day(local.weekday())
    })
}

/// When a closed schedule opens; none if it never does.
pub fn next_opening(schedule: &Schedule, tz: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = now.with_timezone(&tz).date_naive();
    // From yesterday, for clocks that go back over midnight; past a week, for an opening that falls into a gap.
    let first = today.checked_sub_days(Days::new(1))?;
    (0..16)
        .filter_map(|day| first.checked_add_days(Days::new(day)))
        .flat_map(|day| schedule.open.iter().filter_map(move |span| span.opens(day)))
        // Where the clock shows the time twice, it opens twice.
        .flat_map(|local| [first_instant(tz, local), last_instant(tz, local)])
        .filter(|at| *at > now && is_open(Some(schedule), tz, *at))
        .min()
}

fn last_instant(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    tz.from_local_datetime(&local).latest().map_or_else(|| first_instant(tz, local), |at| at.to_utc())
}

impl Schedule {
    /// What is wrong with it, field by field (`open[0].from`).
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.open.len() > MAX_SPANS {
            errors.push(FieldError::new("open", "too_long", format!("must have at most {MAX_SPANS} spans")));
        }
        for (at, span) in self.open.iter().take(MAX_SPANS).enumerate() {
            let mut refuse =
                |field: &str, message: &str| errors.push(FieldError::invalid(format!("open[{at}].{field}"), message));
            if span.days.is_empty() || span.days.iter().any(|day| weekday(day).is_none()) {
                refuse("days", "must name days: mon, tue, wed, thu, fri, sat, sun");
            }
            let (from, to) = (minute(&span.from).filter(|from| *from < DAY), minute(&span.to));
            if from.is_none() {
                refuse("from", "must be a time from 00:00 to 23:59");
            }
            if to.is_none() {
                refuse("to", "must be a time from 00:01 to 24:00");
            }
            if let (Some(from), Some(to)) = (from, to)
                && from >= to
            {
                refuse("to", "must be later than from; for a night give two spans, one to 24:00 and one from 00:00");
            }
        }
        errors
    }
}

impl OpenSpan {
    fn has_day(&self, day: Weekday) -> bool {
        self.days.iter().any(|name| weekday(name) == Some(day))
    }

    /// From and to in minutes of the day.
    fn minutes(&self) -> Option<(u32, u32)> {
        Some((minute(&self.from)?, minute(&self.to)?))
    }

    /// The local time it opens on a day, if it does.
    fn opens(&self, day: NaiveDate) -> Option<NaiveDateTime> {
        let (from, _) = self.minutes()?;
        let from = NaiveTime::from_num_seconds_from_midnight_opt(from * 60, 0)?;
        self.has_day(day.weekday()).then(|| day.and_time(from))
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    match name {
        "mon" => Some(Weekday::Mon),
        "tue" => Some(Weekday::Tue),
        "wed" => Some(Weekday::Wed),
        "thu" => Some(Weekday::Thu),
        "fri" => Some(Weekday::Fri),
        "sat" => Some(Weekday::Sat),
        "sun" => Some(Weekday::Sun),
        _ => None,
    }
}

/// `HH:MM`, up to `24:00`, as minutes of the day.
fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse::<u32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY).then_some(total)
}
