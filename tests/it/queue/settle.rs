//! How a holding ends, and what happens when it does not.

use std::time::Duration;

use leadrelay::queue::{self, Fence, Job, lost, settle};
use sqlx::PgPool;
use uuid::Uuid;

use super::database::{LEASE, add, attempts, claim, execute, expire, fill, finish, fresh, lane, new_job, number};

const NONE: [Uuid; 0] = [];

async fn take_lost(db: &PgPool) -> Vec<Job> {
    lost::take_lost(db, 10, LEASE).await.unwrap()
}

#[tokio::test]
async fn a_stale_worker_changes_nothing() {
    let db = fresh().await;
    let lane_id = lane(&db, 4).await;
    fill(&db, lane_id, 1).await;
    let old = claim(&db, 1).await.remove(0);
    expire(&db, lane_id).await;
    let new = take_lost(&db).await.remove(0);
    assert_eq!(new.job_id, old.job_id);
    assert_ne!(new.lease_token, old.lease_token);

    let row = "select xmin::text::bigint from job where lane_id = $1";
    let before = number(&db, row, lane_id).await;
    let mut conn = db.acquire().await.unwrap();
    assert_eq!(settle::finish(&mut conn, &[old.fence()]).await.unwrap(), NONE);
    assert_eq!(settle::retry(&mut conn, &[(old.fence(), Duration::ZERO, queue::RETRY)]).await.unwrap(), NONE);
    assert_eq!(settle::snooze(&mut conn, &[(old.fence(), Duration::ZERO)]).await.unwrap(), NONE);
    assert_eq!(settle::hold(&mut conn, &[old.fence()]).await.unwrap(), NONE);
    assert_eq!(number(&db, row, lane_id).await, before, "the row was not even rewritten");
    assert_eq!(finish(&db, &[new]).await.len(), 1);
}

#[tokio::test]
async fn one_stale_job_of_a_batch_fails_alone() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 3).await;
    let jobs = claim(&db, 10).await;
    let mut fences: Vec<Fence> = jobs.iter().map(Job::fence).collect();
    fences[1].lease_token = fences[0].lease_token;
    let mut held = settle::finish(&mut db.acquire().await.unwrap(), &fences).await.unwrap();
    held.sort();
    let mut expected = vec![jobs[0].job_id, jobs[2].job_id];
    expected.sort();
    assert_eq!(held, expected);
    assert_eq!(number(&db, "select count(*) from job where lane_id = $1", lane_id).await, 1);
}

#[tokio::test]
async fn a_settle_that_is_rolled_back_leaves_the_job_held() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 1).await;
    let job = claim(&db, 1).await.remove(0);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(settle::finish(&mut tx, &[job.fence()]).await.unwrap(), vec![job.job_id]);
    tx.rollback().await.unwrap();
    let mut conn = db.acquire().await.unwrap();
    assert_eq!(settle::hold(&mut conn, &[job.fence()]).await.unwrap(), vec![job.job_id]);
}

#[tokio::test]
async fn a_retry_waits_and_keeps_its_attempt() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 1).await;
    let job = claim(&db, 1).await.remove(0);
    let wait = Duration::from_secs(30);
    let mut conn = db.acquire().await.unwrap();
    assert_eq!(settle::retry(&mut conn, &[(job.fence(), wait, queue::RETRY)]).await.unwrap(), vec![job.job_id]);
    assert_eq!(claim(&db, 1).await, vec![]);
    let seconds = "select round(extract(epoch from run_at - now()))::bigint from job where job_id = $1";
    assert_eq!(number(&db, seconds, job.job_id).await, 30);
    assert_eq!(number(&db, "select priority::bigint from job where job_id = $1", job.job_id).await, 1);
    execute(&db, "update job set run_at = now() where job_id = $1", job.job_id).await;
    let again = claim(&db, 1).await.remove(0);
    assert_eq!((again.attempt, again.is_lost), (2, false));
}

#[tokio::test]
async fn a_lost_lease_comes_back_as_lost_and_is_counted() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let job_id = fill(&db, lane_id, 1).await[0];
    claim(&db, 1).await;
    assert_eq!(take_lost(&db).await, vec![], "the lease still runs");
    expire(&db, lane_id).await;
    assert_eq!(claim(&db, 10).await, vec![], "it is not new work");
    let first = take_lost(&db).await.remove(0);
    assert!(first.is_lost);
    assert_eq!((first.job_id, first.attempt), (job_id, 2));
    assert_eq!(take_lost(&db).await, vec![], "it has a new holder");
    expire(&db, lane_id).await;
    assert_eq!(take_lost(&db).await[0].attempt, 3);
    assert_eq!(attempts(&db, job_id).await, 3);
}

#[tokio::test]
async fn takers_of_lost_leases_share_them() {
    let db = fresh().await;
    let lane_id = lane(&db, 100).await;
    fill(&db, lane_id, 40).await;
    claim(&db, 40).await;
    expire(&db, lane_id).await;
    let (a, b) = tokio::join!(lost::take_lost(&db, 30, LEASE), lost::take_lost(&db, 30, LEASE));
    let (a, b) = (a.unwrap(), b.unwrap());
    let rest = lost::take_lost(&db, 100, LEASE).await.unwrap();
    let mut ids: Vec<_> = a.iter().chain(&b).chain(&rest).map(|job| job.job_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), a.len() + b.len() + rest.len()), (40, 40));
}

#[tokio::test]
async fn cancelling_and_hurrying_touch_only_what_waits() {
    let db = fresh().await;
    let lane_id = lane(&db, 1).await;
    let waits = |_| queue::NewJob { run_in: Duration::from_secs(3600), ..new_job(lane_id) };
    let jobs: Vec<queue::NewJob> = (0..3).map(waits).collect();
    add(&db, &jobs).await;
    let subjects: Vec<_> = jobs.iter().map(|job| job.subject_id).collect();
    let mut conn = db.acquire().await.unwrap();
    assert_eq!(queue::hurry(&mut conn, &[lane_id]).await.unwrap(), NONE, "nothing of it waits");
    assert_eq!(queue::hurry(&mut conn, &subjects[..1]).await.unwrap(), subjects[..1]);
    let running = claim(&db, 10).await;
    assert_eq!(running.len(), 1);
    let mut cancelled = queue::cancel(&mut conn, &subjects).await.unwrap();
    cancelled.sort();
    assert_eq!(cancelled, subjects[1..]);
    assert_eq!(finish(&db, &running).await.len(), 1, "what ran was left alone");
}
