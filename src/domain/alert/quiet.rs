//! Quiet hours: a part of each day in which a channel is left in peace.

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;

/// From one minute of the day to another, which may be of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Minutes since midnight, included.
    pub from: u32,
    /// Not included.
    pub until: u32,
    pub zone: Tz,
}

impl Quiet {
    /// Whether it is quiet at this time. Where the clock is moved, what it shows decides.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&self.zone);
        let minute = local.hour() * 60 + local.minute();
        if self.from <= self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

/// `07:30` as minutes since midnight.
pub fn read(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str, most: u32| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| is_plain && *number <= most)
    };
    Some(number(hours, 23)? * 60 + number(minutes, 59)?)
}

/// Minutes since midnight as `07:30`.
pub fn write(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nights_go_over_midnight_in_their_own_zone() {
        let night = Quiet { from: 22 * 60, until: 7 * 60, zone: Tz::Europe__Kyiv };
        // Winter: two hours ahead of UTC; summer: three.
        for (time, is_quiet) in [
            ("2026-01-10T19:59:00Z", false),
            ("2026-01-10T20:00:00Z", true),
            ("2026-01-11T04:59:59Z", true),
            ("2026-01-11T05:00:00Z", false),
            ("2026-07-10T19:00:00Z", true),
            ("2026-07-11T04:00:00Z", false),
        ] {
            assert_eq!(night.contains(at(time)), is_quiet, "{time}");
        }
        let noon = Quiet { from: 12 * 60, until: 13 * 60, zone: Tz::UTC };
        assert!(noon.contains(at("2026-01-10T12:59:59Z")) && !noon.contains(at("2026-01-10T13:00:00Z")));
        let never = Quiet { from: 60, until: 60, zone: Tz::UTC };
        assert!(!never.contains(at("2026-01-10T01:00:00Z")));
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for minute in 0..24 * 60 {
            assert_eq!(read(&write(minute)), Some(minute));
        }
        for wrong in ["", "24:00", "7", "7:60", "-1:00", "07:030", "+7:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
