//! When an alert opens, changes and is over: from what is open and what was read now to what is to be written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Facts, Kind};

/// An alert is over when its condition has not held for so long: what comes and goes is one alert.
pub const CALM: TimeDelta = TimeDelta::minutes(3);

/// What was found about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub kind: Kind,
    /// What it is about, among readings of its kind.
    pub subject: String,
    pub facts: Facts,
    /// Grows when it gets worse.
    pub size: i64,
    /// Whether the threshold is reached. One that is only near to it keeps an alert open and opens none.
    pub holds: bool,
}

/// An alert that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub alert_id: Uuid,
    pub kind: Kind,
    pub subject: String,
    pub size: i64,
    pub calm_since: Option<DateTime<Utc>>,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new alert.
    Open(Reading),
    /// It goes on with these facts.
    Keep { alert_id: Uuid, reading: Reading, has_grown: bool },
    /// Its condition does not hold any more, from now on.
    Calm { alert_id: Uuid },
    /// It is over.
    Close { alert_id: Uuid },
    /// Nobody wants to know of it any more: it ends without a word.
    Drop { alert_id: Uuid },
}

/// What follows. `read`: the kinds that were looked at now; alerts of others stay as they are. `off`: the kinds whose
/// rule is switched off.
pub fn steps(
    open: &[Open],
    readings: Vec<Reading>,
    read: &BTreeSet<Kind>,
    off: &BTreeSet<Kind>,
    now: DateTime<Utc>,
) -> Vec<Step> {
    let mut found: BTreeMap<(Kind, String), Reading> =
        readings.into_iter().map(|reading| ((reading.kind, reading.subject.clone()), reading)).collect();
    let mut steps = Vec::new();
    for alert in open {
        let alert_id = alert.alert_id;
        let reading = found.remove(&(alert.kind, alert.subject.clone()));
        if off.contains(&alert.kind) {
            steps.push(Step::Drop { alert_id });
            continue;
        }
        match (reading, alert.calm_since) {
            (Some(reading), _) => {
                let has_grown = alert.kind.tells_growth() && reading.size > alert.size;
                steps.push(Step::Keep { alert_id, reading, has_grown });
            }
            (None, _) if !read.contains(&alert.kind) => {}
            (None, None) => steps.push(Step::Calm { alert_id }),
            (None, Some(since)) if now - since >= CALM => steps.push(Step::Close { alert_id }),
            (None, Some(_)) => {}
        }
    }
    let new = found.into_values().filter(|reading| reading.holds && !off.contains(&reading.kind));
    steps.extend(new.map(Step::Open));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn reading(kind: Kind, holds: bool, size: i64) -> Reading {
        Reading { kind, subject: "n1".into(), facts: Facts::default(), size, holds }
    }

    fn open(kind: Kind, size: i64, calm_since: Option<DateTime<Utc>>) -> Open {
        Open { alert_id: Uuid::from_u128(1), kind, subject: "n1".into(), size, calm_since }
    }

    fn after(open: &[Open], readings: Vec<Reading>, now: i64) -> Vec<Step> {
        steps(open, readings, &Kind::ALL.iter().copied().collect(), &BTreeSet::new(), at(now))
    }

    #[test]
    fn one_opens_at_its_threshold_and_not_near_it() {
        let near = reading(Kind::Queue, false, 0);
        assert_eq!(after(&[], vec![near.clone()], 0), []);
        let holds = reading(Kind::Queue, true, 0);
        assert_eq!(after(&[], vec![holds.clone()], 0), [Step::Open(holds)]);
        let kept = after(&[open(Kind::Queue, 0, None)], vec![near.clone()], 0);
        assert_eq!(kept, [Step::Keep { alert_id: Uuid::from_u128(1), reading: near, has_grown: false }]);
    }

    #[test]
    fn one_is_over_when_it_has_been_calm_for_a_while() {
        let alert_id = Uuid::from_u128(1);
        assert_eq!(after(&[open(Kind::Disk, 0, None)], vec![], 0), [Step::Calm { alert_id }]);
        assert_eq!(after(&[open(Kind::Disk, 0, Some(at(0)))], vec![], 179), []);
        assert_eq!(after(&[open(Kind::Disk, 0, Some(at(0)))], vec![], 180), [Step::Close { alert_id }]);
    }

    #[test]
    fn what_was_not_read_stays_and_what_is_off_ends_without_a_word() {
        let alert = [open(Kind::ApproveRate, 0, Some(at(0)))];
        assert_eq!(steps(&alert, vec![], &BTreeSet::new(), &BTreeSet::new(), at(9_999)), []);
        let off = BTreeSet::from([Kind::ApproveRate]);
        let found = vec![reading(Kind::ApproveRate, true, 0)];
        assert_eq!(steps(&alert, found.clone(), &off, &off, at(0)), [Step::Drop { alert_id: Uuid::from_u128(1) }]);
        assert_eq!(steps(&[], found, &off, &off, at(0)), []);
    }

    #[test]
    fn a_new_word_is_told_of_while_others_wait() {
        let has_grown = |kind, before, now| match after(&[open(kind, before, None)], vec![reading(kind, true, now)], 0)
            .as_slice()
        {
            [Step::Keep { has_grown, .. }] => *has_grown,
            other => panic!("{other:?}"),
        };
        assert!(has_grown(Kind::Unmapped, 1, 2) && !has_grown(Kind::Unmapped, 2, 1) && !has_grown(Kind::Review, 1, 2));
    }
}
