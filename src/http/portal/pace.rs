//! How often a webmaster may have us call out from a page: tests are for looking, not for load.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use crate::http::error::Error;

/// Tests a webmaster has in a minute.
const TESTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

static LIMITS: LazyLock<DefaultKeyedRateLimiter<Uuid>> = LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(TESTS)));

/// Counts a test, or says how long to wait.
pub fn count(webmaster_id: Uuid) -> Result<(), Error> {
    let waits = |until: governor::NotUntil<_>| until.wait_time_from(DefaultClock::default().now());
    LIMITS.check_key(&webmaster_id).map_err(|until| Error::TooMany { after: waits(until) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_test_in_a_minute_waits() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!((0..21).filter(|_| count(one).is_ok()).count(), 20);
        assert!(count(other).is_ok());
    }
}
