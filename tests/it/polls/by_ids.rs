use std::collections::BTreeSet;

use serde_json::json;

use super::{html, ids, world};
use crate::kit::fake::Play;

#[tokio::test]
async fn what_a_network_says_of_open_leads_is_applied() {
    let world = world().await;
    let leads = world.accepted(4).await;
    world.book.set(&leads[0], json!({"status": "approved", "payout": "7.5", "currency": "EUR", "comment": "by phone"}));
    world.book.set(&leads[1], json!({"status": "rejected"}));
    world.book.set(&leads[2], json!({"status": "pending"}));
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!(
        (&poll["state"], &poll["asked"], &poll["reports"], &poll["applied"], &poll["unchanged"], &poll["unmatched"]),
        (&json!("done"), &json!(4), &json!(3), &json!(3), &json!(0), &json!(0)),
        "{poll:#}"
    );
    let first = world.app.show(&leads[0]).await;
    assert_eq!((&first["status"], &first["revenue"]), (&json!("approved"), &json!("7.50")), "{first:#}");
    assert_eq!(world.status_of(&leads[1]).await, "rejected");
    assert_eq!(world.status_of(&leads[2]).await, "pending");
    // What is decided is not asked about by the feed of open leads any more.
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["applied"], &poll["unchanged"]), (&json!(0), &json!(1)));
    let asked = world.status.got();
    assert_eq!(ids(asked.last().unwrap()), leads[2..]);
    // But by the feed of approved ones, and money may still come.
    world.book.set(&leads[0], json!({"status": "paid", "payout": "7.5", "currency": "EUR"}));
    let poll = world.poll(json!({"feed": "approved"})).await;
    assert_eq!((&poll["asked"], &poll["applied"]), (&json!(1), &json!(1)));
    assert_eq!(world.status_of(&leads[0]).await, "paid");
}

#[tokio::test]
async fn many_leads_are_asked_about_in_batches_and_each_once() {
    let world = world().await;
    let leads = world.accepted(250).await;
    for lead in &leads {
        world.book.set(lead, json!({"status": "hold"}));
    }
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["calls"], &poll["asked"], &poll["applied"]), (&json!(3), &json!(250), &json!(250)), "{poll:#}");
    let batches: Vec<Vec<String>> = world.status.got().iter().map(ids).collect();
    assert!(batches.iter().all(|batch| batch.len() <= 100));
    let asked: BTreeSet<&String> = batches.iter().flatten().collect();
    assert_eq!(asked, leads.iter().collect());
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 250);
}

#[tokio::test]
async fn a_network_that_cannot_answer_for_many_is_asked_about_fewer() {
    let world = world().await;
    let leads = world.accepted(20).await;
    let (book, poison) = (world.book.clone(), leads[7].clone());
    leads.iter().for_each(|lead| book.set(lead, json!({"status": "approved"})));
    world.status.answers_by(move |got| {
        let asked = ids(got);
        if asked.len() > 6 {
            html(500, "memory exhausted")
        } else if asked.contains(&poison) {
            html(200, "<b>Warning</b>: undefined index")
        } else {
            Play::Json(200, book.answer(got))
        }
    });
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["state"], &poll["applied"]), (&json!("done"), &json!(19)), "{poll:#}");
    // The one it chokes on does not hold up the others, and nothing is said of it.
    assert_eq!(world.status_of(&leads[7]).await, "pending");
    assert_eq!(world.status_of(&leads[19]).await, "approved");
}

#[tokio::test]
async fn a_poll_ends_the_doubt_about_a_lead() {
    let world = world().await;
    // Under the `once` rule a broken answer leaves a lead in review.
    world.app.patch("/api/v1/networks/n1", json!({"settings": {"resend": "once"}})).await.expect(200);
    world.fake.answers([Play::Reset]);
    let lead = world.app.lead_id(&world.token, "tea", "+34612345678").await;
    world.app.drain().await;
    world.app.until_delivery(&lead, "needs_review").await;
    world.book.set(&lead, json!({"status": "approved", "external_id": "x-9"}));
    let poll = world.poll(json!({})).await;
    assert_eq!(poll["applied"], 1, "{poll:#}");
    let lead = world.app.show(&lead).await;
    assert_eq!((&lead["status"], &lead["deliveries"][0]["state"]), (&json!("approved"), &json!("accepted")));
    assert_eq!(lead["deliveries"][0]["external_id"], "x-9");
}

#[tokio::test]
async fn a_word_nobody_knows_is_kept_and_applied_when_it_is_mapped() {
    let world = world().await;
    let leads = world.accepted(1).await;
    world.book.set(&leads[0], json!({"status": "In Treatment"}));
    let poll = world.poll(json!({"feed": "open"})).await;
    assert_eq!((&poll["unmapped"], &poll["applied"]), (&json!(1), &json!(0)));
    assert_eq!(world.status_of(&leads[0]).await, "pending");
    // The same again, for months: told once, kept once.
    world.poll(json!({"feed": "open"})).await;
    let reports = world.app.count("select count(*) from lead_event where kind = 'report' and source = 'poll'").await;
    assert_eq!((reports, world.app.count("select count(*) from unmapped_report").await), (1, 1));
    let words = world.app.get("/api/v1/unmapped-statuses").await.expect(200);
    let word = words["items"][0]["id"].as_str().unwrap();
    world.app.post(&format!("/api/v1/unmapped-statuses/{word}/map"), json!({"status": "hold"})).await.expect(200);
    assert_eq!(world.status_of(&leads[0]).await, "hold");
}

#[tokio::test]
async fn a_part_of_the_past_is_asked_about_whatever_was_decided() {
    let world = world().await;
    let leads = world.accepted(2).await;
    world.book.set(&leads[0], json!({"status": "rejected"}));
    world.poll(json!({"feed": "open"})).await;
    // The network has thought again; the feed of open leads would not hear of it.
    world.book.set(&leads[0], json!({"status": "approved"}));
    let from = (world.app.app.clock.now() - chrono::TimeDelta::hours(1)).to_rfc3339();
    let poll = world.poll(json!({"from": from})).await;
    assert_eq!((&poll["asked"], &poll["applied"]), (&json!(2), &json!(1)), "{poll:#}");
    assert_eq!(world.status_of(&leads[0]).await, "approved");
    let before = (world.app.app.clock.now() - chrono::TimeDelta::minutes(30)).to_rfc3339();
    let poll = world.poll(json!({"from": from, "to": before})).await;
    assert_eq!((&poll["state"], &poll["calls"], &poll["asked"]), (&json!("done"), &json!(0), &json!(0)));
}
