//! The end of a holding, in the transaction of the act that ends it. Fence first: these are the first statements of
//! that transaction, and they give the ids whose lease still held. For every other id nothing more may be written,
//! because somebody else holds that job by now.
//!
//! Rows are locked in the order of their ids, like everywhere. No lease token is ever used twice, so that ids and tokens
//! need not be compared in pairs. `= any(…)` stands where a join would do: a join with a table that the planner believes to be
//! empty reads it whole, and goes on with that when a flood comes.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{BULK, FRESH, Fence, seconds};

/// The jobs are over: accepted, refused, dead, in review. Gives the ids that were still ours.
pub async fn finish(conn: &mut PgConnection, jobs: &[Fence]) -> sqlx::Result<Vec<Uuid>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, tokens) = columns(jobs.iter());
    sqlx::query_scalar!(
        "with held as (
           select job_id from job where job_id = any($1) and lease_token = any($2) order by job_id for update)
         delete from job where job_id = any(array(select job_id from held)) returning job_id",
        &ids,
        &tokens,
    )
    .fetch_all(conn)
    .await
}

/// The jobs are to be tried again after their wait, with this priority ([`super::RETRY`] as a rule). The attempt is
/// spent. Gives the ids that were still ours.
pub async fn retry(conn: &mut PgConnection, jobs: &[(Fence, Duration, i16)]) -> sqlx::Result<Vec<Uuid>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, tokens) = columns(jobs.iter().map(|(fence, _, _)| fence));
    let waits: Vec<f64> = jobs.iter().map(|(_, wait, _)| seconds(*wait)).collect();
    let priorities: Vec<i16> = jobs.iter().map(|(_, _, priority)| (*priority).clamp(FRESH, BULK)).collect();
    sqlx::query_scalar!(
        "with held as (
           select job_id from job where job_id = any($1) and lease_token = any($2) order by job_id for update)
         update job j set state = 'ready', run_at = now() + make_interval(secs => f.wait), priority = f.priority,
           lease_token = null, lease_until = null
         from unnest($1::uuid[], $3::float8[], $4::smallint[]) f (job_id, wait, priority)
         where j.job_id = f.job_id and j.job_id = any(array(select job_id from held)) returning j.job_id",
        &ids,
        &tokens,
        &waits,
        &priorities,
    )
    .fetch_all(conn)
    .await
}

/// The jobs could not be tried at all (no capacity, closed hours, pause): they wait and get their attempt back.
/// Gives the ids that were still ours.
pub async fn snooze(conn: &mut PgConnection, jobs: &[(Fence, Duration)]) -> sqlx::Result<Vec<Uuid>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, tokens) = columns(jobs.iter().map(|(fence, _)| fence));
    let waits: Vec<f64> = jobs.iter().map(|(_, wait)| seconds(*wait)).collect();
    sqlx::query_scalar!(
        "with held as (
           select job_id from job where job_id = any($1) and lease_token = any($2) order by job_id for update)
         update job j set state = 'ready', run_at = now() + make_interval(secs => f.wait), attempt = j.attempt - 1,
           lease_token = null, lease_until = null
         from unnest($1::uuid[], $3::float8[]) f (job_id, wait)
         where j.job_id = f.job_id and j.job_id = any(array(select job_id from held)) returning j.job_id",
        &ids,
        &tokens,
        &waits,
    )
    .fetch_all(conn)
    .await
}

/// Whether the lease still holds, and keeps it so until the caller's transaction ends: for an act that needs several
/// statements between the fence and the verdict. Gives the ids that are still ours.
pub async fn hold(conn: &mut PgConnection, jobs: &[Fence]) -> sqlx::Result<Vec<Uuid>> {
    let (ids, tokens) = columns(jobs.iter());
    sqlx::query_scalar!(
        "select job_id from job where job_id = any($1) and lease_token = any($2) order by job_id for update",
        &ids,
        &tokens,
    )
    .fetch_all(conn)
    .await
}

/// The ids whose lease holds at this moment. Nothing is locked.
pub(super) async fn still_held(db: &PgPool, jobs: &[Fence]) -> sqlx::Result<Vec<Uuid>> {
    let (ids, tokens) = columns(jobs.iter());
    sqlx::query_scalar!("select job_id from job where job_id = any($1) and lease_token = any($2)", &ids, &tokens,)
        .fetch_all(db)
        .await
}

fn columns<'a>(jobs: impl Iterator<Item = &'a Fence>) -> (Vec<Uuid>, Vec<Uuid>) {
    jobs.map(|fence| (fence.job_id, fence.lease_token)).unzip()
}
