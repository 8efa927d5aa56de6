//! The way to the database is cut, slowed, half closed, and falls silent.

use std::time::Duration;

use crate::rig::network::Act;
use crate::rig::proxy::Weather;
use crate::scene::{Scene, Wishes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_way_to_the_database_loses_nothing() {
    let settings = vec![("DATABASE__SILENCE_SECONDS", "4".to_owned())];
    let mut scene = Scene::set("database_way", Wishes { has_proxy: true, settings, ..Wishes::default() }).await;
    let mut chance = scene.form.chance("database_way");
    scene.network.set_mood(vec![(3, Act::Take), (2, Act::TakeSlowly(Duration::from_millis(40)))]);
    let posting = scene.post(4, Duration::from_millis(4));
    let proxy = scene.proxy.clone().expect("a proxy");
    scene.expect_losses();
    let rounds = scene.form.pick(1, 5);
    let troubles =
        [Weather::Cut, Weather::Slow(Duration::from_millis(15)), Weather::HalfClosed, Weather::Silent].repeat(rounds);
    for weather in troubles {
        scene.go_on(&posting, 60).await;
        tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(200))).await;
        println!("the way is {weather:?} after {} leads", posting.count());
        proxy.set(weather);
        let wait = chance.between(Duration::from_millis(300), Duration::from_millis(1500));
        tokio::time::sleep(wait).await;
        proxy.set(Weather::Fair);
    }
    scene.go_on(&posting, 60).await;
    let answers = posting.end().await;
    assert!(answers.unavailable() > 0, "the cuts were felt");
    scene.end(answers).await;
}
