//! Asking networks for statuses: which ways there are ([`Feed`]), which leads are due to be asked about ([`due`]), and
//! how far a poll has got ([`Progress`]). Pure: `flow::poll_network` does the asking.

use std::time::Duration;

use crate::domain::status::Status;

mod due;
mod progress;

pub use due::{OLDEST, Span, due};
pub use progress::{Broken, Progress, Then};

/// One way in which an integration asks a network, under the network's present settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Unique within the integration: `open`, `approved`, `updated` …
    pub name: String,
    /// What it asks for.
    pub asks: Asks,
    /// How often it is due, before jitter.
    pub every: Duration,
    /// The least time between two of its calls.
    pub pause: Duration,
    /// Its rows name our leads by number. Elsewhere a number is the id of somebody else's lead.
    pub by_number: bool,
}

/// What a feed asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The statuses of leads that we name.
    Leads {
        /// Those in these statuses.
        of: LeadsOf,
        /// At most so many in one call.
        batch: usize,
        /// They are named by the network's ids; those whose id is not known are left out.
        by_external_id: bool,
        /// Younger ones are left out: another feed hears of them.
        min_age: Duration,
    },
    /// Everything that happened in a time.
    Window {
        /// The time ends so long before now: the network may still be writing.
        lag: Duration,
        /// Each time reaches back into the one before by so much.
        overlap: Duration,
        /// The first time is so long.
        look_back: Duration,
        /// The longest time of one call.
        max_span: Duration,
    },
}

/// Which leads are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsOf {
    /// Without a final verdict, and those of which nobody knows whether they arrived.
    Open,
    /// Approved, not yet paid.
    Approved,
    /// All that the network has: for a period that somebody asks for again.
    Any,
}

impl LeadsOf {
    /// The statuses of these leads.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            Self::Open => &[Status::Pending, Status::Hold],
            Self::Approved => &[Status::Approved],
            Self::Any => Status::ALL,
        }
    }

    /// Whether deliveries in review belong to them: an answer about one tells what became of it.
    pub fn has_review(self) -> bool {
        self != Self::Approved
    }
}
