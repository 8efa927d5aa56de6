//! The macros there are, and what each of them stands for.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;

use crate::base::money;
use crate::domain::status::Status;

/// Everything a postback may say. What is absent renders as nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Our id, hyphenated.
    pub id: String,
    /// Our number.
    pub number: Option<i64>,
    /// The webmaster's own id.
    pub external_id: Option<String>,
    /// The webmaster's click.
    pub click_id: Option<String>,
    /// `sub1` to `sub12`.
    pub subs: [Option<String>; 12],
    /// `utm_source`, `utm_medium`, `utm_campaign`, `utm_content`, `utm_term`.
    pub utm: [Option<String>; 5],
    /// The status after the change.
    pub status: Option<Status>,
    /// The status before the change.
    pub old_status: Option<Status>,
    /// Why.
    pub reason: Option<String>,
    /// The call centre's words.
    pub comment: Option<String>,
    /// Owed to the webmaster.
    pub payout: Option<Decimal>,
    /// Due from the network.
    pub revenue: Option<Decimal>,
    /// Of both amounts.
    pub currency: Option<String>,
    /// Slug of the goal.
    pub goal: Option<String>,
    /// Slug of the offer.
    pub offer: Option<String>,
    /// Code of the flow.
    pub flow: Option<String>,
    /// ISO alpha-2.
    pub country: Option<String>,
    /// When the change happened.
    pub at: Option<DateTime<Utc>>,
    /// Id of the conversion at the network.
    pub transaction_id: Option<String>,
    /// Counts the lead's changes.
    pub seq: Option<i64>,
}

impl std::fmt::Debug for Values {
    // The rest may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// What a macro stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Macro {
    Id,
    Number,
    ExternalId,
    ClickId,
    /// Counted from 0.
    Sub(usize),
    Utm(usize),
    Status,
    Stage,
    OldStatus,
    Reason,
    Comment,
    Payout,
    Revenue,
    Currency,
    Goal,
    Offer,
    Flow,
    Country,
    Time,
    Unixtime,
    TransactionId,
    Seq,
}

impl Macro {
    /// The macro of this name; some have several names.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "number" => Self::Number,
            "external_id" => Self::ExternalId,
            "click_id" | "uuid" => Self::ClickId,
            "subid" => Self::Sub(0),
            "utm_source" => Self::Utm(0),
            "utm_medium" => Self::Utm(1),
            "utm_campaign" => Self::Utm(2),
            "utm_content" => Self::Utm(3),
            "utm_term" => Self::Utm(4),
            "status" => Self::Status,
            "stage" => Self::Stage,
            "old_status" => Self::OldStatus,
            "reason" => Self::Reason,
            "comment" => Self::Comment,
            "payout" | "cash" => Self::Payout,
            "revenue" => Self::Revenue,
            "currency" => Self::Currency,
            "goal" => Self::Goal,
            "offer" => Self::Offer,
            "flow" => Self::Flow,
            "country" => Self::Country,
            "time" => Self::Time,
            "unixtime" => Self::Unixtime,
            "transaction_id" => Self::TransactionId,
            "seq" => Self::Seq,
            _ => return sub(name),
        })
    }

    /// Whether it can be written in the template's own words.
    pub(super) fn takes_words(self) -> bool {
        matches!(self, Self::Status | Self::Stage | Self::OldStatus)
    }
}

/// `sub1`..`sub12` and `subid1`..`subid12`.
fn sub(name: &str) -> Option<Macro> {
    let digits = name.strip_prefix("subid").or_else(|| name.strip_prefix("sub"))?;
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    let no: usize = digits.parse().ok().filter(|_| is_plain)?;
    (1..=12).contains(&no).then(|| Macro::Sub(no - 1))
}

impl Values {
    /// What a macro stands for here; `words` are the template's own for the five stages.
    pub(super) fn get(&self, what: Macro, words: Option<&[String; 5]>) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let status = |status: Option<Status>| match (status, words) {
            (Some(status), Some(words)) => own_word(status, words),
            (Some(status), None) if what == Macro::Stage => status.stage().to_owned(),
            (Some(status), None) => status.as_str().to_owned(),
            (None, _) => String::new(),
        };
        match what {
            Macro::Id => self.id.clone(),
            Macro::Number => number(self.number),
            Macro::ExternalId => text(&self.external_id),
            Macro::ClickId => text(&self.click_id),
            Macro::Sub(no) => self.subs.get(no).map(text).unwrap_or_default(),
            Macro::Utm(no) => self.utm.get(no).map(text).unwrap_or_default(),
            Macro::Status | Macro::Stage => status(self.status),
            Macro::OldStatus => status(self.old_status),
            Macro::Reason => text(&self.reason),
            Macro::Comment => text(&self.comment),
            Macro::Payout => self.money(self.payout),
            Macro::Revenue => self.money(self.revenue),
            Macro::Currency => text(&self.currency),
            Macro::Goal => text(&self.goal),
            Macro::Offer => text(&self.offer),
            Macro::Flow => text(&self.flow),
            Macro::Country => text(&self.country),
            Macro::Time => self.at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default(),
            Macro::Unixtime => number(self.at.map(|at| at.timestamp())),
            Macro::TransactionId => text(&self.transaction_id),
            Macro::Seq => number(self.seq),
        }
    }

    fn money(&self, amount: Option<Decimal>) -> String {
        amount.map(|amount| money::print(amount, self.currency.as_deref().unwrap_or_default())).unwrap_or_default()
    }
}

fn number(value: Option<i64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn own_word(status: Status, [wait, hold, approve, cancel, trash]: &[String; 5]) -> String {
    match status {
        Status::New | Status::Pending => wait,
        Status::Hold => hold,
        Status::Approved | Status::Paid => approve,
        Status::Rejected => cancel,
        Status::Trash => trash,
    }
    .clone()
}
