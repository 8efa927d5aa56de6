//! Reports about leads that we do not know: an order without our id, a lead that somebody else has sent. Kept until it
//! finds its lead, one row for each thing the network has.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::money;
use crate::base::page::Direction;

/// A report without a lead.
#[derive(Clone, Debug)]
pub struct NewOrphan {
    pub orphan_id: Uuid,
    pub network_id: Uuid,
    /// What the network calls it.
    pub key: String,
    /// `poll`, `postback`, `import`.
    pub source: String,
    pub our_ref: Option<String>,
    pub status: Option<String>,
    pub revenue: Option<Decimal>,
    pub currency: Option<String>,
    pub report: Value,
}

/// Keeps reports, the last one of each key. Answers how many were new or said something new.
pub async fn keep(conn: &mut PgConnection, rows: &[NewOrphan], now: DateTime<Utc>) -> sqlx::Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    // Of several with one key the last one stands.
    let mut last: Vec<&NewOrphan> = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        if !last.iter().any(|kept| kept.network_id == row.network_id && kept.key == row.key) {
            last.push(row);
        }
    }
    last.sort_by(|a, b| (a.network_id, &a.key).cmp(&(b.network_id, &b.key)));
    let changed = sqlx::query_scalar!(
        r#"with old as (
             select o.network_id, o.key, o.report from unnest($2::uuid[], $3::text[]) new (network_id, key)
             join orphan_report o on o.network_id = new.network_id and o.key = new.key)
           insert into orphan_report (orphan_id, network_id, key, source, our_ref, status, revenue, currency, report, first_seen_at, last_seen_at)
           select orphan_id, network_id, key, source, our_ref, status, revenue, currency, report, $10, $10
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::text[], $9::jsonb[])
             new (orphan_id, network_id, key, source, our_ref, status, revenue, currency, report)
           on conflict (network_id, key) do update set source = excluded.source, our_ref = excluded.our_ref, status = excluded.status,
             revenue = excluded.revenue, currency = excluded.currency, report = excluded.report, last_seen_at = excluded.last_seen_at
           returning (select old.report from old where old.network_id = orphan_report.network_id and old.key = orphan_report.key)
             is distinct from orphan_report.report as "is_new!""#,
        &last.iter().map(|row| row.orphan_id).collect::<Vec<_>>(),
        &last.iter().map(|row| row.network_id).collect::<Vec<_>>(),
        &last.iter().map(|row| row.key.clone()).collect::<Vec<_>>(),
        &last.iter().map(|row| row.source.clone()).collect::<Vec<_>>(),
        &last.iter().map(|row| row.our_ref.clone()).collect::<Vec<_>>() as &[Option<String>],
        &last.iter().map(|row| row.status.clone()).collect::<Vec<_>>() as &[Option<String>],
        &last.iter().map(|row| row.revenue).collect::<Vec<_>>() as &[Option<Decimal>],
        &last.iter().map(|row| row.currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        &last.iter().map(|row| row.report.clone()).collect::<Vec<_>>(),
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(changed.into_iter().filter(|is_new| *is_new).count())
}

/// These have found their leads: network, key, lead.
pub async fn found(conn: &mut PgConnection, found: &[(Uuid, String, Uuid)]) -> sqlx::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update orphan_report o set lead_id = new.lead_id
         from unnest($1::uuid[], $2::text[], $3::uuid[]) new (network_id, key, lead_id)
         where o.network_id = new.network_id and o.key = new.key and o.lead_id is null",
        &found.iter().map(|(network_id, ..)| *network_id).collect::<Vec<_>>(),
        &found.iter().map(|(_, key, _)| key.clone()).collect::<Vec<_>>(),
        &found.iter().map(|(.., lead_id)| *lead_id).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An orphan as it is listed.
#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Orphan {
    pub id: Uuid,
    /// Slug of the network.
    pub network: String,
    pub network_id: Uuid,
    /// What the network calls it.
    pub key: String,
    /// `poll` or `postback`.
    pub source: String,
    /// Our lead as the network named it; empty when it named none.
    pub our_ref: Option<String>,
    /// The network's word.
    pub status: Option<String>,
    #[schema(value_type = Option<String>)]
    #[serde(with = "rust_decimal::serde::str_option")]
    pub revenue: Option<Decimal>,
    pub currency: Option<String>,
    /// The whole report.
    #[schema(value_type = Object)]
    pub report: Value,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// The lead it has found.
    pub lead_id: Option<Uuid>,
}

impl Orphan {
    /// The database keeps more digits than are shown.
    fn tidy(&mut self) {
        self.revenue = self.revenue.map(|amount| money::tidy(amount, self.currency.as_deref().unwrap_or_default()));
    }
}

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub network_id: Option<Uuid>,
    /// True: those that have found their lead; false: those that still look for it.
    pub is_found: Option<bool>,
    /// What the network calls it.
    pub key: Option<String>,
    /// Last heard at or after.
    pub from: Option<DateTime<Utc>>,
    /// Last heard before.
    pub to: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "select o.orphan_id as id, n.slug as network, o.network_id, o.key, o.source, o.our_ref, o.status,
   o.revenue, o.currency, o.report, o.first_seen_at, o.last_seen_at, o.lead_id
 from orphan_report o join network n on n.network_id = o.network_id where true";

/// Those that stand after `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Orphan>> {
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    if let Some(id) = filter.network_id {
        query.push(" and o.network_id = ").push_bind(id);
    }
    match filter.is_found {
        Some(true) => drop(query.push(" and o.lead_id is not null")),
        Some(false) => drop(query.push(" and o.lead_id is null")),
        None => {}
    }
    if let Some(key) = &filter.key {
        query.push(" and o.key = ").push_bind(key.clone());
    }
    for (condition, at) in [(" and o.last_seen_at >= ", filter.from), (" and o.last_seen_at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(after) = after {
        query.push(" and o.orphan_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by o.orphan_id").push(direction.order()).push(" limit ").push_bind(limit);
    let mut rows: Vec<Orphan> = query.build_query_as().fetch_all(conn).await?;
    rows.iter_mut().for_each(Orphan::tidy);
    Ok(rows)
}

/// One by id.
pub async fn find(conn: &mut PgConnection, orphan_id: Uuid) -> sqlx::Result<Option<Orphan>> {
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    query.push(" and o.orphan_id = ").push_bind(orphan_id);
    let mut found: Option<Orphan> = query.build_query_as().fetch_optional(conn).await?;
    found.iter_mut().for_each(Orphan::tidy);
    Ok(found)
}

/// One, kept from being changed by others until the transaction ends.
pub async fn lock(conn: &mut PgConnection, orphan_id: Uuid) -> sqlx::Result<Option<Orphan>> {
    sqlx::query_as!(
        Orphan,
        r#"select o.orphan_id as id, n.slug as network, o.network_id, o.key, o.source, o.our_ref, o.status, o.revenue, o.currency,
             o.report, o.first_seen_at, o.last_seen_at, o.lead_id
           from orphan_report o join network n on n.network_id = o.network_id
           where o.orphan_id = $1 for update of o"#,
        orphan_id
    )
    .fetch_optional(conn)
    .await
}
