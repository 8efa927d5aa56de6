//! Partitions of the months to come, and the removal of what is old, in steps.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Makes the partitions of the months around `now`.
pub async fn ensure_partitions(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    for parent in ["lead_event", "attempt", "attempt_body", "inbound_postback"] {
        sqlx::query!(r#"select ensure_partitions($1, $2) is null as "done""#, parent, now)
            .fetch_one(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Reads tables anew that have grown out of their statistics, so that statements are planned for what is there. Answers
/// how many.
pub async fn renew_statistics(conn: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar!(r#"select renew_statistics() as "renewed!""#).fetch_one(conn).await
}

/// Idempotency keys from before.
pub async fn purge_idempotency_keys(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from idempotency_key where (webmaster_id, key) in
           (select webmaster_id, key from idempotency_key where created_at < $1 limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Requests and answers of attempts from before.
pub async fn purge_attempt_bodies(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from attempt_body where (attempt_id, started_at) in
           (select attempt_id, started_at from attempt_body where started_at < $1 limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Attempts from before.
pub async fn purge_attempts(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from attempt where (subject_id, started_at, attempt_id) in
           (select subject_id, started_at, attempt_id from attempt where started_at < $1 limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Stored calls from before.
pub async fn purge_inbound(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from inbound_postback where (inbound_id, received_at) in
           (select inbound_id, received_at from inbound_postback where received_at < $1 limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Polls from before; those that told nothing new go earlier.
pub async fn purge_polls(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    quiet_before: DateTime<Utc>,
    step: i64,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from poll where poll_id in (
           select poll_id from poll where ended_at < $1
             or (ended_at < $2 and state = 'done' and reports = unchanged and actor is null) limit $3)",
        before,
        quiet_before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Reports without a lead that were last heard before.
pub async fn purge_orphans(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from orphan_report where orphan_id in (select orphan_id from orphan_report where last_seen_at < $1 limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
