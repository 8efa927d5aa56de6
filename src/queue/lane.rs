//! Lanes: one for each network, one for each webmaster endpoint, one of our own. A lane is what jobs share: how many
//! at once, how many a second, whether the other side works.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

crate::text_enum! {
    /// What a lane leads to.
    pub enum LaneKind {
        /// A network; sends, look-ups and polls share it. The lane has the network's id.
        Network = "network",
        /// A webmaster's endpoint. The lane has the postback's id.
        Endpoint = "endpoint",
        /// The server's own work.
        Own = "own",
    }
}

/// How much a lane may carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Jobs at once, over all processes; at least 1.
    pub max_in_flight: i32,
    /// Jobs a second on average, above 0. None: no limit.
    pub rate_per_s: Option<f64>,
    /// Jobs that may start at once after a quiet time; at least 1.
    pub burst: f64,
}

/// Makes the lane, or gives it these limits. Pause and breaker stay.
pub async fn ensure(conn: &mut PgConnection, lane_id: Uuid, kind: LaneKind, limits: &Limits) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into lane (lane_id, kind, max_in_flight, rate_per_s, burst, tokens) values ($1, $2, $3, $4, $5, $5)
         on conflict (lane_id) do update set max_in_flight = excluded.max_in_flight, rate_per_s = excluded.rate_per_s,
           burst = excluded.burst, tokens = least(lane.tokens, excluded.burst)
         where (lane.max_in_flight, lane.rate_per_s, lane.burst)
           is distinct from (excluded.max_in_flight, excluded.rate_per_s, excluded.burst)",
        lane_id,
        kind.as_str(),
        limits.max_in_flight,
        limits.rate_per_s,
        limits.burst,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Where a lane's breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Calls go through.
    Closed,
    /// No call until then.
    Open(DateTime<Utc>),
    /// The next call is a probe.
    HalfOpen,
}

/// A lane as a screen shows it.
#[derive(Clone, Debug)]
pub struct LaneState {
    /// The lane.
    pub lane_id: Uuid,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Why.
    pub paused_why: Option<String>,
    /// Where the breaker stands.
    pub breaker: Breaker,
    /// Transport-class failures since the last answer.
    pub failures_in_row: i32,
    /// Jobs that wait, those for later included. Counted up to 10,000: that number means "or more".
    pub depth: i64,
    /// Since when the oldest due job could have run. None: nothing is due.
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// Jobs that run.
    pub in_flight: i64,
    /// How many may.
    pub max_in_flight: i32,
}

/// The state of these lanes, in no order; unknown ids are left out.
pub async fn states(conn: &mut PgConnection, lanes: &[Uuid]) -> sqlx::Result<Vec<LaneState>> {
    let rows = sqlx::query!(
        r#"select l.lane_id, l.paused_at, l.paused_why, l.open_until, l.failures_in_row, l.max_in_flight,
             coalesce(l.open_until > now(), false) as "is_open!",
             (select count(*) from (
                select from job j where j.lane_id = l.lane_id and j.state = 'ready' limit 10000) r) as "depth!",
             (select min(first.run_at) from unnest('{0,1,2}'::smallint[]) as level (priority) cross join lateral (
                select j.run_at from job j where j.lane_id = l.lane_id and j.state = 'ready'
                  and j.priority = level.priority and j.run_at <= now()
                order by j.run_at limit 1) first) as oldest_due_at,
             (select count(*) from job j where j.lane_id = l.lane_id and j.state = 'leased') as "in_flight!"
           from lane l where l.lane_id = any ($1)"#,
        lanes,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LaneState {
            lane_id: row.lane_id,
            paused_at: row.paused_at,
            paused_why: row.paused_why,
            breaker: match row.open_until {
                None => Breaker::Closed,
                Some(until) if row.is_open => Breaker::Open(until),
                Some(_) => Breaker::HalfOpen,
            },
            failures_in_row: row.failures_in_row,
            depth: row.depth,
            oldest_due_at: row.oldest_due_at,
            in_flight: row.in_flight,
            max_in_flight: row.max_in_flight,
        })
        .collect())
}

/// What lies in the queue of one lane, for `/metrics`.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneTotal {
    /// The lane.
    pub lane_id: Uuid,
    /// What it leads to.
    pub kind: String,
    /// Jobs that could run now.
    pub due: i64,
    /// Jobs that wait for their time.
    pub later: i64,
    /// Jobs that run.
    pub in_flight: i64,
    /// Seconds since the oldest due job could have run.
    pub age_s: f64,
}

/// Every lane that has jobs. Reads the whole queue once: for a scrape, not for a page.
pub async fn totals(conn: &mut PgConnection) -> sqlx::Result<Vec<LaneTotal>> {
    sqlx::query_as!(
        LaneTotal,
        r#"select l.lane_id, l.kind, t.due as "due!", t.later as "later!", t.in_flight as "in_flight!", t.age_s as "age_s!"
           from lane l join (
             select lane_id,
               count(*) filter (where state = 'ready' and run_at <= now()) as due,
               count(*) filter (where state = 'ready' and run_at > now()) as later,
               count(*) filter (where state = 'leased') as in_flight,
               coalesce(extract(epoch from now() - min(run_at) filter (where state = 'ready' and run_at <= now())), 0)::float8 as age_s
             from job group by lane_id) t on t.lane_id = l.lane_id"#,
    )
    .fetch_all(conn)
    .await
}

/// Lanes that do not run as they should, for `/metrics` and the overview: how many are paused, how many have an open
/// or half-open breaker.
pub async fn troubled(conn: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) filter (where paused_at is not null) as "paused!",
             count(*) filter (where open_until is not null) as "open!" from lane"#
    )
    .fetch_one(conn)
    .await?;
    Ok((row.paused, row.open))
}
