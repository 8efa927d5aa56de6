//! Lists: the filters of the query, and pages. The newest comes first.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::calendar::{filter_time, local};
use super::call::Call;
use super::conversion::Conversion;
use super::network::Network;
use super::reply::{Errors, Reply};
use super::settings::Zone;

/// `GET /api/merchants/conversions`
pub(super) fn conversions(network: &Network, tag: &str, call: &Call) -> Reply {
    let mut filters = Filters::of(call, network.settings.filter_zone);
    let status = filters.whole("status", 0..=3);
    let external_id = filters.text("external_id");
    let is_closed = filters.whole("is_closed", 0..=1);
    let is_checked_out = filters.whole("checked_out", 0..=1);
    let commission_amount = filters.wholes("commission_amount");
    let amount = filters.wholes("amount");
    let wage = filters.wholes("wage");
    let created = filters.times("created_at");
    let updated = filters.times("updated_at");
    if !filters.errors.is_empty() {
        return Reply::invalid(tag, filters.errors);
    }
    let fits = |conversion: &&Conversion| {
        status.is_none_or(|status| status == conversion.status)
            && external_id.as_ref().is_none_or(|id| Some(id) == conversion.external_id.as_ref())
            && is_closed.is_none_or(|flag| flag == i64::from(conversion.is_closed))
            && is_checked_out.is_none_or(|flag| flag == i64::from(conversion.is_checked_out))
            && commission_amount.contains(&conversion.commission_amount)
            && amount.contains(&conversion.amount)
            && wage.contains(&conversion.wage)
            && created.hold(conversion.created_at)
            && updated.hold(conversion.updated_at)
    };
    let calendar = network.settings.answer_calendar;
    let rows = network.conversions.iter().rev().filter(fits).map(|conversion| conversion.shown(calendar)).collect();
    Reply::ok(tag, page(rows, call, network.settings.page_size))
}

/// `data` of a list: everything, or the page that was asked for and `meta`.
pub(super) fn page(rows: Vec<Value>, call: &Call, size: Option<NonZeroUsize>) -> Value {
    let Some(size) = size.map(NonZeroUsize::get) else {
        return Value::Array(rows);
    };
    let current = call.query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).max(1);
    let (total, last) = (rows.len(), rows.len().div_ceil(size).max(1));
    let shown: Vec<Value> = rows.into_iter().skip((current - 1).saturating_mul(size)).take(size).collect();
    json!({ "data": shown, "meta": { "total": total, "last": last, "current": current, "per": size } })
}

/// Reads the filters of a query and collects what is wrong with them. Unknown ones count for nothing, as do empty ones.
pub(super) struct Filters<'a> {
    call: &'a Call,
    zone: Zone,
    pub errors: Errors,
}

impl<'a> Filters<'a> {
    pub fn of(call: &'a Call, zone: Zone) -> Self {
        Self { call, zone, errors: Errors::default() }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.call.query(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub fn whole(&mut self, name: &str, within: RangeInclusive<i64>) -> Option<i64> {
        let number = self.text(name)?.parse().ok().filter(|number| within.contains(number));
        if number.is_none() {
            self.errors.add(name, "is no valid number");
        }
        number
    }

    /// `min_` and `max_` of a number. Both count as inside.
    pub fn wholes(&mut self, name: &str) -> RangeInclusive<i64> {
        let min = self.whole(&format!("min_{name}"), i64::MIN..=i64::MAX);
        let max = self.whole(&format!("max_{name}"), i64::MIN..=i64::MAX);
        min.unwrap_or(i64::MIN)..=max.unwrap_or(i64::MAX)
    }

    /// `min_` and `max_` of a time. Both count as inside.
    pub fn times(&mut self, name: &str) -> Times {
        let (min, max) = (self.time(format!("min_{name}")), self.time(format!("max_{name}")));
        Times { zone: self.zone, min, max }
    }

    fn time(&mut self, name: String) -> Option<NaiveDateTime> {
        let text = self.text(&name)?;
        filter_time(&text).map_err(|message| self.errors.add(&name, message)).ok()
    }
}

/// A span of local times.
pub(super) struct Times {
    zone: Zone,
    min: Option<NaiveDateTime>,
    max: Option<NaiveDateTime>,
}

impl Times {
    /// Whether a moment lies within.
    pub fn hold(&self, at: DateTime<Utc>) -> bool {
        let at = local(at, self.zone);
        self.min.is_none_or(|min| min <= at) && self.max.is_none_or(|max| at <= max)
    }
}
