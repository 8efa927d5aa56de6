//! Wake-ups inside and between processes.

use std::time::Duration;

use leadrelay::queue::wake::Wake;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::database::{fresh, until};

/// A process's worth of wake-ups, linked through the database.
async fn linked(db: &PgPool, stop: &CancellationToken) -> Wake {
    let wake = Wake::default();
    let mut heard = wake.jobs_changed();
    let (running, options, stop) = (wake.clone(), (*db.connect_options()).clone(), stop.clone());
    tokio::spawn(async move { running.run(options, stop).await });
    // The listener signals once when it is ready.
    tokio::time::timeout(Duration::from_secs(10), heard.changed()).await.unwrap().unwrap();
    wake
}

#[tokio::test]
async fn a_signal_between_the_look_and_the_wait_is_not_missed() {
    let wake = Wake::default();
    let mut heard = wake.jobs_changed();
    wake.jobs();
    wake.jobs();
    tokio::time::timeout(Duration::from_secs(5), heard.changed()).await.unwrap().unwrap();
    heard.mark_unchanged();
    assert!(!heard.has_changed().unwrap());
    assert!(!wake.rules_changed().has_changed().unwrap());
}

#[tokio::test]
async fn signals_reach_other_processes_by_channel() {
    let db = fresh().await;
    let stop = CancellationToken::new();
    let (here, there) = (linked(&db, &stop).await, linked(&db, &stop).await);
    let (mut jobs, mut rules) = (there.jobs_changed(), there.rules_changed());
    here.rules();
    tokio::time::timeout(Duration::from_secs(10), rules.changed()).await.unwrap().unwrap();
    assert!(!jobs.has_changed().unwrap());
    here.jobs();
    tokio::time::timeout(Duration::from_secs(10), jobs.changed()).await.unwrap().unwrap();
    stop.cancel();
}

#[tokio::test]
async fn many_signals_are_few_notifications() {
    let db = fresh().await;
    let stop = CancellationToken::new();
    let (here, there) = (linked(&db, &stop).await, linked(&db, &stop).await);
    let before = *there.jobs_changed().borrow();
    let since = tokio::time::Instant::now();
    for _ in 0..10_000 {
        here.jobs();
        tokio::task::yield_now().await;
    }
    // The first notification of jobs has gone out by now; one connection keeps the order.
    let mut rules = there.rules_changed();
    here.rules();
    tokio::time::timeout(Duration::from_secs(10), rules.changed()).await.unwrap().unwrap();
    let heard = *there.jobs_changed().borrow() - before;
    let most = since.elapsed().as_secs_f64() * 20.0 + 2.0;
    assert!(heard >= 1 && (heard as f64) < most, "{heard} notifications, {most} allowed");
    stop.cancel();
}

#[tokio::test]
async fn a_cut_connection_is_made_again_and_tells_that_something_may_be_missed() {
    let db = fresh().await;
    let stop = CancellationToken::new();
    let (here, there) = (linked(&db, &stop).await, linked(&db, &stop).await);
    let mut rules = there.rules_changed();
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'",
    )
    .execute(&db)
    .await
    .unwrap();
    tokio::time::timeout(Duration::from_secs(10), rules.changed()).await.unwrap().unwrap();
    rules.mark_unchanged();
    until("a signal after the cut", || {
        here.rules();
        let has_changed = rules.has_changed().unwrap();
        async move { has_changed }
    })
    .await;
    stop.cancel();
}

#[tokio::test]
async fn without_a_database_signals_stay_inside_and_nothing_fails() {
    let wake = Wake::default();
    let nowhere = sqlx::postgres::PgConnectOptions::new().host("127.0.0.1").port(1).username("nobody");
    let (running, stop) = (wake.clone(), CancellationToken::new());
    let stopped = stop.clone();
    let task = tokio::spawn(async move { running.run(nowhere, stopped).await });
    let mut heard = wake.jobs_changed();
    for _ in 0..100 {
        wake.jobs();
        tokio::time::timeout(Duration::from_secs(5), heard.changed()).await.unwrap().unwrap();
        tokio::task::yield_now().await;
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), task).await.unwrap().unwrap();
}
