//! Changing what still waits: for an operator's replay or cancel, and for a cap that has room again. Jobs that are
//! running are left alone; their own settle decides.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Kind;

/// Removes the ready jobs of these subjects. Gives the subjects whose job was removed.
pub async fn cancel(conn: &mut PgConnection, kind: Kind, subjects: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "with waiting as (
           select job_id from job where subject_id = any ($2) and kind = $1 and state = 'ready' order by job_id for update)
         delete from job j using waiting w where j.job_id = w.job_id and j.state = 'ready' returning j.subject_id",
        kind.as_str(),
        subjects,
    )
    .fetch_all(conn)
    .await
}

/// Makes the ready jobs of these subjects due now. Gives the subjects that will run.
pub async fn hurry(conn: &mut PgConnection, kind: Kind, subjects: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "with waiting as (
           select job_id from job where subject_id = any ($2) and kind = $1 and state = 'ready' order by job_id for update)
         update job j set run_at = least(j.run_at, now())
         from waiting w where j.job_id = w.job_id and j.state = 'ready' returning j.subject_id",
        kind.as_str(),
        subjects,
    )
    .fetch_all(conn)
    .await
}
