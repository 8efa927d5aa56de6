//! How good a webmaster's leads of the last days are, for his page.

use chrono::{DateTime, Days, Utc};
use sqlx::PgConnection;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::PATH;
use super::figures::{self, Amount};
use crate::db::stats::{self, Ask, Only};
use crate::domain::stats::{Basis, Counts};
use crate::http::dashboard::reader;
use crate::http::dashboard::texts::{Text, say};

/// Days, today included.
const DAYS: u64 = 30;
/// Figures of a report that are shown.
const SHOWN: &[&str] = &["leads", "approve_rate", "hold", "payout"];

/// The figures, and the report they are from.
#[derive(Debug)]
pub struct Quality {
    /// Name and lines of each.
    pub figures: Vec<(Text, Vec<String>)>,
    pub href: String,
}

/// Of one webmaster.
pub async fn of(conn: &mut PgConnection, webmaster_id: Uuid, slug: &str, now: DateTime<Utc>) -> sqlx::Result<Quality> {
    let zone = reader::zone();
    let to = now.with_timezone(&zone).date_naive();
    let from = to.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(to);
    let only = Only { webmasters: vec![webmaster_id], ..Only::default() };
    let ask = Ask { basis: Basis::Lead, zone, from, to, by: Vec::new(), only };
    // Of one group there are never too many.
    let groups = stats::count(conn, &ask).await?.unwrap_or_default();
    let counts = groups.into_values().next().unwrap_or_default();
    let mut query = Serializer::new(String::new());
    query.append_pair("webmaster", slug).append_pair("from", &from.to_string()).append_pair("to", &to.to_string());
    let href = format!("{PATH}?{}&group_by=offer", query.finish());
    Ok(Quality { figures: told(&counts), href })
}

fn told(counts: &Counts) -> Vec<(Text, Vec<String>)> {
    let named = SHOWN.iter().filter_map(|name| figures::named(name));
    let mut figures: Vec<(Text, Vec<String>)> =
        named.map(|figure| (figure.title(), (figure.of)(counts).lines())).collect();
    let trash = (say("quality-trash-rate"), Amount::Rate(counts.trash_rate()).lines());
    figures.insert(figures.len().min(2), trash);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stats::Money;

    #[test]
    fn figures_are_those_of_the_report() {
        let mut counts = Counts { leads: 12, approved: 3, trash: 2, ..Counts::default() };
        counts.add_money("USD", Money { hold: 40.into(), payout: 30.into(), ..Money::default() });
        let told: Vec<String> = told(&counts).into_iter().map(|(_, lines)| lines.join(" ")).collect();
        assert_eq!(told[0], "12");
        assert!(told[1].starts_with("30.0") && told[2].starts_with("16.7"), "{told:?}");
        assert!(told[3].contains("40.00") && told[4].contains("30.00"), "{told:?}");
    }
}
