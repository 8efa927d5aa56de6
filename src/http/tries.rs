//! How often somebody may try a password or a code. Counted in each process.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use uuid::Uuid;

use super::client_ip::ClientIp;

/// Passwords an address may try for one e-mail in a minute.
pub const PASSWORDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Codes that may be tried for one person, from wherever, before the waiting begins. A code has six digits only.
pub const CODES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Then one in so many seconds.
pub const CODE_EVERY_SECONDS: u64 = 60;
/// Above this many keys the old ones are dropped.
const KEYS: usize = 10_000;

/// The tries of the last minutes.
pub struct Tries {
    by_email: DefaultKeyedRateLimiter<(Option<IpAddr>, String)>,
    by_person: DefaultKeyedRateLimiter<Uuid>,
}

impl Default for Tries {
    fn default() -> Self {
        let slow = Quota::with_period(Duration::from_secs(CODE_EVERY_SECONDS));
        let slow = slow.unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN)).allow_burst(CODES);
        Self { by_email: RateLimiter::keyed(Quota::per_minute(PASSWORDS)), by_person: RateLimiter::keyed(slow) }
    }
}

fn wait(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Duration {
    until.wait_time_from(DefaultClock::default().now())
}

impl Tries {
    /// Counts a try of a password; how long to wait when there were too many.
    pub fn password(&self, ip: Option<ClientIp>, email: &str) -> Result<(), Duration> {
        if self.by_email.len() > KEYS {
            self.by_email.retain_recent();
        }
        let email: String = email.to_lowercase().chars().take(254).collect();
        self.by_email.check_key(&(ip.map(|ClientIp(ip)| ip), email)).map_err(|until| wait(&until))
    }

    /// Counts a try of a code; how long to wait when there were too many.
    pub fn code(&self, user_id: Uuid) -> Result<(), Duration> {
        if self.by_person.len() > KEYS {
            self.by_person.retain_recent();
        }
        self.by_person.check_key(&user_id).map_err(|until| wait(&until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits() {
        let tries = Tries::default();
        let passwords: Vec<bool> = (0..11).map(|_| tries.password(None, "Limit@Example.com").is_ok()).collect();
        assert_eq!(passwords.iter().filter(|is_ok| **is_ok).count(), 10);
        assert!(tries.password(None, "limit@example.com").is_err());
        assert!(tries.password(None, "other@example.com").is_ok());
        let codes: Vec<bool> = (0..11).map(|_| tries.code(Uuid::from_u128(1)).is_ok()).collect();
        assert_eq!(codes.iter().filter(|is_ok| **is_ok).count(), 10);
        assert!(tries.code(Uuid::from_u128(2)).is_ok());
    }
}
