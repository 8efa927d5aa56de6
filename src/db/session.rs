//! Browser sessions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// One stored session.
#[derive(Debug)]
pub struct Row {
    /// SHA-256 of the cookie's value.
    pub session_hash: Vec<u8>,
    /// Whose it is, after the login.
    pub user_id: Option<Uuid>,
    /// What it remembers.
    pub data: Value,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Stores a new one; `false` when the hash is taken.
pub async fn insert(conn: &mut PgConnection, row: &Row) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into web_session (session_hash, user_id, data, expires_at) values ($1, $2, $3, $4) on conflict do nothing",
        row.session_hash,
        row.user_id,
        row.data,
        row.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores or replaces.
pub async fn upsert(conn: &mut PgConnection, row: &Row) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into web_session (session_hash, user_id, data, expires_at) values ($1, $2, $3, $4)
         on conflict (session_hash) do update
         set user_id = excluded.user_id, data = excluded.data, expires_at = excluded.expires_at",
        row.session_hash,
        row.user_id,
        row.data,
        row.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A session that has not ended.
pub async fn find(conn: &mut PgConnection, session_hash: &[u8]) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select session_hash, user_id, data, expires_at from web_session where session_hash = $1 and expires_at > now()",
        session_hash
    )
    .fetch_optional(conn)
    .await
}

/// Ends one.
pub async fn delete(conn: &mut PgConnection, session_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("delete from web_session where session_hash = $1", session_hash).execute(conn).await?;
    Ok(())
}

/// Ends all of a person.
pub async fn delete_of_user(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from web_session where user_id = $1", user_id).execute(conn).await?.rows_affected())
}

/// Removes those that have ended.
pub async fn purge(conn: &mut PgConnection) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from web_session where expires_at <= now()").execute(conn).await?.rows_affected())
}
