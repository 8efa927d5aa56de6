//! Repeated work: each second, schedules that are due become jobs. Any number of processes may do it at once: a
//! locked schedule is skipped, and the dedupe key keeps a run from starting while the one before is still there.
//! So no leader is needed.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{FRESH, Kind, NewJob, enqueue};
use crate::base::ids::Ids;

/// Makes the schedule, or gives it this lane and pace. A new one is due at once; a pace that became quicker counts
/// from now.
pub async fn ensure(
    conn: &mut PgConnection,
    kind: Kind,
    subject_id: Uuid,
    lane_id: Uuid,
    every: Duration,
) -> sqlx::Result<()> {
    let every = i32::try_from(every.as_secs()).unwrap_or(i32::MAX).max(1);
    sqlx::query!(
        "insert into schedule (schedule_id, lane_id, kind, subject_id, every_seconds)
         values (gen_random_uuid(), $1, $2, $3, $4)
         on conflict (kind, subject_id) do update set lane_id = excluded.lane_id, every_seconds = excluded.every_seconds,
           next_at = least(schedule.next_at, now() + make_interval(secs => excluded.every_seconds))
         where (schedule.lane_id, schedule.every_seconds) is distinct from (excluded.lane_id, excluded.every_seconds)",
        lane_id,
        kind.as_str(),
        subject_id,
        every,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stops the schedule or lets it go on; what was missed meanwhile is run once.
pub async fn set_paused(conn: &mut PgConnection, kind: Kind, subject_id: Uuid, is_paused: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update schedule set paused_at = case when $3 then coalesce(paused_at, now()) end where kind = $1 and subject_id = $2",
        kind.as_str(),
        subject_id,
        is_paused,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the schedule; a job it has made stays.
pub async fn remove(conn: &mut PgConnection, kind: Kind, subject_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from schedule where kind = $1 and subject_id = $2", kind.as_str(), subject_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Turns due schedules into jobs. Runs that were missed are made up for once, and the schedule keeps its beat.
/// Gives the number of jobs added.
pub async fn run_due(db: &PgPool, ids: &Ids) -> sqlx::Result<u64> {
    let mut tx = db.begin_with("begin isolation level read committed").await?;
    let due = sqlx::query!(
        "with due as (
           select schedule_id from schedule where paused_at is null and next_at <= now()
           order by next_at limit 500 for update skip locked)
         update schedule s set next_at = s.next_at + make_interval(secs => s.every_seconds
           * (floor(extract(epoch from now() - s.next_at) / s.every_seconds) + 1)::float8)
         from due where s.schedule_id = due.schedule_id
         returning s.schedule_id, s.lane_id, s.kind, s.subject_id"
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut jobs = Vec::with_capacity(due.len());
    for row in due {
        let Ok(kind) = row.kind.parse() else {
            tracing::error!(schedule_id = %row.schedule_id, "a schedule of a kind unknown to this version is passed over");
            continue;
        };
        jobs.push(NewJob {
            job_id: ids.next(),
            lane_id: row.lane_id,
            kind,
            subject_id: row.subject_id,
            priority: FRESH,
            dedupe_key: Some(row.schedule_id.to_string()),
            run_in: Duration::ZERO,
            lease: None,
        });
    }
    let added = enqueue(&mut tx, &jobs).await?;
    tx.commit().await?;
    Ok(added)
}
