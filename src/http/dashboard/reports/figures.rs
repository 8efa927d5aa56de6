//! The columns of a report: how each figure is read and written.

use rust_decimal::Decimal;

use crate::base::money;
use crate::db::stats::Value;
use crate::domain::stats::{Counts, Dimension, Money};
use crate::http::dashboard::format;
use crate::http::dashboard::texts::{Text, say};
use crate::http::dashboard::words;

/// What a figure of a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Count(i64),
    /// In a hundred.
    Rate(Option<Decimal>),
    /// By currency.
    Money(Vec<(String, Decimal)>),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    /// In URLs and files.
    pub(super) name: &'static str,
    /// Key of its heading.
    pub(super) title: &'static str,
    pub(super) of: fn(&Counts) -> Amount,
}

/// All of them, in order.
pub(super) static ALL: &[Figure] = &[
    Figure { name: "leads", title: "report-leads", of: |counts| Amount::Count(counts.leads) },
    Figure { name: "delivered", title: "report-delivered", of: |counts| Amount::Count(counts.delivered) },
    Figure { name: "approved", title: "report-approved", of: |counts| Amount::Count(counts.approved) },
    Figure { name: "approve_rate", title: "report-approve-rate", of: |counts| Amount::Rate(counts.approve_rate()) },
    Figure { name: "rejected", title: "report-rejected", of: |counts| Amount::Count(counts.rejected) },
    Figure { name: "trash", title: "report-trash", of: |counts| Amount::Count(counts.trash) },
    Figure { name: "hold", title: "report-hold", of: |counts| money_of(counts, |money| money.hold) },
    Figure { name: "payout", title: "report-payout", of: |counts| money_of(counts, |money| money.payout) },
    Figure { name: "revenue", title: "report-revenue", of: |counts| money_of(counts, |money| money.revenue) },
    Figure { name: "margin", title: "report-margin", of: |counts| money_of(counts, Money::margin) },
    Figure {
        name: "revenue_per_lead",
        title: "report-epl",
        of: |counts| {
            let per_lead = |currency: &String| Some((currency.clone(), counts.revenue_per_lead(currency)?));
            Amount::Money(counts.money.keys().filter_map(per_lead).filter(|(_, amount)| !amount.is_zero()).collect())
        },
    },
];

/// The figure of a name.
pub(super) fn named(name: &str) -> Option<&'static Figure> {
    ALL.iter().find(|figure| figure.name == name)
}

fn money_of(counts: &Counts, read: fn(&Money) -> Decimal) -> Amount {
    let amounts = counts.money.iter().map(|(currency, money)| (currency.clone(), read(money)));
    Amount::Money(amounts.filter(|(_, amount)| !amount.is_zero()).collect())
}

impl Figure {
    pub(super) fn title(&self) -> Text {
        say(self.title)
    }
}

impl Amount {
    /// For people, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Count(count) => vec![format::count(*count)],
            Self::Rate(None) => Vec::new(),
            Self::Rate(Some(rate)) => vec![say("report-percent").with("rate", rate.to_string()).into()],
            Self::Money(amounts) => amounts
                .iter()
                .map(|(currency, amount)| format::money(money::tidy(*amount, currency), currency))
                .collect(),
        }
    }

    /// For an order and a chart: money of the first currency stands for all of it. There is no rate of nothing.
    pub(super) fn size(&self) -> Option<Decimal> {
        match self {
            Self::Count(count) => Some(Decimal::from(*count)),
            Self::Rate(rate) => *rate,
            Self::Money(amounts) => Some(amounts.first().map(|(_, amount)| *amount).unwrap_or_default()),
        }
    }
}

/// Key of the name of a dimension; subs are numbered.
pub(super) fn dimension(dimension: Dimension) -> Text {
    let word = dimension.as_str();
    match word.strip_prefix("sub") {
        Some(number) => say("report-by-sub").with("number", number),
        None => say(format!("report-by-{word}")),
    }
}

/// What a group has, for people.
pub(super) fn value(dimension: Dimension, value: &Value) -> String {
    match value {
        Value::Day(day) => format::dated(*day),
        Value::Hour(hour) => format!("{hour:02}:00"),
        Value::Object { name, slug, .. } => {
            if name.is_empty() {
                slug.clone()
            } else {
                name.clone()
            }
        }
        Value::Word(word) if dimension == Dimension::Status => words::state(word),
        Value::Word(word) => word.clone(),
        Value::Code(code) => code.to_string(),
        Value::None => say("report-none").into(),
    }
}

/// What a group has, as it is asked for in a URL and written to a file.
pub(super) fn word(value: &Value) -> String {
    match value {
        Value::Day(day) => day.to_string(),
        Value::Hour(hour) => hour.to_string(),
        Value::Object { slug, .. } => slug.clone(),
        Value::Word(word) => word.clone(),
        Value::Code(code) => code.to_string(),
        Value::None => String::new(),
    }
}
