//! The database has no connection left, is locked, is read only, has no room for pages, has no room for its log of
//! transactions. Each time: 503 with Retry-After, nothing lost, and afterwards it goes on by itself.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::rig::postgres::{DATABASE, Disk};
use crate::rig::posting::Posting;
use crate::rig::told::until;
use crate::scene::{Scene, Wishes};

/// Waits until callers are told to come later.
async fn until_felt(scene: &Scene, posting: &Posting, what: &str) {
    let before = posting.so_far().unavailable();
    until(what, scene.form.patience(), async || posting.so_far().unavailable() > before + 3).await;
    println!("{what}: callers are told to come later");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_locked_full_or_read_only_is_waited_for() {
    let wishes = Wishes {
        postgres: vec!["max_connections=30".to_owned()],
        settings: vec![
            ("DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1".to_owned()),
            ("DATABASE__MAX_CONNECTIONS", "4".to_owned()),
        ],
        ..Wishes::default()
    };
    let mut scene = Scene::set("starved", wishes).await;
    let posting = scene.post(8, Duration::from_millis(4));
    scene.expect_losses();
    let options = scene.postgres.options(DATABASE);

    posting.more(60, scene.form.patience()).await;
    let mut locker = options.connect().await.expect("connect");
    sqlx::raw_sql("begin; lock table lead in access exclusive mode").execute(&mut locker).await.expect("lock");
    // Writers hang on the lock with their connections; who needs another is told to come later.
    until("readers are told to come later", scene.form.patience(), async || {
        let asked = crate::rig::load::get(scene.port(), "/api/v1/webmasters", &scene.token);
        let admin = crate::rig::load::get(scene.port(), "/api/v1/leads", crate::rig::program::ADMIN);
        let (_, admin) = tokio::join!(asked, admin);
        matches!(admin, Ok((503, _)))
    })
    .await;
    sqlx::raw_sql("rollback").execute(&mut locker).await.expect("unlock");
    drop(locker);
    posting.more(60, scene.form.patience()).await;

    // Every connection is taken by others.
    let mut others: Vec<PgConnection> = Vec::new();
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'leadrelay'";
    let felt = async {
        loop {
            scene.count(kill).await;
            while let Ok(other) = options.connect().await {
                others.push(other);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = until_felt(&scene, &posting, "no connection left") => {}
        () = felt => {}
    }
    for other in others {
        let _ = other.close().await;
    }
    posting.more(60, scene.form.patience()).await;

    scene.set_read_only(true).await;
    until_felt(&scene, &posting, "read only").await;
    scene.set_read_only(false).await;
    posting.more(60, scene.form.patience()).await;

    let answers = posting.end().await;
    scene.end(answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_room_for_pages_is_waited_for() {
    fill("disk_of_pages", Disk::OfPages(160)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_room_for_the_log_of_transactions_is_waited_for() {
    fill("disk_of_log", Disk::OfLog(100)).await;
}

async fn fill(name: &'static str, disk: Disk) {
    // Old files of the log are not used again, so that every new one needs room.
    let postgres = ["min_wal_size=32MB", "max_wal_size=48MB", "wal_recycle=off"].map(str::to_owned).to_vec();
    let Some(mut scene) = Scene::set_on(name, Wishes { postgres, ..Wishes::default() }, disk).await else {
        println!("drill {name}: skipped, a small disk cannot be mounted here");
        return;
    };
    let posting = scene.post(6, Duration::from_millis(2));
    scene.expect_losses();
    for _ in 0..scene.form.pick(1, 3) {
        posting.more(80, scene.form.patience()).await;
        let filler = scene.postgres.fill();
        until_felt(&scene, &posting, "disk full").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        std::fs::remove_file(filler).expect("make room");
        // A PostgreSQL that could not even recover has ended; whoever watches it starts it again.
        scene.postgres.run_if_ended().await;
        scene.until_ready().await;
    }
    posting.more(80, scene.form.patience()).await;
    let answers = posting.end().await;
    scene.end(answers).await;
}
