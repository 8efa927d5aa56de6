//! What the URL of a report asks: the same words as `GET /api/v1/stats`, and the links that ask something else.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use sqlx::PgConnection;
use url::form_urlencoded::Serializer;

use super::{PATH, figures};
use crate::db::stats::{Ask, Value};
use crate::domain::stats::Dimension;
use crate::http::api::stats::{self, StatsQuery};
use crate::http::dashboard::list::Asked;
use crate::http::dashboard::reader;
use crate::http::dashboard::texts::{Text, say};
use crate::http::error::Error;

/// Parts of the URL that are the page's own.
const OWN: &[&str] = &["sort", "chart"];
/// Parts that are not filters.
const FRAME: &[&str] = &["from", "to", "by", "timezone", "group_by", "sort", "chart"];

/// Reads the URL. Names that stand there several times (`group_by`) are one list.
pub(super) async fn read(conn: &mut PgConnection, asked: &Asked, now: DateTime<Utc>) -> Result<Ask, Error> {
    let mut merged: Vec<(&str, String)> = Vec::new();
    for (name, value) in asked.pairs().iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        match merged.iter_mut().find(|(known, _)| known == name) {
            Some((_, list)) => *list = format!("{list},{value}"),
            None => merged.push((name, value.clone())),
        }
    }
    if !merged.iter().any(|(name, _)| *name == "timezone") {
        merged.push(("timezone", reader::zone().name().to_owned()));
    }
    let text = Serializer::new(String::new()).extend_pairs(merged).finish();
    let query = StatsQuery::parse(&text)?;
    stats::read(conn, &query, None, now).await
}

/// A link of the page.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) is_current: bool,
}

/// The usual periods.
pub(super) fn periods(asked: &Asked, ask: &Ask, now: DateTime<Utc>) -> Vec<Link> {
    let today = now.with_timezone(&ask.zone).date_naive();
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let month = today.with_day(1).unwrap_or(today);
    let last_month = month.checked_sub_months(Months::new(1)).unwrap_or(month);
    let before_month = month.pred_opt().unwrap_or(month);
    let link = |label: &'static str, from: NaiveDate, to: NaiveDate| Link {
        label: say(label).into(),
        href: changed(asked, &["from", "to"], &[("from", from.to_string()), ("to", to.to_string())]),
        is_current: (ask.from, ask.to) == (from, to),
    };
    vec![
        link("report-today", today, today),
        link("report-yesterday", back(1), back(1)),
        link("report-week", back(6), today),
        link("report-30-days", back(29), today),
        link("report-month", month, today),
        link("report-last-month", last_month, before_month),
    ]
}

/// The filters that are set, each with the report without it.
pub(super) fn filters(asked: &Asked) -> Vec<(Text, String, String)> {
    asked
        .pairs()
        .iter()
        .filter(|(name, _)| !FRAME.contains(&name.as_str()))
        .map(|(name, value)| {
            let label = name.parse::<Dimension>().map_or_else(|_| say("report-without"), figures::dimension);
            (label, value.clone(), changed(asked, &[name], &[]))
        })
        .collect()
}

/// The report narrowed to one value of a group. What all rows have in common then is grouped by no more.
pub(super) fn narrowed(asked: &Asked, ask: &Ask, dimension: Dimension, value: &Value) -> String {
    let word = figures::word(value);
    let mut by: Vec<Dimension> = ask.by.iter().copied().filter(|other| *other != dimension).collect();
    if by.is_empty() {
        by.push(further(dimension));
    }
    let by = by.iter().map(|dimension| dimension.as_str()).collect::<Vec<_>>().join(",");
    let mut pairs = vec![("group_by", by)];
    match (dimension, value) {
        (Dimension::Day, _) => pairs.extend([("from", word.clone()), ("to", word)]),
        (_, Value::None) => {
            let none: Vec<&str> = asked.all("none").chain([dimension.as_str()]).collect();
            pairs.push(("none", none.join(",")));
        }
        (dimension, _) => pairs.push((dimension.as_str(), word)),
    }
    let gone: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    changed(asked, &gone, &pairs)
}

/// What is looked at after one value was chosen and nothing else is asked for.
fn further(dimension: Dimension) -> Dimension {
    match dimension {
        Dimension::Day => Dimension::Hour,
        Dimension::Offer | Dimension::Network => Dimension::Webmaster,
        Dimension::Status => Dimension::Reason,
        _ => Dimension::Offer,
    }
}

/// The report with other parts.
pub(super) fn changed(asked: &Asked, gone: &[&str], new: &[(&str, String)]) -> String {
    let mut pairs = Serializer::new(String::new());
    pairs.extend_pairs(asked.pairs().iter().filter(|(name, _)| !gone.contains(&name.as_str())));
    pairs.extend_pairs(new);
    let query = pairs.finish();
    if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::db::stats::Only;
    use crate::domain::stats::Basis;

    fn ask(by: &[Dimension]) -> Ask {
        let day = NaiveDate::from_ymd_opt(2026, 11, 18).unwrap();
        Ask { basis: Basis::Lead, zone: Tz::UTC, from: day, to: day, by: by.to_vec(), only: Only::default() }
    }

    #[test]
    fn a_value_narrows_the_report_and_what_is_common_is_grouped_by_no_more() {
        let asked = Asked::read(PATH, Some("group_by=day&group_by=sub1&offer=tea&sort=leads"));
        let by = ask(&[Dimension::Day, Dimension::Sub1]);
        let day = Value::Day(by.from);
        assert_eq!(
            narrowed(&asked, &by, Dimension::Day, &day),
            "/reports?offer=tea&sort=leads&group_by=sub1&from=2026-11-18&to=2026-11-18"
        );
        let of_none = narrowed(&asked, &by, Dimension::Sub1, &Value::None);
        assert_eq!(of_none, "/reports?offer=tea&sort=leads&group_by=day&none=sub1");
        let last = narrowed(
            &Asked::read(PATH, None),
            &ask(&[Dimension::Network]),
            Dimension::Network,
            &Value::Word("n".into()),
        );
        assert_eq!(last, "/reports?group_by=webmaster&network=n");
    }

    #[test]
    fn periods_end_today_in_the_zone_of_the_report() {
        let asked = Asked::read(PATH, Some("group_by=day"));
        let now = DateTime::from_timestamp(1_795_046_000, 0).unwrap(); // 2026-11-18 23:53 UTC
        let tokyo = Ask { zone: Tz::Asia__Tokyo, ..ask(&[]) };
        let hrefs: Vec<String> = periods(&asked, &tokyo, now).into_iter().map(|link| link.href).collect();
        assert_eq!(hrefs[0], "/reports?group_by=day&from=2026-11-19&to=2026-11-19");
        assert_eq!(hrefs[5], "/reports?group_by=day&from=2026-10-01&to=2026-10-31");
        assert!(periods(&asked, &ask(&[]), now)[0].is_current);
    }
}
