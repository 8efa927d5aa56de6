//! What is owed: conversions, entries and the lead's amounts always agree.

use serde_json::{Value, json};

use super::{World, id, world};
use crate::delivery::{last, phone, timeline};
use crate::kit::fake::Fake;

/// Status, payout and revenue of the lead; the entries must sum up to them.
async fn money(world: &World, lead: &Value) -> (String, String, String) {
    let shown = world.show(lead).await;
    let wrong = world
        .app
        .count(
            "select count(*) from lead l where
               l.payout <> coalesce((select sum(e.amount) from conversion_entry e join conversion c using (conversion_id)
                 join delivery d using (delivery_id) where c.lead_id = l.lead_id and d.purpose = 'sale' and e.side = 'payout'), 0)
            or l.revenue <> coalesce((select sum(e.amount) from conversion_entry e join conversion c using (conversion_id)
                 join delivery d using (delivery_id) where c.lead_id = l.lead_id and d.purpose = 'sale' and e.side = 'revenue'), 0)",
        )
        .await;
    assert_eq!(wrong, 0, "the entries sum up to the amounts");
    let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    (text("status"), text("payout"), text("revenue"))
}

fn is(status: &str, payout: &str, revenue: &str) -> (String, String, String) {
    (status.into(), payout.into(), revenue.into())
}

#[tokio::test]
async fn an_approved_lead_owes_what_the_offer_promised_and_a_reversal_takes_it_back() {
    let world = world().await;
    let lead = world.accepted(1).await;
    assert_eq!(world.app.count("select count(*) from conversion_entry").await, 0);
    world.says(&lead, "approved").await;
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "15.00"));
    world.says(&lead, "rejected").await;
    assert_eq!(money(&world, &lead).await, is("rejected", "0.00", "0.00"));
    world.says(&lead, "approved").await;
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "15.00"));
    let moves: Vec<Value> =
        timeline(&world.app, id(&lead), "status").await.iter().map(|one| one["move"].clone()).collect();
    assert_eq!(moves, [json!(null), json!(null), json!("reversed"), json!("reopened")]);
}

#[tokio::test]
async fn a_promise_holds_though_the_offer_changes_later() {
    let world = world().await;
    let lead = world.accepted(1).await;
    world.app.patch("/api/v1/offers/tea", json!({"payout": "3"})).await.expect(200);
    world.says(&lead, "approved").await;
    assert_eq!(world.show(&lead).await["payout"], "10.00");
}

#[tokio::test]
async fn what_the_network_names_is_our_revenue_and_not_the_payout() {
    let world = world().await;
    let lead = world.accepted(1).await;
    world.report(&[("id", id(&lead)), ("status", "approved"), ("payout", "22.40")]).await;
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "22.40"));
    assert_eq!(world.report(&[("id", id(&lead)), ("status", "approved"), ("payout", "20")]).await, "applied");
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "20.00"));
    assert_eq!(world.report(&[("id", id(&lead)), ("payout", "21")]).await, "applied");
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "21.00"));
    world.report(&[("id", id(&lead)), ("payout", "5"), ("currency", "eur")]).await;
    assert_eq!(world.show(&lead).await["revenue_currency"], "EUR");
    world.report(&[("id", id(&lead)), ("payout", "5"), ("currency", "usd")]).await;
    let shown = world.show(&lead).await;
    assert_eq!((&shown["revenue"], &shown["revenue_currency"]), (&json!("5.00"), &json!("USD")), "the same amount");
    world.report(&[("id", id(&lead)), ("payout", "5"), ("currency", "eur")]).await;
    let sum =
        "select count(*) from (select currency, sum(amount) from conversion_entry where side = 'revenue' group by 1
       having (currency = 'EUR' and sum(amount) = 5) or (currency = 'USD' and sum(amount) = 0)) x";
    assert_eq!(world.app.count(sum).await, 2, "the other currency is taken back whole");
}

#[tokio::test]
async fn paid_is_changed_by_a_person_only() {
    let world = world().await;
    let lead = world.accepted(1).await;
    world.report(&[("id", id(&lead)), ("status", "paid"), ("payout", "30")]).await;
    assert_eq!(world.says(&lead, "rejected").await, "ignored");
    assert_ne!(world.report(&[("id", id(&lead)), ("status", "paid"), ("payout", "1")]).await, "applied");
    assert_eq!(money(&world, &lead).await, is("paid", "10.00", "30.00"));
    let path = format!("/api/v1/leads/{}/status", id(&lead));
    world.app.post(&path, json!({"status": "rejected", "reason": "charged back"})).await.expect(200);
    assert_eq!(money(&world, &lead).await, is("rejected", "0.00", "0.00"));
}

#[tokio::test]
async fn a_payout_of_nothing_that_a_person_has_set_stands_until_the_lead_is_owed_anew() {
    let world = world().await;
    let lead = world.accepted(1).await;
    world.says(&lead, "approved").await;
    let path = format!("/api/v1/leads/{}/status", id(&lead));
    world.app.post(&path, json!({"status": "approved", "payout": "0"})).await.expect(200);
    assert_eq!(money(&world, &lead).await, is("approved", "0.00", "15.00"));
    world.report(&[("id", id(&lead)), ("status", "paid"), ("payout", "20")]).await;
    assert_eq!(money(&world, &lead).await, is("paid", "0.00", "20.00"));
    for status in ["rejected", "approved"] {
        world.app.post(&path, json!({"status": status})).await.expect(200);
    }
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "15.00"));
}

#[tokio::test]
async fn each_transaction_is_a_conversion_of_its_own_and_the_lead_is_their_best() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let order = |key: &'static str, status: &'static str, payout: &'static str| {
        [("id", id(&lead)), ("transaction_id", key), ("status", status), ("payout", payout)]
            .map(|(k, v)| (k, v.to_owned()))
    };
    for (key, status, payout, result) in [
        ("t1", "rejected", "5", "applied"),
        ("t2", "approved", "7", "applied"),
        ("t2", "approved", "7", "unchanged"),
        ("t3", "hold", "9", "applied"),
    ] {
        let params = order(key, status, payout);
        let params: Vec<(&str, &str)> = params.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(world.report(&params).await, result, "{key} {status}");
    }
    assert_eq!(world.app.count("select count(*) from conversion").await, 4, "the default one and three orders");
    assert_eq!(money(&world, &lead).await, is("approved", "20.00", "16.00"));
    for key in ["t2", "t3"] {
        world.report(&[("id", id(&lead)), ("transaction_id", key), ("status", "trash")]).await;
    }
    // The default conversion is still pending: the network has the lead.
    assert_eq!(money(&world, &lead).await, is("pending", "10.00", "0.00"));
    world.says(&lead, "trash").await;
    assert_eq!(world.show(&lead).await["status"], "rejected", "not all are trash");
}

#[tokio::test]
async fn a_test_lead_makes_no_money() {
    let world = world().await;
    let body = json!({"offer": "tea", "phone": phone(1), "test": true});
    let lead = world.app.lead(&world.token, body).await.expect(201);
    world.app.drain().await;
    world.report(&[("id", id(&lead)), ("status", "approved"), ("payout", "30")]).await;
    assert_eq!(money(&world, &lead).await, is("approved", "0.00", "0.00"));
    assert_eq!(world.app.count("select count(*) from conversion_entry").await, 0);
}

#[tokio::test]
async fn a_goal_of_its_own_is_paid_by_its_own_rule() {
    let world = world().await;
    let goals = json!([{"slug": "deposit", "name": "Deposit", "payout": "40", "revenue": "60", "currency": "USD"}]);
    world.app.patch("/api/v1/offers/tea", json!({"goals": goals})).await.expect(200);
    let lead = world.accepted(1).await;
    world.says(&lead, "approved").await;
    world.report(&[("id", id(&lead)), ("status", "approved"), ("goal", "deposit"), ("transaction_id", "d1")]).await;
    assert_eq!(money(&world, &lead).await, is("approved", "50.00", "75.00"));
}

#[tokio::test]
async fn an_approved_lead_is_fulfilled_once_and_the_fulfilment_never_owns_it() {
    let world = world().await;
    let stock = Fake::start().await;
    let network = world.app.network("stock", &stock.base, json!({})).await;
    let route = json!({"offer": "tea", "network": "stock", "trigger_status": "approved"});
    world.app.post("/api/v1/routes", route).await.expect(201);
    let lead = world.accepted(1).await;
    assert!(stock.got().is_empty());
    world.says(&lead, "approved").await;
    world.app.drain().await;
    assert_eq!(stock.got().len(), 1);
    let shown = world.show(&lead).await;
    assert_eq!((&last(&shown)["purpose"], &last(&shown)["state"]), (&json!("fulfilment"), &json!("accepted")));
    assert_eq!(shown["status"], "approved");
    let url = network["postback_url"].as_str().unwrap();
    let call = world.app.http.get(url).query(&[("id", id(&lead)), ("status", "rejected"), ("payout", "99")]);
    crate::kit::app::read(call).await.expect(200);
    assert_eq!(money(&world, &lead).await, is("approved", "10.00", "15.00"));
    world.says(&lead, "rejected").await;
    world.says(&lead, "approved").await;
    world.app.drain().await;
    assert_eq!(stock.got().len(), 1, "shipped once");
}
