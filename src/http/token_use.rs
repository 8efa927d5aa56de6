//! When tokens were last used: noted in memory, written now and then, so that a request costs no write.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Uses since the last write.
#[derive(Debug, Default)]
pub struct TokensUsed {
    seen: Mutex<HashMap<Uuid, DateTime<Utc>>>,
}

impl TokensUsed {
    /// A token was used.
    pub fn note(&self, token_id: Uuid, now: DateTime<Utc>) {
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(token_id, now);
    }

    /// Takes what has gathered, to be written.
    pub fn take(&self) -> Vec<(Uuid, DateTime<Utc>)> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.drain().collect()
    }
}
