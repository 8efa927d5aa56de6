//! From one network to the next, and why.

use serde_json::{Value, json};

use super::{last, phone, route, sandbox, timeline};
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

/// An offer `tea`, networks `n1` and `n2`, no routes.
async fn two() -> (TestApp, Fake, Fake, String) {
    let app = TestApp::idle().await;
    let (one, two) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    app.network("n1", &one.base, json!({})).await;
    app.network("n2", &two.base, json!({})).await;
    (app, one, two, token)
}

fn networks(lead: &Value) -> Vec<String> {
    let all = lead["deliveries"].as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|d| format!("{} {}", d["network"].as_str().unwrap_or(""), d["state"].as_str().unwrap_or("")))
        .collect()
}

#[tokio::test]
async fn what_one_network_refuses_the_next_is_asked() {
    let (app, one, two, token) = two().await;
    one.always(Play::Json(422, json!({"reason": "no"})));
    app.route("tea", "n1", 1).await;
    app.route("tea", "n2", 2).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!(networks(&lead), ["n1 refused", "n2 accepted"]);
    assert_eq!((&lead["status"], &lead["reason"]), (&json!("pending"), &Value::Null));
    assert_eq!((one.got().len(), two.got().len()), (1, 1));
    assert_eq!(one.got()[0].json()["id"], two.got()[0].json()["id"]);
}

#[tokio::test]
async fn a_route_that_stops_ends_the_waterfall_with_its_refusal() {
    let (app, one, two, token) = two().await;
    one.always(Play::Json(422, json!({"reason": "under age"})));
    route(&app, "n1", 1, json!({"on_refused": "stop"})).await;
    app.route("tea", "n2", 2).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &lead["reason"]), (&json!("rejected"), &json!("under age")));
    assert!(two.got().is_empty());
}

#[tokio::test]
async fn when_all_refuse_the_last_reason_is_the_lead_s() {
    for (last_answer, status, reason) in [(409, "trash", "second"), (422, "rejected", "second")] {
        let (app, one, two, token) = two().await;
        one.always(Play::Json(if last_answer == 409 { 422 } else { 409 }, json!({"reason": "first"})));
        two.always(Play::Json(last_answer, json!({"reason": "second"})));
        app.route("tea", "n1", 1).await;
        app.route("tea", "n2", 2).await;
        let id = app.lead_id(&token, "tea", &phone(1)).await;
        app.drain().await;
        let lead = app.show(&id).await;
        assert_eq!((&lead["status"], &lead["reason"]), (&json!(status), &json!(reason)));
        assert_eq!(networks(&lead), ["n1 refused", "n2 refused"]);
    }
}

#[tokio::test]
async fn a_lead_waits_for_the_network_without_room_when_the_others_refuse() {
    let (app, _, two, token) = two().await;
    two.always(Play::Json(422, json!({"reason": "no"})));
    sandbox(&app, "full", "no_capacity").await;
    app.route("tea", "full", 1).await;
    app.route("tea", "n2", 2).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!(lead["status"], "new", "a refusal is not the last word");
    assert_eq!(networks(&lead), ["full cancelled", "n2 refused", "full waiting"]);
    app.patch("/api/v1/networks/full", json!({"settings": {"outcome": "accepted"}})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &last(&lead)["network"]), (&json!("pending"), &json!("full")));
    assert_eq!(two.got().len(), 1, "who refused is not asked again");
}

#[tokio::test]
async fn equal_positions_share_by_weight_and_a_lead_keeps_its_draw() {
    let (app, _, _, token) = two().await;
    route(&app, "n1", 1, json!({"weight": 3})).await;
    route(&app, "n2", 1, json!({"weight": 1})).await;
    let batch: Vec<Value> = (0..400).map(|number| json!({"offer": "tea", "phone": phone(number)})).collect();
    app.call(reqwest::Method::POST, "/api/v1/leads/batch", &token, &json!(batch)).await.expect(200);
    let share = "select count(*) from delivery d join network n using (network_id) where n.slug = 'n1'";
    let first = app.count(share).await;
    assert!((260..=340).contains(&first), "{first} of 400 for 3 of 4");
    app.drain().await;
    assert_eq!(app.count(share).await, first);
}

#[tokio::test]
async fn routes_take_their_countries_and_webmasters_only_and_the_trace_says_so() {
    let (app, one, two, token) = two().await;
    let bert = app.webmaster("bert").await;
    route(&app, "n1", 1, json!({"countries": ["DE"]})).await;
    route(&app, "n1", 2, json!({"webmasters": ["bert"]})).await;
    route(&app, "n1", 3, json!({"enabled": false})).await;
    app.route("tea", "n2", 4).await;
    app.route("tea", "n1", 5).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (0, 1));
    let routed = timeline(&app, &id, "received").await;
    let verdicts: Vec<&str> =
        routed[0]["trace"].as_array().unwrap().iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["country", "webmaster", "disabled", "taken", "later"]);
    app.lead_id(&bert, "tea", &phone(2)).await;
    app.lead_id(&token, "tea", "+4915123456789").await;
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (2, 1));
}

#[tokio::test]
async fn a_rule_changed_before_the_delivery_sends_the_lead_another_way_with_a_trace() {
    let (app, one, two, token) = two().await;
    let first = app.route("tea", "n1", 1).await;
    app.route("tea", "n2", 2).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    let path = format!("/api/v1/routes/{}", first["id"].as_str().unwrap());
    app.patch(&path, json!({"enabled": false})).await.expect(200);
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (0, 1));
    let routed = timeline(&app, &id, "routed").await;
    assert_eq!(routed.len(), 1);
    assert_eq!(routed[0]["trace"][0]["verdict"], "disabled");
    assert_eq!(routed[0]["trace"][1]["verdict"], "taken");
    assert_eq!(timeline(&app, &id, "received").await[0]["trace"][0]["verdict"], "taken");
    let lead = app.show(&id).await;
    assert_eq!((networks(&lead), &lead["status"]), (vec!["n2 accepted".to_owned()], &json!("pending")));
}

#[tokio::test]
async fn a_network_switched_off_before_the_delivery_is_passed_over() {
    let (app, one, two, token) = two().await;
    app.route("tea", "n1", 1).await;
    app.route("tea", "n2", 2).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.patch("/api/v1/networks/n1", json!({"enabled": false})).await.expect(200);
    assert_eq!(app.get("/api/v1/networks/n1").await.expect(200)["state"], "paused");
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (0, 1));
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_lead_that_was_tried_at_a_network_waits_while_it_is_switched_off() {
    let (app, one, two, token) = two().await;
    app.route("tea", "n1", 1).await;
    app.route("tea", "n2", 2).await;
    one.answers([Play::Json(503, json!({}))]);
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    app.patch("/api/v1/networks/n1", json!({"enabled": false})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (1, 0));
    app.patch("/api/v1/networks/n1", json!({"enabled": true})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (2, 0));
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_lead_without_a_route_waits_until_a_rule_takes_it() {
    let (app, one, _, token) = two().await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    assert_eq!(app.show(&id).await["unrouted"], true);
    app.route("tea", "n1", 1).await;
    assert_eq!(leadrelay::flow::route_leads::run(&app.app).await.unwrap(), 1);
    app.drain().await;
    assert_eq!(one.got().len(), 1);
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_new_rule_routes_the_waiting_leads_by_itself() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.network("n1", &fake.base, json!({})).await;
    // Long after the sweep that a start brings.
    while app.count("select count(*) from job where kind = 'route_leads'").await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    app.route("tea", "n1", 1).await;
    app.until_status(&id, "pending").await;
}

#[tokio::test]
async fn closed_hours_keep_a_lead_until_the_sweep_finds_the_route_open() {
    let (app, one, two, token) = two().await;
    let today = app.app.clock.now();
    let day = (today + chrono::TimeDelta::days(2)).format("%a").to_string().to_lowercase();
    let hours = json!({"open": [{"days": [day], "from": "00:00", "to": "24:00"}]});
    route(&app, "n1", 1, json!({"schedule": hours, "max_age_hours": 100})).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &lead["unrouted"]), (&json!("new"), &json!(true)));
    assert_eq!(timeline(&app, &id, "received").await[0]["trace"][0]["verdict"], "closed");
    assert_eq!(leadrelay::flow::route_leads::run(&app.app).await.unwrap(), 0);
    // A refusal elsewhere does not end a lead that a closed route would take.
    two.always(Play::Json(422, json!({"reason": "no"})));
    app.route("tea", "n2", 2).await;
    leadrelay::flow::route_leads::run(&app.app).await.unwrap();
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &lead["unrouted"]), (&json!("new"), &json!(true)), "{lead:#}");
    app.app.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!(leadrelay::flow::route_leads::run(&app.app).await.unwrap(), 1);
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (1, 1));
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_route_that_closes_before_the_delivery_gives_the_lead_back() {
    let (app, one, _, token) = two().await;
    let made = app.route("tea", "n1", 1).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    let day = (app.app.clock.now() + chrono::TimeDelta::days(3)).format("%a").to_string().to_lowercase();
    let hours = json!({"open": [{"days": [day], "from": "00:00", "to": "24:00"}]});
    let path = format!("/api/v1/routes/{}", made["id"].as_str().unwrap());
    app.patch(&path, json!({"schedule": hours, "max_age_hours": 200})).await.expect(200);
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &lead["unrouted"]), (&json!("new"), &json!(true)));
    assert!(one.got().is_empty());
    app.patch(&path, json!({"schedule": null})).await.expect(200);
    leadrelay::flow::route_leads::run(&app.app).await.unwrap();
    app.drain().await;
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn a_lead_handed_over_by_hand_after_all_refused_is_the_new_network_s() {
    let (app, one, two, token) = two().await;
    one.always(Play::Json(422, json!({"reason": "no"})));
    app.route("tea", "n1", 1).await;
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    assert_eq!(app.show(&id).await["status"], "rejected");
    let path = format!("/api/v1/leads/{id}/redeliver");
    let answer = app.post(&path, json!({"network": "n2"})).await;
    assert!(answer.status < 300, "{}", answer.text);
    app.drain().await;
    let lead = app.show(&id).await;
    assert_eq!((&lead["status"], &lead["reason"]), (&json!("pending"), &Value::Null), "{lead:#}");
    assert_eq!(two.got().len(), 1);
    assert_eq!(app.post(&path, json!({"network": "n1"})).await.status, 409, "sold is sold");
}

#[tokio::test]
async fn a_lead_too_old_for_one_route_goes_to_one_that_still_takes_it() {
    let (app, one, two, token) = two().await;
    app.route("tea", "n1", 1).await;
    route(&app, "n2", 2, json!({"max_age_hours": 100})).await;
    app.post("/api/v1/networks/n1/pause", json!({})).await.expect(200);
    let id = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    app.app.clock.advance(chrono::TimeDelta::hours(25));
    app.post("/api/v1/networks/n1/resume", json!({})).await.expect(200);
    app.drain().await;
    assert_eq!((one.got().len(), two.got().len()), (0, 1));
    assert_eq!(app.show(&id).await["status"], "pending");
}

#[tokio::test]
async fn switching_a_paused_network_off_sends_its_waiting_leads_another_way() {
    let (app, one, two, token) = two().await;
    app.route("tea", "n1", 1).await;
    app.route("tea", "n2", 2).await;
    one.always(Play::Json(401, json!({"error": "bad key"})));
    let first = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let second = app.lead_id(&token, "tea", &phone(2)).await;
    app.drain().await;
    assert_eq!(last(&app.show(&second).await)["state"], "waiting");
    app.patch("/api/v1/networks/n1", json!({"enabled": false})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!(app.show(&second).await["status"], "pending");
    assert_eq!((one.got().len(), two.got().len()), (1, 1));
    // The one that was tried there waits for it, and nothing is burnt.
    assert_eq!(app.show(&first).await["status"], "new");
    one.always(Play::Json(200, json!({"status": "ok"})));
    app.patch("/api/v1/networks/n1", json!({"enabled": true})).await.expect(200);
    app.hurry().await;
    app.drain().await;
    assert_eq!(app.show(&first).await["status"], "pending");
    assert_eq!((one.got().len(), two.got().len()), (2, 1));
}

#[tokio::test]
async fn a_lead_handed_over_by_hand_goes_to_the_named_network_whatever_its_route_takes() {
    for more in [json!({"enabled": false}), json!({"countries": ["DE"]})] {
        let (app, one, two, token) = two().await;
        route(&app, "n2", 2, more.clone()).await;
        app.route("tea", "n1", 3).await;
        one.always(Play::Json(503, json!({})));
        let id = app.lead_id(&token, "tea", &phone(1)).await;
        app.drain().await;
        sqlx::query("update delivery set expires_at = now()").execute(&app.app.db).await.unwrap();
        app.hurry().await;
        app.drain().await;
        assert_eq!(last(&app.show(&id).await)["state"], "dead");
        let answer = app.post(&format!("/api/v1/leads/{id}/redeliver"), json!({"network": "n2"})).await;
        assert!(answer.status < 300, "{}", answer.text);
        app.drain().await;
        assert_eq!(two.got().len(), 1, "{more}");
        assert_eq!(app.show(&id).await["status"], "pending");
    }
}
