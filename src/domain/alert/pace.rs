//! When what is to be told may be told: together when much comes at once, never more than so many messages an hour,
//! not in quiet hours.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::quiet::Quiet;

/// What comes within so long after a message is told together.
pub const GATHER: TimeDelta = TimeDelta::minutes(1);
/// Messages are counted over so long.
pub const HOUR: TimeDelta = TimeDelta::hours(1);
/// Waits between the tries of one message. After the last it is given up.
pub const RETRIES: &[std::time::Duration] = &[
    std::time::Duration::from_secs(30),
    std::time::Duration::from_mins(2),
    std::time::Duration::from_mins(10),
    std::time::Duration::from_mins(30),
    std::time::Duration::from_hours(2),
    std::time::Duration::from_hours(6),
];

/// How a channel wants to be told.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// At most so many messages in an hour.
    pub per_hour: usize,
    pub quiet: Option<Quiet>,
    /// Critical alerts are told in quiet hours, too.
    pub critical_passes: bool,
}

/// A notice that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    pub notice_id: Uuid,
    pub at: DateTime<Utc>,
    pub is_critical: bool,
}

/// What becomes one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    pub notices: Vec<Uuid>,
    /// Some of it has waited for the end of quiet hours.
    pub is_summary: bool,
}

/// The message that may be told now. `told`: when messages of the last hour were made; `is_waiting`: one of them is not
/// through yet, and then nothing more is piled up behind it.
pub fn due(
    policy: &Policy,
    pending: &[Pending],
    told: &[DateTime<Utc>],
    is_waiting: bool,
    now: DateTime<Utc>,
) -> Option<Bundle> {
    let is_quiet = |at| policy.quiet.is_some_and(|quiet| quiet.contains(at));
    let passes = |notice: &&Pending| !is_quiet(now) || (policy.critical_passes && notice.is_critical);
    let chosen: Vec<&Pending> = pending.iter().filter(passes).collect();
    let in_last_hour = told.iter().filter(|at| now - **at < HOUR).count();
    let is_fresh = told.iter().any(|at| now - *at < GATHER);
    if chosen.is_empty() || is_waiting || is_fresh || in_last_hour >= policy.per_hour {
        return None;
    }
    Some(Bundle {
        is_summary: !is_quiet(now) && chosen.iter().any(|notice| is_quiet(notice.at)),
        notices: chosen.into_iter().map(|notice| notice.notice_id).collect(),
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        // Midnight.
        DateTime::from_timestamp(1_789_948_800 + seconds, 0).unwrap()
    }

    fn pending(n: u128, seconds: i64, is_critical: bool) -> Pending {
        Pending { notice_id: Uuid::from_u128(n), at: at(seconds), is_critical }
    }

    const LOUD: Policy = Policy { per_hour: 3, quiet: None, critical_passes: true };

    #[test]
    fn the_first_is_told_at_once_and_what_follows_within_a_minute_together() {
        let first = due(&LOUD, &[pending(1, 0, false)], &[], false, at(0)).unwrap();
        assert_eq!(first, Bundle { notices: vec![Uuid::from_u128(1)], is_summary: false });
        let more = [pending(2, 10, false), pending(3, 40, true)];
        assert_eq!(due(&LOUD, &more, &[at(0)], false, at(59)), None);
        assert_eq!(due(&LOUD, &more, &[at(0)], false, at(60)).unwrap().notices.len(), 2);
        assert_eq!(due(&LOUD, &[], &[], false, at(60)), None, "nothing is no message");
    }

    #[test]
    fn an_hour_has_its_messages_and_one_waits_behind_the_other() {
        let told = [at(0), at(100), at(200)];
        let one = [pending(1, 300, true)];
        assert_eq!(due(&LOUD, &one, &told, false, at(3599)), None);
        assert!(due(&LOUD, &one, &told, false, at(3600)).is_some());
        assert_eq!(due(&LOUD, &one, &[], true, at(300)), None);
    }

    #[test]
    fn quiet_hours_let_critical_ones_pass_and_end_with_a_summary() {
        let quiet = Quiet { from: 0, until: 7 * 60, zone: Tz::UTC };
        let polite = Policy { quiet: Some(quiet), ..LOUD };
        let both = [pending(1, 60, false), pending(2, 90, true)];
        let night = due(&polite, &both, &[], false, at(120)).unwrap();
        assert_eq!(night, Bundle { notices: vec![Uuid::from_u128(2)], is_summary: false });
        let silent = Policy { critical_passes: false, ..polite };
        assert_eq!(due(&silent, &both, &[], false, at(120)), None);
        let morning = due(&silent, &both, &[], false, at(7 * 3600)).unwrap();
        assert!(morning.is_summary && morning.notices.len() == 2);
        let day = [pending(3, 8 * 3600, false)];
        assert!(!due(&polite, &day, &[], false, at(8 * 3600)).unwrap().is_summary);
    }
}
