//! Two and three processes on one database: one is killed, one is frozen past its leases and goes on.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::rig::network::Act;
use crate::scene::{LEASE, Scene, Wishes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_processes_one_is_killed_and_one_is_frozen_past_its_leases() {
    let processes = 3;
    let mut scene = Scene::set("several", Wishes { processes, cap: 100, ..Wishes::default() }).await;
    let mut chance = scene.form.chance("several");
    scene.network.set_mood(vec![(2, Act::Take), (3, Act::TakeSlowly(Duration::from_millis(150)))]);
    let posting = scene.post(6, Duration::from_millis(10));
    for round in 0..scene.form.pick(1, 4) {
        posting.more(60, scene.form.patience()).await;
        let frozen = round % processes;
        let killed = (round + 1) % processes;
        // Something must be in the air when the world stops.
        scene.until_calls_run().await;
        scene.programs[frozen].signal(Signal::SIGSTOP);
        tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(300))).await;
        scene.kill(killed);
        // Frozen for longer than any lease: that is the trouble.
        tokio::time::sleep(LEASE + Duration::from_millis(1500)).await;
        scene.start_again(killed).await;
        scene.programs[frozen].signal(Signal::SIGCONT);
        scene.until_ready().await;
    }
    posting.more(60, scene.form.patience()).await;
    let answers = posting.end().await;
    let has_lost = scene.programs.iter().any(|program| program.log().contains("lease ran out"));
    assert!(has_lost, "leases of the frozen and the killed were taken over");
    scene.end(answers).await;
}
