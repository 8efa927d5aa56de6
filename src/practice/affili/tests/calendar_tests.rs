//! Dates: known pairs, both ways of a year, and texts that are none.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::super::calendar::{answer_text, filter_time, local};
use super::super::{Calendar, Zone};

fn shown(utc: &str) -> String {
    answer_text(utc.parse().unwrap(), Calendar::Jalali)
}

#[test]
fn known_days_are_told_in_the_jalali_calendar() {
    // Summer time in Tehran until 2022: UTC+4:30.
    assert_eq!(shown("2020-04-05T08:16:38Z"), "1399-01-17 12:46:38");
    assert_eq!(shown("2020-04-29T15:00:50Z"), "1399-02-10 19:30:50");
    // The last day of a leap year and the New Year after it; UTC+3:30.
    assert_eq!(shown("2025-03-20T12:00:00Z"), "1403-12-30 15:30:00");
    assert_eq!(shown("2025-03-20T20:29:59Z"), "1403-12-30 23:59:59");
    assert_eq!(shown("2025-03-20T20:30:00Z"), "1404-01-01 00:00:00");
    assert_eq!(shown("2026-11-26T16:30:00Z"), "1405-09-05 20:00:00");
    let gregorian = answer_text("2020-04-05T20:16:38Z".parse().unwrap(), Calendar::Gregorian);
    assert_eq!(gregorian, "2020-04-06 00:46:38");
}

#[test]
fn every_day_of_thirty_years_follows_the_one_before() {
    let mut at: DateTime<Utc> = "2010-01-01T12:00:00Z".parse().unwrap();
    let mut before = (1388, 10, 10);
    while at.year() < 2040 {
        at += TimeDelta::days(1);
        let text = answer_text(at, Calendar::Jalali);
        let parts: Vec<u32> = text.split(['-', ' ']).take(3).map(|part| part.parse().unwrap()).collect();
        let now = (parts[0], parts[1], parts[2]);
        let (year, month, day) = before;
        let longest = if month <= 6 { 31 } else { 30 };
        let follows = now == (year, month, day + 1) && day < longest
            || now == (year, month + 1, 1) && month < 12 && day == longest
            || now == (year + 1, 1, 1) && month == 12 && day >= 29;
        // 1388-10-11 was the first of January 2010.
        assert!(follows || before == (1388, 10, 10), "{now:?} after {before:?}");
        before = now;
    }
    assert_eq!(shown("2010-01-01T12:00:00Z"), "1388-10-11 15:30:00");
}

#[test]
fn filters_are_gregorian() {
    let midnight = NaiveDate::from_ymd_opt(2020, 4, 5).unwrap().and_hms_opt(12, 46, 38).unwrap();
    assert_eq!(filter_time("2020-04-05 12:46:38"), Ok(midnight));
    assert_eq!(local("2020-04-05T08:16:38Z".parse().unwrap(), Zone::Tehran), midnight);
    for jalali in ["1399-01-17 12:46:38", "1399-02-31 00:00:00", "1405-09-05", "1699-12-31 23:59:59"] {
        assert!(filter_time(jalali).unwrap_err().contains("Jalali"), "{jalali}");
    }
    for odd in ["", "2020-04-05", "2020-04-05T12:46:38", "2020-4-5 1:2:3", "2020-13-05 12:46:38", "tomorrow"] {
        assert!(!filter_time(odd).unwrap_err().contains("Jalali"), "{odd}");
    }
    assert!(filter_time("1700-01-01 00:00:00").is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_a_panic(text in ".*", digits in "[0-9-]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}") {
        let _ = filter_time(&text);
        let _ = filter_time(&digits);
    }

    #[test]
    fn any_time_can_be_told(seconds in -60_000_000_000_i64..200_000_000_000) {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        prop_assert!(answer_text(at, Calendar::Jalali).len() >= 19);
    }
}
