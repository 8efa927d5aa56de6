//! Looking through conversions by any of the list's filters, and for one of them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Affili, call, conversion, feeds, list_key, rows};
use crate::adapters::records::{Filter, Given, Records, Wanted};
use crate::base::exchange::{Method, Request, Response};
use crate::domain::report::StatusReport;

/// All that are documented.
const FILTERS: &[Filter] = &[
    Filter::word("status"),
    Filter::word("external_id"),
    Filter::word("is_closed"),
    Filter::word("checked_out"),
    Filter::word("min_commission_amount"),
    Filter::word("max_commission_amount"),
    Filter::time("min_created_at"),
    Filter::time("max_created_at"),
    Filter::time("min_updated_at"),
    Filter::time("max_updated_at"),
    Filter::word("min_amount"),
    Filter::word("max_amount"),
    Filter::word("min_wage"),
    Filter::word("max_wage"),
];

impl Records for Affili {
    fn filters(&self) -> &'static [Filter] {
        FILTERS
    }

    fn list(&self, settings: &Map<String, Value>, wanted: &Wanted, _now: DateTime<Utc>) -> Result<Request, String> {
        let mut query = Vec::with_capacity(wanted.filters.len() + 1);
        for (name, given) in &wanted.filters {
            let value = match given {
                Given::Word(word) => word.clone(),
                Given::Time(at) => rows::filter_time(settings, *at)?,
            };
            query.push((*name, value));
        }
        query.push(("page", wanted.page.to_string()));
        call(settings, list_key(settings), Method::Get, conversion::V1, &query, None)
    }

    fn read_list(
        &self,
        settings: &Map<String, Value>,
        _wanted: &Wanted,
        answer: &Response,
    ) -> Result<(Vec<StatusReport>, bool), String> {
        let data = feeds::data(answer)?;
        let reports = feeds::reports(settings, &data)?;
        let has_more = !reports.is_empty() && !feeds::is_last_by_meta(&data);
        Ok((reports, has_more))
    }

    fn one(
        &self,
        settings: &Map<String, Value>,
        id: &str,
        _plan: Option<&str>,
        _now: DateTime<Utc>,
    ) -> Result<Request, String> {
        conversion::find(settings, id)
    }

    fn read_one(&self, settings: &Map<String, Value>, answer: &Response) -> Result<StatusReport, String> {
        rows::report(settings, &feeds::data(answer)?)
    }
}
