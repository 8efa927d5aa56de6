//! Who gets which job.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use leadrelay::queue::{self, BULK, FRESH, Job, RETRY};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::database::{add, attempts, claim, execute, fill, finish, fresh, lane, lane_with, new_job, number};

#[tokio::test]
async fn a_rolled_back_request_leaves_no_job() {
    let db = fresh().await;
    let lane_id = lane(&db, 4).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(queue::enqueue(&mut tx, &[new_job(lane_id)]).await.unwrap(), 1);
    assert_eq!(claim(&db, 8).await, vec![], "not committed yet");
    tx.rollback().await.unwrap();
    assert_eq!(claim(&db, 8).await, vec![]);
    assert_eq!(number(&db, "select count(*) from job where lane_id = $1", lane_id).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_hold_one_job() {
    let db = fresh().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        let lane_id = lane(&db, 100).await;
        all.extend(fill(&db, lane_id, 100).await);
    }
    let seen: Arc<Mutex<HashMap<Uuid, usize>>> = Arc::default();
    let workers = (0..8).map(|_| {
        let (db, seen) = (db.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            let mut empty = 0;
            while empty < 3 {
                let jobs = claim(&db, 7).await;
                empty = if jobs.is_empty() { empty + 1 } else { 0 };
                for job in &jobs {
                    *seen.lock().await.entry(job.job_id).or_default() += 1;
                }
                finish(&db, &jobs).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    // Workers may give up while the others still hold lanes; what they left is nobody's.
    finish_all(&db, &seen).await;
    let seen = seen.lock().await;
    assert_eq!(seen.len(), all.len());
    assert!(seen.values().all(|times| *times == 1), "a job was handed out twice");
}

async fn finish_all(db: &PgPool, seen: &Mutex<HashMap<Uuid, usize>>) {
    loop {
        let jobs = claim(db, 100).await;
        if jobs.is_empty() {
            return;
        }
        for job in &jobs {
            *seen.lock().await.entry(job.job_id).or_default() += 1;
        }
        finish(db, &jobs).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_never_exceeds_its_limit() {
    let db = fresh().await;
    let lane_id = lane(&db, 8).await;
    fill(&db, lane_id, 400).await;
    let running = Arc::new(AtomicI64::new(0));
    let (most, done) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicUsize::new(0)));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (db, running, most, done) = (db.clone(), running.clone(), most.clone(), done.clone());
            tokio::spawn(async move {
                let mut before: Vec<Job> = Vec::new();
                while done.load(Ordering::SeqCst) < 400 {
                    let jobs = claim(&db, 5).await;
                    let held = i64::try_from(jobs.len()).unwrap();
                    most.fetch_max(running.fetch_add(held, Ordering::SeqCst) + held, Ordering::SeqCst);
                    // What a worker holds it keeps over its next claim, so that the lane is full most of the time.
                    // Counted down before the rows go: the count here is never above the truth.
                    running.fetch_sub(i64::try_from(before.len()).unwrap(), Ordering::SeqCst);
                    finish(&db, &before).await;
                    done.fetch_add(before.len(), Ordering::SeqCst);
                    before = jobs;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 8, "{} at once", most.load(Ordering::SeqCst));
    assert!(most.load(Ordering::SeqCst) > 5, "claimers never met: this test proves nothing");
}

#[tokio::test]
async fn the_room_of_a_lane_counts_what_others_hold() {
    let db = fresh().await;
    let lane_id = lane(&db, 3).await;
    fill(&db, lane_id, 10).await;
    let first = claim(&db, 2).await;
    assert_eq!(first.len(), 2);
    assert_eq!(claim(&db, 10).await.len(), 1);
    assert_eq!(claim(&db, 10).await.len(), 0);
    finish(&db, &first).await;
    assert_eq!(claim(&db, 10).await.len(), 2);
}

#[tokio::test]
async fn a_flood_on_one_lane_does_not_delay_another() {
    let db = fresh().await;
    let (flood, quiet) = (lane(&db, 1000).await, lane(&db, 4).await);
    fill(&db, flood, 5000).await;
    let late = fill(&db, quiet, 1).await;
    let jobs = claim(&db, 8).await;
    assert!(jobs.iter().any(|job| job.job_id == late[0]), "the quiet lane is served with the first claim");
    // Fifty lanes, eight slots: every lane gets the same, whatever it has waiting.
    let db = fresh().await;
    for _ in 0..50 {
        let lane_id = lane(&db, 8).await;
        fill(&db, lane_id, 40).await;
    }
    let mut served: HashMap<Uuid, usize> = HashMap::new();
    for _ in 0..50 {
        let jobs = claim(&db, 8).await;
        assert_eq!(jobs.len(), 8);
        for job in &jobs {
            *served.entry(job.lane_id).or_default() += 1;
        }
        finish(&db, &jobs).await;
    }
    assert_eq!(served.len(), 50);
    assert!(served.values().all(|jobs| *jobs == 8), "{served:?}");
}

#[tokio::test]
async fn inserts_do_not_hide_a_lane_from_the_claim() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 1).await;
    // An open transaction that has inserted holds a key-share lock on the lane.
    let mut tx = db.begin().await.unwrap();
    queue::enqueue(&mut tx, &[new_job(lane_id)]).await.unwrap();
    assert_eq!(claim(&db, 8).await.len(), 1);
    tx.commit().await.unwrap();
    assert_eq!(claim(&db, 8).await.len(), 1);
}

#[tokio::test]
async fn a_lane_in_another_hand_is_skipped_and_not_waited_for() {
    let db = fresh().await;
    let (taken, free) = (lane(&db, 4).await, lane(&db, 4).await);
    fill(&db, taken, 1).await;
    fill(&db, free, 1).await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("select from lane where lane_id = $1 for no key update").bind(taken).execute(&mut *tx).await.unwrap();
    let jobs = tokio::time::timeout(Duration::from_secs(5), claim(&db, 8)).await.expect("the claim waits for nobody");
    assert_eq!(jobs.iter().map(|job| job.lane_id).collect::<Vec<_>>(), vec![free]);
}

#[tokio::test]
async fn fresh_work_goes_before_retries_and_retries_before_bulk() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let of = |priority, age| queue::NewJob {
        priority,
        run_in: Duration::ZERO,
        subject_id: Uuid::from_u128(age),
        ..new_job(lane_id)
    };
    let jobs = [of(BULK, 30), of(RETRY, 20), of(FRESH, 5), of(RETRY, 25), of(FRESH, 10)];
    add(&db, &jobs).await;
    for job in &jobs {
        let age = i64::try_from(job.subject_id.as_u128()).unwrap();
        sqlx::query("update job set run_at = now() - make_interval(secs => $2) where job_id = $1")
            .bind(job.job_id)
            .bind(age as f64)
            .execute(&db)
            .await
            .unwrap();
    }
    let mut order = Vec::new();
    while let [job] = claim(&db, 1).await.as_slice() {
        order.push(job.job_id);
    }
    let expected: Vec<Uuid> = [4, 2, 3, 1, 0].iter().map(|at: &usize| jobs[*at].job_id).collect();
    assert_eq!(order, expected);
}

#[tokio::test]
async fn a_waiting_head_does_not_hide_due_work_of_a_lower_priority() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let later = queue::NewJob { run_in: Duration::from_secs(3600), ..new_job(lane_id) };
    let retry = queue::NewJob { priority: RETRY, ..new_job(lane_id) };
    add(&db, &[later, retry.clone()]).await;
    let jobs = claim(&db, 10).await;
    assert_eq!(jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(), vec![retry.job_id]);
}

#[tokio::test]
async fn a_job_is_not_claimed_before_its_time() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let job = queue::NewJob { run_in: Duration::from_secs(600), ..new_job(lane_id) };
    add(&db, &[job]).await;
    assert_eq!(claim(&db, 10).await, vec![]);
    execute(&db, "update job set run_at = run_at - interval '11 min' where lane_id = $1", lane_id).await;
    assert_eq!(claim(&db, 10).await.len(), 1);
}

#[tokio::test]
async fn a_dedupe_key_counts_over_both_states() {
    let db = fresh().await;
    let (lane_id, other) = (lane(&db, 10).await, lane(&db, 10).await);
    let twin = |lane_id| queue::NewJob { dedupe_key: Some("one".to_owned()), ..new_job(lane_id) };
    assert_eq!(add(&db, &[twin(lane_id), twin(lane_id), new_job(lane_id)]).await, 2, "twins inside one batch");
    assert_eq!(add(&db, &[twin(lane_id)]).await, 0, "a twin waits");
    assert_eq!(add(&db, &[twin(other)]).await, 1, "keys belong to a lane");
    let jobs = claim(&db, 10).await;
    assert_eq!(jobs.len(), 3);
    assert_eq!(add(&db, &[twin(lane_id)]).await, 0, "a twin runs");
    finish(&db, &jobs).await;
    assert_eq!(add(&db, &[twin(lane_id)]).await, 1);
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_breaks_nothing_and_stays() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    let stranger = fill(&db, lane_id, 1).await[0];
    execute(&db, "update job set kind = 'fold_napkins' where job_id = $1", stranger).await;
    let known = fill(&db, lane_id, 1).await[0];
    let jobs = claim(&db, 10).await;
    assert_eq!(jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(), vec![known]);
    assert_eq!(attempts(&db, stranger).await, 0);
    let is_ready = "select count(*) from job where job_id = $1 and state = 'ready' and run_at > now()";
    assert_eq!(number(&db, is_ready, stranger).await, 1);
}

#[tokio::test]
async fn a_claim_is_tried_again_after_a_deadlock() {
    let db = fresh().await;
    let lane_id = lane(&db, 10).await;
    fill(&db, lane_id, 1).await;
    // A sequence is not rolled back, so it counts the tries.
    sqlx::raw_sql(
        "create sequence tries;
         create function fail_twice() returns trigger language plpgsql as $$
           begin
             if nextval('tries') = 1 then raise exception using errcode = '40P01'; end if;
             if currval('tries') = 2 then raise exception using errcode = '40001'; end if;
             return new;
           end $$;
         create trigger fail before update on job for each row execute function fail_twice();",
    )
    .execute(&db)
    .await
    .unwrap();
    assert_eq!(claim(&db, 4).await.len(), 1);
    let tries: i64 = sqlx::query_scalar("select last_value from tries").fetch_one(&db).await.unwrap();
    assert_eq!(tries, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rate_tokens_hold_across_claimers() {
    let db = fresh().await;
    // One token in a thousand seconds: what starts is the burst.
    let lane_id = lane_with(&db, 100, Some(0.001), 5.0).await;
    fill(&db, lane_id, 50).await;
    let claimers: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut got: Vec<Job> = Vec::new();
                for _ in 0..10 {
                    got.extend(claim(&db, 3).await);
                }
                got.len()
            })
        })
        .collect();
    let mut total = 0;
    for claimer in claimers {
        total += claimer.await.unwrap();
    }
    assert_eq!(total, 5);
    // Two tokens' time later there are two more.
    execute(&db, "update lane set refilled_at = refilled_at - interval '2000 s' where lane_id = $1", lane_id).await;
    assert_eq!(claim(&db, 10).await.len(), 2);
    let next = queue::claim::claim_next(&db, 10, Duration::from_secs(1)).await.unwrap();
    assert!(next.jobs.is_empty());
    let wait = next.again_in.expect("a lane waits for a token");
    assert!(wait > Duration::from_secs(900) && wait <= Duration::from_secs(1000), "{wait:?}");
}

#[tokio::test]
async fn ten_thousand_idle_lanes_do_not_slow_the_claim() {
    let db = fresh().await;
    let busy = lane(&db, 1000).await;
    fill(&db, busy, 200).await;
    let alone = rows_read_by_a_claim(&db).await;
    sqlx::raw_sql(
        "insert into lane (lane_id, kind) select gen_random_uuid(), 'endpoint' from generate_series(1, 10000);
         analyze lane",
    )
    .execute(&db)
    .await
    .unwrap();
    let among_idle = rows_read_by_a_claim(&db).await;
    assert!(among_idle <= alone + 10, "{among_idle} rows read, {alone} without idle lanes");
}

/// Rows of `lane` and `job` that one claim reads, as the server counts them.
async fn rows_read_by_a_claim(db: &PgPool) -> i64 {
    let options = (*db.connect_options()).clone();
    // One connection, so that the counters are its own.
    let one = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let before = rows_read(&one).await;
    assert_eq!(claim(&one, 1).await.len(), 1);
    rows_read(&one).await - before
}

async fn rows_read(one: &PgPool) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(one).await.unwrap();
    let sql = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
               where relname in ('lane', 'job')";
    sqlx::query_scalar(sql).fetch_one(one).await.unwrap()
}
