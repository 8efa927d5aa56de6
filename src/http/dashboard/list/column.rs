//! The columns of a list, and what stands in a cell: on the page, on a phone, and in an export.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;

use crate::http::dashboard::format;

/// Where a cell goes when a row becomes a card on a narrow screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrow {
    /// The heading of the card.
    Title,
    /// On the right.
    Side,
    /// Below the heading.
    Line,
    /// Not there.
    Hidden,
}

impl Narrow {
    /// The class of the cell.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Title => "is-title",
            Self::Side => "is-side",
            Self::Line => "is-line",
            Self::Hidden => "is-hidden",
        }
    }
}

/// A column of a list of `R`.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// Its word in the URL and in exports.
    pub name: &'static str,
    /// Key of its heading.
    pub title: &'static str,
    /// Shown unless somebody chooses otherwise.
    pub is_usual: bool,
    pub is_number: bool,
    pub narrow: Narrow,
    pub cell: fn(&R, DateTime<Utc>) -> Cell,
}

impl<R> Column<R> {
    /// A column of words that is usually shown.
    pub const fn new(
        name: &'static str,
        title: &'static str,
        narrow: Narrow,
        cell: fn(&R, DateTime<Utc>) -> Cell,
    ) -> Self {
        Self { name, title, is_usual: true, is_number: false, narrow, cell }
    }

    /// The same, of numbers.
    pub const fn number(mut self) -> Self {
        self.is_number = true;
        self
    }

    /// The same, shown when it is chosen.
    pub const fn on_demand(mut self) -> Self {
        self.is_usual = false;
        self
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// The same, less loud.
    Quiet(String),
    /// An id, a URL: in a fixed-width font.
    Code(String),
    /// A long text that may break.
    Long(String),
    Link {
        href: String,
        text: String,
    },
    /// A state or a status, by its word.
    Chip(String),
    Time(DateTime<Utc>),
    Number(i64),
    Money(Vec<(Decimal, String)>),
    /// Two lines.
    Two(String, String),
    /// Several things in one cell, in a row.
    Row(Vec<Cell>),
}

impl Cell {
    /// A text, or nothing.
    pub fn text(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    /// An id or a URL, or nothing.
    pub fn code(text: Option<&str>) -> Self {
        text.filter(|text| !text.is_empty()).map_or(Self::Empty, |text| Self::Code(text.to_owned()))
    }

    /// A moment, or nothing.
    pub fn time(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Empty, Self::Time)
    }

    /// An amount; none is nothing.
    pub fn money(amount: Decimal, currency: &str) -> Self {
        if amount.is_zero() { Self::Empty } else { Self::Money(vec![(amount, currency.to_owned())]) }
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Money(sums) => sums.is_empty(),
            Self::Row(cells) => cells.iter().all(Self::is_empty),
            _ => false,
        }
    }

    /// As a spreadsheet or a program reads it: plain numbers, UTC, our own words for states.
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Quiet(text) | Self::Code(text) | Self::Long(text) | Self::Chip(text) => {
                text.clone()
            }
            Self::Link { text, .. } => text.clone(),
            Self::Time(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            Self::Number(number) => number.to_string(),
            Self::Money(sums) => {
                let sums: Vec<String> = sums.iter().map(|(sum, of)| format!("{} {of}", sum.normalize())).collect();
                sums.join("; ")
            }
            Self::Two(first, second) if second.is_empty() => first.clone(),
            Self::Two(first, second) => format!("{first} {second}").trim().to_owned(),
            Self::Row(cells) => {
                let texts: Vec<String> = cells.iter().filter(|cell| !cell.is_empty()).map(Self::plain).collect();
                texts.join(" ")
            }
        }
    }

    /// The amounts as people read them.
    pub fn sums(sums: &[(Decimal, String)]) -> Vec<String> {
        sums.iter().map(|(amount, currency)| format::money(amount, currency)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_are_plain() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for (cell, plain) in [
            (Cell::Empty, ""),
            (Cell::Time(at), "2026-09-21T14:13:20Z"),
            (Cell::Money(vec![(Decimal::new(1_250_000, 5), "USD".into())]), "12.5 USD"),
            (Cell::Two("+49•••678".into(), String::new()), "+49•••678"),
            (Cell::Row(vec![Cell::Chip("dead".into()), Cell::Empty, Cell::Number(3)]), "dead 3"),
        ] {
            assert_eq!(cell.plain(), plain);
        }
    }
}
