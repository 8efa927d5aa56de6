//! Slots in caps. A hold row per delivery and cap makes a reservation repeatable: a retry takes no second slot and
//! a crash leaks none. The counter beside it makes the limit hard.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// What asking for a slot gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The delivery holds a slot, this one or one from before.
    Held,
    /// The window is full.
    Full,
}

/// Takes a slot in the window of a cap, if there is one left.
pub async fn reserve(
    conn: &mut PgConnection,
    delivery_id: Uuid,
    cap_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    limit: i32,
) -> sqlx::Result<Slot> {
    let is_held = sqlx::query_scalar!(
        r#"select exists (select from cap_hold where delivery_id = $1 and cap_id = $2) as "is_held!""#,
        delivery_id,
        cap_id
    )
    .fetch_one(&mut *conn)
    .await?;
    if is_held {
        return Ok(Slot::Held);
    }
    let taken = sqlx::query!(
        "insert into cap_window (cap_id, starts_at, ends_at, used) select $1, $2, $3, 1 where $4::int > 0
         on conflict (cap_id, starts_at) do update set used = cap_window.used + 1 where cap_window.used < $4",
        cap_id,
        starts_at,
        ends_at,
        limit,
    )
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if taken == 0 {
        return Ok(Slot::Full);
    }
    sqlx::query!(
        "insert into cap_hold (delivery_id, cap_id, starts_at) values ($1, $2, $3)",
        delivery_id,
        cap_id,
        starts_at
    )
    .execute(conn)
    .await?;
    Ok(Slot::Held)
}

/// How many slots of a window are used.
pub async fn used(conn: &mut PgConnection, cap_id: Uuid, starts_at: DateTime<Utc>) -> sqlx::Result<i32> {
    let used =
        sqlx::query_scalar!("select used from cap_window where cap_id = $1 and starts_at = $2", cap_id, starts_at)
            .fetch_optional(conn)
            .await?;
    Ok(used.unwrap_or(0))
}

/// Gives back every slot of these deliveries, each in its own window. Answers the routes that have room again.
pub async fn release(conn: &mut PgConnection, delivery_ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"with gone as (
             delete from cap_hold where delivery_id = any($1) returning cap_id, starts_at
           ), freed as (
             update cap_window w set used = w.used - g.n
             from (select cap_id, starts_at, count(*)::int as n from gone group by cap_id, starts_at order by cap_id, starts_at) g
             where w.cap_id = g.cap_id and w.starts_at = g.starts_at
             returning w.cap_id
           )
           select distinct cap.route_id as "route_id!" from freed join cap on cap.cap_id = freed.cap_id"#,
        delivery_ids
    )
    .fetch_all(conn)
    .await
}

/// Deliveries that wait for room on these routes, the oldest first.
pub async fn waiting_for_room(conn: &mut PgConnection, route_ids: &[Uuid], limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select delivery_id from delivery
         where state = 'waiting' and reason like 'no capacity%' and route_id = any($1) order by delivery_id limit $2",
        route_ids,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Gives back the slot of one delivery in one cap.
pub async fn release_one(conn: &mut PgConnection, delivery_id: Uuid, cap_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (delete from cap_hold where delivery_id = $1 and cap_id = $2 returning cap_id, starts_at)
         update cap_window w set used = w.used - 1 from gone where w.cap_id = gone.cap_id and w.starts_at = gone.starts_at",
        delivery_id,
        cap_id
    )
    .execute(conn)
    .await?;
    Ok(())
}
