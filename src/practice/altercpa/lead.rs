//! A lead, which the company calls an order.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::account::Offer;
use super::status::{self, Stage};
use super::switches::Switches;

/// By which calls a lead came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// `wm/push`.
    Wm,
    /// `ext/add`.
    Ext,
    /// `comp/add`.
    Comp,
    /// `site/click`, or `site/status` with `auto`.
    Site,
}

/// A lead as the network keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lead {
    /// The network's id.
    pub id: u64,
    /// By which calls it came.
    pub channel: Channel,
    /// The webmaster, agency or company that sent it, or the site.
    pub user: u64,
    /// The agency's own order id; none after `auto`.
    pub caller_id: Option<String>,
    /// The agency's inner webmaster or source.
    pub source: Option<String>,
    /// The offer.
    pub offer: u64,
    /// The webmaster's flow.
    pub flow: Option<u64>,
    /// The company that decides about it.
    pub company: u64,
    /// The order's id at the target, `eid` of the company's calls.
    pub exto: Option<String>,
    /// The click it comes from.
    pub click: Option<String>,
    /// Digits; empty when a site made the lead without one.
    pub phone: String,
    /// The customer's address; may be empty.
    pub ip: String,
    /// What else came, by the names of the wire (aliases resolved): name, email, country, comment, sub1 and so on.
    pub fields: BTreeMap<String, String>,
    /// Custom fields: `meta[x]` and names the network does not know.
    pub meta: BTreeMap<String, String>,
    /// 1 to 12.
    pub status: u8,
    /// Why it was cancelled; 0 is none.
    pub reason: u8,
    /// The raw status text of the company's CRM.
    pub custom: String,
    /// The company's check mark.
    pub check: bool,
    /// Calls of the call centre.
    pub calls: u32,
    /// The parcel's tracking code.
    pub track: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it was approved, while it is.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it reached a final status (5, 10, 11, 12), while it has one.
    pub done_at: Option<DateTime<Utc>>,
}

impl Lead {
    /// A new lead without an id.
    pub(super) fn new(channel: Channel, user: u64, offer: &Offer, now: DateTime<Utc>) -> Self {
        Self {
            id: 0,
            channel,
            user,
            caller_id: None,
            source: None,
            offer: offer.id,
            flow: None,
            company: offer.company,
            exto: None,
            click: None,
            phone: String::new(),
            ip: String::new(),
            fields: BTreeMap::new(),
            meta: BTreeMap::new(),
            status: status::NEW,
            reason: 0,
            custom: String::new(),
            check: false,
            calls: 0,
            track: String::new(),
            created_at: now,
            accepted_at: None,
            done_at: None,
        }
    }

    /// A field, or empty.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The id by which the sender knows it: its own, else the network's.
    pub(super) fn sender_id(&self) -> String {
        self.caller_id.clone().unwrap_or_else(|| self.id.to_string())
    }

    /// Puts it into a status, whatever it had. A reason stays only with cancelled and deleted leads.
    pub(super) fn go(&mut self, status: u8, reason: u8, now: DateTime<Utc>) {
        let is_final = matches!(status, status::CANCELLED | status::COMPLETED | status::RETURNED | status::DELETED);
        let is_approved = (status::PACKING..=status::RETURNED).contains(&status);
        self.reason = if matches!(status, status::CANCELLED | status::DELETED) { reason } else { 0 };
        self.accepted_at = if is_approved { self.accepted_at.or(Some(now)) } else { None };
        self.done_at = match (is_final, self.status == status) {
            (false, _) => None,
            (true, true) => self.done_at.or(Some(now)),
            (true, false) => Some(now),
        };
        self.status = status;
    }

    /// Approves it, if it can be. Says whether it was.
    pub(super) fn accept(&mut self, switches: &Switches, now: DateTime<Utc>) -> bool {
        let may = status::may_accept(self.status);
        if may {
            self.go(if switches.auto_accept { status::COMPLETED } else { status::PACKING }, 0, now);
        }
        may
    }

    /// Takes a status report, as far as the order may still be moved.
    pub(super) fn take_report(&mut self, stage: Stage, switches: &Switches, now: DateTime<Utc>) {
        if stage == Stage::Approve {
            self.accept(switches, now);
            return;
        }
        let (status, reason) = stage.aim(self.status, &switches.trash_reasons);
        let is_cancelled = self.status == status::CANCELLED && status == status::CANCELLED;
        if is_cancelled && Stage::of(self.status, self.reason, &switches.trash_reasons) != stage {
            self.reason = reason;
        } else if status::may_move(self.status, status) {
            self.go(status, reason, now);
        }
    }

    /// What the affiliate is shown: an approved lead waits in hold as long as the offer says.
    pub(super) fn stage(&self, offer: Option<&Offer>, trash_reasons: &[u8], now: DateTime<Utc>) -> Stage {
        let stage = Stage::of(self.status, self.reason, trash_reasons);
        let hold = TimeDelta::seconds(offer.map_or(0, |offer| offer.hold_seconds).into());
        match self.accepted_at {
            Some(at) if stage == Stage::Approve && now < at + hold => Stage::Hold,
            _ => stage,
        }
    }

    /// The price of one piece.
    pub(super) fn base(&self, offer: Option<&Offer>) -> Decimal {
        decimal(self.field("base")).or_else(|| decimal(&offer?.price)).unwrap_or_default()
    }

    /// The number of pieces.
    pub(super) fn count(&self) -> u32 {
        self.field("count").parse().ok().filter(|count| *count > 0).unwrap_or(1)
    }

    /// The price of the order: pieces, less the discount in percent, and the extra amount.
    pub(super) fn price(&self, offer: Option<&Offer>) -> Decimal {
        let part = Decimal::ONE - decimal(self.field("discount")).unwrap_or_default() / Decimal::ONE_HUNDRED;
        let goods = self.base(offer).checked_mul(self.count().into()).and_then(|goods| goods.checked_mul(part));
        let more = decimal(self.field("more")).unwrap_or_default();
        goods.and_then(|goods| goods.checked_add(more)).unwrap_or_default().round_dp(2)
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    // Larger ones could overflow in a product, and no order is that dear.
    text.parse().ok().filter(|value: &Decimal| value.abs() < Decimal::from(1_000_000_000_000_u64))
}
