//! The Solar Hijri calendar of Iran, as far as partners write dates in it.

use calendrical_calculations::persian::{fixed_from_fast_persian, is_leap_year};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Day 719,163 of the calculations is 1970-01-01.
const UNIX_DAY: i64 = 719_163;

/// A Jalali date as the Gregorian day; `None` when there is no such day.
pub fn date(year: i32, month: u8, day: u8) -> Option<NaiveDate> {
    if !(1..=3000).contains(&year) {
        return None;
    }
    let longest = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if is_leap_year(year) => 30,
        12 => 29,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let fixed = fixed_from_fast_persian(year, month, day).to_i64_date();
    NaiveDate::from_epoch_days(i32::try_from(fixed - UNIX_DAY).ok()?)
}

/// `YYYY-MM-DD`, with ` HH:MM:SS` or without; Jalali when the year is below 1700, else Gregorian.
pub fn parse(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let mut parts = day.splitn(3, ['-', '/']);
    let (year, month, day) =
        (parts.next()?.parse::<i32>().ok()?, parts.next()?.parse::<u8>().ok()?, parts.next()?.parse::<u8>().ok()?);
    let day = if year < 1700 {
        date(year, month, day)?
    } else {
        NaiveDate::from_ymd_opt(year, u32::from(month), u32::from(day))?
    };
    let time = time.split(['.', '+', 'Z']).next().unwrap_or_default();
    Some(day.and_time(NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (jalali, expected) in [
            ("1399-01-17 12:46:38", Some("2020-04-05 12:46:38")),
            ("1399-02-10 19:30:50", Some("2020-04-29 19:30:50")),
            ("1403-01-01", Some("2024-03-20 00:00:00")),
            ("1399-12-30", Some("2021-03-20 00:00:00")),
            ("1400-12-30", None),
            ("2024-02-29 01:02:03", Some("2024-02-29 01:02:03")),
            ("1399-07-31", None),
            ("0000-00-00 00:00:00", None),
            ("1399-13-01", None),
            ("soon", None),
        ] {
            let found = parse(jalali).map(|at| at.to_string());
            assert_eq!(found.as_deref(), expected, "{jalali}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9]{1,10}-[0-9]{1,4}-[0-9]{1,4}( [0-9:]{0,9})?") {
            let _ = parse(&text);
        }

        #[test]
        fn days_follow_each_other(year in 1300_i32..1500, month in 1_u8..=12, day in 1_u8..=29) {
            let next = if day < 29 { date(year, month, day + 1) } else { None };
            if let (Some(today), Some(next)) = (date(year, month, day), next) {
                prop_assert_eq!((next - today).num_days(), 1);
            }
        }
    }
}
