//! Requests that wait for what becomes of their lead (`?wait`). A wake-up is a hint only: who waits looks at the
//! database, also now and then without one, because another node may have delivered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

/// Who waits for which lead.
#[derive(Debug, Default)]
pub struct Waiters {
    waiting: Mutex<HashMap<Uuid, Arc<Notify>>>,
}

/// One who waits; forgets itself when dropped.
#[derive(Debug)]
pub struct Waiter<'a> {
    waiters: &'a Waiters,
    lead_id: Uuid,
    notify: Arc<Notify>,
}

impl Waiters {
    /// Begins to wait for a lead: before it is committed, so that nothing is missed.
    pub fn wait_for(&self, lead_id: Uuid) -> Waiter<'_> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let notify = Arc::clone(waiting.entry(lead_id).or_default());
        Waiter { waiters: self, lead_id, notify }
    }

    /// Something has become of a lead.
    pub fn wake(&self, lead_id: Uuid) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = waiting.get(&lead_id) {
            notify.notify_waiters();
            // For one who is just looking at the database.
            notify.notify_one();
        }
    }
}

impl Waiter<'_> {
    /// The next wake-up.
    pub async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiting = self.waiters.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Two in the map and here: nobody else waits.
        if Arc::strong_count(&self.notify) <= 2 {
            waiting.remove(&self.lead_id);
        }
    }
}
