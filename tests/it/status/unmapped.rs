//! A word nobody knows changes nothing and is not lost.

use serde_json::{Value, json};

use super::{id, world};

#[tokio::test]
async fn an_unmapped_word_is_kept_with_its_leads_and_money_and_applied_to_the_past() {
    let world = world().await;
    let leads = [world.accepted(1).await, world.accepted(2).await, world.accepted(3).await];
    for (lead, payout) in leads.iter().zip(["20", "22.5", "7"]) {
        let word = if payout == "7" { " delivered " } else { "Delivered" };
        assert_eq!(world.report(&[("id", id(lead)), ("status", word), ("payout", payout)]).await, "unmapped");
        assert_eq!(world.show(lead).await["status"], "pending");
    }
    // The third has moved on meanwhile: the past must not undo it.
    world.says(&leads[2], "paid").await;
    let list = world.app.get("/api/v1/unmapped-statuses").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list:#}");
    let word = &list["items"][0];
    assert_eq!((&word["network"], &word["raw"], &word["leads"]), (&json!("n1"), &json!("delivered"), &json!(3)));
    assert!(word["revenue"].to_string().contains("49.5"), "{word:#}");

    let path = format!("/api/v1/unmapped-statuses/{}/map", word["id"].as_str().unwrap());
    let mapped = world.app.post(&path, json!({"status": "approved"})).await;
    assert!(mapped.status < 300, "{}", mapped.text);
    for (lead, status, revenue) in [(&leads[0], "approved", "20.00"), (&leads[1], "approved", "22.50")] {
        let shown = world.show(lead).await;
        assert_eq!(
            (&shown["status"], &shown["revenue"], &shown["payout"]),
            (&json!(status), &json!(revenue), &json!("10.00"))
        );
    }
    assert_eq!(world.show(&leads[2]).await["status"], "paid");
    assert_eq!(world.app.get("/api/v1/unmapped-statuses").await.expect(200)["items"], json!([]));
    let fourth = world.accepted(4).await;
    assert_eq!(world.says(&fourth, "DELIVERED").await, "applied");
    assert_eq!(world.show(&fourth).await["status"], "approved");
}

#[tokio::test]
async fn a_word_of_one_network_says_nothing_about_another_s() {
    let world = world().await;
    let lead = world.accepted(1).await;
    world.says(&lead, "done").await;
    let word = world.app.get("/api/v1/unmapped-statuses").await.expect(200)["items"][0]["id"].clone();
    world.app.network("n2", &world.fake.base, json!({})).await;
    world
        .app
        .post(&format!("/api/v1/unmapped-statuses/{}/map", word.as_str().unwrap()), json!({"status": "trash"}))
        .await;
    let maps = |network: Value| network["status_map"].clone();
    assert_eq!(maps(world.app.get("/api/v1/networks/n1").await.expect(200)), json!({"done": "trash"}));
    assert_eq!(maps(world.app.get("/api/v1/networks/n2").await.expect(200)), json!({}));
    assert_eq!(world.show(&lead).await["status"], "trash");
}

#[tokio::test]
async fn many_reports_of_a_word_are_applied_in_the_order_they_came() {
    let world = world().await;
    let lead = world.accepted(1).await;
    for payout in ["1", "2", "3"] {
        world.report(&[("id", id(&lead)), ("status", "done"), ("payout", payout)]).await;
    }
    let word = world.app.get("/api/v1/unmapped-statuses").await.expect(200)["items"][0].clone();
    assert_eq!(word["leads"], 1);
    world
        .app
        .post(&format!("/api/v1/unmapped-statuses/{}/map", word["id"].as_str().unwrap()), json!({"status": "approved"}))
        .await;
    let shown = world.show(&lead).await;
    assert_eq!((&shown["status"], &shown["revenue"]), (&json!("approved"), &json!("3.00")));
}
