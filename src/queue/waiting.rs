//! Changing what still waits: for an operator's replay or cancel, for work that was overtaken, and for a cap that has
//! room again. Jobs that are running are left alone; their own settle decides.

use sqlx::PgConnection;
use uuid::Uuid;

/// Removes the ready jobs of these subjects, of any kind. Gives the subjects whose job was removed.
pub async fn cancel(conn: &mut PgConnection, subjects: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        "with found as materialized (
           select j.job_id from unnest($1::uuid[]) s (subject_id)
           cross join lateral (select job_id from job where subject_id = s.subject_id and state = 'ready' offset 0) j),
         waiting as (
           select job.job_id from found join job on job.job_id = found.job_id where job.state = 'ready'
           order by job.job_id for update of job)
         delete from job j using waiting w where j.job_id = w.job_id and j.state = 'ready' returning j.subject_id",
        subjects,
    )
    .fetch_all(conn)
    .await
}

/// Makes the ready jobs of these subjects due now. Gives the subjects that will run.
pub async fn hurry(conn: &mut PgConnection, subjects: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        "with found as materialized (
           select j.job_id from unnest($1::uuid[]) s (subject_id)
           cross join lateral (select job_id from job where subject_id = s.subject_id and state = 'ready' offset 0) j),
         waiting as (
           select job.job_id from found join job on job.job_id = found.job_id where job.state = 'ready'
           order by job.job_id for update of job)
         update job j set run_at = least(j.run_at, now())
         from waiting w where j.job_id = w.job_id and j.state = 'ready' returning j.subject_id",
        subjects,
    )
    .fetch_all(conn)
    .await
}
