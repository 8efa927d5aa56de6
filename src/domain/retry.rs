//! How long to wait before the next try. A table of waits, spread by a jitter that the caller passes in, raised
//! by the other side's Retry-After, never longer than six hours.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// No wait is longer.
pub const LONGEST: Duration = Duration::from_hours(6);
/// Waits differ from the table by at most this share.
const SPREAD: f64 = 0.2;

/// The wait after the `attempt`-th failed try (1 is the first); none: the table is used up, give up.
/// `jitter` is 0 to 1, in the middle the table's own wait.
pub fn next_wait(schedule: &[Duration], attempt: u32, retry_after: Option<Duration>, jitter: f64) -> Option<Duration> {
    let step = usize::try_from(attempt.max(1) - 1).ok()?;
    let planned = schedule.get(step)?;
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
    // Cut first: an absurd table entry must not overflow the multiplication.
    let spread = (*planned).min(LONGEST).mul_f64(1.0 - SPREAD + 2.0 * SPREAD * jitter);
    Some(spread.max(retry_after.unwrap_or_default()).min(LONGEST))
}

/// A jitter of 0 to 1 that is the same whenever the same job asks: no randomness, yet no two jobs in step.
pub fn jitter_of(id: Uuid, attempt: u32) -> f64 {
    let mut hash = Sha256::new();
    hash.update(id.as_bytes());
    hash.update(attempt.to_be_bytes());
    let bits = hash.finalize().iter().take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

/// How long a breaker stays open that has opened `opened_times` times in a row before: 30 seconds, doubled each
/// time, at most 30 minutes.
pub fn breaker_pause(opened_times: u32) -> Duration {
    Duration::from_secs(30_u64.saturating_mul(1 << opened_times.min(16))).min(Duration::from_mins(30))
}

/// Reads a Retry-After header: seconds, or an HTTP date in any of its three forms. A date gone by means no wait.
pub fn parse_retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still "very long".
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let at = DateTime::parse_from_rfc2822(value)
        .map(|at| at.to_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(value, "%A, %d-%b-%y %H:%M:%S GMT").map(|at| at.and_utc()))
        .or_else(|_| NaiveDateTime::parse_from_str(value, "%a %b %e %H:%M:%S %Y").map(|at| at.and_utc()))
        .ok()?;
    Some((at - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: [Duration; 4] =
        [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(5), Duration::from_hours(12)];

    proptest! {
        #[test]
        fn waits_stay_near_the_table_and_end_with_it(attempt in 0_u32..8, jitter in 0.0..=1.0) {
            let wait = next_wait(&TABLE, attempt, None, jitter);
            let planned = TABLE.get(attempt.max(1) as usize - 1);
            prop_assert_eq!(wait.is_some(), planned.is_some());
            if let (Some(wait), Some(planned)) = (wait, planned) {
                let planned = (*planned).min(LONGEST);
                prop_assert!(wait >= planned.mul_f64(0.79) && wait <= planned.mul_f64(1.21) && wait <= LONGEST);
            }
        }

        #[test]
        fn retry_after_only_raises(attempt in 1_u32..5, jitter in any::<f64>(), after in any::<u64>()) {
            let after = Duration::from_secs(after);
            let plain = next_wait(&TABLE, attempt, None, jitter).unwrap();
            let raised = next_wait(&TABLE, attempt, Some(after), jitter).unwrap();
            prop_assert_eq!(raised, plain.max(after).min(LONGEST));
        }

        #[test]
        fn jitter_is_stable_and_between_0_and_1(id in any::<u128>(), attempt in any::<u32>()) {
            let jitter = jitter_of(Uuid::from_u128(id), attempt);
            prop_assert!((0.0..1.0).contains(&jitter));
            prop_assert_eq!(jitter.to_bits(), jitter_of(Uuid::from_u128(id), attempt).to_bits());
        }

        #[test]
        fn pauses_grow_to_half_an_hour(times in 0_u32..100) {
            let pause = breaker_pause(times);
            prop_assert!(pause >= Duration::from_secs(30) && pause <= Duration::from_mins(30));
            prop_assert!(breaker_pause(times + 1) >= pause);
        }

        #[test]
        fn any_header_is_read_without_a_panic(value in any::<String>(), now in 0_i64..4_000_000_000) {
            let _ = parse_retry_after(&value, DateTime::from_timestamp(now, 0).unwrap()).is_some();
        }
    }

    #[test]
    fn jitters_of_many_jobs_spread_evenly() {
        let mean = (0..4000).map(|id| jitter_of(Uuid::from_u128(id), 1)).sum::<f64>() / 4000.0;
        assert!((0.47..0.53).contains(&mean), "{mean}");
    }

    #[test]
    fn seconds_and_all_forms_of_dates_are_read() {
        let now = "1994-11-06T08:49:07Z".parse().unwrap();
        for (value, wait) in [
            ("120", Some(120)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
            ("Sun Nov  6 08:49:37 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse_retry_after(value, now), wait.map(Duration::from_secs), "{value}");
        }
        assert_eq!(breaker_pause(0), Duration::from_secs(30));
        assert_eq!(breaker_pause(2), Duration::from_mins(2));
    }
}
