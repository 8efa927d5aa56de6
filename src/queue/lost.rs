//! Leases that have run out. Their jobs do not simply go back into the lane: what was begun may have happened, so
//! they come to the handler as lost, and it decides by what was written before the call.

use std::time::Duration;

use sqlx::PgPool;

use super::{Job, Row, keep_known, seconds};

/// Takes over at most `limit` jobs whose lease has run out, with a new token: the former holder is fenced off from
/// here on. The takeover counts as an attempt, so that a job which kills its process cannot come back for ever.
pub async fn take_lost(db: &PgPool, limit: i32, slack: Duration) -> sqlx::Result<Vec<Job>> {
    if limit < 1 {
        return Ok(Vec::new());
    }
    let mut tx = db.begin_with("begin isolation level read committed").await?;
    let rows = sqlx::query_as!(
        Row,
        r#"with gone as (
             select job_id from job where state = 'leased' and lease_until < now()
             order by lease_until limit $1 for update skip locked)
           update job j set attempt = j.attempt + 1,
             lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => l.call_seconds + $2::float8)
           from gone, lane l where j.job_id = gone.job_id and l.lane_id = j.lane_id
           returning j.job_id, j.lane_id, j.kind, j.subject_id, j.attempt, j.lease_token as "lease_token!",
             l.call_seconds + $2::float8 as "lease_seconds!", true as "is_lost!", l.open_until is not null as "is_probe!""#,
        i64::from(limit),
        seconds(slack),
    )
    .fetch_all(&mut *tx)
    .await?;
    let jobs = keep_known(&mut tx, rows).await?;
    tx.commit().await?;
    for job in &jobs {
        tracing::warn!(job_id = %job.job_id, kind = %job.kind, lane_id = %job.lane_id, attempt = job.attempt, "lease ran out");
    }
    Ok(jobs)
}
