//! Looking through orders by any of the list's filters, and for one of them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Duomai, feeds, gateway, orders};
use crate::adapters::records::{Filter, Given, Records, Wanted};
use crate::base::exchange::{Request, Response};
use crate::domain::report::StatusReport;

/// `from` and `to` are of the last change; the field that would choose another time is spelt in four ways in as many
/// places.
const FILTERS: &[Filter] = &[
    Filter::time("from"),
    Filter::time("to"),
    Filter::word("site_id"),
    Filter::word("ads_id"),
    Filter::word("euid"),
    Filter::word("status"),
];

impl Records for Duomai {
    fn filters(&self) -> &'static [Filter] {
        FILTERS
    }

    /// The list takes a day at most; without a time it is the last one.
    fn list(&self, settings: &Map<String, Value>, wanted: &Wanted, now: DateTime<Utc>) -> Result<Request, String> {
        let (mut from, mut to, mut body) = (None, None, Map::new());
        for (name, given) in &wanted.filters {
            match (*name, given) {
                ("from", Given::Time(at)) => from = Some(*at),
                ("to", Given::Time(at)) => to = Some(*at),
                (name, Given::Word(word)) => drop(body.insert(name.to_owned(), Value::from(word.as_str()))),
                _ => {}
            }
        }
        let to = to.unwrap_or_else(|| from.map_or(now, |from| (from + feeds::MAX_SPAN).min(now)));
        let from = from.unwrap_or(to - feeds::MAX_SPAN);
        if from >= to || to - from > chrono::TimeDelta::days(1) {
            return Err("from, to: a day at most can be asked for, from before to".into());
        }
        body.insert("stime".into(), Value::from(from.timestamp()));
        body.insert("etime".into(), Value::from(to.timestamp()));
        body.insert("page".into(), Value::from(wanted.page));
        body.insert("page_size".into(), Value::from(feeds::PAGE));
        gateway::request(settings, gateway::ORDERS, &Value::Object(body), now)
    }

    fn read_list(
        &self,
        settings: &Map<String, Value>,
        _wanted: &Wanted,
        answer: &Response,
    ) -> Result<(Vec<StatusReport>, bool), String> {
        let rows = feeds::rows(gateway::data(answer)?)?;
        let reports = feeds::reports(&rows, |row| orders::report(settings, row))?;
        Ok((reports, rows.len() >= feeds::PAGE))
    }

    fn one(
        &self,
        settings: &Map<String, Value>,
        id: &str,
        plan: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Request, String> {
        let plan = plan.ok_or("plan: Duomai finds an order only together with its plan")?;
        gateway::request(settings, gateway::ORDER, &json!({ "ads_id": plan, "order_sn": id }), now)
    }

    fn read_one(&self, settings: &Map<String, Value>, answer: &Response) -> Result<StatusReport, String> {
        match gateway::data(answer)? {
            Value::Object(row) if !row.is_empty() => orders::report(settings, &row),
            _ => Err("the answer holds no order".into()),
        }
    }
}
