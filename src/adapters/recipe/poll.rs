//! `[[poll]]`: which feeds a file offers, and the call that asks for them.

use std::time::Duration;

use super::error::Problems;
use super::file::{AsksWord, PullFile};
use super::names::Scope;
use super::pull::Pull;
use crate::adapters::About;
use crate::domain::polling::{Asks, Feed, LeadsOf};

/// How often a feed is asked for unless the file says otherwise, in minutes.
const EVERY_OPEN: u64 = 10;
const EVERY_APPROVED: u64 = 4 * 60;
const EVERY_WINDOW: u64 = 10;

/// One way of asking.
#[derive(Debug)]
pub(super) struct Poll {
    pub pull: Pull,
    pub feeds: Vec<Feed>,
}

impl Poll {
    pub fn compile(key: &str, file: PullFile, about: &About, problems: &mut Problems) -> Option<Self> {
        let by_time = file.asks.iter().filter(|word| word.is_by_time()).count();
        if file.asks.is_empty() || (by_time > 0 && by_time < file.asks.len()) {
            problems.add(format!("{key}.asks"), "must be open and/or approved, or updated and/or created");
            return None;
        }
        let is_by_time = by_time > 0;
        let of_time = [file.lag_seconds, file.overlap_minutes, file.look_back_hours, file.max_span_hours];
        if !is_by_time && of_time.iter().any(Option::is_some) {
            problems.add(key, "lag_seconds, overlap_minutes, look_back_hours and max_span_hours are for feeds by time");
            return None;
        }
        if file.every_minutes == Some(0) || file.max_span_hours == Some(0) || file.look_back_hours == Some(0) {
            problems.add(key, "every_minutes, max_span_hours and look_back_hours must be at least 1");
            return None;
        }
        let is_name = |name: &String| {
            !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        if file.name.as_ref().is_some_and(|name| file.asks.len() != 1 || !is_name(name)) {
            problems.add(format!("{key}.name"), "must be of a-z and _, for a poll that asks for one thing");
            return None;
        }
        if file.lists_all {
            problems.add(format!("{key}.lists_all"), "is for look-ups");
        }
        let minutes = |minutes: u64| Duration::from_secs(minutes.saturating_mul(60));
        let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(3600));
        let feeds: Vec<(AsksWord, Duration)> = file
            .asks
            .iter()
            .map(|word| {
                let usual = match word {
                    AsksWord::Open => EVERY_OPEN,
                    AsksWord::Approved => EVERY_APPROVED,
                    AsksWord::Updated | AsksWord::Created => EVERY_WINDOW,
                };
                (*word, minutes(file.every_minutes.unwrap_or(usual)))
            })
            .collect();
        let window = Asks::Window {
            lag: Duration::from_secs(file.lag_seconds.unwrap_or(120)),
            overlap: minutes(file.overlap_minutes.unwrap_or(30)),
            look_back: hours(file.look_back_hours.unwrap_or(48)),
            max_span: hours(file.max_span_hours.unwrap_or(24)),
        };
        let batch = file.batch;
        let name = file.name.clone();
        let scope = if is_by_time { Scope::PollWindow } else { Scope::PollLeads };
        let pull = Pull::compile(key, file, scope, about, problems)?;
        let by_external_id = pull.request.reads("external_ids");
        let by_number = pull.request.reads("numbers");
        let feeds = feeds.into_iter().map(|(word, every)| {
            let asks = match word {
                AsksWord::Open => Asks::Leads { of: LeadsOf::Open, batch, by_external_id, min_age: Duration::ZERO },
                AsksWord::Approved => {
                    Asks::Leads { of: LeadsOf::Approved, batch, by_external_id, min_age: Duration::ZERO }
                }
                AsksWord::Updated | AsksWord::Created => window.clone(),
            };
            Feed {
                name: name.clone().unwrap_or_else(|| word.as_str().to_owned()),
                asks,
                every,
                pause: Duration::ZERO,
                by_number,
            }
        });
        Some(Self { feeds: feeds.collect(), pull })
    }
}
