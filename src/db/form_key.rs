//! Keys of forms that were sent. Such a form makes what it makes once.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Uses a key up; `false` when it was used before.
pub async fn claim(conn: &mut PgConnection, form_key: Uuid, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into form_key (form_key, user_id, used_at) values ($1, $2, $3) on conflict do nothing",
        form_key,
        user_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a key back: its form came to nothing.
pub async fn release(conn: &mut PgConnection, form_key: Uuid, user_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from form_key where form_key = $1 and user_id = $2", form_key, user_id).execute(conn).await?;
    Ok(())
}

/// Forgets those that were used before.
pub async fn purge(conn: &mut PgConnection, before: DateTime<Utc>) -> sqlx::Result<u64> {
    Ok(sqlx::query!("delete from form_key where used_at < $1", before).execute(conn).await?.rows_affected())
}
