//! Taking work: one short transaction of two statements, for the runner alone.
//!
//! The first chooses and locks lanes; the second, with a snapshot taken *after* the lanes were locked, counts what
//! they have in flight and takes jobs. In one statement the count would be older than the lock, and parallel
//! claimers would overrun the lane. Lanes are locked "for no key update": every insert of a job holds a key-share
//! lock on its lane, so a stronger lock would skip exactly the busiest lanes.
//!
//! Nothing here waits for a lock, so that taking lanes before jobs cannot deadlock with acts that go the other way.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Job, Row, keep_known, seconds};
use crate::db;

/// What a claim found.
#[derive(Debug, Default)]
pub struct Claimed {
    /// Jobs to be started at once: nothing waits in memory with a running lease.
    pub jobs: Vec<Job>,
    /// When the first lane that only lacks a rate token gets one. None: no lane waits for that.
    pub again_in: Option<Duration>,
}

/// Takes at most `slots` jobs, shared evenly between the lanes that have waited longest, and leases each for
/// the deadline of its lane's calls and `slack`.
pub async fn claim(db: &PgPool, slots: i32, slack: Duration) -> sqlx::Result<Vec<Job>> {
    Ok(claim_next(db, slots, slack).await?.jobs)
}

/// As [`claim`], and says when to ask again.
pub async fn claim_next(db: &PgPool, slots: i32, slack: Duration) -> sqlx::Result<Claimed> {
    if slots < 1 {
        return Ok(Claimed::default());
    }
    let mut tries = 0;
    loop {
        match once(db, slots, slack).await {
            Err(error) if db::is_retryable(&error) && tries < 3 => tries += 1,
            other => return other,
        }
    }
}

async fn once(db: &PgPool, slots: i32, slack: Duration) -> sqlx::Result<Claimed> {
    // Not waited for on the disk: a claim that is lost in a crash of the database leaves the job ready. Nothing has been
    // sent by then, because the sending stamp is written later, is waited for, and takes the claim to the disk with it.
    let mut tx = db.begin_with("begin isolation level read committed; set local synchronous_commit = off").await?;
    match take(&mut tx, slots, slack).await {
        Ok(claimed) => {
            tx.commit().await?;
            Ok(claimed)
        }
        Err(error) => {
            // Waited for: until the rollback is through, the next try would find the lanes locked and skip them.
            let _ = tx.rollback().await;
            Err(error)
        }
    }
}

async fn take(conn: &mut PgConnection, slots: i32, slack: Duration) -> sqlx::Result<Claimed> {
    let (lanes, again_in) = take_lanes(conn, slots).await?;
    if lanes.is_empty() {
        return Ok(Claimed { jobs: Vec::new(), again_in });
    }
    // A fixed share would let the first lanes take every slot while the rest are stamped as served and starve.
    let share = i32::try_from(lanes.len()).map_or(1, |count| (slots / count).max(1));
    let rows = take_jobs(conn, &lanes, share, slots, slack).await?;
    Ok(Claimed { jobs: keep_known(conn, rows).await?, again_in })
}

/// Locks, refills and stamps the lanes that may be served now, least recently served first.
///
/// `head` jumps over the index of ready jobs from one (lane, priority) to the next and sees only the earliest job of
/// each: a lane without ready jobs is never visited, a lane with a million costs no more than one with a single job.
async fn take_lanes(conn: &mut PgConnection, most: i32) -> sqlx::Result<(Vec<Uuid>, Option<Duration>)> {
    let rows = sqlx::query!(
        r#"with recursive head as (
             (select lane_id, priority, run_at from job where state = 'ready'
              order by lane_id, priority, run_at, job_id limit 1)
             union all
             select n.lane_id, n.priority, n.run_at from head h cross join lateral (
               select j.lane_id, j.priority, j.run_at from job j
               where j.state = 'ready' and (j.lane_id, j.priority)
                 > (h.lane_id, case when h.run_at <= now() then 32767::smallint else h.priority end)
               order by j.lane_id, j.priority, j.run_at, j.job_id limit 1) n),
           ripe as materialized (select array(select lane_id from head where run_at <= now()) as lanes),
           due as (
             select l.lane_id from lane l
             where l.lane_id = any ((select lanes from ripe)::uuid[])
               and l.paused_at is null
               and (l.open_until is null or l.open_until <= now())
               and (l.rate_per_s is null
                    or least(l.burst, l.tokens + extract(epoch from now() - l.refilled_at) * l.rate_per_s) >= 1)
               and (select count(*) from job j where j.lane_id = l.lane_id and j.state = 'leased')
                   < case when l.open_until is null then l.max_in_flight else 1 end
             order by l.last_served_at, l.lane_id limit $1 for no key update skip locked),
           served as (
             update lane l set
               tokens = case when l.rate_per_s is null then l.tokens
                        else least(l.burst, l.tokens + extract(epoch from now() - l.refilled_at) * l.rate_per_s) end,
               refilled_at = now(), last_served_at = clock_timestamp()
             from due where l.lane_id = due.lane_id returning l.lane_id)
           select lane_id, null::float8 as again_in from served
           union all
           select null, min((1 - l.tokens) / l.rate_per_s - extract(epoch from now() - l.refilled_at)::float8)
           from lane l
           where l.lane_id = any ((select lanes from ripe)::uuid[]) and l.rate_per_s is not null
             and l.paused_at is null and (l.open_until is null or l.open_until <= now())
             and least(l.burst, l.tokens + extract(epoch from now() - l.refilled_at) * l.rate_per_s) < 1"#,
        i64::from(most),
    )
    .fetch_all(conn)
    .await?;
    let again_in = rows.iter().find_map(|row| row.again_in).map(|wait| wait.max(0.0));
    let lanes = rows.into_iter().filter_map(|row| row.lane_id).collect();
    Ok((lanes, again_in.and_then(|wait| Duration::try_from_secs_f64(wait).ok())))
}

/// Takes up to `share` jobs of each locked lane within its room, fresh before retries before bulk.
async fn take_jobs(
    conn: &mut PgConnection,
    lanes: &[Uuid],
    share: i32,
    slots: i32,
    slack: Duration,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"with room as materialized (
             select l.lane_id, l.open_until is not null as is_probe, l.call_seconds + $4::float8 as lease_seconds, greatest(0, least($2::int,
                 case when l.open_until is null then l.max_in_flight else 1 end
                   - (select count(*) from job j where j.lane_id = l.lane_id and j.state = 'leased'),
                 case when l.rate_per_s is null then $2::int else floor(l.tokens) end))::int as n
             from lane l where l.lane_id = any ($1)),
           picked as (
             select p.job_id, room.is_probe, room.lease_seconds from room cross join lateral (
               select first.job_id from unnest('{0,1,2}'::smallint[]) as level (priority) cross join lateral (
                 select j.job_id, j.priority, j.run_at from job j
                 where j.lane_id = room.lane_id and j.state = 'ready' and j.priority = level.priority and j.run_at <= now()
                 order by j.run_at, j.job_id limit room.n for update skip locked) first
               order by first.priority, first.run_at, first.job_id limit room.n) p
             limit $3::int),
           taken as (
             update job j set state = 'leased', attempt = j.attempt + 1,
               lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => picked.lease_seconds)
             from picked where j.job_id = picked.job_id
             returning j.job_id, j.lane_id, j.kind, j.subject_id, j.attempt, j.lease_token, picked.is_probe,
               picked.lease_seconds),
           spent as (
             update lane l set tokens = l.tokens - t.n
             from (select lane_id, count(*) as n from taken group by lane_id) t
             where l.lane_id = t.lane_id and l.rate_per_s is not null)
           select job_id, lane_id, kind, subject_id, attempt, lease_token as "lease_token!",
             lease_seconds as "lease_seconds!", false as "is_lost!", is_probe as "is_probe!"
           from taken"#,
        lanes,
        share,
        slots,
        seconds(slack),
    )
    .fetch_all(conn)
    .await
}
