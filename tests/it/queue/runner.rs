//! The runner: from claim to settle, and how it stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use leadrelay::base::ids::Ids;
use leadrelay::queue::runner::{Ended, Runner};
use leadrelay::queue::start::{Handler, per_job};
use leadrelay::queue::wake::Wake;
use leadrelay::queue::{Kind, OWN_LANE, schedule, settle};
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::database::{LEASE, add, attempts, claim, expire, fill, fresh, lane, new_job, number, until};

fn runner(db: &PgPool, wake: &Wake, slots: u32, handler: Handler) -> Runner {
    Runner::new(db.clone(), wake.clone(), Ids, slots, LEASE).handle(Kind::DeliverLead, handler)
}

/// Finishes every job and counts them.
fn finisher(db: &PgPool, done: &Arc<AtomicUsize>) -> Handler {
    let (db, done) = (db.clone(), Arc::clone(done));
    per_job(move |job| {
        let (db, done) = (db.clone(), Arc::clone(&done));
        async move {
            settle::finish(&mut db.acquire().await.unwrap(), &[job.fence()]).await.unwrap();
            done.fetch_add(1, Ordering::SeqCst);
        }
    })
}

/// A runner at work, and the two ways to stop it.
struct Running {
    soft: CancellationToken,
    hard: CancellationToken,
    task: tokio::task::JoinHandle<Ended>,
}

impl Running {
    fn start(runner: Runner) -> Self {
        let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
        let (s, h) = (soft.clone(), hard.clone());
        Self { soft, hard, task: tokio::spawn(async move { runner.run(s, h).await }) }
    }

    async fn ended(self) -> Ended {
        tokio::time::timeout(Duration::from_secs(10), self.task).await.expect("the runner ends").unwrap()
    }
}

#[tokio::test]
async fn everything_due_is_run_once() {
    let (db, done) = (fresh().await, Arc::default());
    for _ in 0..3 {
        let lane_id = lane(&db, 2).await;
        fill(&db, lane_id, 20).await;
    }
    let runner = runner(&db, &Wake::default(), 16, finisher(&db, &done));
    assert_eq!(runner.run_until_idle().await.unwrap(), 60);
    assert_eq!(done.load(Ordering::SeqCst), 60);
    assert_eq!(runner.run_until_idle().await.unwrap(), 0);
}

#[tokio::test]
async fn a_missed_notify_only_costs_a_second() {
    let (db, done) = (fresh().await, Arc::<AtomicUsize>::default());
    let lane_id = lane(&db, 4).await;
    let running = Running::start(runner(&db, &Wake::default(), 4, finisher(&db, &done)));
    for round in 1..=3 {
        // Nobody signals: the poll is all there is.
        let since = tokio::time::Instant::now();
        fill(&db, lane_id, 1).await;
        until("the job is found", || async { done.load(Ordering::SeqCst) == round }).await;
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    }
    running.soft.cancel();
    assert_eq!(running.ended().await, Ended::Drained);
}

#[tokio::test]
async fn a_lane_with_one_place_is_worked_off_without_signals() {
    let (db, done) = (fresh().await, Arc::<AtomicUsize>::default());
    let lane_id = lane(&db, 1).await;
    fill(&db, lane_id, 20).await;
    let handler = {
        let (db, done) = (db.clone(), Arc::clone(&done));
        per_job(move |job| {
            let (db, done) = (db.clone(), Arc::clone(&done));
            async move {
                // A call of some length: meanwhile the runner finds no room and lies down.
                tokio::time::sleep(Duration::from_millis(50)).await;
                settle::finish(&mut db.acquire().await.unwrap(), &[job.fence()]).await.unwrap();
                done.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let running = Running::start(runner(&db, &Wake::default(), 8, handler));
    // By the poll alone it would take twenty seconds.
    until("the lane is empty", || async { done.load(Ordering::SeqCst) == 20 }).await;
    running.soft.cancel();
    running.ended().await;
}

#[tokio::test]
async fn a_runner_claims_no_more_than_it_has_slots() {
    let db = fresh().await;
    let lane_id = lane(&db, 100).await;
    fill(&db, lane_id, 10).await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let handler = {
        let (db, gate, begun) = (db.clone(), Arc::clone(&gate), Arc::clone(&begun));
        per_job(move |job| {
            let (db, gate, begun) = (db.clone(), Arc::clone(&gate), Arc::clone(&begun));
            async move {
                begun.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                settle::finish(&mut db.acquire().await.unwrap(), &[job.fence()]).await.unwrap();
            }
        })
    };
    let running = Running::start(runner(&db, &Wake::default(), 3, handler));
    let leased = "select count(*) from job where lane_id = $1 and state = 'leased'";
    until("three begin", || async { begun.load(Ordering::SeqCst) == 3 }).await;
    assert_eq!(number(&db, leased, lane_id).await, 3);
    gate.add_permits(2);
    until("two more begin", || async { begun.load(Ordering::SeqCst) == 5 }).await;
    assert_eq!(number(&db, leased, lane_id).await, 3);
    // Soft stop: what has begun ends, nothing begins.
    running.soft.cancel();
    gate.add_permits(100);
    assert_eq!(running.ended().await, Ended::Drained);
    assert_eq!(begun.load(Ordering::SeqCst), 5);
    assert_eq!(number(&db, leased, lane_id).await, 0);
    assert_eq!(number(&db, "select count(*) from job where lane_id = $1", lane_id).await, 5);
}

#[tokio::test]
async fn a_hard_stop_cuts_off_and_the_jobs_come_back_as_lost() {
    let db = fresh().await;
    let lane_id = lane(&db, 100).await;
    fill(&db, lane_id, 2).await;
    let begun = Arc::new(AtomicUsize::new(0));
    let dropped = Arc::new(AtomicUsize::new(0));
    struct OnDrop(Arc<AtomicUsize>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let handler = {
        let (begun, dropped) = (Arc::clone(&begun), Arc::clone(&dropped));
        per_job(move |_| {
            let (begun, guard) = (Arc::clone(&begun), OnDrop(Arc::clone(&dropped)));
            async move {
                begun.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
                drop(guard);
            }
        })
    };
    let running = Running::start(runner(&db, &Wake::default(), 3, handler));
    until("both begin", || async { begun.load(Ordering::SeqCst) == 2 }).await;
    running.soft.cancel();
    running.hard.cancel();
    assert_eq!(running.ended().await, Ended::Aborted);
    until("both are cut off", || async { dropped.load(Ordering::SeqCst) == 2 }).await;
    assert_eq!(claim(&db, 10).await, vec![]);
    expire(&db, lane_id).await;
    let (done, wake) = (Arc::default(), Wake::default());
    let next = runner(&db, &wake, 3, finisher(&db, &done));
    assert_eq!(next.run_until_idle().await.unwrap(), 2);
}

#[tokio::test]
async fn a_panic_costs_one_job_its_lease_and_nobody_else_anything() {
    let db = fresh().await;
    let lane_id = lane(&db, 100).await;
    let bad = fill(&db, lane_id, 1).await[0];
    fill(&db, lane_id, 5).await;
    let lost = Arc::new(AtomicUsize::new(0));
    let handler = {
        let (db, lost) = (db.clone(), Arc::clone(&lost));
        per_job(move |job| {
            assert!(job.job_id != bad || job.is_lost, "boom before the first await");
            let (db, lost) = (db.clone(), Arc::clone(&lost));
            async move {
                lost.fetch_add(usize::from(job.is_lost), Ordering::SeqCst);
                settle::finish(&mut db.acquire().await.unwrap(), &[job.fence()]).await.unwrap();
            }
        })
    };
    let runner = runner(&db, &Wake::default(), 4, handler);
    assert_eq!(runner.run_until_idle().await.unwrap(), 6, "its slot was given back as well");
    assert_eq!(number(&db, "select count(*) from job where lane_id = $1", lane_id).await, 1);
    expire(&db, lane_id).await;
    assert_eq!(attempts(&db, bad).await, 1);
    assert_eq!(runner.run_until_idle().await.unwrap(), 1);
    assert_eq!(lost.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_batch_handler_gets_jobs_of_its_kind_together() {
    let db = fresh().await;
    let lane_id = lane(&db, 100).await;
    fill(&db, lane_id, 5).await;
    let other = leadrelay::queue::NewJob { kind: Kind::SendPostback, ..new_job(lane_id) };
    add(&db, std::slice::from_ref(&other)).await;
    let sizes = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    let handler: Handler = {
        let (db, sizes) = (db.clone(), Arc::clone(&sizes));
        Arc::new(move |batch| {
            let (db, sizes) = (db.clone(), Arc::clone(&sizes));
            Box::pin(async move {
                sizes.lock().await.push(batch.len());
                let fences: Vec<_> = batch.iter().map(|held| held.job.fence()).collect();
                settle::finish(&mut db.acquire().await.unwrap(), &fences).await.unwrap();
            })
        })
    };
    let runner = runner(&db, &Wake::default(), 16, handler);
    assert_eq!(runner.run_until_idle().await.unwrap(), 6);
    assert_eq!(*sizes.lock().await, vec![5]);
    // Nobody handles postbacks here: the job is given back for a while, its attempt too.
    assert_eq!(attempts(&db, other.job_id).await, 0);
}

#[tokio::test]
async fn schedules_run_by_themselves() {
    let (db, done) = (fresh().await, Arc::<AtomicUsize>::default());
    let every = Duration::from_secs(3600);
    schedule::ensure(&mut db.acquire().await.unwrap(), Kind::DeliverLead, Ids.next(), OWN_LANE, every).await.unwrap();
    let running = Running::start(runner(&db, &Wake::default(), 4, finisher(&db, &done)));
    until("the schedule ran", || async { done.load(Ordering::SeqCst) == 1 }).await;
    running.soft.cancel();
    running.ended().await;
}
