//! The chart of a report: one figure over the days or hours, for all leads or for the largest groups. The table below
//! says the same to those who cannot see it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::figures::{self, Figure};
use crate::db::stats::{Ask, Groups, Value};
use crate::domain::stats::{Counts, Dimension};
use crate::http::dashboard::chart::{Chart, Line};
use crate::http::dashboard::format;

/// Lines in one chart; what is left is in the table.
const MOST_LINES: usize = 6;
/// Days in one chart.
const MOST_DAYS: usize = 800;

/// The chart, where days or hours come first.
pub(super) fn of(ask: &Ask, groups: &Groups, figure: &Figure) -> Option<Chart> {
    let first = *ask.by.first()?;
    let places: Vec<Value> = match first {
        Dimension::Day => ask.from.iter_days().take_while(|day| *day <= ask.to).map(Value::Day).collect(),
        Dimension::Hour => (0..24).map(Value::Hour).collect(),
        _ => return None,
    };
    if places.len() < 2 || places.len() > MOST_DAYS {
        return None;
    }
    let mut lines: BTreeMap<Option<&Value>, BTreeMap<&Value, Counts>> = BTreeMap::new();
    for (values, counts) in groups {
        let (Some(place), group) = (values.first(), values.get(1)) else { continue };
        *lines.entry(group).or_default().entry(place).or_default() += counts;
    }
    let mut lines: Vec<(Decimal, Line)> = lines
        .into_iter()
        .map(|(group, places_of)| {
            let label = match (group, ask.by.get(1)) {
                (Some(value), Some(dimension)) => figures::value(*dimension, value),
                _ => figure.title().to_string(),
            };
            let mut all = Counts::default();
            for counts in places_of.values() {
                all += counts;
            }
            let none = Counts::default();
            let value = |place| (figure.of)(places_of.get(place).unwrap_or(&none)).size()?.to_f64();
            (Decimal::from(all.leads), Line { label, values: places.iter().map(value).collect() })
        })
        .collect();
    lines.sort_by(|(a, _), (b, _)| b.cmp(a));
    let labels = places.iter().map(|place| match place {
        Value::Day(day) => format::day(*day),
        other => figures::value(first, other),
    });
    Some(Chart { labels: labels.collect(), lines: lines.into_iter().take(MOST_LINES).map(|(_, line)| line).collect() })
        .filter(|chart| !chart.lines.is_empty())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::Tz;

    use super::*;
    use crate::db::stats::Only;
    use crate::domain::stats::Basis;

    #[test]
    fn days_without_leads_are_there_and_the_largest_groups_come_first() {
        let day = |n| NaiveDate::from_ymd_opt(2026, 11, n).unwrap();
        let by = vec![Dimension::Day, Dimension::Country];
        let ask = Ask { basis: Basis::Lead, zone: Tz::UTC, from: day(1), to: day(3), by, only: Only::default() };
        let group = |n, country: &str, leads| {
            (vec![Value::Day(day(n)), Value::Word(country.into())], Counts { leads, ..Counts::default() })
        };
        let groups = Groups::from([group(1, "DE", 2), group(3, "DE", 1), group(3, "AT", 5)]);
        let chart = of(&ask, &groups, figures::named("leads").unwrap()).unwrap();
        assert_eq!(chart.labels, ["1 Nov", "2 Nov", "3 Nov"]);
        let line = |label: &str, values: &[f64]| Line {
            label: label.into(),
            values: values.iter().copied().map(Some).collect(),
        };
        assert_eq!(chart.lines, [line("AT", &[0., 0., 5.]), line("DE", &[2., 0., 1.])]);
        let rates = of(&ask, &groups, figures::named("approve_rate").unwrap()).unwrap();
        assert_eq!(rates.lines[1].values, [Some(0.), None, Some(0.)], "no leads, no rate");
        let by_offer = Ask { by: vec![Dimension::Country, Dimension::Day], ..ask };
        assert_eq!(of(&by_offer, &groups, figures::named("leads").unwrap()), None);
    }
}
