//! What this installation knows of itself: the fingerprint of its secret key, and the one-time set-up link.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// The one row.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Recognises the secret key without telling it.
    pub key_fingerprint: Vec<u8>,
    /// SHA-256 of the set-up link's secret; none once the first admin exists.
    pub setup_hash: Option<Vec<u8>>,
}

/// The row, once a server has started here.
pub async fn find(conn: &mut PgConnection) -> sqlx::Result<Option<Instance>> {
    sqlx::query_as!(Instance, "select key_fingerprint, setup_hash from instance").fetch_optional(conn).await
}

/// Makes the row of a new installation. Two first starts at once make one.
pub async fn insert(conn: &mut PgConnection, key_fingerprint: &[u8], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into instance (key_fingerprint, created_at) values ($1, $2) on conflict do nothing",
        key_fingerprint,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the set-up link, as long as there is no admin. `false` when there is one.
pub async fn open_setup(conn: &mut PgConnection, setup_hash: &[u8]) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update instance set setup_hash = $1 where not exists (select from app_user where role = 'admin' and archived_at is null)",
        setup_hash
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses the set-up link up. `false` when it is another one or was used before.
pub async fn claim_setup(conn: &mut PgConnection, setup_hash: &[u8]) -> sqlx::Result<bool> {
    let done =
        sqlx::query!("update instance set setup_hash = null where setup_hash = $1", setup_hash).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}
