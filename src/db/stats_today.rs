//! Today hour by hour, beside two days of the past up to the same time; and what is on hold at this moment. Sums by
//! quarters of an hour answer, with what the ledger has that is not summed yet.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::postgres::types::PgInterval;

use crate::domain::stats::{Counts, Money};

/// Spans of equal length.
#[derive(Clone, Debug)]
pub struct Spans {
    /// Where each begins.
    pub begins: Vec<DateTime<Utc>>,
    pub length: TimeDelta,
}

/// What happened in one hour of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Which span.
    pub span: usize,
    /// Full hours since it began.
    pub hour: i32,
    /// By the time of the event.
    pub counts: Counts,
    /// Leads that no network has taken and that are over.
    pub refused: i64,
    /// Leads that the network which has them rejected.
    pub declined: i64,
}

/// Counts the hours of all spans, a row for each pair of currencies. Each `offset 0` keeps PostgreSQL from looking at all
/// moves first and at their times afterwards, and `xid + 0` from the index by which nearly all of them are found.
pub async fn hours(conn: &mut PgConnection, spans: &Spans) -> sqlx::Result<Vec<Hour>> {
    let length = PgInterval { months: 0, days: 0, microseconds: spans.length.num_microseconds().unwrap_or(0) };
    let rows = sqlx::query!(
        r#"with asked as materialized (
             select span, begins, begins + $2::interval as ends, date_bin('15 minutes', begins + $2::interval, 'epoch') as whole
             from unnest($1::timestamptz[]) with ordinality asked (begins, span)),
           move as (
             select asked.span, s.slot - asked.begins as since, s.is_delivered, s.status, s.currency, s.revenue_currency, s.leads,
               s.payout, s.revenue
             from asked join stats_slot s on s.slot >= asked.begins and s.slot < asked.whole
             union all
             select asked.span, m.at - asked.begins, m.network_id is not null, m.status, m.currency, m.revenue_currency, m.leads,
               m.payout, m.revenue
             from asked cross join lateral (
               select * from stats_move
               where at >= asked.whole and at < asked.ends and xid + 0 < (select below from stats_fold) offset 0) m
             union all
             select asked.span, m.at - asked.begins, m.network_id is not null, m.status, m.currency, m.revenue_currency, m.leads,
               m.payout, m.revenue
             from (select * from stats_move where xid >= (select below from stats_fold) offset 0) m
             join asked on m.at >= asked.begins and m.at < asked.ends)
           select span as "span!", floor(extract(epoch from since) / 3600)::int as "hour!", currency as "currency!", revenue_currency,
             coalesce(sum(leads), 0)::bigint as "leads!",
             coalesce(sum(leads) filter (where is_delivered), 0)::bigint as "delivered!",
             coalesce(sum(leads) filter (where status = 'hold'), 0)::bigint as "hold!",
             coalesce(sum(leads) filter (where status in ('approved', 'paid')), 0)::bigint as "approved!",
             coalesce(sum(leads) filter (where status = 'rejected'), 0)::bigint as "rejected!",
             coalesce(sum(leads) filter (where status = 'trash'), 0)::bigint as "trash!",
             coalesce(sum(leads) filter (where not is_delivered and status in ('rejected', 'trash')), 0)::bigint as "refused!",
             coalesce(sum(leads) filter (where is_delivered and status = 'rejected'), 0)::bigint as "declined!",
             coalesce(sum(payout) filter (where status = 'hold'), 0) as "hold_payout!",
             coalesce(sum(payout) filter (where status in ('approved', 'paid')), 0) as "payout!",
             coalesce(sum(revenue) filter (where status = 'hold'), 0) as "hold_revenue!",
             coalesce(sum(revenue) filter (where status in ('approved', 'paid')), 0) as "revenue!"
           from move group by 1, 2, currency, revenue_currency"#,
        &spans.begins,
        length,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut counts = Counts {
                leads: row.leads,
                delivered: row.delivered,
                hold: row.hold,
                approved: row.approved,
                rejected: row.rejected,
                trash: row.trash,
                money: BTreeMap::new(),
            };
            let both = Money {
                hold: row.hold_payout,
                payout: row.payout,
                hold_revenue: row.hold_revenue,
                revenue: row.revenue,
            };
            counts.add_both(&row.currency, row.revenue_currency.as_deref(), both);
            // `with ordinality` counts from one.
            let span = usize::try_from(row.span - 1).unwrap_or_default();
            Hour { span, hour: row.hour, counts, refused: row.refused, declined: row.declined }
        })
        .collect())
}

/// Payout of all leads that are on hold now, by currency.
pub async fn on_hold(conn: &mut PgConnection) -> sqlx::Result<Vec<(String, Decimal)>> {
    let rows = sqlx::query!(
        r#"select currency as "currency!", sum(payout) as "payout!" from (
             select currency, payout from stats_slot where slot = '-infinity' and status = 'hold'
             union all
             select currency, payout from stats_move where xid >= (select below from stats_fold) and status = 'hold') held
           group by currency having sum(payout) <> 0 order by currency"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.currency, row.payout)).collect())
}
