//! A conversion: what the merchant reported, what Affili made of it, and how answers show it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::{Account, Commission, Pay, Publisher};
use super::calendar::answer_text;
use super::settings::Calendar;

/// Waits for a verdict.
pub const PENDING: i64 = 0;
/// The publisher earns it.
pub const APPROVED: i64 = 1;
/// The publisher does not earn it (also: refunded).
pub const REJECTED: i64 = 2;
/// Reported before.
pub const DUPLICATED: i64 = 3;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A visit.
    Click,
    /// A registration.
    Lead,
    /// A sale: `buy` in the merchants' API, `sale` in the services API.
    Buy,
}

impl Kind {
    /// A type word of the merchants' API.
    pub(super) fn of_merchants(word: &str) -> Option<Self> {
        match word {
            "click" => Some(Self::Click),
            "lead" => Some(Self::Lead),
            "buy" => Some(Self::Buy),
            _ => None,
        }
    }

    /// A type word of the services API.
    pub(super) fn of_services(word: &str) -> Option<Self> {
        match word {
            "lead" => Some(Self::Lead),
            "sale" => Some(Self::Buy),
            _ => None,
        }
    }

    /// The number in answers: click, lead, trial and buy by referral, then lead, trial and buy by code.
    fn number(self, is_by_code: bool) -> u8 {
        match (self, is_by_code) {
            (Self::Click, _) => 0,
            (Self::Lead, false) => 1,
            (Self::Buy, false) => 3,
            (Self::Lead, true) => 4,
            (Self::Buy, true) => 6,
        }
    }
}

/// A commission as it applies to one conversion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Id of the commission.
    pub id: String,
    /// Its key.
    pub name: String,
    /// The part of the amount it applies to, in Rial. Not a payout.
    pub sub_amount: i64,
}

impl Line {
    /// A commission, applied to so much of the amount.
    pub(super) fn of(commission: &Commission, sub_amount: i64) -> Self {
        Self { id: commission.id.clone(), name: commission.key.clone(), sub_amount }
    }
}

/// A stored conversion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conversion {
    /// Affili's id: five of a-z and 0-9.
    pub id: String,
    /// The merchant's id: `external_id`, or `order_id` of the services API.
    pub external_id: Option<String>,
    /// What happened.
    pub kind: Kind,
    /// A number, for there may be ones that no document knows.
    pub status: i64,
    /// Whose visit it was.
    pub referrer: Option<String>,
    /// The services API's customer who came back without a visit.
    pub customer_id: Option<String>,
    /// Who earns it.
    pub publisher: Publisher,
    /// The order's total, in Rial.
    pub amount: i64,
    /// Affili's fee, in Rial.
    pub wage: i64,
    /// What the publisher earns, in Rial. Filters see it, answers do not show it.
    pub commission_amount: i64,
    /// The commissions that apply.
    pub lines: Vec<Line>,
    /// Promotion code.
    pub coupon: Option<String>,
    /// The caller's further data.
    pub meta_data: Option<Value>,
    /// Products of the services API.
    pub products: Option<Value>,
    /// No longer editable through the API.
    pub is_closed: bool,
    /// Paid out.
    pub is_checked_out: bool,
    /// To the second.
    pub created_at: DateTime<Utc>,
    /// To the second.
    pub updated_at: DateTime<Utc>,
}

impl Conversion {
    /// A pending one of which nothing more is known.
    pub(super) fn begun(id: String, kind: Kind, publisher: Publisher, now: DateTime<Utc>) -> Self {
        Self {
            id,
            external_id: None,
            kind,
            status: PENDING,
            referrer: None,
            customer_id: None,
            publisher,
            amount: 0,
            wage: 0,
            commission_amount: 0,
            lines: Vec::new(),
            coupon: None,
            meta_data: None,
            products: None,
            is_closed: false,
            is_checked_out: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// Works out the publisher's commission and Affili's fee anew.
    pub(super) fn reckon(&mut self, account: &Account) {
        let earned = |line: &Line| {
            let commission = account.commissions.iter().find(|commission| commission.id == line.id);
            match commission.map(|commission| commission.pay) {
                Some(Pay::PerLead(rial)) => rial,
                Some(Pay::Share(points)) => share(line.sub_amount, points),
                None => 0,
            }
        };
        self.commission_amount = self.lines.iter().map(earned).fold(0, i64::saturating_add);
        self.wage = share(self.commission_amount, account.fee_basis_points);
    }

    /// As the find and list calls of the merchants' API show it.
    pub(super) fn shown(&self, calendar: Calendar) -> Value {
        json!({
            "id": self.id,
            "publisher": { "id": self.publisher.id, "name": self.publisher.name },
            "status": self.status,
            "type": self.kind.number(self.coupon.is_some()),
            "wage": self.wage,
            "amount": self.amount,
            "external_id": self.external_id,
            "commissions": self.lines,
            "is_closed": u8::from(self.is_closed),
            "checked_out": u8::from(self.is_checked_out),
            "client": { "agents": ["Firefox"], "ips": ["192.0.2.7"] },
            "clicks": [],
            "created_at": answer_text(self.created_at, calendar),
            "updated_at": answer_text(self.updated_at, calendar),
        })
    }

    /// As the create and update calls of the merchants' API answer it. Not documented, hence no more than is needed.
    pub(super) fn receipt(&self) -> Value {
        json!({ "id": self.id, "status": self.status, "external_id": self.external_id })
    }
}

/// Hundredths of a percent of an amount.
fn share(amount: i64, points: i64) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(points) / 10_000).unwrap_or(i64::MAX)
}
