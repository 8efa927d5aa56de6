//! The window of time and the page that a report asks for.

use chrono::{DateTime, Utc};

use super::answer::Refusal;
use super::params::Params;
use super::switches::{OversizedPage, Switches};

/// Longest window: a day.
const MAX_SPAN: i64 = 86_400;

const DEFAULT_PAGE_SIZE: i64 = 20;
const MAX_PAGE_SIZE: i64 = 200;

/// From `stime` to `etime`, both included, in whole seconds.
#[derive(Clone, Copy)]
pub(super) struct Window {
    from: i64,
    to: i64,
}

impl Window {
    pub(super) fn read(params: &Params) -> Result<Self, Refusal> {
        let second = |name| {
            params.required(name)?;
            Ok(params.whole(name)?.unwrap_or(0))
        };
        let (from, to): (i64, i64) = (second("stime")?, second("etime")?);
        if to <= from {
            return Err(Refusal::parameter("etime must be after stime"));
        }
        if to.saturating_sub(from) > MAX_SPAN {
            return Err(Refusal::parameter("the time span must not be over 1 day"));
        }
        Ok(Self { from, to })
    }

    pub(super) fn holds(self, at: DateTime<Utc>) -> bool {
        (self.from..=self.to).contains(&at.timestamp())
    }
}

/// Which rows of all that match.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    /// From 1.
    pub(super) page: u64,
    size: u64,
}

impl Paging {
    pub(super) fn read(params: &Params, switches: &Switches) -> Result<Self, Refusal> {
        let number = |name: &str, default| {
            let number = params.whole(name)?.unwrap_or(default);
            u64::try_from(number)
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| Refusal::parameter(format!("{name} must be at least 1")))
        };
        let page = number("page", 1)?;
        let size = number("page_size", DEFAULT_PAGE_SIZE)?;
        if size > MAX_PAGE_SIZE as u64 && switches.oversized_page == OversizedPage::Refuse {
            return Err(Refusal::parameter("page_size must not be over 200"));
        }
        Ok(Self { page, size: size.min(MAX_PAGE_SIZE as u64) })
    }

    /// The rows of this page.
    pub(super) fn cut<T>(self, rows: Vec<T>) -> Vec<T> {
        let before = (self.page - 1).saturating_mul(self.size);
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        rows.into_iter().skip(before).take(self.size as usize).collect()
    }
}

/// Which time of an order a window is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OrderField {
    Update,
    Charge,
    Order,
}

impl OrderField {
    /// Every spelling that some document or client of Duomai has.
    fn of_spelling(word: &str) -> Option<Self> {
        match word {
            "updatetime" | "update_time" | "UpdateTime" => Some(Self::Update),
            "chargedatetime" | "charge_datatime" | "chargedatatime" | "ChargeTime" => Some(Self::Charge),
            "orderdatetime" | "order_datatime" | "orderdatatime" | "OrderDatatime" => Some(Self::Order),
            _ => None,
        }
    }

    pub(super) fn read(params: &Params, switches: &Switches) -> Result<Self, Refusal> {
        let Some(word) = params.text("order_field")? else { return Ok(Self::Update) };
        match Self::of_spelling(&word) {
            Some(field) => Ok(field),
            None if switches.check_order_field => Err(Refusal::parameter("order_field is unknown")),
            None => Ok(Self::Update),
        }
    }
}
