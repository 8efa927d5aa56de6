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
        "with waiting as (
           select job_id from job where subject_id = any ($1) and state = 'ready' order by job_id for update)
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
        "with waiting as (
           select job_id from job where subject_id = any ($1) and state = 'ready' order by job_id for update)
         update job j set run_at = least(j.run_at, now())
         from waiting w where j.job_id = w.job_id and j.state = 'ready' returning j.subject_id",
        subjects,
    )
    .fetch_all(conn)
    .await
}
