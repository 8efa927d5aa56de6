//! Reading the order list while it changes.

use leadrelay::practice::duomai::{Fault, NewOrder};
use serde_json::json;

use super::duomai::{euid, world};

#[tokio::test]
async fn a_thousand_orders_that_move_while_they_are_read_are_all_there_once() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345671").await;
    let orders: Vec<String> = (0..1000)
        .map(|no| {
            let order = NewOrder { euid: euid(&lead), order_sn: Some(format!("SN-{no:04}")), ..NewOrder::default() };
            world.duomai.order(order).unwrap()
        })
        .collect();
    // Between the pages rows leave the time that is read, and all behind them move up over the borders.
    for (page, range) in [(2, 0..40), (3, 200..230), (5, 600..610)] {
        let moved = orders[range].to_vec();
        world.duomai.before_page(page, move |duomai| moved.iter().for_each(|id| duomai.touch(id).unwrap()));
    }
    let poll = world.poll("updated").await;
    assert_eq!(poll["state"], "done", "{poll:#}");
    // What was touched is read by the next poll, whose time overlaps.
    world.poll("updated").await;
    let known = world.app.count("select count(*) from conversion where key like '61-SN-%'").await;
    let distinct = world.app.count("select count(distinct key) from conversion where key like '61-SN-%'").await;
    assert_eq!((known, distinct), (1000, 1000));
    let entries = world.app.count("select count(*) from conversion_entry e join conversion c using (conversion_id) where c.key <> '' and e.side = 'revenue'").await;
    assert_eq!(entries, 1000, "each is booked once");
}

#[tokio::test]
async fn a_poll_that_breaks_off_goes_on_where_it_stood_and_moves_no_cursor() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345671").await;
    for _ in 0..450 {
        world.duomai.order(euid(&lead).as_str()).unwrap();
    }
    let calls = world.duomai.calls().len();
    world.duomai.before_page(2, |duomai| duomai.fault_next("/apis", Fault::throttled(), 1));
    world.app.app.clock.advance(chrono::TimeDelta::minutes(3));
    let begun = world.app.post("/api/v1/networks/duomai/poll", json!({"feed": "updated"})).await.expect(202);
    world.app.drain().await;
    let path = format!("/api/v1/polls/{}", begun["poll_id"].as_str().unwrap());
    for _ in 0..10 {
        world.app.hurry().await;
        world.app.drain().await;
    }
    let poll = world.app.get(&path).await.expect(200);
    assert_eq!((&poll["state"], &poll["reports"]), (&json!("done"), &json!(450)), "{poll:#}");
    assert!(world.duomai.calls().len() >= calls + 6, "three pages, read twice");
}

#[tokio::test]
async fn a_broken_answer_is_not_an_empty_list() {
    for fault in [Fault::HtmlPage, Fault::TruncatedJson, Fault::bad_gateway(), Fault::server_error()] {
        let world = world(json!({})).await;
        let lead = world.lead("+34612345671").await;
        world.duomai.order(euid(&lead).as_str()).unwrap();
        world.duomai.fault_next("/apis", fault.clone(), 1);
        let poll = world.poll("updated").await;
        assert_eq!((&poll["state"], &poll["reports"]), (&json!("running"), &json!(0)), "{fault:?}: {poll:#}");
        assert!(poll["error"].is_string());
        for _ in 0..5 {
            world.app.hurry().await;
            world.app.drain().await;
        }
        assert_eq!(world.app.show(&lead).await["status"], "hold", "{fault:?}");
    }
}

#[tokio::test]
async fn a_long_time_is_asked_for_in_days() {
    let world = world(json!({})).await;
    world.duomai.clear_calls();
    let from = (world.app.app.clock.now() - chrono::TimeDelta::days(5)).to_rfc3339();
    let begun = world.app.post("/api/v1/networks/duomai/poll", json!({"from": from})).await.expect(202);
    let poll = world.app.poll_to_its_end(&begun).await;
    assert_eq!((&poll["state"], &poll["calls"]), (&json!("done"), &json!(6)), "{poll:#}");
}

#[tokio::test]
async fn a_network_whose_clock_is_wrong_is_read_all_the_same() {
    for minutes in [-10, 10] {
        let (skewed, real) = (chrono::TimeDelta::minutes(minutes), crate::kit::partner::clock());
        let world = super::duomai::world_with(json!({}), std::sync::Arc::new(move || real() + skewed)).await;
        let lead = world.lead("+34612345671").await;
        world.poll("updated").await;
        world.duomai.order(euid(&lead).as_str()).unwrap();
        // Ahead of us, its order is in no time yet that is asked for; behind, in one that was read already.
        for _ in 0..5 {
            world.poll("updated").await;
        }
        assert_eq!(world.app.show(&lead).await["status"], "hold", "{minutes} minutes");
        assert_eq!(world.app.count("select count(*) from conversion where key <> ''").await, 1);
    }
}
