//! Links that sign a webmaster in to his portal without a password. Their text is shown once; its hash is kept.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One link that has not been revoked.
#[derive(Clone, Debug)]
pub struct PortalLink {
    pub portal_link_id: Uuid,
    pub webmaster_id: Uuid,
    /// To tell it from others.
    pub name: String,
    /// Of the pages; none: as the browser asks.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub created_at: DateTime<Utc>,
    /// When somebody came by it last.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Adds one.
pub async fn insert(
    conn: &mut PgConnection,
    portal_link_id: Uuid,
    webmaster_id: Uuid,
    (name, link_hash): (&str, &[u8]),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into portal_link (portal_link_id, webmaster_id, name, link_hash, created_at) values ($1, $2, $3, $4, $5)",
        portal_link_id,
        webmaster_id,
        name,
        link_hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The links of a webmaster, in the order they were made.
pub async fn of_webmaster(conn: &mut PgConnection, webmaster_id: Uuid, limit: i64) -> sqlx::Result<Vec<PortalLink>> {
    sqlx::query_as!(
        PortalLink,
        "select portal_link_id, webmaster_id, name, language, time_zone, created_at, last_used_at
         from portal_link where webmaster_id = $1 and revoked_at is null order by portal_link_id limit $2",
        webmaster_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// By id.
pub async fn find(conn: &mut PgConnection, portal_link_id: Uuid) -> sqlx::Result<Option<PortalLink>> {
    sqlx::query_as!(
        PortalLink,
        "select portal_link_id, webmaster_id, name, language, time_zone, created_at, last_used_at
         from portal_link where portal_link_id = $1 and revoked_at is null",
        portal_link_id
    )
    .fetch_optional(conn)
    .await
}

/// By what stands in it.
pub async fn find_by_hash(conn: &mut PgConnection, link_hash: &[u8]) -> sqlx::Result<Option<PortalLink>> {
    sqlx::query_as!(
        PortalLink,
        "select portal_link_id, webmaster_id, name, language, time_zone, created_at, last_used_at
         from portal_link where link_hash = $1 and revoked_at is null",
        link_hash
    )
    .fetch_optional(conn)
    .await
}

/// Notes that somebody came by it.
pub async fn touch(conn: &mut PgConnection, portal_link_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update portal_link set last_used_at = $2 where portal_link_id = $1", portal_link_id, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets how those who come by it read the pages.
pub async fn set_reading(
    conn: &mut PgConnection,
    portal_link_id: Uuid,
    language: Option<&str>,
    time_zone: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update portal_link set language = $2, time_zone = $3 where portal_link_id = $1",
        portal_link_id,
        language,
        time_zone
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts an end to one, and to the sessions it opened. `false`: it was revoked before.
pub async fn revoke(conn: &mut PgConnection, portal_link_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update portal_link set revoked_at = $2 where portal_link_id = $1 and revoked_at is null",
        portal_link_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
