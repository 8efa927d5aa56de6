//! Which notices a channel gets: each beginning once, what goes on after a chosen time, each end once.

use chrono::{DateTime, TimeDelta, Utc};

use super::What;

/// What a channel knows of an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Its newest notice.
    pub last_at: Option<DateTime<Utc>>,
    /// Whether one of its notices has not been told yet.
    pub is_pending: bool,
}

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Opened,
    Grown,
    /// It is still open, and nothing else happened.
    Lasts,
    Closed,
}

/// The notice that a channel gets of an event. Whoever has not heard that an alert began is not told that it ended: the
/// channel is younger than the alert, or was switched off.
pub fn notice(event: Event, heard: Heard, repeat_hours: i32, now: DateTime<Utc>) -> Option<What> {
    match event {
        Event::Opened => heard.last_at.is_none().then_some(What::Opened),
        Event::Grown => heard.last_at.map(|_| What::Worse),
        Event::Closed => heard.last_at.map(|_| What::Over),
        Event::Lasts => {
            let is_time = |last: DateTime<Utc>| now - last >= TimeDelta::hours(repeat_hours.into());
            let wants = repeat_hours > 0 && !heard.is_pending && heard.last_at.is_some_and(is_time);
            wants.then_some(What::Again)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_again_after_the_chosen_time_only() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let heard = |hours, is_pending| Heard { last_at: Some(now - TimeDelta::hours(hours)), is_pending };
        let lasts = |heard, repeat| notice(Event::Lasts, heard, repeat, now);
        assert_eq!(lasts(heard(6, false), 6), Some(What::Again));
        assert_eq!(lasts(heard(5, false), 6), None, "not yet");
        assert_eq!(lasts(heard(6, true), 6), None, "what was to be told before is not told yet");
        assert_eq!(lasts(heard(600, false), 0), None, "told once");
        assert_eq!(lasts(Heard::default(), 6), None, "nobody knows of it here");
    }

    #[test]
    fn an_end_is_told_to_whoever_knows_the_beginning() {
        let now = DateTime::UNIX_EPOCH;
        let knows = Heard { last_at: Some(now), is_pending: true };
        assert_eq!(notice(Event::Opened, Heard::default(), 6, now), Some(What::Opened));
        assert_eq!(notice(Event::Opened, knows, 6, now), None);
        for event in [Event::Grown, Event::Closed] {
            assert_eq!(notice(event, Heard::default(), 6, now), None);
            assert!(notice(event, knows, 6, now).is_some());
        }
    }
}
