//! What leads are counted by, and what is counted: the words and the arithmetic of the stats.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use rust_decimal::Decimal;

crate::text_enum! {
    /// Which day a change counts for.
    pub enum Basis {
        /// The day its lead came: what became of the leads of that day.
        Lead = "lead",
        /// The day of the change itself: what happened on that day.
        Event = "event",
    }
}

crate::text_enum! {
    /// What leads are grouped by.
    pub enum Dimension {
        /// Day in the time zone asked for.
        Day = "day",
        /// Hour of the day, 0 to 23.
        Hour = "hour",
        Offer = "offer",
        Webmaster = "webmaster",
        /// The network that has the lead.
        Network = "network",
        Country = "country",
        Status = "status",
        /// Reason code.
        Reason = "reason",
        Sub1 = "sub1",
        Sub2 = "sub2",
        Sub3 = "sub3",
        Sub4 = "sub4",
        Sub5 = "sub5",
        Sub6 = "sub6",
        Sub7 = "sub7",
        Sub8 = "sub8",
        Sub9 = "sub9",
        Sub10 = "sub10",
        Sub11 = "sub11",
        Sub12 = "sub12",
    }
}

/// At most so many are grouped by at once.
pub const MOST_DIMENSIONS: usize = 5;

impl Dimension {
    /// Whether it is one of the webmaster's own marks.
    pub const fn is_sub(self) -> bool {
        !matches!(
            self,
            Self::Day
                | Self::Hour
                | Self::Offer
                | Self::Webmaster
                | Self::Network
                | Self::Country
                | Self::Status
                | Self::Reason
        )
    }

    /// Whether the sums by day do not know it.
    pub const fn is_fine(self) -> bool {
        matches!(self, Self::Hour) || self.is_sub()
    }
}

/// Amounts in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Payout of leads in `hold`.
    pub hold: Decimal,
    /// Payout of approved and paid leads.
    pub payout: Decimal,
    /// Revenue of leads in `hold`.
    pub hold_revenue: Decimal,
    /// Revenue of approved and paid leads.
    pub revenue: Decimal,
}

impl Money {
    /// What stays with the operator.
    pub fn margin(&self) -> Decimal {
        self.revenue - self.payout
    }

    const fn is_zero(&self) -> bool {
        self.hold.is_zero() && self.payout.is_zero() && self.hold_revenue.is_zero() && self.revenue.is_zero()
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.hold += other.hold;
        self.payout += other.payout;
        self.hold_revenue += other.hold_revenue;
        self.revenue += other.revenue;
    }
}

/// How many leads there are in what state, and the money on them. By the day of the event these are differences: a reversal
/// takes an approval away from the day it happened on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub leads: i64,
    /// Those a network has taken.
    pub delivered: i64,
    pub hold: i64,
    /// Approved and paid.
    pub approved: i64,
    pub rejected: i64,
    pub trash: i64,
    /// By currency.
    pub money: BTreeMap<String, Money>,
}

impl Counts {
    /// Approved of a hundred leads that are not trash, with one digit; nothing where there are none.
    pub fn approve_rate(&self) -> Option<Decimal> {
        rate(self.approved, self.leads - self.trash)
    }

    /// Of a hundred leads, how many are trash.
    pub fn trash_rate(&self) -> Option<Decimal> {
        rate(self.trash, self.leads)
    }

    /// Revenue for each lead in this currency.
    pub fn revenue_per_lead(&self, currency: &str) -> Option<Decimal> {
        per(self.money.get(currency)?.revenue, self.leads, 4)
    }

    /// Payout for each lead in this currency.
    pub fn payout_per_lead(&self, currency: &str) -> Option<Decimal> {
        per(self.money.get(currency)?.payout, self.leads, 4)
    }

    /// Adds what is paid in one currency and comes in in another, or in the same.
    pub fn add_both(&mut self, currency: &str, revenue_currency: Option<&str>, both: Money) {
        self.add_money(currency, Money { hold: both.hold, payout: both.payout, ..Money::default() });
        let revenue = Money { hold_revenue: both.hold_revenue, revenue: both.revenue, ..Money::default() };
        self.add_money(revenue_currency.unwrap_or(currency), revenue);
    }

    /// Adds amounts in a currency. Nothing is kept of none.
    pub fn add_money(&mut self, currency: &str, money: Money) {
        if !money.is_zero() {
            *self.money.entry(currency.to_owned()).or_default() += money;
        }
    }
}

/// A part of a whole in a hundred, with one digit; nothing where there is no whole.
pub fn rate(part: i64, whole: i64) -> Option<Decimal> {
    let mut rate = per(Decimal::from(part * 100), whole, 1)?;
    rate.rescale(1);
    Some(rate)
}

fn per(amount: Decimal, leads: i64, digits: u32) -> Option<Decimal> {
    (leads > 0).then(|| (amount / Decimal::from(leads)).round_dp(digits))
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.leads += other.leads;
        self.delivered += other.delivered;
        self.hold += other.hold;
        self.approved += other.approved;
        self.rejected += other.rejected;
        self.trash += other.trash;
        for (currency, money) in &other.money {
            self.add_money(currency, *money);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_leave_trash_out_and_need_leads() {
        let counts = Counts { leads: 12, approved: 3, trash: 2, ..Counts::default() };
        assert_eq!(counts.approve_rate(), Some(Decimal::from(30)));
        assert_eq!(counts.trash_rate().map(|rate| rate.to_string()).as_deref(), Some("16.7"));
        assert_eq!(Counts { leads: 2, trash: 2, ..Counts::default() }.approve_rate(), None);
        assert_eq!(Counts::default().trash_rate(), None);
    }

    #[test]
    fn money_adds_up_by_currency() {
        let ten = Money { payout: 4.into(), revenue: 10.into(), ..Money::default() };
        let mut counts = Counts { leads: 4, ..Counts::default() };
        counts.add_money("USD", ten);
        counts.add_money("EUR", Money::default());
        let mut total = counts.clone();
        total += &counts;
        assert_eq!(total.money.keys().collect::<Vec<_>>(), ["USD"]);
        assert_eq!(total.money.get("USD").map(Money::margin), Some(12.into()));
        assert_eq!(total.revenue_per_lead("USD").map(|rate| rate.normalize().to_string()).as_deref(), Some("2.5"));
        assert_eq!(total.revenue_per_lead("EUR"), None);
    }
}
