//! A lane as the admin API sets and shows it: limits, pause, breaker and what waits. The queue itself works on
//! the same rows by `queue::claim` and `queue::settle`.

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Why a lane is paused while its network or postback is switched off.
const SWITCHED_OFF: &str = "switched off";

/// Depths are counted up to this number, which then means "or more".
pub const MOST_COUNTED: i64 = 10_000;

/// What a lane may carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// `network` or `endpoint`.
    pub kind: &'static str,
    /// Jobs at once.
    pub max_in_flight: i32,
    /// Jobs a second; none: no limit.
    pub per_second: Option<f64>,
    /// Hard deadline of one call.
    pub call_seconds: i32,
}

/// The present state of a lane.
#[derive(Clone, Debug)]
pub struct LaneView {
    pub lane_id: Uuid,
    pub paused_at: Option<DateTime<Utc>>,
    pub paused_why: Option<String>,
    pub failures_in_row: i32,
    pub open_until: Option<DateTime<Utc>>,
    /// Jobs that wait, up to [`MOST_COUNTED`].
    pub queued: i64,
    /// Jobs that run.
    pub in_flight: i64,
}

/// Why a lane is not healthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    SwitchedOff,
    /// By a person or by an answer, with the reason.
    Paused(Option<String>),
    /// Calls have failed; while its breaker is open there are none before this time.
    Failing {
        in_row: i32,
        until: Option<DateTime<Utc>>,
    },
}

impl Why {
    /// `degraded` or `paused`.
    pub fn state(&self) -> &'static str {
        match self {
            Self::SwitchedOff | Self::Paused(_) => "paused",
            Self::Failing { .. } => "degraded",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchedOff => f.write_str(SWITCHED_OFF),
            Self::Paused(why) => f.write_str(why.as_deref().unwrap_or("paused")),
            Self::Failing { in_row, until: None } => write!(f, "{in_row} failures in a row"),
            Self::Failing { in_row, until: Some(until) } => {
                let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
                write!(f, "{in_row} failures in a row; the next call not before {until}")
            }
        }
    }
}

/// Why it is not healthy; `None`: it is. A lane that nothing has used yet does not exist.
pub fn why(lane: Option<&LaneView>, enabled: bool) -> Option<Why> {
    if !enabled {
        return Some(Why::SwitchedOff);
    }
    let lane = lane?;
    if lane.paused_at.is_some() {
        return Some(Why::Paused(lane.paused_why.clone()));
    }
    let is_failing = lane.open_until.is_some() || lane.failures_in_row > 0;
    is_failing.then_some(Why::Failing { in_row: lane.failures_in_row, until: lane.open_until })
}

/// Makes the lane or gives it these limits; `enabled` false keeps its jobs waiting. A pause for another reason
/// and the breaker stay as they are.
pub async fn ensure(conn: &mut PgConnection, lane_id: Uuid, limits: &Limits, enabled: bool) -> sqlx::Result<()> {
    let burst = limits.per_second.map_or(10.0, |rate| rate.max(1.0));
    sqlx::query!(
        "insert into lane (lane_id, kind, max_in_flight, rate_per_s, burst, tokens, call_seconds, paused_at, paused_why)
         values ($1, $2, $3, $4, $5, $5, $8, case when $6 then null else now() end, case when $6 then null else $7 end)
         on conflict (lane_id) do update
         set max_in_flight = excluded.max_in_flight, rate_per_s = excluded.rate_per_s, burst = excluded.burst,
             call_seconds = excluded.call_seconds,
             tokens = least(lane.tokens, excluded.burst),
             paused_at = case when $6 and lane.paused_why = $7 then null
               when not $6 then coalesce(lane.paused_at, now()) else lane.paused_at end,
             paused_why = case when $6 and lane.paused_why = $7 then null
               when not $6 and lane.paused_at is null then $7 else lane.paused_why end",
        lane_id,
        limits.kind,
        limits.max_in_flight,
        limits.per_second,
        burst,
        enabled,
        SWITCHED_OFF,
        limits.call_seconds,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps the jobs of a lane waiting.
pub async fn pause(conn: &mut PgConnection, lane_id: Uuid, why: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update lane set paused_at = coalesce(paused_at, now()), paused_why = $2 where lane_id = $1",
        lane_id,
        why
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets the jobs of a lane run again though its failures are remembered.
pub async fn release(conn: &mut PgConnection, lane_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update lane set paused_at = null, paused_why = null, open_until = null where lane_id = $1", lane_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets the jobs of a lane run again, and forgets its failures.
pub async fn resume(conn: &mut PgConnection, lane_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!(
        "update lane set paused_at = null, paused_why = null, failures_in_row = 0, opened_times = 0, open_until = null
         where lane_id = $1",
        lane_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The state of these lanes, in no order.
pub async fn of(conn: &mut PgConnection, lanes: &[Uuid]) -> sqlx::Result<Vec<LaneView>> {
    sqlx::query_as!(
        LaneView,
        r#"select l.lane_id, l.paused_at, l.paused_why, l.failures_in_row, l.open_until,
             (select count(*) from (select from job j where j.lane_id = l.lane_id and j.state = 'ready' limit $2) r)
               as "queued!",
             (select count(*) from job j where j.lane_id = l.lane_id and j.state = 'leased') as "in_flight!"
           from lane l where l.lane_id = any ($1)"#,
        lanes,
        MOST_COUNTED,
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::scratch;

    fn limits(per_second: Option<f64>) -> Limits {
        Limits { kind: "network", max_in_flight: 3, per_second, call_seconds: 30 }
    }

    async fn state(conn: &mut PgConnection, id: Uuid, enabled: bool) -> (&'static str, Option<String>) {
        let why = why(of(conn, &[id]).await.unwrap().first(), enabled);
        (why.as_ref().map_or("healthy", Why::state), why.as_ref().map(Why::to_string))
    }

    #[tokio::test]
    async fn a_pause_of_a_person_outlives_switching_off_and_on() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            let id = Uuid::from_u128(7);
            ensure(&mut conn, id, &limits(Some(0.5)), true).await.unwrap();
            assert_eq!(state(&mut conn, id, true).await, ("healthy", None));
            ensure(&mut conn, id, &limits(None), false).await.unwrap();
            assert_eq!(state(&mut conn, id, false).await.0, "paused");
            assert!(of(&mut conn, &[id]).await.unwrap()[0].paused_at.is_some());
            ensure(&mut conn, id, &limits(None), true).await.unwrap();
            assert_eq!(state(&mut conn, id, true).await, ("healthy", None));
            pause(&mut conn, id, "their key is wrong").await.unwrap();
            ensure(&mut conn, id, &limits(None), false).await.unwrap();
            ensure(&mut conn, id, &limits(None), true).await.unwrap();
            assert_eq!(state(&mut conn, id, true).await, ("paused", Some("their key is wrong".into())));
            resume(&mut conn, id).await.unwrap();
            assert_eq!(state(&mut conn, id, true).await, ("healthy", None));
        })
        .await;
    }
}
