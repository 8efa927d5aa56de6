//! A flood on one network beside ten small ones: the small never wait for it.

use std::time::Duration;

use serde_json::json;

use crate::rig::posting::{self, Plan};
use crate::rig::set_up;
use crate::scene::{Scene, Wishes};

const SMALL: [&str; 10] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_on_one_network_delays_no_other() {
    let mut scene = Scene::set("flood", Wishes { concurrency: 64, ..Wishes::default() }).await;
    let (flood, small) = scene.form.pick((600, 40), (200_000, 1_000));
    for slug in SMALL.into_iter().chain(["flooded"]) {
        let port = scene.port();
        set_up::make(port, "/api/v1/offers", json!({ "slug": slug, "payout": "10", "currency": "USD" })).await;
        scene.account(slug, "once", None).await;
        set_up::make(port, "/api/v1/routes", json!({ "offer": slug, "network": slug })).await;
    }
    let plan = Plan {
        ports: scene.ports().to_vec(),
        token: scene.token.clone(),
        scripts: scene.form.pick(8, 32),
        first: 0,
        rest: Duration::ZERO,
        most: flood,
    };
    let big = posting::start(plan.clone(), |number| set_up::lead("flooded", number));
    // The small ones begin when the flood stands.
    big.more(usize::try_from(flood / 4).expect("a count"), scene.form.patience()).await;
    let few = Plan { scripts: 1, first: 10_000_000, rest: Duration::from_millis(10), most: small, ..plan };
    let few = posting::start(few, |number| set_up::lead(SMALL[(number % 10) as usize], number));
    let mut answers = few.all().await;
    let waiting = scene.count("select count(*) from job where kind = 'deliver_lead'").await;
    answers.add(big.all().await);
    scene.until_delivered().await;
    let slowest = scene
        .count(
            "select coalesce(max(extract(epoch from a.started_at - l.created_at) * 1000)::bigint, 0)
             from attempt a join lead l using (lead_id) join offer o using (offer_id)
             where o.slug <> 'flooded' and a.kind = 'send'",
        )
        .await;
    println!("flood: {waiting} waited when the small ones were in; the slowest of these waited {slowest} ms");
    assert!(waiting > 0, "the flood was over too early to tell anything");
    assert!(slowest < scene.form.pick(4_000, 4_000), "a small network waited {slowest} ms for the flood");
    scene.end(answers).await;
}
