//! The uniform result of an inbound postback, a poll, an answer, an import or a manual edit.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::status::Status;

/// What somebody says about one lead of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// Our lead as they named it: id with or without hyphens, or number.
    pub our_ref: Option<String>,
    /// Their id of the lead.
    pub external_id: Option<String>,
    /// Their id of this result; makes a conversion of its own. `None`: the delivery's default conversion.
    pub transaction_id: Option<String>,
    /// Their status word as it came, kept beside ours.
    pub status: Option<String>,
    /// Our status when the call itself says what the word means (AlterCPA's `sta`, `stc` … lists, per-status URLs, an admin's edit).
    pub mapped: Option<Status>,
    /// What the network pays us: our revenue.
    pub revenue: Option<Decimal>,
    /// Currency of `revenue`.
    pub currency: Option<String>,
    /// What the webmaster gets; only an admin or an import may say so.
    pub payout: Option<Decimal>,
    /// Goal of the offer.
    pub goal: Option<String>,
    /// Their comment.
    pub comment: Option<String>,
    /// Reason code 1 to 15 of the trade (1 wrong phone … 15 offer disabled), or a network's own.
    pub reason_code: Option<i16>,
    /// Reason in words.
    pub reason: Option<String>,
    /// When it happened at the network, if they say.
    pub happened_at: Option<DateTime<Utc>>,
}
