//! Partners whose records (conversions, orders) a person may look through, and fetch one by one.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::base::exchange::{Request, Response};
use crate::domain::report::StatusReport;

/// A filter of a partner's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The partner's name of it.
    pub name: &'static str,
    /// Whether it is a time; anything else goes to the partner as it is written.
    pub is_time: bool,
}

impl Filter {
    /// One that goes to the partner as it is written.
    pub const fn word(name: &'static str) -> Self {
        Self { name, is_time: false }
    }

    /// One that is a time.
    pub const fn time(name: &'static str) -> Self {
        Self { name, is_time: true }
    }
}

/// What a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Word(String),
    Time(DateTime<Utc>),
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Each of [`Records::filters`].
    pub filters: Vec<(&'static str, Given)>,
    /// From 1.
    pub page: u32,
}

/// The calls. Pure, as everything in this room.
pub trait Records: Send + Sync {
    /// What the list can be filtered by.
    fn filters(&self) -> &'static [Filter];

    /// Asks for a page. The error says what is not set up, or cannot be asked for.
    fn list(&self, settings: &Map<String, Value>, wanted: &Wanted, now: DateTime<Utc>) -> Result<Request, String>;

    /// Reads the page; and whether there may be another.
    fn read_list(
        &self,
        settings: &Map<String, Value>,
        wanted: &Wanted,
        answer: &Response,
    ) -> Result<(Vec<StatusReport>, bool), String>;

    /// Asks for one, by the partner's id (of an order: the merchant's number, with the plan it belongs to).
    fn one(
        &self,
        settings: &Map<String, Value>,
        id: &str,
        plan: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Request, String>;

    /// Reads it.
    fn read_one(&self, settings: &Map<String, Value>, answer: &Response) -> Result<StatusReport, String>;
}
