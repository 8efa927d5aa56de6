//! Browser sessions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A session as it is written.
#[derive(Debug)]
pub struct Row {
    /// SHA-256 of the cookie's value.
    pub session_hash: Vec<u8>,
    /// Whose it is, once the password was right.
    pub user_id: Option<Uuid>,
    /// What it remembers.
    pub data: Value,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Where it was last seen.
    pub ip: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// What a session remembers.
#[derive(Debug)]
pub struct Memory {
    pub data: Value,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A session of somebody who is signed in, as that person sees it.
#[derive(Clone, Debug)]
pub struct Live {
    pub session_id: Uuid,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The one that asks.
    pub is_current: bool,
}

/// Stores a new one; `false` when the hash is taken.
pub async fn insert(conn: &mut PgConnection, row: &Row) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into web_session (session_hash, user_id, data, expires_at, last_seen_at, ip, user_agent)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        row.session_hash,
        row.user_id,
        row.data,
        row.expires_at,
        row.last_seen_at,
        row.ip,
        row.user_agent,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes one that is there. One that was ended while a request used it stays ended.
pub async fn save(conn: &mut PgConnection, row: &Row) -> sqlx::Result<()> {
    sqlx::query!(
        "update web_session set user_id = $2, data = $3, expires_at = $4, last_seen_at = $5, ip = $6, user_agent = $7
         where session_hash = $1",
        row.session_hash,
        row.user_id,
        row.data,
        row.expires_at,
        row.last_seen_at,
        row.ip,
        row.user_agent,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a session that has not ended remembers.
pub async fn find(conn: &mut PgConnection, session_hash: &[u8]) -> sqlx::Result<Option<Memory>> {
    sqlx::query_as!(
        Memory,
        "select data, expires_at from web_session where session_hash = $1 and expires_at > now()",
        session_hash
    )
    .fetch_optional(conn)
    .await
}

/// The sessions in which a person is signed in, the last seen first. `current` is the hash of the one that asks.
pub async fn of_user(conn: &mut PgConnection, user_id: Uuid, current: Option<&[u8]>) -> sqlx::Result<Vec<Live>> {
    sqlx::query_as!(
        Live,
        r#"select session_id, created_at, last_seen_at, ip, user_agent, coalesce(session_hash = $2, false) as "is_current!"
           from web_session where user_id = $1 and expires_at > now() and data ->> 'user_id' is not null
           order by coalesce(session_hash = $2, false) desc, coalesce(last_seen_at, created_at) desc limit 100"#,
        user_id,
        current
    )
    .fetch_all(conn)
    .await
}

/// Ends one.
pub async fn delete(conn: &mut PgConnection, session_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("delete from web_session where session_hash = $1", session_hash).execute(conn).await?;
    Ok(())
}

/// Ends one of a person's; `false` when there is none of this id.
pub async fn delete_one(conn: &mut PgConnection, session_id: Uuid, user_id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from web_session where session_id = $1 and user_id = $2", session_id, user_id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all of a person.
pub async fn delete_of_user(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from web_session where user_id = $1", user_id).execute(conn).await?.rows_affected())
}

/// Removes those that have ended.
pub async fn purge(conn: &mut PgConnection) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from web_session where expires_at <= now()").execute(conn).await?.rows_affected())
}
