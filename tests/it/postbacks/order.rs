//! Which changes are told, by whom, how often, in which order.

use std::time::Duration;

use serde_json::json;

use super::{on, told};
use crate::delivery::{phone, timeline};
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};
use crate::status::id;

#[tokio::test]
async fn each_change_is_told_once_and_in_order() {
    let told = told().await;
    told.postback("/pb?id={id}&status={status}&old={old_status}&seq={seq}", json!({})).await;
    let lead = told.world.accepted(1).await;
    for status in ["hold", "hold", "approved", "approved", "rejected", "pending"] {
        told.says(&lead, status).await;
    }
    assert_eq!(told.heard("status"), ["pending", "hold", "approved", "rejected"]);
    assert_eq!(told.heard("old"), ["new", "pending", "hold", "approved"]);
    assert_eq!(told.heard("seq"), ["1", "2", "3", "4"]);
    assert!(told.heard("id").iter().all(|told| told == id(&lead)));
    assert!(told.log(&lead).await.iter().all(|(_, state)| state == "delivered"));
}

#[tokio::test]
async fn a_change_nobody_listens_to_says_no_rule() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({"statuses": ["approved"]})).await;
    let lead = told.world.accepted(1).await;
    told.says(&lead, "approved").await;
    assert_eq!(told.heard("s"), ["approved"]);
    let events = timeline(&told.world.app, id(&lead), "status").await;
    assert_eq!((&events[0]["postbacks"], &events[1]["postbacks"]), (&json!("no rule"), &json!(1)));
}

#[tokio::test]
async fn a_main_postback_does_not_repeat_itself_and_an_additional_one_tells_every_change() {
    let told = told().await;
    told.postback("/main?stage={stage}", json!({})).await;
    told.postback("/more?stage={stage}", json!({"kind": "additional"})).await;
    let lead = told.world.accepted(1).await;
    told.says(&lead, "approved").await;
    told.says(&lead, "paid").await;
    let paths: Vec<String> = told.tracker.got().iter().map(|got| got.path.clone()).collect();
    let of = |name: &str| paths.iter().filter(|path| path.starts_with(name)).cloned().collect::<Vec<_>>();
    assert_eq!(of("/main"), ["/main?stage=wait", "/main?stage=approve"]);
    assert_eq!(of("/more"), ["/more?stage=wait", "/more?stage=approve", "/more?stage=approve"]);
    assert!(told.log(&lead).await.contains(&("paid".to_owned(), "suppressed".to_owned())));
}

#[tokio::test]
async fn a_flow_s_main_postback_wins_over_the_webmaster_s_own() {
    let told = told().await;
    let app = &told.world.app;
    app.post("/api/v1/flows", json!({"webmaster": "anna", "offer": "tea", "code": "f1"})).await.expect(201);
    told.postback("/own?s={status}", json!({})).await;
    told.postback("/flow?s={status}", json!({"flow": "f1", "statuses": ["approved"]})).await;
    told.postback("/also?s={status}", json!({"kind": "additional", "statuses": ["approved"]})).await;
    let body = json!({"offer": "tea", "phone": phone(1), "flow": "f1"});
    let lead = app.lead(&told.world.token, body).await.expect(201);
    app.drain().await;
    told.says(&lead, "approved").await;
    let mut paths: Vec<String> = told.tracker.got().iter().map(|got| got.path.clone()).collect();
    paths.sort();
    assert_eq!(paths, ["/also?s=approved", "/flow?s=approved", "/own?s=pending"]);
    let plain = told.world.accepted(2).await;
    told.says(&plain, "approved").await;
    assert_eq!(told.tracker.got().iter().filter(|got| got.path.starts_with("/own?s=approved")).count(), 1);
}

#[tokio::test]
async fn another_webmaster_hears_nothing_and_an_admin_hears_all() {
    let told = told().await;
    let app = &told.world.app;
    app.webmaster("bert").await;
    let bert = Fake::start().await;
    let admin = Fake::start().await;
    app.post("/api/v1/postbacks", json!({"webmaster": "bert", "url": format!("{}/pb", bert.base)})).await.expect(201);
    app.post(
        "/api/v1/postbacks",
        json!({"url": format!("{}/pb?r={{revenue}}&p={{payout}}&c={{currency}}", admin.base)}),
    )
    .await
    .expect(201);
    let lead = told.world.accepted(1).await;
    told.says(&lead, "approved").await;
    assert!(bert.got().is_empty());
    let paths: Vec<String> = admin.got().iter().map(|got| got.path.clone()).collect();
    assert_eq!(paths.last().unwrap(), "/pb?r=15.00&p=10.00&c=USD");
}

#[tokio::test]
async fn a_main_postback_overtaken_before_it_was_sent_is_dropped() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({})).await;
    let lead = told.world.accepted(1).await;
    told.world.says(&lead, "hold").await;
    told.world.says(&lead, "approved").await;
    told.world.app.drain().await;
    assert_eq!(told.heard("s"), ["pending", "approved"]);
    let states = told.log(&lead).await;
    assert!(states.contains(&("hold".to_owned(), "superseded".to_owned())), "{states:?}");
}

#[tokio::test]
async fn a_main_postback_overtaken_while_it_was_failing_does_not_hold_the_newer_one_up() {
    let told = on(TestApp::start().await).await;
    told.postback("/pb?s={status}", json!({"statuses": ["hold", "approved"]})).await;
    let lead_id = told.world.app.lead_id(&told.world.token, "tea", &phone(1)).await;
    let lead = told.world.app.until_status(&lead_id, "pending").await;
    told.tracker.answers([Play::Slow(Duration::from_secs(1), 500, json!({}))]);
    told.world.says(&lead, "hold").await;
    told.tracker.until(1).await;
    told.world.says(&lead, "approved").await;
    // Far below the first wait of the table.
    tokio::time::timeout(Duration::from_secs(4), told.tracker.until(2)).await.expect("the newer one comes at once");
    assert_eq!(told.heard("s"), ["hold", "approved"]);
}

#[tokio::test]
async fn an_additional_postback_waits_for_the_one_before_it() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({"kind": "additional"})).await;
    told.tracker.answers([Play::Json(500, json!({}))]);
    let lead = told.world.accepted(1).await;
    told.world.app.drain().await;
    told.says(&lead, "hold").await;
    told.says(&lead, "approved").await;
    assert_eq!(told.heard("s"), ["pending"], "the others wait for their turn");
    for _ in 0..4 {
        told.world.app.hurry().await;
        told.world.app.drain().await;
    }
    assert_eq!(told.heard("s"), ["pending", "pending", "hold", "approved"]);
}

#[tokio::test]
async fn a_fresh_lead_is_sent_and_told_without_a_claim() {
    let told = on(TestApp::start().await).await;
    told.postback("/pb?seq={seq}", json!({})).await;
    told.world.app.lead_id(&told.world.token, "tea", &phone(1)).await;
    told.tracker.until(1).await;
    sqlx::query("alter function claim_jobs rename to nobody_claims").execute(&told.world.app.app.db).await.unwrap();
    let second = told.world.app.lead_id(&told.world.token, "tea", &phone(2)).await;
    told.world.app.until_status(&second, "pending").await;
    told.tracker.until(2).await;
    let began = told.world.app.count("select count(*) from postback_delivery where attempts = 1").await;
    assert_eq!(began, 2, "it counts as an attempt");
}

#[tokio::test]
async fn a_test_lead_is_told_to_its_webmaster_only() {
    let told = told().await;
    told.postback("/pb?s={status}", json!({})).await;
    let admin = Fake::start().await;
    told.world.app.post("/api/v1/postbacks", json!({"url": format!("{}/pb", admin.base)})).await.expect(201);
    told.world.app.lead(&told.world.token, json!({"offer": "tea", "phone": phone(1), "test": true})).await.expect(201);
    told.world.app.drain().await;
    assert_eq!(told.heard("s"), ["pending"]);
    assert!(admin.got().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_two_nodes_every_change_is_told_once_in_order_and_the_money_adds_up() {
    let db = crate::kit::database::database().await;
    let told = on(TestApp::start_on(&db, &[]).await).await;
    told.postback("/pb?id={id}&seq={seq}&s={status}", json!({"kind": "additional"})).await;
    let other = TestApp::start_on(&db, &[]).await;
    let there = told.world.url.replace(&told.world.app.base, &other.base);
    let steps = ["hold", "approved", "rejected", "approved", "trash", "approved", "paid"];
    let mut leads = Vec::new();
    for number in 0..8 {
        leads.push(told.world.app.lead_id(&told.world.token, "tea", &phone(number)).await);
    }
    let runs = leads.iter().map(|lead_id| {
        let (told, there, other) = (&told, &there, &other);
        async move {
            told.world.app.until_status(lead_id, "pending").await;
            for (index, status) in steps.into_iter().enumerate() {
                let url = if index % 2 == 0 { &told.world.url } else { there };
                let calls =
                    (0..2).map(|_| other.http.get(url).query(&[("id", lead_id.as_str()), ("status", status)]).send());
                for answer in futures_util::future::join_all(calls).await {
                    assert_eq!(answer.unwrap().status(), 200);
                }
            }
        }
    });
    futures_util::future::join_all(runs).await;
    told.tracker.until(leads.len() * 8).await;
    for lead_id in &leads {
        let heard: Vec<String> = told
            .tracker
            .got()
            .iter()
            .filter(|got| got.query("id").as_deref() == Some(lead_id))
            .map(|got| got.query("seq").unwrap())
            .collect();
        assert_eq!(heard, ["1", "2", "3", "4", "5", "6", "7", "8"]);
        let lead = told.world.app.show(lead_id).await;
        assert_eq!(
            (&lead["status"], &lead["payout"], &lead["revenue"]),
            (&json!("paid"), &json!("10.00"), &json!("15.00"))
        );
    }
    let off = "select count(*) from lead l where l.payout <> (select sum(e.amount) from conversion_entry e
        join conversion c using (conversion_id) where c.lead_id = l.lead_id and e.side = 'payout')";
    assert_eq!(told.world.app.count(off).await, 0);
    assert_eq!(told.world.app.count("select count(*) from inbound_postback").await, 8 * 7 * 2);
}
