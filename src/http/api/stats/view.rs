//! The stats as the API answers them.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use crate::base::money;
use crate::db::stats::{Ask, Groups, Value};
use crate::domain::stats::{Basis, Counts, Dimension};

/// Groups of leads, and their sum.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Stats {
    /// In the order of what they are grouped by.
    items: Vec<Group>,
    /// The sum of the items.
    total: Figures,
    group_by: Vec<Dimension>,
    from: NaiveDate,
    /// Included.
    to: NaiveDate,
    timezone: String,
    by: Basis,
    /// Always null: all groups are in `items`.
    next_cursor: Option<String>,
}

/// One group. Of the values only those that were asked for are there; null where its leads have none.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Group {
    #[serde(flatten)]
    #[schema(value_type = Values, inline)]
    values: serde_json::Map<String, serde_json::Value>,
    #[serde(flatten)]
    figures: Figures,
}

/// What the leads of a group have in common.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "tells the OpenAPI document what a group may hold")]
struct Values {
    day: Option<NaiveDate>,
    /// 0 to 23.
    hour: Option<i32>,
    /// Slug.
    offer: Option<String>,
    offer_id: Option<Uuid>,
    /// Slug.
    webmaster: Option<String>,
    webmaster_id: Option<Uuid>,
    /// Slug.
    network: Option<String>,
    network_id: Option<Uuid>,
    country: Option<String>,
    status: Option<String>,
    /// Reason code.
    reason: Option<i16>,
    sub1: Option<String>,
    sub2: Option<String>,
    sub3: Option<String>,
    sub4: Option<String>,
    sub5: Option<String>,
    sub6: Option<String>,
    sub7: Option<String>,
    sub8: Option<String>,
    sub9: Option<String>,
    sub10: Option<String>,
    sub11: Option<String>,
    sub12: Option<String>,
}

/// Counts and money.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Figures {
    leads: i64,
    /// Taken by a network.
    delivered: i64,
    hold: i64,
    /// Approved or paid.
    approved: i64,
    rejected: i64,
    trash: i64,
    /// Approved of a hundred leads that are not trash.
    #[serde(with = "rust_decimal::serde::str_option")]
    #[schema(value_type = Option<String>)]
    approve_rate: Option<Decimal>,
    /// One for each currency.
    money: Vec<Amounts>,
}

/// Money in one currency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Amounts {
    currency: String,
    /// Payout of leads in hold.
    hold: String,
    /// Payout of approved and paid leads.
    payout: String,
    /// Revenue of leads in hold. Admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_revenue: Option<String>,
    /// Revenue of approved and paid leads. Admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<String>,
    /// Revenue without payout. Admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    margin: Option<String>,
    /// Payout for each lead.
    payout_per_lead: Option<String>,
    /// Revenue for each lead. Admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue_per_lead: Option<String>,
}

impl Stats {
    /// For an admin, or for a webmaster, who sees no revenue.
    pub fn of(ask: &Ask, groups: &Groups, is_admin: bool) -> Self {
        let mut total = Counts::default();
        for counts in groups.values() {
            total += counts;
        }
        let item = |(values, counts): (&Vec<Value>, &Counts)| Group {
            values: ask.by.iter().zip(values).flat_map(|(dimension, value)| fields(*dimension, value)).collect(),
            figures: Figures::of(counts, is_admin),
        };
        Self {
            items: groups.iter().map(item).collect(),
            total: Figures::of(&total, is_admin),
            group_by: ask.by.clone(),
            from: ask.from,
            to: ask.to,
            timezone: ask.zone.name().to_owned(),
            by: ask.basis,
            next_cursor: None,
        }
    }
}

fn fields(dimension: Dimension, value: &Value) -> Vec<(String, serde_json::Value)> {
    let name = dimension.to_string();
    let is_object = matches!(dimension, Dimension::Offer | Dimension::Webmaster | Dimension::Network);
    let (word, id): (serde_json::Value, _) = match value {
        Value::Day(day) => (day.to_string().into(), None),
        Value::Hour(hour) => ((*hour).into(), None),
        Value::Object { slug, id, .. } => (slug.clone().into(), Some(*id)),
        Value::Word(word) => (word.clone().into(), None),
        Value::Code(code) => ((*code).into(), None),
        Value::None => (serde_json::Value::Null, None),
    };
    let id = is_object.then(|| (format!("{name}_id"), id.map(|id| id.to_string()).into()));
    std::iter::once((name, word)).chain(id).collect()
}

impl Figures {
    fn of(counts: &Counts, is_admin: bool) -> Self {
        Self {
            leads: counts.leads,
            delivered: counts.delivered,
            hold: counts.hold,
            approved: counts.approved,
            rejected: counts.rejected,
            trash: counts.trash,
            approve_rate: counts.approve_rate(),
            money: counts.money.keys().filter_map(|currency| Amounts::of(counts, currency, is_admin)).collect(),
        }
    }
}

impl Amounts {
    fn of(counts: &Counts, currency: &str, is_admin: bool) -> Option<Self> {
        let amounts = counts.money.get(currency)?;
        let print = |amount: Decimal| money::print(amount, currency);
        let for_admin = |amount: Decimal| is_admin.then(|| print(amount));
        if !is_admin && amounts.hold.is_zero() && amounts.payout.is_zero() {
            // Even the currency tells whom it was sold to.
            return None;
        }
        Some(Self {
            currency: currency.to_owned(),
            hold: print(amounts.hold),
            payout: print(amounts.payout),
            hold_revenue: for_admin(amounts.hold_revenue),
            revenue: for_admin(amounts.revenue),
            margin: for_admin(amounts.margin()),
            payout_per_lead: counts.payout_per_lead(currency).map(print),
            revenue_per_lead: counts.revenue_per_lead(currency).and_then(for_admin),
        })
    }
}
