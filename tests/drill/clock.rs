//! The clock of the program's machine moves by an hour, forward and back, under load. The database's clock stays.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;

use crate::rig::network::Act;
use crate::scene::{Scene, Wishes};

/// From one position to the next, in hours.
const MOVES: [i64; 4] = [1, -2, 1, 0];

fn wishes() -> Wishes {
    Wishes { cap: 30, period: "hour", ..Wishes::default() }
}

/// A window that has ended in truth has its own room again: then the count of one hour tells nothing.
async fn judge_hour(scene: &mut Scene, hour: i64) {
    if scene.count(HOUR).await != hour {
        println!("a full hour has struck; the cap is not judged");
        scene.accounts.iter_mut().for_each(|account| account.cap = None);
    }
}

const HOUR: &str = "select extract(hour from now())::bigint";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_by_an_hour_loses_nothing_and_opens_no_cap() {
    let mut scene = Scene::set("clock", Wishes { is_inside: true, ..wishes() }).await;
    let hour = scene.count(HOUR).await;
    scene.network.set_mood(vec![(3, Act::Take), (2, Act::TakeSlowly(Duration::from_millis(60)))]);
    let posting = scene.post(4, Duration::from_millis(4));
    for hours in MOVES {
        posting.more(scene.form.pick(50, 1000), scene.form.patience()).await;
        scene.inside.as_ref().expect("inside").clock.advance(TimeDelta::hours(hours));
    }
    let answers = posting.end().await;
    judge_hour(&mut scene, hour).await;
    scene.end(answers).await;
}

/// The same with the real program, whose system clock is moved by libfaketime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_whose_clock_jumps_by_an_hour_loses_nothing() {
    let Some(library) = faketime() else {
        println!("drill clock_of_machine: skipped, libfaketime is not installed (make drill installs it)");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("offset");
    set(&file, 0);
    let environment = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut scene = Scene::set("clock_of_machine", Wishes { environment, ..wishes() }).await;
    let hour = scene.count(HOUR).await;
    let posting = scene.post(4, Duration::from_millis(4));
    let mut offset = 0;
    for hours in MOVES {
        posting.more(scene.form.pick(50, 1000), scene.form.patience()).await;
        offset += hours;
        set(&file, offset);
        // The library looks at its file once a second.
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    let answers = posting.end().await;
    judge_hour(&mut scene, hour).await;
    scene.end(answers).await;
}

fn set(file: &Path, hours: i64) {
    std::fs::write(file, format!("{:+}\n", hours * 3600)).expect("move the clock");
}

fn faketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}
