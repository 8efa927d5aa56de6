//! A fresh database for each test, copied from one that was migrated once, and short words for what tests look at.

use std::time::Duration;

use leadrelay::base::ids::Ids;
use leadrelay::queue::lane::{self, LaneKind, Limits};
use leadrelay::queue::{self, Job, Kind, NewJob};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::kit::database as kit;

/// Long enough for any test.
pub const LEASE: Duration = Duration::from_secs(60);

/// A pool on a database of its own, with room for parallel claimers.
pub async fn fresh() -> PgPool {
    let db = kit::database().await;
    PgPoolOptions::new().max_connections(20).connect(&db.url).await.unwrap()
}

/// A lane with these limits.
pub async fn lane_with(db: &PgPool, max_in_flight: i32, rate_per_s: Option<f64>, burst: f64) -> Uuid {
    let lane_id = Ids.next();
    let limits = Limits { max_in_flight, rate_per_s, burst };
    lane::ensure(&mut db.acquire().await.unwrap(), lane_id, LaneKind::Network, &limits).await.unwrap();
    lane_id
}

/// A lane that takes this many jobs at once.
pub async fn lane(db: &PgPool, max_in_flight: i32) -> Uuid {
    lane_with(db, max_in_flight, None, 10.0).await
}

/// A fresh job that is due now.
pub fn new_job(lane_id: Uuid) -> NewJob {
    NewJob::now(Ids.next(), lane_id, Kind::DeliverLead, Ids.next())
}

/// Queues that many fresh jobs.
pub async fn fill(db: &PgPool, lane_id: Uuid, count: usize) -> Vec<Uuid> {
    let jobs: Vec<NewJob> = (0..count).map(|_| new_job(lane_id)).collect();
    add(db, &jobs).await;
    jobs.iter().map(|job| job.job_id).collect()
}

/// Queues and commits.
pub async fn add(db: &PgPool, jobs: &[NewJob]) -> u64 {
    queue::enqueue(&mut db.acquire().await.unwrap(), jobs).await.unwrap()
}

/// Claims with a long lease.
pub async fn claim(db: &PgPool, slots: i32) -> Vec<Job> {
    queue::claim::claim(db, slots, LEASE).await.unwrap()
}

/// Ends the jobs.
pub async fn finish(db: &PgPool, jobs: &[Job]) -> Vec<Uuid> {
    let fences: Vec<_> = jobs.iter().map(Job::fence).collect();
    queue::settle::finish(&mut db.acquire().await.unwrap(), &fences).await.unwrap()
}

/// Runs one statement with one id.
pub async fn execute(db: &PgPool, sql: &'static str, id: Uuid) {
    sqlx::query(sql).bind(id).execute(db).await.unwrap();
}

/// Asks for one number about one id.
pub async fn number(db: &PgPool, sql: &'static str, id: Uuid) -> i64 {
    sqlx::query_scalar(sql).bind(id).fetch_one(db).await.unwrap()
}

/// Attempts counted on a job.
pub async fn attempts(db: &PgPool, job_id: Uuid) -> i64 {
    number(db, "select attempt::bigint from job where job_id = $1", job_id).await
}

/// Lets the leases of a lane run out.
pub async fn expire(db: &PgPool, lane_id: Uuid) {
    execute(db, "update job set lease_until = now() - interval '1 s' where lane_id = $1 and state = 'leased'", lane_id)
        .await;
}

/// Waits for a state, at most ten seconds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let end = tokio::time::Instant::now() + Duration::from_secs(10);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < end, "{what}: not within ten seconds");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
