//! What a lane learns from the calls it carried: the breaker, and the pause. Part of the settle transaction, after
//! everything else, because lanes are last in the lock order; several lanes go sorted by id.
//!
//! Only transport-class failures count. A refusal is an answer: the other side works.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Failures in a row after which a lane's breaker opens.
pub const THRESHOLD: i32 = 5;

/// The other side answered: failures are forgotten, the breaker closes. A healthy lane is not written at all.
pub async fn record_success(conn: &mut PgConnection, lane_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update lane set failures_in_row = 0, opened_times = 0, open_until = null
         where lane_id = $1 and (failures_in_row > 0 or opened_times > 0 or open_until is not null)",
        lane_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The other side could not be reached or gave no answer. At `threshold` in a row the breaker opens for 30 s; each
/// failure of a half-open lane opens it again, twice as long, up to 30 min. Failures of calls that were under way
/// when it opened change nothing more. Gives the end of the opening when this failure opened it.
pub async fn record_failure(
    conn: &mut PgConnection,
    lane_id: Uuid,
    threshold: i32,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let row = sqlx::query!(
        r#"with now_open as (
             select lane_id, case when open_until is null then failures_in_row + 1 >= $2 else open_until <= now() end as opens
             from lane where lane_id = $1 for no key update)
           update lane l set
             failures_in_row = l.failures_in_row + 1,
             opened_times = l.opened_times + o.opens::int,
             open_until = case when o.opens
               then now() + make_interval(secs => least(30 * 2 ^ least(l.opened_times, 6), 1800)) else l.open_until end
           from now_open o where l.lane_id = o.lane_id
           returning o.opens as "opens!", l.open_until"#,
        lane_id,
        threshold,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| row.open_until.filter(|_| row.opens)))
}

/// Stops the lane until somebody resumes it; its jobs wait and spend nothing. The first reason stays.
/// `why` is for the operator and holds no personal data. Gives whether the lane was running before.
pub async fn pause(conn: &mut PgConnection, lane_id: Uuid, why: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update lane set paused_at = now(), paused_why = $2 where lane_id = $1 and paused_at is null",
        lane_id,
        why,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Somebody has looked: the pause ends and the breaker closes. Gives whether there was something to end.
pub async fn resume(conn: &mut PgConnection, lane_id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update lane set paused_at = null, paused_why = null, failures_in_row = 0, opened_times = 0, open_until = null
         where lane_id = $1 and (paused_at is not null or open_until is not null or failures_in_row > 0)",
        lane_id,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
