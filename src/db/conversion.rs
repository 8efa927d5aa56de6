//! Conversions and their money entries.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::status::Status;

/// One result a network reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    pub conversion_id: Uuid,
    pub lead_id: Uuid,
    pub delivery_id: Uuid,
    /// Empty for the default one of its delivery.
    pub key: String,
    pub goal: Option<String>,
    pub status: Status,
    pub network_status: Option<String>,
    pub reason_code: Option<i16>,
    pub reason: Option<String>,
    pub comment: Option<String>,
    pub revenue: Decimal,
    pub revenue_currency: Option<String>,
    pub payout: Decimal,
    pub payout_currency: String,
}

/// The conversions of leads, which the caller has locked.
pub async fn of_leads(conn: &mut PgConnection, lead_ids: &[Uuid]) -> sqlx::Result<Vec<Conversion>> {
    sqlx::query_as!(
        Conversion,
        r#"select conversion_id, lead_id, delivery_id, key, goal, status as "status: Status", network_status, reason_code, reason,
             comment, revenue, revenue_currency, payout, payout_currency
           from conversion where lead_id = any($1) order by conversion_id"#,
        lead_ids
    )
    .fetch_all(conn)
    .await
}

/// Writes conversions as they are now, new and old.
pub async fn upsert_many(conn: &mut PgConnection, rows: &[Conversion], now: DateTime<Utc>) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into conversion as c (conversion_id, lead_id, delivery_id, key, goal, status, network_status, reason_code, reason,
           comment, revenue, revenue_currency, payout, payout_currency, created_at, updated_at)
         select conversion_id, lead_id, delivery_id, key, goal, status, network_status, reason_code, reason,
           comment, revenue, revenue_currency, payout, payout_currency, $15, $15
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::text[],
           $10::text[], $11::numeric[], $12::text[], $13::numeric[], $14::text[])
           new(conversion_id, lead_id, delivery_id, key, goal, status, network_status, reason_code, reason,
           comment, revenue, revenue_currency, payout, payout_currency)
         on conflict (conversion_id) do update set goal = excluded.goal, status = excluded.status,
           network_status = excluded.network_status, reason_code = excluded.reason_code, reason = excluded.reason,
           comment = excluded.comment, revenue = excluded.revenue, revenue_currency = excluded.revenue_currency,
           payout = excluded.payout, payout_currency = excluded.payout_currency, updated_at = excluded.updated_at",
        &rows.iter().map(|c| c.conversion_id).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.lead_id).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.delivery_id).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.key.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.goal.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|c| c.status.to_string()).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.network_status.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|c| c.reason_code).collect::<Vec<_>>() as &[Option<i16>],
        &rows.iter().map(|c| c.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|c| c.comment.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|c| c.revenue).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.revenue_currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|c| c.payout).collect::<Vec<_>>(),
        &rows.iter().map(|c| c.payout_currency.clone()).collect::<Vec<_>>(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One movement of money; entries are never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub entry_id: Uuid,
    pub conversion_id: Uuid,
    /// `revenue` or `payout`.
    pub side: &'static str,
    /// The difference; negative when money is taken back.
    pub amount: Decimal,
    pub currency: String,
    pub source: String,
}

/// Adds entries.
pub async fn insert_entries(conn: &mut PgConnection, entries: &[Entry], now: DateTime<Utc>) -> sqlx::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into conversion_entry (entry_id, conversion_id, at, side, amount, currency, source)
         select entry_id, conversion_id, $7, side, amount, currency, source
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::text[])
           new(entry_id, conversion_id, side, amount, currency, source)",
        &entries.iter().map(|e| e.entry_id).collect::<Vec<_>>(),
        &entries.iter().map(|e| e.conversion_id).collect::<Vec<_>>(),
        &entries.iter().map(|e| e.side.to_owned()).collect::<Vec<_>>(),
        &entries.iter().map(|e| e.amount).collect::<Vec<_>>(),
        &entries.iter().map(|e| e.currency.clone()).collect::<Vec<_>>(),
        &entries.iter().map(|e| e.source.clone()).collect::<Vec<_>>(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
