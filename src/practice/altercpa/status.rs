//! Statuses, stages, phases and reasons, by the CPS model: what an order is inside, and what the affiliate is shown.

use serde::{Deserialize, Serialize};

use super::params::Params;

/// Sent to nobody yet.
pub(super) const NEW: u8 = 1;
/// In the call centre.
pub(super) const PROCESSING: u8 = 2;
/// Delayed confirmation after consent.
pub(super) const HOLD: u8 = 4;
/// Cancelled, with a reason.
pub(super) const CANCELLED: u8 = 5;
/// The first approved status.
pub(super) const PACKING: u8 = 6;
/// Completed and paid.
pub(super) const COMPLETED: u8 = 10;
/// Came back; still approved for the affiliate.
pub(super) const RETURNED: u8 = 11;
/// Deleted as fraud.
pub(super) const DELETED: u8 = 12;

/// The reason that a report of `trash` gives when the install counts it as trash: errors or fake.
const FAKE: u8 = 6;

/// What the affiliate sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// No verdict yet.
    Wait,
    /// Confirmed later.
    Hold,
    /// Payable.
    Approve,
    /// Refused.
    Cancel,
    /// Invalid; does not count in the approve rate.
    Trash,
}

impl Stage {
    /// The word of the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Hold => "hold",
            Self::Approve => "approve",
            Self::Cancel => "cancel",
            Self::Trash => "trash",
        }
    }

    /// The number of the wire, 1 to 5.
    pub const fn phase(self) -> u8 {
        match self {
            Self::Wait => 1,
            Self::Hold => 2,
            Self::Approve => 3,
            Self::Cancel => 4,
            Self::Trash => 5,
        }
    }

    /// The stage of an order by the CPS model. The install says which reasons are trash.
    pub(super) fn of(status: u8, reason: u8, trash_reasons: &[u8]) -> Self {
        match status {
            HOLD => Self::Hold,
            CANCELLED if trash_reasons.contains(&reason) => Self::Trash,
            CANCELLED => Self::Cancel,
            PACKING..=RETURNED => Self::Approve,
            DELETED => Self::Trash,
            _ => Self::Wait,
        }
    }

    /// Reads a reported status: the caller's own lists first, then the words everybody uses. The vendor's table is not
    /// published; this one has the common words.
    pub(super) fn reported(text: &str, params: &Params) -> Option<Self> {
        let lists = [
            ("sta", Self::Approve),
            ("stc", Self::Cancel),
            ("stt", Self::Trash),
            ("stw", Self::Wait),
            ("sth", Self::Hold),
        ];
        let is_listed = |name: &str| params.list(name).iter().any(|value| value.eq_ignore_ascii_case(text));
        if let Some((_, stage)) = lists.into_iter().find(|(name, _)| is_listed(name)) {
            return Some(stage);
        }
        match text.to_lowercase().as_str() {
            "wait" | "waiting" | "new" | "lead" | "pending" | "process" | "processing" | "callback" | "recall" => {
                Some(Self::Wait)
            }
            "hold" | "holded" | "onhold" | "on hold" => Some(Self::Hold),
            "approve" | "approved" | "accept" | "accepted" | "confirm" | "confirmed" | "sale" | "paid" | "success" => {
                Some(Self::Approve)
            }
            "cancel" | "canceled" | "cancelled" | "reject" | "rejected" | "decline" | "declined" | "refuse"
            | "refused" => Some(Self::Cancel),
            "trash" | "spam" | "fake" | "invalid" | "double" | "duplicate" | "fraud" => Some(Self::Trash),
            _ => None,
        }
    }

    /// Status and reason by which a report of this stage moves an order that has `status`.
    pub(super) fn aim(self, status: u8, trash_reasons: &[u8]) -> (u8, u8) {
        let is_decided = status >= PACKING;
        match self {
            Self::Wait => (PROCESSING, 0),
            Self::Hold => (HOLD, 0),
            Self::Approve => (PACKING, 0),
            Self::Cancel => (CANCELLED, 0),
            Self::Trash if !is_decided && trash_reasons.contains(&FAKE) => (CANCELLED, FAKE),
            Self::Trash => match trash_reasons.first() {
                Some(reason) if !is_decided => (CANCELLED, *reason),
                _ => (DELETED, 0),
            },
        }
    }
}

/// Whether the company's calls may move an order so. Beyond 4 there is no way back below 6; approved is reached by
/// `accept` only, which is asked elsewhere; a deleted order stays deleted.
pub(super) fn may_move(from: u8, to: u8) -> bool {
    match (from, to) {
        (DELETED, _) => false,
        (_, DELETED) => true,
        (..=HOLD, NEW..=CANCELLED) | (PACKING..=RETURNED, PACKING..=RETURNED) => from != to,
        _ => false,
    }
}

/// Whether `accept` moves an order: every one that is neither approved nor deleted, cancelled ones too.
pub(super) fn may_accept(from: u8) -> bool {
    from < PACKING
}

/// The name of a status.
pub(super) fn status_text(status: u8) -> &'static str {
    match status {
        NEW => "New",
        PROCESSING => "Processing",
        3 => "Callback",
        HOLD => "Hold",
        CANCELLED => "Cancelled",
        PACKING => "Packing",
        7 => "Sending",
        8 => "Transfer",
        9 => "Arrived",
        COMPLETED => "Completed",
        RETURNED => "Return",
        DELETED => "Deleted",
        _ => "",
    }
}

/// The name of a reason. From 16 on every install has its own, and no call tells them.
pub(super) fn reason_text(reason: u8) -> &'static str {
    match reason {
        1 => "Wrong phone",
        2 => "Changed mind",
        3 => "Did not order",
        4 => "Wants certificate",
        5 => "Wrong geo, delivery impossible",
        6 => "Errors or fake",
        7 => "Duplicate",
        8 => "Ordered elsewhere",
        9 => "Expensive",
        10 => "Unhappy with delivery",
        11 => "Could not reach",
        12 => "Possible fraud",
        13 => "Other language",
        14 => "Product did not fit",
        15 => "Offer disabled",
        _ => "",
    }
}
