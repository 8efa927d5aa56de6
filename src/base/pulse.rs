//! Whether work on the database comes to an end: what is running and since when, and when something last succeeded.
//! A connection that has fallen silent (a firewall that forgot it, a machine that is gone) never says so by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Clones share the same pulse.
#[derive(Clone, Debug)]
pub struct Pulse {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    next: u64,
    /// By the order of their beginning.
    running: BTreeMap<u64, Instant>,
    beat: Instant,
}

/// An act that runs; over when dropped.
#[derive(Debug)]
pub struct Running {
    pulse: Pulse,
    number: u64,
}

impl Default for Pulse {
    fn default() -> Self {
        let inner = Inner { next: 0, running: BTreeMap::new(), beat: Instant::now() };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }
}

impl Pulse {
    /// An act on the database begins, one that should be over soon.
    pub fn begin(&self) -> Running {
        let mut inner = self.lock();
        let number = inner.next;
        inner.next += 1;
        inner.running.insert(number, Instant::now());
        drop(inner);
        Running { pulse: self.clone(), number }
    }

    /// Something that is done all the time has succeeded.
    pub fn beat(&self) {
        self.lock().beat = Instant::now();
    }

    /// For how long an act has not ended, or nothing has succeeded: the longer of both.
    pub fn silence(&self) -> Duration {
        let inner = self.lock();
        let oldest = inner.running.first_key_value().map_or(inner.beat, |(_, began)| *began);
        oldest.min(inner.beat).elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.pulse.lock().running.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_act_and_the_last_beat_count() {
        let pulse = Pulse::default();
        let wait = Duration::from_millis(20);
        let act = pulse.begin();
        std::thread::sleep(wait);
        pulse.beat();
        assert!(pulse.silence() >= wait, "the act has not ended");
        drop(act);
        assert!(pulse.silence() < wait, "nothing runs and the beat is fresh");
        std::thread::sleep(wait);
        let _act = pulse.begin();
        assert!(pulse.silence() >= wait, "the beat is old");
    }
}
