//! Networks as the admin API reads and writes them. Archived ones can be read, and keep their slug.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// One network as stored; secrets stay sealed.
#[derive(Clone, Debug)]
pub struct Row {
    pub network_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub integration: String,
    pub settings: Value,
    pub secrets: Option<Vec<u8>>,
    pub params: Value,
    pub status_map: Value,
    pub enabled: bool,
    pub timeout_seconds: i32,
    pub per_second: Option<f64>,
    pub concurrency: i32,
    pub postback_secret: Vec<u8>,
    pub settings_version: i32,
    pub last_poll_at: Option<DateTime<Utc>>,
    pub last_inbound_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Written {
    pub network_id: Uuid,
    pub slug: String,
    pub name: String,
    pub integration: String,
    pub settings: Value,
    /// Sealed.
    pub secrets: Option<Vec<u8>>,
    pub params: Value,
    pub status_map: Value,
    pub enabled: bool,
    pub timeout_seconds: i32,
    pub per_second: Option<f64>,
    pub concurrency: i32,
}

/// By id, number or slug.
pub async fn find(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select network_id, number, slug, name, integration, settings, secrets, params, status_map, enabled,
           timeout_seconds, per_second, concurrency, postback_secret, settings_version, last_poll_at, last_inbound_at,
           created_at, updated_at, archived_at
         from network where network_id = $1 or number = $2 or slug = $3",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// The same, kept from being changed by others until the transaction ends.
pub async fn lock(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Row>> {
    let found = sqlx::query_scalar!(
        "select network_id from network where network_id = $1 or number = $2 or slug = $3 for update",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(&mut *conn)
    .await?;
    match found {
        Some(id) => find(conn, &Reference { id: Some(id), number: None, slug: None }).await,
        None => Ok(None),
    }
}

/// Those after `after` (a number), by number; the archived ones or the others.
pub async fn list(conn: &mut PgConnection, archived: bool, after: Option<i64>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select network_id, number, slug, name, integration, settings, secrets, params, status_map, enabled,
           timeout_seconds, per_second, concurrency, postback_secret, settings_version, last_poll_at, last_inbound_at,
           created_at, updated_at, archived_at
         from network where (archived_at is not null) = $1 and ($2::bigint is null or number > $2)
         order by number limit $3",
        archived,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Adds one; `network_slug_uq` refuses a slug that is taken.
pub async fn insert(
    conn: &mut PgConnection,
    new: &Written,
    postback_secret_hash: &[u8],
    postback_secret: &[u8],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into network (network_id, slug, name, integration, settings, secrets, params, status_map, enabled,
           timeout_seconds, per_second, concurrency, postback_secret_hash, postback_secret)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        new.network_id,
        new.slug,
        new.name,
        new.integration,
        new.settings,
        new.secrets,
        new.params,
        new.status_map,
        new.enabled,
        new.timeout_seconds,
        new.per_second,
        new.concurrency,
        postback_secret_hash,
        postback_secret,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one; `is_new_version` when what is sent changes by it.
pub async fn update(conn: &mut PgConnection, new: &Written, is_new_version: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update network set slug = $2, name = $3, integration = $4, settings = $5, secrets = $6, params = $7,
           status_map = $8, enabled = $9, timeout_seconds = $10, per_second = $11, concurrency = $12,
           settings_version = settings_version + $13::bool::int, updated_at = now()
         where network_id = $1",
        new.network_id,
        new.slug,
        new.name,
        new.integration,
        new.settings,
        new.secrets,
        new.params,
        new.status_map,
        new.enabled,
        new.timeout_seconds,
        new.per_second,
        new.concurrency,
        is_new_version,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many routes send leads there.
pub async fn routes_to(conn: &mut PgConnection, network_id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from route where network_id = $1 and archived_at is null"#,
        network_id
    )
    .fetch_one(conn)
    .await
}

/// Puts it away: kept for the past, never sent to again.
pub async fn archive(conn: &mut PgConnection, network_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update network set archived_at = now(), updated_at = now() where network_id = $1", network_id)
        .execute(conn)
        .await?;
    Ok(())
}
