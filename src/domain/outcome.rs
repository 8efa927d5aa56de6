//! What a send came to. Six outcomes that must never be mixed up (see docs/ADAPTERS.md).

use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The judgement of one send (or look-up) of a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The network has it.
    Accepted(Accepted),
    /// A final no for this network.
    Refused {
        /// The network's words, or ours.
        reason: String,
        /// A duplicate, or invalid data: the lead counts as trash when nobody else takes it.
        is_trash: bool,
    },
    /// Cap reached or closed hours: the next route, else wait.
    NoCapacity {
        /// The network's words, or ours.
        reason: String,
        /// When to try again at the earliest, from now.
        #[serde(skip)]
        after: Option<Duration>,
    },
    /// Not delivered for sure; try again.
    Retry {
        /// Why.
        reason: String,
        /// Retry-After, from now.
        #[serde(skip)]
        after: Option<Duration>,
    },
    /// Sent, but the answer was lost or cannot be read: the resend rule decides.
    Unknown {
        /// Why.
        reason: String,
    },
    /// Bad key, address not allowed, offer closed: the network is paused, the lead waits.
    Misconfigured {
        /// What is wrong, for the operator.
        reason: String,
    },
}

/// What an accepting network told us.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Where to send the person (autologin).
    pub redirect_url: Option<String>,
    /// The network's words.
    pub message: Option<String>,
    /// The network's status word when the answer already has one.
    pub status: Option<String>,
    /// What the network pays us, when the answer says so.
    pub payout: Option<Decimal>,
    /// Currency of `payout`.
    pub currency: Option<String>,
}

impl Outcome {
    /// The word of this outcome, as stored with attempts: `accepted`, `refused`, `no_capacity`, `retry`, `unknown`, `misconfigured`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Refused { .. } => "refused",
            Self::NoCapacity { .. } => "no_capacity",
            Self::Retry { .. } => "retry",
            Self::Unknown { .. } => "unknown",
            Self::Misconfigured { .. } => "misconfigured",
        }
    }

    /// The reason given, if any.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Accepted(accepted) => accepted.message.as_deref(),
            Self::Refused { reason, .. }
            | Self::NoCapacity { reason, .. }
            | Self::Retry { reason, .. }
            | Self::Unknown { reason }
            | Self::Misconfigured { reason } => Some(reason),
        }
    }
}

crate::text_enum! {
    /// What may be done when nobody knows whether a send arrived.
    pub enum Resend {
        /// Never sent again by itself: a person or a report decides.
        Once = "once",
        /// The network can be asked by our id: look up first.
        Checkable = "checkable",
        /// The network drops repeats by our id: send again.
        Idempotent = "idempotent",
    }
}
