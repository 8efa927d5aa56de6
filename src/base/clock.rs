//! The time, passed in. Everything that asks for the time asks a [`Clock`], so that tests can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock in UTC. Cheap to clone; clones share the same offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time now, UTC, in microseconds as PostgreSQL keeps them.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
        let now = Utc::now();
        let now = now + TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed));
        chrono::SubsecRound::trunc_subsecs(now, 6)
    }

    /// Moves this clock and its clones forward: for tests.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
