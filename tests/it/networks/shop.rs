//! Duomai's plans as offers, links for lists of offers, single orders, and parameters that are missing.

use leadrelay::practice::duomai::Status;
use serde_json::json;

use super::duomai::{euid, world};

#[tokio::test]
async fn plans_are_listed_and_become_offers_with_their_warnings() {
    let world = world(json!({})).await;
    let plans = world.app.get("/api/v1/networks/duomai/plans").await.expect(200);
    let plan = |id: &str| plans["items"].as_array().unwrap().iter().find(|plan| plan["id"] == id).cloned();
    let open = plan("61").unwrap_or_else(|| panic!("{plans:#}"));
    assert_eq!((&open["is_open"], &open["params"]["duomai"]), (&json!(true), &json!("61")), "{open:#}");
    let by_hand = plan("65").unwrap();
    assert!(by_hand["warnings"].to_string().contains("apply for it"), "{by_hand:#}");

    let made =
        world.app.post("/api/v1/networks/duomai/plans", json!({"plan": "61", "slug": "kettle"})).await.expect(201);
    assert_eq!((&made["offer"]["slug"], &made["offer"]["params"]["duomai"]), (&json!("kettle"), &json!("61")));
    // A plan without the tag can be matched to no lead.
    let blind = world.app.post("/api/v1/networks/duomai/plans", json!({"plan": "62"})).await;
    assert_eq!(blind.status, 409);
    assert!(blind.expect(409)["detail"].as_str().unwrap().contains("do not carry our id"), "{blind:?}");
    world.app.post("/api/v1/networks/duomai/plans", json!({"plan": "62", "anyway": true})).await.expect(201);
    let none = world.app.post("/api/v1/networks/duomai/plans", json!({"plan": "99999"})).await;
    assert_eq!(none.status, 409, "{none:?}");
    // A generic network has none.
    world.app.network("n1", "http://127.0.0.1:9", json!({})).await;
    assert_eq!(world.app.get("/api/v1/networks/n1/plans").await.status, 409);
}

#[tokio::test]
async fn links_of_a_list_of_offers_are_a_file() {
    let world = world(json!({})).await;
    world.app.post("/api/v1/offers", json!({"slug": "bare", "name": "=cmd()", "currency": "CNY"})).await.expect(201);
    let file = world.app.get("/api/v1/networks/duomai/links?offers=tea,bare").await;
    assert_eq!(file.status, 200, "{}", file.text);
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines[0], "offer,name,link,error");
    assert!(lines[1].starts_with("tea,tea,https://c.duomai.com/track.php?"), "{}", lines[1]);
    assert!(!lines[1].contains("euid="), "nobody's lead yet: {}", lines[1]);
    assert!(lines[2].starts_with("bare,'=cmd(),,") && lines[2].contains("duomai-url"), "{}", lines[2]);
    assert_eq!(world.app.get("/api/v1/networks/duomai/links?offers=nothing").await.fields(), ["offers"]);
    let routed = world.app.get("/api/v1/networks/duomai/links").await;
    assert_eq!(routed.text.lines().count(), 2, "the offers that are routed there: {}", routed.text);
}

#[tokio::test]
async fn one_order_can_be_asked_for() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345671").await;
    let order = world.duomai.order(euid(&lead).as_str()).unwrap();
    world.duomai.set_status(&order, Status::Settled).unwrap();
    let sn = world.duomai.find_order(&order).unwrap().order_sn;
    let records = "/api/v1/networks/duomai/records";
    let read = world.app.post(records, json!({"plan": "61", "id": sn})).await.expect(200);
    assert_eq!(read["result"], "applied", "{read:#}");
    assert_eq!(world.app.show(&lead).await["status"], "paid");
    let unknown = world.app.post(records, json!({"plan": "61", "id": "nothing"})).await;
    assert_eq!(unknown.status, 409, "{unknown:?}");
    let planless = world.app.post(records, json!({"id": sn})).await.expect(409);
    assert!(planless["detail"].as_str().unwrap().starts_with("plan:"), "{planless:#}");
}

#[tokio::test]
async fn orders_can_be_looked_through_without_changing_anything() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345671").await;
    let order = world.duomai.order(euid(&lead).as_str()).unwrap();
    world.duomai.order("somebody").unwrap();
    world.duomai.set_status(&order, Status::Confirmed).unwrap();
    world.app.app.clock.advance(chrono::TimeDelta::minutes(1));
    let all = world.app.get("/api/v1/networks/duomai/records").await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all:#}");
    let one = world.app.get(&format!("/api/v1/networks/duomai/records?euid={}", euid(&lead))).await.expect(200);
    let [record] = one["items"].as_array().unwrap().as_slice() else { panic!("{one:#}") };
    assert_eq!((&record["our_ref"], &record["means"]), (&json!(euid(&lead)), &json!("approved")), "{record:#}");
    assert_eq!(world.app.show(&lead).await["status"], "pending", "looking changes nothing");

    let wrong = world.app.get("/api/v1/networks/duomai/records?colour=red").await;
    assert_eq!(wrong.fields(), ["colour"]);
    let long = "/api/v1/networks/duomai/records?from=2026-01-01T00:00:00Z&to=2026-01-05T00:00:00Z";
    assert_eq!(world.app.get(long).await.status, 409);
    world.app.network("n1", "http://127.0.0.1:9", json!({})).await;
    assert_eq!(world.app.get("/api/v1/networks/n1/records").await.status, 409, "a generic network has none");
}

#[tokio::test]
async fn a_network_says_which_parameters_its_offers_lack() {
    let world = world(json!({})).await;
    let network = world.app.get("/api/v1/networks/duomai").await.expect(200);
    assert_eq!((&network["missing_params"], &network["needs_params"][0]["name"]), (&json!([]), &json!("duomai")));
    world.app.patch("/api/v1/offers/tea", json!({"params": {"duomai": null}})).await.expect(200);
    let network = world.app.get("/api/v1/networks/duomai").await.expect(200);
    assert_eq!(network["missing_params"], json!([{"offer": "tea", "params": ["duomai"]}]));
    // The page may stand in the plan's place, also for one country only.
    for params in [json!({"duomai-url": "https://shop.example/"}), json!({"duomai-url": null, "duomai-de": "61"})] {
        world.app.patch("/api/v1/offers/tea", json!({"params": params})).await.expect(200);
        let network = world.app.get("/api/v1/networks/duomai").await.expect(200);
        assert_eq!(network["missing_params"], json!([]), "{params}");
    }
    // Or of the network itself.
    world.app.patch("/api/v1/offers/tea", json!({"params": {"duomai-de": null}})).await.expect(200);
    world.app.patch("/api/v1/networks/duomai", json!({"params": {"duomai": "61"}})).await.expect(200);
    let network = world.app.get("/api/v1/networks/duomai").await.expect(200);
    assert_eq!(network["missing_params"], json!([]));
}

#[tokio::test]
async fn a_short_link_is_asked_for_and_the_long_one_serves_without() {
    use leadrelay::practice::duomai::Fault;
    let world = world(json!({"short_links": true})).await;
    let lead = world.lead("+34612345671").await;
    let short = world.app.show(&lead).await["redirect_url"].as_str().unwrap().to_owned();
    assert!(!short.contains(&euid(&lead)), "{short}");
    world.duomai.fault_next("cps-mesh.cpslink.links.short.post", Fault::server_error(), 1);
    let lead = world.lead("+34612345672").await;
    let shown = world.app.show(&lead).await;
    assert_eq!(shown["status"], "pending");
    assert!(shown["redirect_url"].as_str().unwrap().contains(&euid(&lead)), "{shown:#}");
}
