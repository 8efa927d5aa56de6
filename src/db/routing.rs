//! Drafts of an offer's routes, the versions that were published, and past leads to try a draft on.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::routing::simulate::Past;

/// A draft, its routes as JSON of `domain::routing::plan`.
#[derive(Clone, Debug)]
pub struct Draft {
    pub offer_id: Uuid,
    pub routes: Value,
    /// The live routes when it was begun.
    pub base: Value,
    /// When it publishes itself.
    pub publish_at: Option<DateTime<Utc>>,
    /// Why it could not.
    pub publish_why: Option<String>,
    pub updated_by: String,
    pub updated_at: DateTime<Utc>,
}

/// The draft of an offer.
pub async fn draft(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<Option<Draft>> {
    sqlx::query_as!(
        Draft,
        "select offer_id, routes, base, publish_at, publish_why, updated_by, updated_at from routing_draft where offer_id = $1",
        offer_id
    )
    .fetch_optional(conn)
    .await
}

/// The same, kept from others until the end of the transaction.
pub async fn lock_draft(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<Option<Draft>> {
    sqlx::query_as!(
        Draft,
        "select offer_id, routes, base, publish_at, publish_why, updated_by, updated_at from routing_draft
         where offer_id = $1 for update",
        offer_id
    )
    .fetch_optional(conn)
    .await
}

/// Begins a draft; one that is there stays.
pub async fn begin_draft(
    conn: &mut PgConnection,
    offer_id: Uuid,
    live: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into routing_draft (offer_id, routes, base, updated_by, updated_at) values ($1, $2, $2, $3, $4)
         on conflict do nothing",
        offer_id,
        live,
        by,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes the routes of a draft.
pub async fn set_draft(
    conn: &mut PgConnection,
    offer_id: Uuid,
    routes: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update routing_draft set routes = $2, updated_by = $3, updated_at = $4 where offer_id = $1",
        offer_id,
        routes,
        by,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Has a draft publish itself at a time, or not. `why`: what kept it from it.
pub async fn set_publish_at(
    conn: &mut PgConnection,
    offer_id: Uuid,
    at: Option<DateTime<Utc>>,
    why: Option<&str>,
) -> sqlx::Result<()> {
    sqlx::query!("update routing_draft set publish_at = $2, publish_why = $3 where offer_id = $1", offer_id, at, why,)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets a draft.
pub async fn drop_draft(conn: &mut PgConnection, offer_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from routing_draft where offer_id = $1", offer_id).execute(conn).await?;
    Ok(())
}

/// A draft whose time has come, kept from other nodes.
pub async fn due(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Option<Draft>> {
    sqlx::query_as!(
        Draft,
        "select offer_id, routes, base, publish_at, publish_why, updated_by, updated_at from routing_draft
         where publish_at <= $1 order by publish_at limit 1 for update skip locked",
        now
    )
    .fetch_optional(conn)
    .await
}

/// A set of routes that was live.
#[derive(Clone, Debug)]
pub struct Version {
    pub version: i32,
    pub routes: Value,
    pub published_by: String,
    pub published_at: DateTime<Utc>,
}

/// The latest versions, newest first.
pub async fn versions(conn: &mut PgConnection, offer_id: Uuid, limit: i64) -> sqlx::Result<Vec<Version>> {
    sqlx::query_as!(
        Version,
        "select version, routes, published_by, published_at from routing_version where offer_id = $1
         order by version desc limit $2",
        offer_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// One version.
pub async fn version(conn: &mut PgConnection, offer_id: Uuid, version: i32) -> sqlx::Result<Option<Version>> {
    sqlx::query_as!(
        Version,
        "select version, routes, published_by, published_at from routing_version where offer_id = $1 and version = $2",
        offer_id,
        version
    )
    .fetch_optional(conn)
    .await
}

/// Keeps what has become live.
pub async fn add_version(
    conn: &mut PgConnection,
    offer_id: Uuid,
    routes: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into routing_version (offer_id, version, routes, published_by, published_at)
         select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from routing_version where offer_id = $1",
        offer_id,
        routes,
        by,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sales of an offer between two times, oldest first, with the networks that refused them; test leads left out.
pub async fn past_leads(
    conn: &mut PgConnection,
    offer_id: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<Past>> {
    sqlx::query_as!(
        Past,
        r#"select lead_id, number, country, webmaster_id, created_at, network_id,
             coalesce((select array_agg(d.network_id) from delivery d
               where d.lead_id = l.lead_id and d.purpose = 'sale' and d.state = 'refused'), '{}') as "refused_by!"
           from lead l
           where created_at >= $2 and created_at < $3 and offer_id = $1 and not test
           order by created_at, lead_id limit $4"#,
        offer_id,
        from,
        to,
        limit
    )
    .fetch_all(conn)
    .await
}

/// What leads of an offer have brought at a network.
#[derive(Clone, Debug)]
pub struct Brought {
    pub network_id: Uuid,
    pub leads: i64,
    pub currency: String,
    /// Revenue of approved and paid ones and of those in hold.
    pub revenue: Decimal,
}

/// Revenue by network and currency of the leads that came between two times.
pub async fn brought(
    conn: &mut PgConnection,
    offer_id: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> sqlx::Result<Vec<Brought>> {
    sqlx::query_as!(
        Brought,
        r#"select network_id as "network_id!", count(*) as "leads!", coalesce(revenue_currency, currency) as "currency!",
             coalesce(sum(revenue), 0) as "revenue!"
           from lead
           where created_at >= $2 and created_at < $3 and offer_id = $1 and not test and network_id is not null
           group by network_id, coalesce(revenue_currency, currency)"#,
        offer_id,
        from,
        to
    )
    .fetch_all(conn)
    .await
}

/// Slots used in windows of caps: cap, start of the window, how many.
pub async fn used(
    conn: &mut PgConnection,
    windows: &[(Uuid, DateTime<Utc>)],
) -> sqlx::Result<Vec<(Uuid, DateTime<Utc>, i32)>> {
    let (caps, starts): (Vec<Uuid>, Vec<DateTime<Utc>>) = windows.iter().copied().unzip();
    let rows = sqlx::query!(
        "select w.cap_id, w.starts_at, w.used from unnest($1::uuid[], $2::timestamptz[]) asked (cap_id, starts_at)
         join cap_window w on w.cap_id = asked.cap_id and w.starts_at = asked.starts_at",
        &caps,
        &starts
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.cap_id, row.starts_at, row.used)).collect())
}
