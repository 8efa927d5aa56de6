//! SIGTERM under load: what runs is finished, nothing is left in the air, the exit code is 0.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::rig::network::Act;
use crate::rig::plays::Play;
use crate::scene::{Scene, Wishes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_termination_under_load_leaves_nothing_in_the_air() {
    let mut scene = Scene::set("stop", Wishes::default()).await;
    let mut chance = scene.form.chance("stop");
    scene.network.set_mood(vec![
        (20, Act::Take),
        (20, Act::TakeSlowly(Duration::from_millis(200))),
        (1, Act::TakeAnd(Play::Silence)),
    ]);
    let posting = scene.post(4, Duration::from_millis(4));
    // Its counters go with it.
    scene.expect_losses();
    for _ in 0..scene.form.pick(1, 5) {
        posting.more(80, scene.form.patience()).await;
        scene.until_calls_run().await;
        tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(200))).await;
        scene.programs[0].signal(Signal::SIGTERM);
        let status = scene.programs[0].ended(Duration::from_secs(30)).await;
        assert_eq!(status.code(), Some(0), "{}", scene.programs[0].log());
        assert_eq!(scene.count("select count(*) from job where state = 'leased'").await, 0, "nothing is in the air");
        assert_eq!(scene.count("select count(*) from delivery where state = 'sending'").await, 0);
        scene.start_again(0).await;
    }
    posting.more(40, scene.form.patience()).await;
    let answers = posting.end().await;
    scene.end(answers).await;
}
