//! Which leads are due. The older a lead, the seldomer it is asked about: at every poll in its first day, then hourly,
//! then every six hours, then daily, until it is 130 days old (the longest way to a verdict that was seen in the trade
//! is 129 days). Nothing is stored for it: a lead is due when one of its moments, counted from when it was made, lies
//! between the last poll and this one. So leads that came together are not asked about together for ever, and a poll
//! that failed leaves its leads due.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// A lead this old is not asked about any more.
pub const OLDEST: TimeDelta = TimeDelta::days(130);

/// Up to this age (in hours), at this step (in hours; 0: at every poll).
const STEPS: [(i64, i64); 4] = [(24, 0), (7 * 24, 1), (30 * 24, 6), (130 * 24, 24)];

/// Leads made after `after` and not after `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Excluded.
    pub after: DateTime<Utc>,
    /// Included.
    pub until: DateTime<Utc>,
}

/// When the leads were made that are due in a poll at `now`, when the one before was at `last` (`None`: never). `every`
/// is the least step. In order, without overlap.
pub fn due(last: Option<DateTime<Utc>>, now: DateTime<Utc>, every: Duration) -> Vec<Span> {
    let oldest = now - OLDEST;
    let Some(last) = last.filter(|last| *last < now) else {
        return vec![Span { after: oldest, until: now }];
    };
    let every = TimeDelta::from_std(every).unwrap_or(TimeDelta::MAX);
    let mut spans = Vec::new();
    let mut from_age = TimeDelta::zero();
    for (to_age, step) in STEPS {
        let (to_age, step) = (TimeDelta::hours(to_age), TimeDelta::hours(step));
        if step <= every {
            spans.push(Span { after: now - to_age, until: now - from_age });
        } else {
            // A lead made at c has its moments at c + age, for the ages that are multiples of the step.
            let mut age = step * i32::try_from(from_age.num_seconds() / step.num_seconds()).unwrap_or(i32::MAX);
            while age <= to_age {
                if age > from_age {
                    spans.push(Span { after: (last - age).max(oldest), until: now - age });
                }
                age += step;
            }
        }
        from_age = to_age;
    }
    merged(spans)
}

fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.after < span.until);
    spans.sort_by_key(|span| (span.after, span.until));
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.after <= last.until => last.until = last.until.max(span.until),
            _ => out.push(span),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTES: u64 = 60;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn is_due(made: DateTime<Utc>, last: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let spans = due(Some(last), now, Duration::from_secs(10 * MINUTES));
        spans.iter().any(|span| span.after < made && made <= span.until)
    }

    #[test]
    fn the_first_poll_asks_about_all_that_is_not_too_old() {
        assert_eq!(due(None, at(0), Duration::from_secs(600)), [Span { after: at(0) - OLDEST, until: at(0) }]);
    }

    #[test]
    fn a_young_lead_is_asked_about_at_every_poll_and_an_old_one_daily() {
        let (last, now) = (at(0), at(600));
        assert!(is_due(at(590), last, now), "just made");
        assert!(is_due(at(-80_000), last, now), "in its first day");
        let in_a_day = |age_hours: i64| {
            let made = at(-age_hours * 3600 - 17);
            (0..144).filter(|no| is_due(made, at(no * 600), at((no + 1) * 600))).count()
        };
        assert_eq!(in_a_day(3 * 24), 24);
        assert_eq!(in_a_day(10 * 24), 4);
        assert_eq!(in_a_day(60 * 24), 1);
        assert_eq!(in_a_day(131 * 24), 0);
    }

    #[test]
    fn polls_that_are_seldomer_than_a_step_ask_about_everything() {
        let spans = due(Some(at(0)), at(86_400), Duration::from_secs(86_400));
        assert_eq!(spans, [Span { after: at(86_400) - OLDEST, until: at(86_400) }]);
    }

    proptest! {
        /// Over any polls, a lead is asked about at least once in each of its steps.
        #[test]
        fn no_lead_is_passed_over(age in 0_i64..120 * 86_400, polls in prop::collection::vec(1_i64..7200, 1..40)) {
            let made = at(-age);
            let mut last = at(0);
            let (mut asked_at, mut longest) = (last, TimeDelta::zero());
            for pause in polls {
                let now = last + TimeDelta::seconds(pause);
                if is_due(made, last, now) {
                    asked_at = now;
                }
                longest = longest.max(now - asked_at);
                last = now;
            }
            let step = STEPS.iter().find(|(to, _)| last - made <= TimeDelta::hours(*to)).map_or(24, |(_, step)| *step);
            prop_assert!(longest <= TimeDelta::hours(step) + TimeDelta::hours(2), "not asked for {longest}");
        }

        #[test]
        fn spans_are_in_order_and_apart(gap in 1_i64..400_000, every in 60_u64..100_000) {
            let spans = due(Some(at(-gap)), at(0), Duration::from_secs(every));
            prop_assert!(spans.iter().all(|span| span.after < span.until && span.after >= at(0) - OLDEST));
            prop_assert!(spans.windows(2).all(|pair| pair[0].until < pair[1].after));
        }
    }
}
