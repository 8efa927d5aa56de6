//! kill -9 of leadrelay, of PostgreSQL and of both, at random points under load.

use std::time::Duration;

use crate::rig::network::Act;
use crate::scene::{Scene, Wishes};

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Program,
    Postgres,
    Both,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_processes_lose_nothing_and_send_nothing_twice() {
    let mut scene = Scene::set("kills", Wishes::default()).await;
    let mut chance = scene.form.chance("kills");
    scene.network.set_mood(vec![(3, Act::Take), (2, Act::TakeSlowly(Duration::from_millis(40)))]);
    let posting = scene.post(4, Duration::from_millis(4));
    let rounds = scene.form.pick(1, 5);
    for victim in [Victim::Program, Victim::Postgres, Victim::Both].repeat(rounds) {
        posting.more(60, scene.form.patience()).await;
        tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(300))).await;
        println!("kill {victim:?} after {} leads", posting.count());
        if matches!(victim, Victim::Program | Victim::Both) {
            scene.kill(0);
        }
        if matches!(victim, Victim::Postgres | Victim::Both) {
            scene.expect_losses();
            scene.postgres.kill();
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(500))).await;
            scene.postgres.run().await;
        }
        if matches!(victim, Victim::Program | Victim::Both) {
            scene.start_again(0).await;
        }
        scene.until_ready().await;
    }
    posting.more(60, scene.form.patience()).await;
    let answers = posting.end().await;
    assert!(answers.broken() > 0, "the kills were felt");
    scene.end(answers).await;
}
