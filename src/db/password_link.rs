//! One-time links with which a person chooses a password.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Stores the link of a person; the one before no longer works.
pub async fn replace(
    conn: &mut PgConnection,
    user_id: Uuid,
    link_hash: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into password_link (link_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)
         on conflict on constraint password_link_user_uq do update set link_hash = $1, created_at = $3, expires_at = $4",
        link_hash,
        user_id,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose link this is, while it works.
pub async fn find(conn: &mut PgConnection, link_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("select user_id from password_link where link_hash = $1 and expires_at > $2", link_hash, now)
        .fetch_optional(conn)
        .await
}

/// Uses a link up: whose it was, while it worked.
pub async fn take(conn: &mut PgConnection, link_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "delete from password_link where link_hash = $1 and expires_at > $2 returning user_id",
        link_hash,
        now
    )
    .fetch_optional(conn)
    .await
}
