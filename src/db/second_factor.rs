//! Second factors: the sealed secret of a person's authenticator, the last code that was taken, and recovery codes.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The second factor of one person.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Opened by `base::secret::Seal`.
    pub sealed: Vec<u8>,
    pub since: DateTime<Utc>,
}

/// The second factor, if the person has one.
pub async fn find(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<Option<Factor>> {
    sqlx::query_as!(
        Factor,
        r#"select totp_secret as "sealed!", totp_since as "since!" from app_user
           where user_id = $1 and totp_secret is not null"#,
        user_id
    )
    .fetch_optional(conn)
    .await
}

/// Gives a person who has none a second factor; `step` is that of the code that proved it. `false` when there is one.
pub async fn set(
    conn: &mut PgConnection,
    user_id: Uuid,
    sealed: &[u8],
    step: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update app_user set totp_secret = $2, totp_since = $3, totp_step = $4, updated_at = $3
         where user_id = $1 and totp_secret is null",
        user_id,
        sealed,
        now,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the second factor and its recovery codes away. `false` when there was none.
pub async fn clear(conn: &mut PgConnection, user_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update app_user set totp_secret = null, totp_since = null, totp_step = null, updated_at = $2
         where user_id = $1 and totp_secret is not null",
        user_id,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from recovery_code where user_id = $1", user_id).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Uses up the code of a step and all before it; `false` when it was used before.
pub async fn take_step(conn: &mut PgConnection, user_id: Uuid, step: i64) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update app_user set totp_step = $2 where user_id = $1 and totp_secret is not null
           and (totp_step is null or totp_step < $2)",
        user_id,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the recovery codes.
pub async fn set_codes(conn: &mut PgConnection, user_id: Uuid, hashes: &[Vec<u8>]) -> sqlx::Result<()> {
    sqlx::query!("delete from recovery_code where user_id = $1", user_id).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into recovery_code (user_id, code_hash) select $1, hash from unnest($2::bytea[]) given (hash)",
        user_id,
        hashes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses a recovery code up; `false` when there is none or it was used before.
pub async fn take_code(conn: &mut PgConnection, user_id: Uuid, hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null",
        user_id,
        hash,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Recovery codes that were not used yet.
pub async fn codes_left(conn: &mut PgConnection, user_id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_code where user_id = $1 and used_at is null"#,
        user_id
    )
    .fetch_one(conn)
    .await
}
