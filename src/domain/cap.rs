//! Windows of caps: the full hour, day, week, month of the route's time zone, as instants. Windows of one period
//! follow each other without gap or overlap through every change of the clock, so no lead counts twice or never.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use crate::domain::rules::CapPeriod;

/// A span of time that a cap counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Inclusive; the Unix epoch for `total`. With the cap's id it names the window.
    pub starts_at: DateTime<Utc>,
    /// Exclusive; none for `total`.
    pub ends_at: Option<DateTime<Utc>>,
}

/// The window that `now` lies in.
pub fn window(period: CapPeriod, tz: Tz, now: DateTime<Utc>) -> Window {
    let total = Window { starts_at: DateTime::UNIX_EPOCH, ends_at: None };
    let local = now.with_timezone(&tz).naive_local();
    let mut begins = floor(period, local);
    // Where the clock goes back over a boundary, or skips a whole day, the local time points at a window that is over.
    for _ in 0..8 {
        let (Some(start), Some(next)) = (begins, begins.and_then(|begins| after(period, begins))) else { return total };
        let ends_at = first_instant(tz, next);
        if now < ends_at {
            return Window { starts_at: first_instant(tz, start), ends_at: Some(ends_at) };
        }
        begins = Some(next);
    }
    total
}

/// The first instant at which the clocks of `tz` show `local` or later: the earlier one where it is shown twice,
/// the end of the gap where it is skipped.
pub fn first_instant(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match tz.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
        MappedLocalTime::None => end_of_gap(tz, local),
    }
}

fn end_of_gap(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    // A zone is at most 26 hours off, and may skip a whole day (Samoa did).
    let (mut before, mut after) = (local.and_utc() - TimeDelta::hours(40), local.and_utc() + TimeDelta::hours(40));
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&tz).naive_local() < local {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

/// The boundary at or before a local time; none for `total`.
fn floor(period: CapPeriod, local: NaiveDateTime) -> Option<NaiveDateTime> {
    let date = local.date();
    let date = match period {
        CapPeriod::Hour => return date.and_hms_opt(local.hour(), 0, 0),
        CapPeriod::Day => date,
        CapPeriod::Week => date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())))?,
        CapPeriod::Month => date.with_day(1)?,
        CapPeriod::Total => return None,
    };
    Some(date.and_time(NaiveTime::MIN))
}

fn after(period: CapPeriod, boundary: NaiveDateTime) -> Option<NaiveDateTime> {
    match period {
        CapPeriod::Hour => boundary.checked_add_signed(TimeDelta::hours(1)),
        CapPeriod::Day => boundary.checked_add_days(Days::new(1)),
        CapPeriod::Week => boundary.checked_add_days(Days::new(7)),
        CapPeriod::Month => boundary.checked_add_months(Months::new(1)),
        CapPeriod::Total => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_zone_and_as_long_as_its_clocks_say() {
        for (tz, now, starts, ends) in [
            (Tz::Europe__Kyiv, "2026-01-10T23:30:00Z", "2026-01-10T22:00:00Z", "2026-01-11T22:00:00Z"),
            (Tz::Europe__Berlin, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            (Tz::Europe__Berlin, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            // Midnight was skipped: the day begins at one.
            (Tz::America__Sao_Paulo, "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
            // Midnight came twice, one minute past: the day begins at the first.
            (Tz::America__St_Johns, "2006-10-29T03:00:00Z", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"),
            // A whole day was skipped.
            (Tz::Pacific__Apia, "2011-12-30T11:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        ] {
            let expected = Window { starts_at: at(starts), ends_at: Some(at(ends)) };
            assert_eq!(window(CapPeriod::Day, tz, at(now)), expected, "{tz} {now}");
        }
    }

    #[test]
    fn weeks_begin_on_monday_months_on_the_first_and_total_never_ends() {
        let now = at("2026-03-01T10:20:30Z");
        let start = |period| window(period, Tz::UTC, now).starts_at;
        assert_eq!(start(CapPeriod::Hour), at("2026-03-01T10:00:00Z"));
        assert_eq!(start(CapPeriod::Week), at("2026-02-23T00:00:00Z"));
        assert_eq!(start(CapPeriod::Month), at("2026-03-01T00:00:00Z"));
        let total = window(CapPeriod::Total, Tz::UTC, now);
        assert_eq!(total, Window { starts_at: DateTime::UNIX_EPOCH, ends_at: None });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn now_is_inside_and_windows_tile(
            period in proptest::sample::select(&CapPeriod::ALL[..4]),
            tz in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]),
            seconds in 0_i64..2_500_000_000,
        ) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let this = window(period, tz, now);
            let ends_at = this.ends_at.unwrap();
            prop_assert!(this.starts_at <= now && now < ends_at, "{this:?} {now}");
            prop_assert_eq!(window(period, tz, this.starts_at), this);
            prop_assert_eq!(window(period, tz, ends_at - TimeDelta::microseconds(1)), this);
            prop_assert_eq!(window(period, tz, ends_at).starts_at, ends_at);
            let before = window(period, tz, this.starts_at - TimeDelta::microseconds(1));
            prop_assert_eq!(before.ends_at, Some(this.starts_at));
        }
    }
}
