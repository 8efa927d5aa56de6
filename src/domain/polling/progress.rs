//! How far a poll has got, from one call to the next. It is stored beside the poll with the reports of each page, so a
//! poll goes on where it stood, whoever goes on with it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A time is read in no more pages than this: a network that never comes to an end is broken.
const MAX_PAGES: u32 = 500;
/// A time of several pages is read again until nothing new appears, but not more often than this.
const MAX_PASSES: u32 = 4;

/// The state of a poll between two calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Feeds by ids: the last delivery that was asked about.
    pub after: Option<Uuid>,
    /// Feeds by ids: how many are asked about at once, when the network could not answer for more.
    pub batch: Option<usize>,
    /// Feeds by ids: leads the network has answered for, and those that were passed over.
    pub answered: u32,
    pub passed_over: u32,
    /// Feeds by time: where the window that is being read begins; none: where the poll begins.
    pub read_to: Option<DateTime<Utc>>,
    /// Feeds by time: what the page before said about the next one.
    pub page: Option<Value>,
    /// Pages read of this window, in this pass.
    pub pages: u32,
    /// How often this window was read to its end.
    pub passes: u32,
    /// Whether this pass has changed anything.
    pub has_changed: bool,
    /// Digest of the page before.
    pub digest: Option<String>,
}

/// What follows a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// There is more to ask.
    More,
    /// Everything up to here has been read; there is more to ask.
    ReadTo(DateTime<Utc>),
    /// The poll is over.
    Done,
}

/// The network's pages cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Else a network that ignores the page's number would be asked for ever.
    #[error("the network answers the same page again and again")]
    Repeats,
    /// See [`MAX_PAGES`].
    #[error("the answer has more than {MAX_PAGES} pages")]
    Endless,
}

impl Progress {
    /// The window to be read now: from, to.
    pub fn window(&self, from: DateTime<Utc>, to: DateTime<Utc>, max_span: Duration) -> (DateTime<Utc>, DateTime<Utc>) {
        let from = self.read_to.unwrap_or(from);
        let longest = TimeDelta::from_std(max_span).unwrap_or(TimeDelta::MAX);
        (from, from.checked_add_signed(longest).map_or(to, |end| end.min(to)))
    }

    /// A page of the window that ends at `end` has been read; the poll ends at `to`. `next`: what the page says about
    /// the next one, `None` for the last. `digest` tells pages apart. `has_changed`: whether its reports changed anything.
    ///
    /// A window of several pages is read once more from its first page, and again while that changes something: rows
    /// move from page to page while they are being read, and one that moved up over a border would be missed.
    pub fn page_read(
        &mut self,
        (end, to): (DateTime<Utc>, DateTime<Utc>),
        next: Option<Value>,
        digest: &str,
        has_changed: bool,
    ) -> Result<Then, Broken> {
        self.pages += 1;
        self.has_changed |= has_changed;
        if next.is_some() {
            if self.digest.as_deref() == Some(digest) {
                return Err(Broken::Repeats);
            }
            if self.pages >= MAX_PAGES {
                return Err(Broken::Endless);
            }
            self.page = next;
            self.digest = Some(digest.to_owned());
            return Ok(Then::More);
        }
        let passes = self.passes + 1;
        let is_settled = self.pages == 1 || (passes > 1 && !self.has_changed) || passes >= MAX_PASSES;
        let read_to = self.read_to;
        *self = Self::default();
        if !is_settled {
            *self = Self { passes, read_to, ..Self::default() };
            return Ok(Then::More);
        }
        self.read_to = Some(end);
        Ok(if end >= to { Then::Done } else { Then::ReadTo(end) })
    }

    /// A batch of leads has been answered for.
    pub fn leads_asked(&mut self, count: usize, last: Uuid) {
        self.after = Some(last);
        self.answered = self.answered.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// The network cannot answer for this lead; the next one's turn comes.
    pub fn pass_over(&mut self, lead: Uuid) {
        self.after = Some(lead);
        self.passed_over = self.passed_over.saturating_add(1);
    }

    /// Whether leads were asked about in vain: there was no answer for any.
    pub fn is_unanswered(&self) -> bool {
        self.passed_over > 0 && self.answered == 0
    }

    /// The network could not answer for so many leads at once: half of them are asked about. `false` when there is
    /// nothing left to halve.
    pub fn ask_less(&mut self, asked: usize) -> bool {
        self.batch = Some((asked / 2).max(1));
        asked > 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_long_time_is_read_in_windows_and_only_whole_ones_count() {
        let (from, to) = (at(0), at(200_000));
        let mut progress = Progress::default();
        assert_eq!(progress.window(from, to, DAY), (at(0), at(86_400)));
        assert_eq!(progress.page_read((at(86_400), to), None, "a", true), Ok(Then::ReadTo(at(86_400))));
        assert_eq!(progress.window(from, to, DAY), (at(86_400), at(172_800)));
        assert_eq!(progress.page_read((at(172_800), to), None, "b", false), Ok(Then::ReadTo(at(172_800))));
        assert_eq!(progress.window(from, to, DAY), (at(172_800), to));
        assert_eq!(progress.page_read((to, to), None, "c", false), Ok(Then::Done));
    }

    #[test]
    fn several_pages_are_read_again_until_nothing_changes() {
        let ends = (at(10), at(10));
        let mut progress = Progress::default();
        for changes in [true, true, false] {
            assert_eq!(progress.page, None);
            assert_eq!(progress.page_read(ends, Some(json!(2)), "a", changes), Ok(Then::More));
            assert_eq!(progress.page, Some(json!(2)));
            let then = progress.page_read(ends, None, "b", false);
            assert_eq!(then, Ok(if changes { Then::More } else { Then::Done }));
        }
    }

    #[test]
    fn a_page_that_comes_again_is_no_end() {
        let mut progress = Progress::default();
        assert_eq!(progress.page_read((at(1), at(1)), Some(json!(2)), "same", true), Ok(Then::More));
        assert_eq!(progress.page_read((at(1), at(1)), Some(json!(3)), "same", false), Err(Broken::Repeats));
    }

    #[test]
    fn a_batch_is_halved_down_to_one() {
        let mut progress = Progress::default();
        assert!(progress.ask_less(5));
        assert_eq!(progress.batch, Some(2));
        assert!(!progress.ask_less(1));
        assert_eq!(progress.batch, Some(1));
    }

    proptest! {
        /// Whatever the pages say, a poll comes to an end, and its windows cover its whole time without a hole.
        #[test]
        fn every_poll_ends(
            length in 1_i64..500_000, span in 60_u64..100_000,
            pages in prop::collection::vec((0_u32..4, any::<bool>()), 1..20),
        ) {
            let (from, to) = (at(0), at(length));
            let mut progress = Progress::default();
            let mut covered = from;
            let mut kinds = pages.into_iter().cycle();
            let mut calls = 0_u64;
            loop {
                calls += 1;
                prop_assert!(calls < 200_000);
                let (start, end) = progress.window(from, to, Duration::from_secs(span));
                prop_assert!(start == covered && end > start && end <= to);
                let (more, changes) = kinds.next().unwrap();
                let next = (progress.pages < more).then(|| json!(calls));
                match progress.page_read((end, to), next, &calls.to_string(), changes) {
                    Ok(Then::More) => {}
                    Ok(Then::ReadTo(end)) => covered = end,
                    Ok(Then::Done) => {
                        prop_assert_eq!(end, to);
                        break;
                    }
                    Err(broken) => prop_assert!(false, "{broken}"),
                }
            }
        }
    }
}
