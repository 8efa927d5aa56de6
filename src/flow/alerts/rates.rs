//! Approve rates against what they used to be: of the leads that were decided lately, by network and by offer. Too few
//! leads say nothing.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;
use uuid::Uuid;

use super::read::{named, reading};
use crate::db::stats::{self, Ask, Only, Value};
use crate::domain::alert::watch::Reading;
use crate::domain::alert::{Facts, Kind, Named, Rule};
use crate::domain::stats::{Basis, Dimension};

/// Days before yesterday that say what is usual.
const BEFORE: u64 = 14;
/// Leads that must have been decided lately, and before.
const ENOUGH: i64 = 30;
const ENOUGH_BEFORE: i64 = 100;

/// Approved of those that were decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Decided {
    of: Named,
    approved: i64,
    all: i64,
}

/// Networks and offers whose rate has dropped.
pub(super) async fn read(conn: &mut PgConnection, rule: &Rule, now: DateTime<Utc>) -> sqlx::Result<Vec<Reading>> {
    let today = now.date_naive();
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let mut readings = Vec::new();
    for dimension in [Dimension::Network, Dimension::Offer] {
        let lately = decided(conn, dimension, back(1), today).await?;
        let before = decided(conn, dimension, back(1 + BEFORE), back(2)).await?;
        for (id, lately) in lately {
            let (network, offer) = match dimension {
                Dimension::Network => (Some(id), None),
                _ => (None, Some(id)),
            };
            let Some(before) = before.get(&id).filter(|_| rule.is_about(network, offer)) else { continue };
            readings.extend(dropped(rule, dimension, id, &lately, before));
        }
    }
    Ok(readings)
}

async fn decided(
    conn: &mut PgConnection,
    dimension: Dimension,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<HashMap<Uuid, Decided>> {
    let ask = Ask { basis: Basis::Event, zone: Tz::UTC, from, to, by: vec![dimension], only: Only::default() };
    // More groups than can be told are more than anybody has networks.
    let Ok(groups) = stats::count(conn, &ask).await? else { return Ok(HashMap::new()) };
    let rows = groups.into_iter().filter_map(|(values, counts)| match values.into_iter().next() {
        Some(Value::Object { name, slug, id }) => {
            let approved = counts.approved.max(0);
            let of = named(&slug, &name).unwrap_or_default();
            Some((id, Decided { of, approved, all: approved + counts.rejected.max(0) }))
        }
        _ => None,
    });
    Ok(rows.collect())
}

fn dropped(rule: &Rule, dimension: Dimension, id: Uuid, lately: &Decided, before: &Decided) -> Option<Reading> {
    if lately.all < ENOUGH || before.all < ENOUGH_BEFORE || before.approved == 0 {
        return None;
    }
    // Without fractions: lately / all against before / all.
    let (now, usual) = (lately.approved * before.all, before.approved * lately.all);
    let drop = (usual - now) * 100 / usual;
    let threshold = i64::from(rule.threshold);
    // It is over when the rate has come back by a fifth of what it takes.
    if drop * 5 < threshold * 4 {
        return None;
    }
    let is_network = dimension == Dimension::Network;
    let of = Some(lately.of.clone());
    let facts = Facts {
        network: of.clone().filter(|_| is_network),
        offer: of.filter(|_| !is_network),
        count: Some(lately.all),
        percent: Some(lately.approved * 100 / lately.all),
        usual: Some(before.approved * 100 / before.all),
        link: format!("/{}s/{}", dimension.as_str(), lately.of.slug),
        ..Facts::default()
    };
    Some(Reading { holds: drop >= threshold, ..reading(Kind::ApproveRate, format!("{dimension}:{id}"), facts) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(approved: i64, all: i64) -> Decided {
        Decided { of: Named { slug: "tea".into(), name: "Tea".into() }, approved, all }
    }

    #[test]
    fn a_rate_that_fell_far_enough_is_told_with_both_numbers() {
        let rule = Rule::usual(Kind::ApproveRate);
        let read = |lately, before| dropped(&rule, Dimension::Offer, Uuid::from_u128(7), &lately, &before);
        let found = read(of(14, 50), of(80, 200)).unwrap();
        assert!(found.holds, "28 % of usually 40 % are 30 % less");
        assert_eq!((found.facts.percent, found.facts.usual), (Some(28), Some(40)));
        assert_eq!((found.facts.link.as_str(), found.facts.network), ("/offers/tea", None));
        assert!(!read(of(15, 50), of(80, 200)).unwrap().holds, "near to it");
        assert_eq!(read(of(18, 50), of(80, 200)), None);
        assert_eq!(read(of(60, 50 + 20), of(80, 200)), None, "more than usual");
    }

    #[test]
    fn few_leads_say_nothing() {
        let rule = Rule::usual(Kind::ApproveRate);
        let read = |lately, before| dropped(&rule, Dimension::Network, Uuid::from_u128(7), &lately, &before);
        assert!(read(of(0, 30), of(40, 100)).is_some());
        assert_eq!(read(of(0, 29), of(40, 100)), None);
        assert_eq!(read(of(0, 30), of(40, 99)), None);
        assert_eq!(read(of(0, 30), of(0, 100)), None, "there is nothing to lose");
    }
}
