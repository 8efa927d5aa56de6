//! How often somebody may try a password or a code. Counted in each process.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::LazyLock;
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

static BY_EMAIL: LazyLock<DefaultKeyedRateLimiter<(Option<IpAddr>, String)>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(PASSWORDS)));

static BY_PERSON: LazyLock<DefaultKeyedRateLimiter<Uuid>> = LazyLock::new(|| {
    let slow = Quota::with_period(Duration::from_secs(CODE_EVERY_SECONDS));
    RateLimiter::keyed(slow.unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN)).allow_burst(CODES))
});

fn wait(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Duration {
    until.wait_time_from(DefaultClock::default().now())
}

/// Counts a try of a password; how long to wait when there were too many.
pub fn password(ip: Option<ClientIp>, email: &str) -> Result<(), Duration> {
    if BY_EMAIL.len() > KEYS {
        BY_EMAIL.retain_recent();
    }
    let email: String = email.to_lowercase().chars().take(254).collect();
    BY_EMAIL.check_key(&(ip.map(|ClientIp(ip)| ip), email)).map_err(|until| wait(&until))
}

/// Counts a try of a code; how long to wait when there were too many.
pub fn code(user_id: Uuid) -> Result<(), Duration> {
    if BY_PERSON.len() > KEYS {
        BY_PERSON.retain_recent();
    }
    BY_PERSON.check_key(&user_id).map_err(|until| wait(&until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_waits() {
        let tries: Vec<bool> = (0..11).map(|_| password(None, "Limit@Example.com").is_ok()).collect();
        assert_eq!(tries.iter().filter(|is_ok| **is_ok).count(), 10);
        assert!(password(None, "limit@example.com").is_err());
        assert!(password(None, "other@example.com").is_ok());
        let codes: Vec<bool> = (0..11).map(|_| code(Uuid::from_u128(1)).is_ok()).collect();
        assert_eq!(codes.iter().filter(|is_ok| **is_ok).count(), 10);
        assert!(code(Uuid::from_u128(2)).is_ok());
    }
}
