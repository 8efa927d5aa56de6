//! A sign of life: workers beat it in each round of their loop, `/readyz` asks when it last did.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// When something last showed that it is alive. Clones share the same beat.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    last_ms: Arc<AtomicI64>,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self { last_ms: Arc::new(AtomicI64::new(i64::MIN)) }
    }
}

impl Heartbeat {
    /// It is alive now. An earlier time changes nothing.
    pub fn beat(&self, now: DateTime<Utc>) {
        self.last_ms.fetch_max(now.timestamp_millis(), Ordering::Relaxed);
    }

    /// When it last beat; none before the first beat.
    pub fn last(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.last_ms.load(Ordering::Relaxed))
    }

    /// Whether the last beat is at most `limit` old. Before the first beat it is not.
    pub fn is_alive(&self, now: DateTime<Utc>, limit: TimeDelta) -> bool {
        now.timestamp_millis().saturating_sub(self.last_ms.load(Ordering::Relaxed)) <= limit.num_milliseconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_dies_after_the_limit_and_lives_again() {
        let (heart, start) = (Heartbeat::default(), DateTime::UNIX_EPOCH);
        let limit = TimeDelta::seconds(30);
        assert!(!heart.is_alive(start, limit));
        assert_eq!(heart.last(), None);
        heart.beat(start);
        assert_eq!(heart.last(), Some(start));
        assert!(heart.is_alive(start + TimeDelta::seconds(30), limit));
        assert!(!heart.clone().is_alive(start + TimeDelta::seconds(31), limit));
        heart.beat(start + TimeDelta::seconds(40));
        assert!(heart.is_alive(start + TimeDelta::seconds(60), limit));
    }
}
