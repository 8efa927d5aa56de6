//! `/portal`: today against yesterday at the same time, what is on hold and what is owed, the last leads, and the
//! postbacks that did not arrive.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::leads::contact;
use super::owner;
use super::stats::rate;
use crate::app::App;
use crate::base::page::Direction;
use crate::db;
use crate::db::portal_leads::{self, Filter, Row};
use crate::db::portal_today::Spans;
use crate::db::portal_today::{self, FailedCall, StatusCount};
use crate::db::stats::{Ask, Only};
use crate::domain::stats::{Basis, Counts, Money};
use crate::domain::status::Status;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::list::{Cell, day_start};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, reader, words};
use crate::http::principal::Principal;

/// Leads shown.
const LEADS: i64 = 10;
/// Failed postbacks shown, and how far back they are looked for.
const CALLS: i64 = 5;
const CALL_DAYS: i64 = 7;
/// What the second line of money looks back on.
const MONEY_DAYS: i64 = 30;

/// One number.
#[derive(Debug)]
struct Stat {
    label: Text,
    value: String,
    note: String,
}

/// Money of a span of time, by currency.
#[derive(Debug)]
struct Sums {
    label: Text,
    rows: Vec<(String, Money)>,
}

#[derive(Template)]
#[template(path = "portal/today.html")]
struct Page {
    shell: Shell,
    now: DateTime<Utc>,
    stats: Vec<Stat>,
    counts: Vec<StatusCount>,
    sums: Vec<Sums>,
    leads: Vec<Row>,
    calls: Vec<FailedCall>,
}

/// The reader's day so far. Where a day begins cannot be told, UTC's will do.
fn spans(now: DateTime<Utc>) -> Spans {
    let today = now.with_timezone(&reader::zone()).date_naive();
    day_start(today).map_or_else(|| Spans::at(now), |today| Spans { today, now })
}

/// In the order of a lead's life.
fn sorted(mut counts: Vec<StatusCount>) -> Vec<StatusCount> {
    let place = |word: &str| Status::ALL.iter().position(|status| status.as_str() == word);
    counts.sort_by_key(|count| place(&count.status));
    counts
}

/// The share that was approved, as the stats count it.
fn approved(counts: &[StatusCount], of: impl Fn(&StatusCount) -> i64) -> String {
    let sum = |words: &[&str]| -> i64 {
        counts.iter().filter(|count| words.is_empty() || words.contains(&count.status.as_str())).map(&of).sum()
    };
    let counted =
        Counts { leads: sum(&[]), approved: sum(&["approved", "paid"]), trash: sum(&["trash"]), ..Counts::default() };
    rate(&counted)
}

fn stats(counts: &[StatusCount]) -> Vec<Stat> {
    let all = |of: fn(&StatusCount) -> i64| counts.iter().map(of).sum::<i64>();
    let (today, yesterday) = (all(|count| count.today), all(|count| count.yesterday));
    let share = |of: fn(&StatusCount) -> i64| approved(counts, of);
    let note = |what: String| say("overview-yesterday").with("what", what).to_string();
    vec![
        Stat { label: say("portal-leads-today"), value: format::count(today), note: note(format::count(yesterday)) },
        Stat {
            label: say("portal-approved"),
            value: share(|count| count.today),
            note: note(share(|count| count.yesterday)),
        },
    ]
}

/// The money of the leads that came on these days, as the stats count it.
async fn money(
    conn: &mut PgConnection,
    owner: Uuid,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<Vec<(String, Money)>> {
    let only = Only { webmasters: vec![owner], ..Only::default() };
    let ask = Ask { basis: Basis::Lead, zone: reader::zone(), from, to, by: Vec::new(), only };
    // Of one group there are never too many.
    let groups = db::stats::count(conn, &ask).await?.unwrap_or_default();
    let money = groups.into_values().flat_map(|counts| counts.money);
    // What the network pays may be in a currency of its own.
    Ok(money.filter(|(_, money)| !money.hold.is_zero() || !money.payout.is_zero()).collect())
}

/// `GET /portal`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let owner = owner(&principal)?;
    let now = app.clock.now();
    let spans = spans(now);
    let shell = Shell::of(&session, &principal, say("portal-today"), "/portal").await?;
    let mut conn = app.db.acquire().await?;
    let counts = sorted(portal_today::by_status(&mut conn, owner, spans).await?);
    let today = now.with_timezone(&reader::zone()).date_naive();
    let sums = vec![
        Sums { label: say("portal-money-today"), rows: money(&mut conn, owner, today, today).await? },
        Sums {
            label: say("portal-money-month").count("days", MONEY_DAYS),
            rows: money(&mut conn, owner, today - TimeDelta::days(MONEY_DAYS), today).await?,
        },
    ];
    let own = Filter { webmaster_id: owner, ..Filter::default() };
    let leads = portal_leads::page(&mut conn, &own, None, Direction::Newest, LEADS).await?;
    let calls = portal_today::failed_calls(&mut conn, owner, now - TimeDelta::days(CALL_DAYS), CALLS).await?;
    drop(conn);
    layout::page(&Page { shell, now, stats: stats(&counts), counts, sums, leads, calls })
}

impl Page {
    fn sum(&self, amount: &Decimal, currency: &str) -> String {
        format::money(amount, currency)
    }

    /// Who a lead is about, masked.
    fn person(&self, row: &Row) -> String {
        contact(row).plain()
    }

    fn payout(&self, row: &Row) -> String {
        match Cell::money(row.payout, &row.currency) {
            Cell::Empty => String::new(),
            _ => format::money(row.payout, &row.currency),
        }
    }

    fn reason(&self, row: &Row) -> String {
        words::sentence(row.reason.as_deref().or(row.comment.as_deref()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(status: &str, today: i64) -> StatusCount {
        StatusCount { status: status.into(), today, yesterday: 0 }
    }

    #[test]
    fn trash_does_not_spoil_the_share() {
        let counts = [count("hold", 1), count("approved", 1), count("paid", 1), count("trash", 7)];
        assert_eq!(approved(&counts, |count| count.today), "66.7\u{a0}%");
        assert_eq!(approved(&counts, |count| count.yesterday), "–");
    }

    #[tokio::test]
    async fn the_day_is_the_readers() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let reader = reader::Reader { zone: chrono_tz::Asia::Tokyo, ..reader::Reader::DEFAULT };
        let spans = reader::reading(reader, async { spans(now) }).await;
        assert_eq!(spans.today.to_rfc3339(), "2026-09-20T15:00:00+00:00");
    }

    #[test]
    fn statuses_stand_in_the_order_of_a_leads_life() {
        let counts = sorted(vec![count("trash", 1), count("new", 1), count("approved", 1)]);
        assert_eq!(counts.iter().map(|count| count.status.as_str()).collect::<Vec<_>>(), ["new", "approved", "trash"]);
    }
}
