//! The time, passed in. Everything that asks for the time asks a [`Clock`], so that tests can move it.
//!
//! A serving process follows the database's clock: all processes on one database have one time, and windows of caps,
//! ages of leads and stamps of signatures do not move when the clock of one machine is set. In between, time passes as
//! on a stop-watch, which nobody sets.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// Smaller differences are the way's and are left alone.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(100);

/// A clock in UTC. Cheap to clone; clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    moved_ms: Arc<AtomicI64>,
    followed: Arc<RwLock<Option<Told>>>,
}

/// The time somebody told, and when.
#[derive(Clone, Copy, Debug)]
struct Told {
    at: Instant,
    time: DateTime<Utc>,
}

impl Clock {
    /// The system's clock, until it is told to follow another.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time now, UTC, in microseconds as PostgreSQL keeps them.
    pub fn now(&self) -> DateTime<Utc> {
        let followed = *self.followed.read().unwrap_or_else(PoisonError::into_inner);
        let now = match followed {
            Some(told) => told.time + TimeDelta::from_std(told.at.elapsed()).unwrap_or_default(),
            None => self.of_machine(),
        };
        chrono::SubsecRound::trunc_subsecs(now, 6)
    }

    /// From here on it is the clock that shows `time` now.
    pub fn follow(&self, time: DateTime<Utc>) {
        let mut followed = self.followed.write().unwrap_or_else(PoisonError::into_inner);
        let is_near = followed.is_some_and(|told| {
            let shown = told.time + TimeDelta::from_std(told.at.elapsed()).unwrap_or_default();
            (time - shown).abs() < TOLERANCE
        });
        if !is_near {
            *followed = Some(Told { at: Instant::now(), time });
        }
    }

    /// Moves the machine's clock for this one and its clones: for tests. One that follows another clock stays.
    pub fn advance(&self, by: TimeDelta) {
        self.moved_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    fn of_machine(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
        let now = Utc::now();
        now + TimeDelta::milliseconds(self.moved_ms.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_follows_another_does_not_move_with_the_machine() {
        let clock = Clock::system();
        let machine = clock.now();
        clock.advance(TimeDelta::hours(1));
        assert!(clock.now() - machine >= TimeDelta::hours(1), "alone it is the machine's");
        let theirs = machine - TimeDelta::minutes(10);
        clock.clone().follow(theirs);
        clock.advance(TimeDelta::hours(-2));
        assert!((clock.now() - theirs).abs() < TimeDelta::seconds(5));
        let shown = clock.now();
        clock.follow(shown - TimeDelta::milliseconds(20));
        assert!(clock.now() >= shown, "a small difference is not worth going back");
    }
}
