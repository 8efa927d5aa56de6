//! The express lane: jobs that start with the commit that made them, under all laws of the claim.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use leadrelay::base::ids::Ids;
use leadrelay::queue::express::{Departure, Express};
use leadrelay::queue::runner::Runner;
use leadrelay::queue::start::{Handler, per_job};
use leadrelay::queue::wake::Wake;
use leadrelay::queue::{Kind, NewJob, enqueue, settle};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::database::{LEASE, execute, fresh, lane, lane_with, new_job, number, until};

/// A runner at work whose jobs end when the gate opens.
struct Running {
    db: PgPool,
    express: Express,
    gate: Arc<Semaphore>,
    started: Arc<AtomicUsize>,
    handler: Handler,
    soft: CancellationToken,
}

impl Running {
    async fn start(slots: u32) -> Self {
        let (db, express, soft) = (fresh().await, Express::default(), CancellationToken::new());
        let (gate, started) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let handler = held_back(&db, &gate, &started);
        let runner = Runner::new(db.clone(), Wake::default(), Ids, slots, LEASE)
            .with_express(express.clone())
            .handle(Kind::DeliverLead, Arc::clone(&handler));
        let until_then = soft.clone();
        tokio::spawn(async move { runner.run(until_then, CancellationToken::new()).await });
        let running = Self { db, express, gate, started, handler, soft };
        // Open from the moment the runner runs.
        until("the runner runs", || async { running.express.take(1).room() > 0 }).await;
        running
    }

    /// Adds jobs and commits; answers whether some of them wait for a claim.
    async fn add(&self, jobs: &[NewJob]) -> bool {
        let mut departure = self.express.take(jobs.len());
        let mut tx = self.db.begin().await.unwrap();
        let jobs = board(&mut departure, &mut tx, jobs).await;
        tx.commit().await.unwrap();
        self.go(departure, &jobs);
        jobs.iter().any(|job| job.lease.is_none())
    }

    fn go(&self, departure: Departure, jobs: &[NewJob]) {
        let handler = Arc::clone(&self.handler);
        departure.go(jobs.iter().filter_map(NewJob::started), |held| async move { handler(held).await });
    }

    async fn state(&self, job: &NewJob) -> String {
        sqlx::query_scalar("select state from job where job_id = $1")
            .bind(job.job_id)
            .fetch_one(&self.db)
            .await
            .unwrap()
    }

    async fn leased(&self, lane_id: Uuid) -> i64 {
        number(&self.db, "select count(*) from job where lane_id = $1 and state = 'leased'", lane_id).await
    }
}

/// Adds jobs, with a lease where there is a place.
async fn board(departure: &mut Departure, conn: &mut PgConnection, jobs: &[NewJob]) -> Vec<NewJob> {
    let mut jobs = jobs.to_vec();
    departure.board(conn, &Ids, &mut jobs.iter_mut().collect::<Vec<_>>()).await.unwrap();
    enqueue(conn, &jobs).await.unwrap();
    jobs
}

fn held_back(db: &PgPool, gate: &Arc<Semaphore>, started: &Arc<AtomicUsize>) -> Handler {
    let (db, gate, started) = (db.clone(), Arc::clone(gate), Arc::clone(started));
    per_job(move |job| {
        let (db, gate, started) = (db.clone(), Arc::clone(&gate), Arc::clone(&started));
        async move {
            started.fetch_add(1, Ordering::SeqCst);
            let _pass = gate.acquire().await.unwrap();
            settle::finish(&mut db.acquire().await.unwrap(), &[job.fence()]).await.unwrap();
        }
    })
}

#[tokio::test]
async fn a_job_starts_with_the_commit_that_made_it() {
    let running = Running::start(4).await;
    let job = new_job(lane(&running.db, 2).await);
    let mut departure = running.express.take(1);
    let mut tx = running.db.begin().await.unwrap();
    let jobs = board(&mut departure, &mut tx, std::slice::from_ref(&job)).await;
    assert_eq!(running.started.load(Ordering::SeqCst), 0, "not committed yet");
    tx.commit().await.unwrap();
    assert_eq!(running.state(&job).await, "leased", "it was never there for a claim");
    running.go(departure, &jobs);
    until("it has started", || async { running.started.load(Ordering::SeqCst) == 1 }).await;
    running.gate.add_permits(1);
    let gone = || async { number(&running.db, "select count(*) from job where job_id = $1", job.job_id).await == 0 };
    until("it is over", gone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_never_exceeds_its_limit_by_express() {
    let running = Arc::new(Running::start(100).await);
    let lane_id = lane(&running.db, 3).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let running = Arc::clone(&running);
            tokio::spawn(async move {
                for _ in 0..5 {
                    running.add(&[new_job(lane_id), new_job(lane_id)]).await;
                    assert!(running.leased(lane_id).await <= 3);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    until("the lane is full", || async { running.leased(lane_id).await == 3 }).await;
    running.gate.add_permits(80);
    let left = || async { number(&running.db, "select count(*) from job where lane_id = $1", lane_id).await == 0 };
    until("the claim takes the rest", left).await;
    assert_eq!(running.started.load(Ordering::SeqCst), 80, "each once");
}

#[tokio::test]
async fn what_waits_in_a_lane_goes_first() {
    let running = Running::start(4).await;
    let lane_id = lane(&running.db, 2).await;
    let (older, newer) = (new_job(lane_id), new_job(lane_id));
    let mut departure = running.express.take(1);
    let mut tx = running.db.begin().await.unwrap();
    enqueue(&mut tx, std::slice::from_ref(&older)).await.unwrap();
    let jobs = board(&mut departure, &mut tx, std::slice::from_ref(&newer)).await;
    assert!(jobs.iter().all(|job| job.lease.is_none()), "it waits for a claim as well");
}

#[tokio::test]
async fn limited_and_troubled_lanes_are_left_to_the_claim() {
    let running = Running::start(8).await;
    let limited = lane_with(&running.db, 5, Some(0.001), 1.0).await;
    let paused = lane(&running.db, 5).await;
    let broken = lane(&running.db, 5).await;
    execute(&running.db, "update lane set paused_at = now() where lane_id = $1", paused).await;
    execute(&running.db, "update lane set open_until = now() + interval '1 h' where lane_id = $1", broken).await;
    // The burst of one is gone.
    running.gate.add_permits(1);
    running.add(&[new_job(limited)]).await;
    for lane_id in [limited, paused, broken] {
        let job = new_job(lane_id);
        assert!(running.add(std::slice::from_ref(&job)).await);
        assert_eq!(running.state(&job).await, "ready");
        execute(&running.db, "update job set run_at = now() + interval '1 h' where lane_id = $1", lane_id).await;
    }
}

#[tokio::test]
async fn a_lane_in_another_s_hand_is_not_waited_for() {
    let running = Running::start(4).await;
    let lane_id = lane(&running.db, 2).await;
    let mut other = running.db.begin().await.unwrap();
    sqlx::query("select from lane where lane_id = $1 for no key update")
        .bind(lane_id)
        .execute(&mut *other)
        .await
        .unwrap();
    let job = new_job(lane_id);
    assert!(running.add(std::slice::from_ref(&job)).await);
    assert_eq!(running.state(&job).await, "ready");
    other.commit().await.unwrap();
    // Nobody tells the runner; it comes back by itself.
    until("the claim takes it", || async { running.started.load(Ordering::SeqCst) == 1 }).await;
}

#[tokio::test]
async fn what_is_rolled_back_gives_its_slots_back() {
    let running = Running::start(4).await;
    let lane_id = lane(&running.db, 5).await;
    let mut departure = running.express.take(4);
    let mut tx = running.db.begin().await.unwrap();
    board(&mut departure, &mut tx, &[new_job(lane_id)]).await;
    tx.rollback().await.unwrap();
    drop(departure);
    until("the slots are free again", || async { running.express.take(1).room() > 0 }).await;
    assert!(!running.add(&[new_job(lane_id)]).await);
    until("it has started", || async { running.started.load(Ordering::SeqCst) == 1 }).await;
}

#[tokio::test]
async fn without_a_runner_or_after_the_stop_jobs_wait() {
    let running = Running::start(4).await;
    running.soft.cancel();
    let job = new_job(lane(&running.db, 5).await);
    assert!(running.add(std::slice::from_ref(&job)).await);
    assert_eq!(running.state(&job).await, "ready");
    assert!(Express::default().take(1).room() == 0, "no runner ever");
}

#[tokio::test]
async fn jobs_of_a_commit_that_nobody_confirmed_start_when_they_are_there() {
    let running = Running::start(8).await;
    let lane_id = lane(&running.db, 5).await;
    for (is_committed, started, free) in [(false, 0, 8), (true, 2, 6)] {
        let mut departure = running.express.take(2);
        let mut tx = running.db.begin().await.unwrap();
        let jobs = board(&mut departure, &mut tx, &[new_job(lane_id), new_job(lane_id)]).await;
        if is_committed {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        let handler = Arc::clone(&running.handler);
        let jobs: Vec<_> = jobs.iter().filter_map(NewJob::started).collect();
        assert_eq!(jobs.len(), 2);
        departure.go_if_committed(&running.db, jobs, |held| async move { handler(held).await });
        // Over when its slots are free again, or taken by what has started.
        let is_over =
            || async { running.started.load(Ordering::SeqCst) == started && running.express.take(8).room() == free };
        until("it is known", is_over).await;
    }
}
