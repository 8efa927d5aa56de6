//! The laws of alerts over a long time, with readings, restarts and channels of all sorts: nothing is told twice,
//! nothing is lost, no hour has too many messages, quiet hours are quiet.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::pace::{self, GATHER, Pending, Policy};
use super::quiet::Quiet;
use super::tell::{self, Event, Heard};
use super::watch::{self, Open, Reading, Step};
use super::{Facts, Kind, What};

/// What the database holds: all that is left after a restart.
#[derive(Clone, Debug, Default)]
struct Book {
    next: u128,
    open: Vec<Open>,
    closed: BTreeSet<Uuid>,
    notices: Vec<Notice>,
    messages: Vec<(DateTime<Utc>, Vec<Uuid>)>,
}

#[derive(Clone, Debug)]
struct Notice {
    id: Uuid,
    alert_id: Uuid,
    what: What,
    at: DateTime<Utc>,
    is_critical: bool,
    is_told: bool,
}

impl Book {
    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn note(&mut self, event: Event, alert_id: Uuid, kind: Kind, repeat: i32, now: DateTime<Utc>) {
        let of: Vec<&Notice> = self.notices.iter().filter(|notice| notice.alert_id == alert_id).collect();
        let heard = Heard {
            last_at: of.iter().map(|notice| notice.at).max(),
            is_pending: of.iter().any(|notice| !notice.is_told),
        };
        if let Some(what) = tell::notice(event, heard, repeat, now) {
            let id = self.id();
            let is_critical = kind.is_critical();
            self.notices.push(Notice { id, alert_id, what, at: now, is_critical, is_told: false });
        }
    }

    fn look(&mut self, readings: Vec<Reading>, repeat: i32, now: DateTime<Utc>) {
        let read = Kind::ALL.iter().copied().collect();
        for step in watch::steps(&self.open.clone(), readings, &read, &BTreeSet::new(), now) {
            match step {
                Step::Open(reading) => {
                    let alert_id = self.id();
                    let Reading { kind, subject, size, .. } = reading;
                    self.open.push(Open { alert_id, kind, subject, size, calm_since: None });
                    self.note(Event::Opened, alert_id, kind, repeat, now);
                }
                Step::Keep { alert_id, reading, has_grown } => {
                    let open = self.open.iter_mut().find(|open| open.alert_id == alert_id).unwrap();
                    (open.size, open.calm_since) = (reading.size, None);
                    let event = if has_grown { Event::Grown } else { Event::Lasts };
                    self.note(event, alert_id, reading.kind, repeat, now);
                }
                Step::Calm { alert_id } => {
                    self.open.iter_mut().find(|open| open.alert_id == alert_id).unwrap().calm_since = Some(now);
                }
                Step::Close { alert_id } => {
                    let kind = self.open.iter().find(|open| open.alert_id == alert_id).unwrap().kind;
                    self.open.retain(|open| open.alert_id != alert_id);
                    self.closed.insert(alert_id);
                    self.note(Event::Closed, alert_id, kind, repeat, now);
                }
                Step::Drop { .. } => unreachable!("no rule is switched off here"),
            }
        }
    }

    fn tell(&mut self, policy: &Policy, now: DateTime<Utc>) {
        let waits = self.notices.iter().filter(|notice| !notice.is_told);
        let pending: Vec<Pending> =
            waits.map(|n| Pending { notice_id: n.id, at: n.at, is_critical: n.is_critical }).collect();
        let told: Vec<DateTime<Utc>> = self.messages.iter().map(|(at, _)| *at).collect();
        if let Some(bundle) = pace::due(policy, &pending, &told, false, now) {
            for notice in self.notices.iter_mut().filter(|notice| bundle.notices.contains(&notice.id)) {
                notice.is_told = true;
            }
            self.messages.push((now, bundle.notices));
        }
    }
}

fn reading(kind: Kind, subject: u8, size: i64, holds: bool) -> Reading {
    Reading { kind, subject: subject.to_string(), facts: Facts::default(), size, holds }
}

prop_compose! {
    fn moment()(
        wait in 5_i64..2_000,
        found in proptest::collection::vec((proptest::sample::select(Kind::ALL), 0_u8..3, 0_i64..4, any::<bool>()), 0..6),
    ) -> (i64, Vec<Reading>) {
        let unique: BTreeMap<(Kind, u8), Reading> = found.into_iter()
            .map(|(kind, subject, size, holds)| ((kind, subject), reading(kind, subject, size, holds))).collect();
        (wait, unique.into_values().collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_told_twice_and_nothing_is_lost(
        moments in proptest::collection::vec(moment(), 1..120),
        per_hour in 1_usize..6,
        (from, length) in (0_u32..1440, 0_u32..1380),
        critical_passes in any::<bool>(),
        repeat in 0_i32..4,
    ) {
        let quiet = Quiet { from, until: (from + length) % 1440, zone: Tz::Asia__Tehran };
        let policy = Policy { per_hour, quiet: Some(quiet), critical_passes };
        let mut now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut book = Book::default();
        for (wait, readings) in moments {
            now += TimeDelta::seconds(wait);
            book.look(readings, repeat, now);
            book.tell(&policy, now);
            // A restart between the two, and a second look at once, change nothing.
            let before = book.messages.len();
            book.tell(&policy, now);
            prop_assert_eq!(book.messages.len(), before);
        }
        // Calm comes, and then a whole day, so that quiet hours end and the hour has room.
        for _ in 0..2_000 {
            now += TimeDelta::seconds(97);
            book.look(Vec::new(), repeat, now);
            book.tell(&policy, now);
        }
        prop_assert!(book.open.is_empty());
        let mut told = BTreeSet::new();
        for (at, notices) in &book.messages {
            prop_assert!(!notices.is_empty());
            for id in notices {
                prop_assert!(told.insert(*id), "{} was told twice", id);
                let notice = book.notices.iter().find(|notice| notice.id == *id).unwrap();
                prop_assert!(notice.at <= *at);
                prop_assert!(!quiet.contains(*at) || (critical_passes && notice.is_critical));
            }
        }
        for notice in &book.notices {
            prop_assert!(told.contains(&notice.id), "{:?} was never told", notice);
        }
        for alert_id in &book.closed {
            let count = |what| book.notices.iter().filter(|n| n.alert_id == *alert_id && n.what == what).count();
            prop_assert_eq!((count(What::Opened), count(What::Over)), (1, 1));
        }
        let times: Vec<DateTime<Utc>> = book.messages.iter().map(|(at, _)| *at).collect();
        for (index, at) in times.iter().enumerate() {
            let within = times[..=index].iter().filter(|other| *at - **other < pace::HOUR).count();
            prop_assert!(within <= per_hour, "{} messages within an hour", within);
            prop_assert!(index == 0 || *at - times[index - 1] >= GATHER);
        }
    }
}
