//! Changing what still waits: for an operator's replay or cancel, for work that was overtaken, and for a cap that has
//! room again. Jobs that are running are left alone; their own settle decides. `coalesce` keeps the planner from reading all
//! that is ready.

use sqlx::PgConnection;
use uuid::Uuid;

/// Removes the ready jobs of these subjects, of any kind. Gives the subjects whose job was removed.
pub async fn cancel(conn: &mut PgConnection, subjects: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        "with waiting as (
           select job_id from job
           where job_id = any(array(select job_id from job where subject_id = any($1))) and coalesce(state, '') = 'ready'
           order by job_id for update)
         delete from job where job_id = any(array(select job_id from waiting)) returning subject_id",
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
           select job_id from job
           where job_id = any(array(select job_id from job where subject_id = any($1))) and coalesce(state, '') = 'ready'
           order by job_id for update)
         update job set run_at = least(run_at, now()) where job_id = any(array(select job_id from waiting))
         returning subject_id",
        subjects,
    )
    .fetch_all(conn)
    .await
}
