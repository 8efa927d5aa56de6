//! Networks that misbehave: that store and time out, reset, drip, answer 100 MB or garbage, close kept-alive
//! connections, answer wrong ids, and send their postback before their answer.

use std::time::Duration;

use serde_json::json;

use crate::rig::network::{Act, Mood};
use crate::rig::plays::Play;
use crate::scene::{Scene, Wishes};

/// Everything a network can do to us, mixed with good days.
fn moods() -> Mood {
    let taken = |play: Play| Act::TakeAnd(play);
    let busy = Play::Raw(503, vec!["retry-after: 1".into()], b"later".to_vec());
    vec![
        (30, Act::Take),
        (6, Act::TakeSlowly(Duration::from_millis(80))),
        (6, Act::TakeAndClose),
        (4, Act::CallFirst),
        (4, Act::WrongId),
        (1, taken(Play::Silence)),
        (1, taken(Play::Reset)),
        (1, taken(Play::Close)),
        (1, taken(Play::Drip)),
        (1, taken(Play::Garbage)),
        (1, taken(Play::Huge(100_000_000))),
        (1, taken(Play::Json(500, json!({ "status": "ok" })))),
        (1, taken(Play::Json(502, json!({})))),
        (1, taken(Play::Json(200, json!({ "hello": 1 })))),
        (1, taken(Play::Raw(200, vec!["content-type: text/html".into()], b"<html>Welcome</html>".to_vec()))),
        (1, taken(Play::Raw(302, vec!["location: /other".into()], Vec::new()))),
        // It does not have these, and we cannot know.
        (2, Act::TurnAway(Play::Reset)),
        (1, Act::TurnAway(Play::Silence)),
        // It does not have these, and says so.
        (2, Act::TurnAway(busy.clone())),
        (1, Act::TurnAway(Play::Raw(429, vec!["retry-after: 1".into()], Vec::new()))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn networks_that_misbehave_get_nothing_twice_and_no_lead_is_lost() {
    let mut scene = Scene::set("partner", Wishes::default()).await;
    scene.network.set_mood(moods());
    scene.told.set_failing(20);
    let posting = scene.post(4, Duration::from_millis(5));
    let wanted = scene.form.pick(500, 6000);
    let mut wrong_status = false;
    while posting.count() < wanted {
        posting.more(50, scene.form.patience()).await;
        // Breakers open all the time; nobody waits half a minute each time. Look-ups are due as well.
        scene.hurry().await;
        wrong_status = !wrong_status;
        scene.network.set_wrong_status(wrong_status);
    }
    scene.network.set_wrong_status(false);
    let answers = posting.end().await;
    scene.expect_reviews().await;
    let balance = scene.end(answers).await;
    assert!(balance.in_review > 0, "some are in review: nobody knows");
    assert!(balance.repeats > 0, "an idempotent network was asked again");
}
