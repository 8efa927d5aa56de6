//! Taking work, for the runner alone. It is one call of `claim_jobs` (migration 0011), a transaction of its own:
//!
//! its first statement chooses and locks lanes; the second, with a snapshot taken *after* the lanes were locked, counts
//! what they have in flight and takes jobs. In one statement the count would be older than the lock, and parallel
//! claimers would overrun the lane. Lanes are locked "for no key update", so that whoever only refers to a lane does
//! not hide it.
//!
//! Nothing here waits for a lock, so that taking lanes before jobs cannot deadlock with acts that go the other way.

use std::time::Duration;

use sqlx::{Connection, PgPool};
use uuid::Uuid;

use super::{Job, Row, keep_known, seconds};
use crate::db;

/// What a claim found.
#[derive(Debug, Default)]
pub struct Claimed {
    /// Jobs to be started at once: nothing waits in memory with a running lease.
    pub jobs: Vec<Job>,
    /// When there is more to take without any news: at once from lanes that have given their share, or when the first
    /// lane that only lacks a rate token gets one.
    pub again_in: Option<Duration>,
    /// Lanes that have due jobs or had, and no room for more: a job of them that ends makes room.
    pub full_lanes: Vec<Uuid>,
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
    let mut conn = db.acquire().await?;
    let found = sqlx::query!(
        r#"select job_id, lane_id as "lane_id!", kind as "kind!", subject_id as "subject_id!", attempt as "attempt!",
             lease_token as "lease_token!", lease_seconds as "lease_seconds!", is_probe as "is_probe!", again_in,
             full_lanes
           from claim_jobs($1, $2)"#,
        slots,
        seconds(slack),
    )
    .fetch_all(&mut *conn)
    .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            // Waited for: until the failed transaction is gone, the next try would find the lanes locked and skip them.
            let _ = conn.ping().await;
            return Err(error);
        }
    };
    let full_lanes = found.iter().filter_map(|row| row.full_lanes.clone()).flatten().collect();
    let again_in = found.iter().filter_map(|row| row.again_in).reduce(f64::min);
    let rows = found.into_iter().filter_map(|row| {
        Some(Row {
            job_id: row.job_id?,
            lane_id: row.lane_id,
            kind: row.kind,
            subject_id: row.subject_id,
            attempt: row.attempt,
            lease_token: row.lease_token,
            lease_seconds: row.lease_seconds,
            is_lost: false,
            is_probe: row.is_probe,
        })
    });
    let jobs = keep_known(&mut conn, rows.collect()).await?;
    Ok(Claimed { jobs, again_in: again_in.and_then(|wait| Duration::try_from_secs_f64(wait).ok()), full_lanes })
}
