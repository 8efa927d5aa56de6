//! Repeated work.

use std::time::Duration;

use leadrelay::base::ids::Ids;
use leadrelay::queue::{Kind, OWN_LANE, schedule};
use sqlx::PgPool;
use uuid::Uuid;

use super::database::{claim, execute, finish, fresh, lane, number};

async fn ensure(db: &PgPool, subject: Uuid, lane_id: Uuid, seconds: u64) {
    let mut conn = db.acquire().await.unwrap();
    schedule::ensure(&mut conn, Kind::PollNetwork, subject, lane_id, Duration::from_secs(seconds)).await.unwrap();
}

async fn run_due(db: &PgPool) -> u64 {
    schedule::run_due(db, &Ids).await.unwrap()
}

/// Moves the schedule into the past.
async fn an_hour_later(db: &PgPool, subject: Uuid) {
    execute(db, "update schedule set next_at = next_at - interval '1 h' where subject_id = $1", subject).await;
}

#[tokio::test]
async fn a_schedule_makes_one_job_at_a_time() {
    let db = fresh().await;
    let subject = lane(&db, 4).await;
    ensure(&db, subject, subject, 60).await;
    assert_eq!(run_due(&db).await, 1, "a new schedule is due at once");
    assert_eq!(run_due(&db).await, 0);
    an_hour_later(&db, subject).await;
    assert_eq!(run_due(&db).await, 0, "the run before still waits");
    let jobs = claim(&db, 4).await;
    assert_eq!((jobs.len(), jobs[0].kind, jobs[0].subject_id), (1, Kind::PollNetwork, subject));
    an_hour_later(&db, subject).await;
    assert_eq!(run_due(&db).await, 0, "the run before still runs");
    finish(&db, &jobs).await;
    an_hour_later(&db, subject).await;
    assert_eq!(run_due(&db).await, 1, "sixty missed runs are made up for once");
    let ahead = "select count(*) from schedule where subject_id = $1 and next_at > now() and next_at <= now() + interval '60 s'";
    assert_eq!(number(&db, ahead, subject).await, 1, "and the beat goes on");
}

#[tokio::test]
async fn two_processes_do_not_double_a_schedule() {
    let db = fresh().await;
    for _ in 0..20 {
        ensure(&db, Ids.next(), OWN_LANE, 60).await;
    }
    let (a, b, c) = tokio::join!(run_due(&db), run_due(&db), run_due(&db));
    assert_eq!(a + b + c, 20);
}

#[tokio::test]
async fn a_paused_or_removed_schedule_makes_nothing() {
    let db = fresh().await;
    let subject = lane(&db, 4).await;
    ensure(&db, subject, subject, 60).await;
    let mut conn = db.acquire().await.unwrap();
    schedule::set_paused(&mut conn, Kind::PollNetwork, subject, true).await.unwrap();
    assert_eq!(run_due(&db).await, 0);
    schedule::set_paused(&mut conn, Kind::PollNetwork, subject, false).await.unwrap();
    assert_eq!(run_due(&db).await, 1);
    an_hour_later(&db, subject).await;
    schedule::remove(&mut conn, Kind::PollNetwork, subject).await.unwrap();
    finish(&db, &claim(&db, 4).await).await;
    assert_eq!(run_due(&db).await, 0);
}

#[tokio::test]
async fn a_quicker_pace_counts_from_now() {
    let db = fresh().await;
    let subject = lane(&db, 4).await;
    ensure(&db, subject, subject, 86_400).await;
    run_due(&db).await;
    ensure(&db, subject, subject, 60).await;
    let soon = "select count(*) from schedule where subject_id = $1 and next_at <= now() + interval '60 s'";
    assert_eq!(number(&db, soon, subject).await, 1);
}

#[tokio::test]
async fn a_schedule_of_an_unknown_kind_breaks_nothing() {
    let db = fresh().await;
    let (strange, known) = (Ids.next(), Ids.next());
    ensure(&db, strange, OWN_LANE, 60).await;
    execute(&db, "update schedule set kind = 'fold_napkins' where subject_id = $1", strange).await;
    ensure(&db, known, OWN_LANE, 60).await;
    assert_eq!(run_due(&db).await, 1);
}
