//! Affili's date texts. Answers speak the Solar Hijri (Jalali) calendar, filters the Gregorian one: a caller that
//! copies a date from an answer into a filter must fail loudly.

use calendrical_calculations::persian::fast_persian_from_fixed;
use calendrical_calculations::rata_die::RataDie;
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::Asia::Tehran;

use super::settings::{Calendar, Zone};

/// Before this year no Gregorian date of a conversion can be: it is a Jalali one.
const FIRST_GREGORIAN_YEAR: i32 = 1700;

/// What the clocks of a zone show.
pub(super) fn local(at: DateTime<Utc>, zone: Zone) -> NaiveDateTime {
    match zone {
        Zone::Tehran => at.with_timezone(&Tehran).naive_local(),
        Zone::Utc => at.naive_utc(),
    }
}

/// A time as answers write it: `1399-01-17 12:46:38`, local time of Tehran.
pub(super) fn answer_text(at: DateTime<Utc>, calendar: Calendar) -> String {
    let local = local(at, Zone::Tehran);
    let jalali = match calendar {
        Calendar::Jalali => jalali(local),
        Calendar::Gregorian => None,
    };
    let (year, month, day) = jalali.unwrap_or((local.year(), local.month() as u8, local.day() as u8));
    format!("{year:04}-{month:02}-{day:02} {}", local.format("%H:%M:%S"))
}

/// Year, month and day of the Solar Hijri calendar. `None` for a year that fits no calendar here.
fn jalali(local: NaiveDateTime) -> Option<(i32, u8, u8)> {
    // Both count the days from 1 January of the Gregorian year 1, which is day 1.
    fast_persian_from_fixed(RataDie::new(i64::from(local.num_days_from_ce()))).ok()
}

/// Reads a filter's date, which has no zone of its own.
pub(super) fn filter_time(text: &str) -> Result<NaiveDateTime, &'static str> {
    let year = text.split('-').next().and_then(|year| year.parse::<i32>().ok());
    // First, because a Jalali date need not be a Gregorian one: 1399-02-31.
    if year.is_some_and(|year| year < FIRST_GREGORIAN_YEAR) {
        return Err("must be a Gregorian date, and this looks like a Jalali one");
    }
    // chrono alone would take `2020-4-5 1:2:3` as well.
    let is_full = text.len() == "2020-04-05 08:16:38".len();
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().filter(|_| is_full);
    read.ok_or("must be a date as YYYY-MM-DD HH:MM:SS")
}
