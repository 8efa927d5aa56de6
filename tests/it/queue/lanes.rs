//! What a lane lets through: pause, breaker, rate; and what its screen shows.

use std::time::Duration;

use leadrelay::queue::breaker::{self, THRESHOLD};
use leadrelay::queue::lane::{self, Breaker, LaneState};
use leadrelay::queue::{self, settle};
use sqlx::PgPool;
use uuid::Uuid;

use super::database::{add, attempts, claim, execute, fill, finish, fresh, lane, lane_with, new_job, number};

async fn fail(db: &PgPool, lane_id: Uuid, times: i32) -> bool {
    let mut conn = db.acquire().await.unwrap();
    let mut opened = false;
    for _ in 0..times {
        opened |= breaker::record_failure(&mut conn, lane_id, THRESHOLD).await.unwrap().is_some();
    }
    opened
}

async fn succeed(db: &PgPool, lane_id: Uuid) {
    breaker::record_success(&mut db.acquire().await.unwrap(), lane_id).await.unwrap();
}

async fn state(db: &PgPool, lane_id: Uuid) -> LaneState {
    lane::states(&mut db.acquire().await.unwrap(), &[lane_id]).await.unwrap().remove(0)
}

/// Lets the time of an open breaker pass.
async fn cool(db: &PgPool, lane_id: Uuid) {
    execute(db, "update lane set open_until = now() - interval '1 ms' where lane_id = $1", lane_id).await;
}

async fn open_seconds(db: &PgPool, lane_id: Uuid) -> i64 {
    number(db, "select round(extract(epoch from open_until - now()))::bigint from lane where lane_id = $1", lane_id)
        .await
}

#[tokio::test]
async fn waiting_for_rate_or_breaker_spends_no_attempt() {
    let db = fresh().await;
    let slow = lane_with(&db, 10, Some(0.001), 1.0).await;
    let waiting = fill(&db, slow, 2).await;
    assert_eq!(claim(&db, 10).await.len(), 1, "the burst");
    assert_eq!(claim(&db, 10).await.len(), 0);
    let counted = attempts(&db, waiting[0]).await + attempts(&db, waiting[1]).await;
    assert_eq!(counted, 1, "only the job that started");

    let broken = lane(&db, 10).await;
    let job_id = fill(&db, broken, 1).await[0];
    assert!(fail(&db, broken, THRESHOLD).await);
    assert_eq!(claim(&db, 10).await.len(), 0);
    assert_eq!(attempts(&db, job_id).await, 0);
    succeed(&db, broken).await;

    breaker::pause(&mut db.acquire().await.unwrap(), broken, "the key was refused").await.unwrap();
    assert_eq!(claim(&db, 10).await.len(), 0);
    assert_eq!(attempts(&db, job_id).await, 0);
    breaker::resume(&mut db.acquire().await.unwrap(), broken).await.unwrap();
    let jobs = claim(&db, 10).await;
    assert_eq!((jobs.len(), jobs[0].attempt), (1, 1));

    // What was claimed and could not be tried gives its attempt back.
    let mut conn = db.acquire().await.unwrap();
    let held = settle::snooze(&mut conn, &[(jobs[0].fence(), Duration::ZERO)]).await.unwrap();
    assert_eq!(held, vec![job_id]);
    assert_eq!(attempts(&db, job_id).await, 0);
    assert_eq!(claim(&db, 10).await[0].attempt, 1);
}

#[tokio::test]
async fn a_half_open_breaker_sends_one_probe() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 10).await;
    let before = claim(&db, 2).await;
    assert!(before.iter().all(|job| !job.is_probe));
    fail(&db, lane_id, THRESHOLD).await;
    cool(&db, lane_id).await;
    assert_eq!(claim(&db, 10).await.len(), 0, "calls from before are still out");
    finish(&db, &before).await;
    let probe = claim(&db, 10).await;
    assert_eq!(probe.len(), 1);
    assert!(probe[0].is_probe);
    assert_eq!(claim(&db, 10).await.len(), 0, "one at a time");
    finish(&db, &probe).await;
    succeed(&db, lane_id).await;
    let after = claim(&db, 10).await;
    assert_eq!(after.len(), 7);
    assert!(after.iter().all(|job| !job.is_probe));
}

#[tokio::test]
async fn parallel_claimers_send_one_probe() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 10).await;
    fail(&db, lane_id, THRESHOLD).await;
    cool(&db, lane_id).await;
    let claimers: Vec<_> = (0..6)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { claim(&db, 5).await.len() })
        })
        .collect();
    let mut total = 0;
    for claimer in claimers {
        total += claimer.await.unwrap();
    }
    assert_eq!(total, 1);
}

#[tokio::test]
async fn a_breaker_opens_longer_each_time_up_to_half_an_hour() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    assert!(!fail(&db, lane_id, THRESHOLD - 1).await);
    assert_eq!(state(&db, lane_id).await.breaker, Breaker::Closed);
    assert!(fail(&db, lane_id, 1).await);
    assert!(matches!(state(&db, lane_id).await.breaker, Breaker::Open(_)));
    assert_eq!(open_seconds(&db, lane_id).await, 30);
    assert!(!fail(&db, lane_id, 11).await, "calls that were under way open it no further");
    assert_eq!(open_seconds(&db, lane_id).await, 30);
    for expected in [60, 120, 240, 480, 960, 1800, 1800, 1800] {
        cool(&db, lane_id).await;
        assert_eq!(state(&db, lane_id).await.breaker, Breaker::HalfOpen);
        assert!(fail(&db, lane_id, 1).await, "the probe failed");
        assert_eq!(open_seconds(&db, lane_id).await, expected);
    }
    succeed(&db, lane_id).await;
    let state = state(&db, lane_id).await;
    assert_eq!((state.breaker, state.failures_in_row), (Breaker::Closed, 0));
    assert!(!fail(&db, lane_id, THRESHOLD - 1).await, "it begins anew");
}

#[tokio::test]
async fn an_answer_between_failures_keeps_the_breaker_closed_and_a_healthy_lane_is_not_written() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    for _ in 0..3 {
        assert!(!fail(&db, lane_id, THRESHOLD - 1).await);
        succeed(&db, lane_id).await;
    }
    let version = "select xmin::text::bigint from lane where lane_id = $1";
    let before = number(&db, version, lane_id).await;
    succeed(&db, lane_id).await;
    assert_eq!(number(&db, version, lane_id).await, before);
}

#[tokio::test]
async fn a_pause_keeps_its_first_reason_and_is_told_once() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let mut conn = db.acquire().await.unwrap();
    assert!(breaker::pause(&mut conn, lane_id, "first").await.unwrap());
    assert!(!breaker::pause(&mut conn, lane_id, "second").await.unwrap());
    assert_eq!(state(&db, lane_id).await.paused_why.as_deref(), Some("first"));
    assert_eq!(lane::troubled(&mut conn).await.unwrap(), (1, 0));
    assert!(breaker::resume(&mut conn, lane_id).await.unwrap());
    assert!(!breaker::resume(&mut conn, lane_id).await.unwrap());
    assert_eq!(state(&db, lane_id).await.paused_at, None);
}

#[tokio::test]
async fn a_lane_shows_what_waits_and_what_runs() {
    let db = fresh().await;
    let lane_id = lane(&db, 2).await;
    fill(&db, lane_id, 5).await;
    let later = queue::NewJob { run_in: Duration::from_secs(3600), priority: queue::RETRY, ..new_job(lane_id) };
    add(&db, &[later]).await;
    assert_eq!(claim(&db, 10).await.len(), 2);
    let shown = state(&db, lane_id).await;
    assert_eq!((shown.depth, shown.in_flight, shown.max_in_flight), (4, 2, 2));
    assert!(shown.oldest_due_at.is_some());
    let totals = lane::totals(&mut db.acquire().await.unwrap()).await.unwrap();
    assert_eq!(totals.len(), 1, "lanes without jobs are left out");
    let total = &totals[0];
    assert_eq!((total.lane_id, total.kind.as_str()), (lane_id, "network"));
    assert_eq!((total.due, total.later, total.in_flight), (3, 1, 2));
    assert!(total.age_s >= 0.0);
}

#[tokio::test]
async fn new_limits_hold_from_the_next_claim() {
    let db = fresh().await;
    let lane_id = lane(&db, 1).await;
    fill(&db, lane_id, 10).await;
    assert_eq!(claim(&db, 10).await.len(), 1);
    let limits = lane::Limits { max_in_flight: 4, rate_per_s: None, burst: 10.0 };
    let mut conn = db.acquire().await.unwrap();
    lane::ensure(&mut conn, lane_id, lane::LaneKind::Network, &limits).await.unwrap();
    assert_eq!(claim(&db, 10).await.len(), 3);
}
