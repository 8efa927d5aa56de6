use std::time::Duration;

use leadrelay::practice::affili::{Affili, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::app::TestApp;
use crate::kit::partner;

/// A publisher's visit, as the webmaster's page passes it on.
fn visit() -> Value {
    json!({"referrer": "5f00000000000000000000a1", "aff_id": "affili00000001x"})
}

struct World {
    app: TestApp,
    affili: Affili,
    token: String,
}

async fn world(settings: Value) -> World {
    let app = TestApp::idle().await;
    let affili = Affili::new(partner::clock());
    let base = partner::serve(affili.router()).await;
    let token = app.with_offer("tea").await;
    let mut all = json!({"base_url": base, "access_id": "fake-affili-access-id", "commission_name": "signup"});
    leadrelay::http::api::resource::merge(&mut all, settings);
    let body =
        json!({"slug": "affili", "name": "Affili", "integration": "affili", "settings": all, "timeout_seconds": 2});
    app.post("/api/v1/networks", body).await.expect(201);
    app.route("tea", "affili", 1).await;
    World { app, affili, token }
}

impl World {
    async fn lead(&self, phone: &str, meta: Value) -> String {
        let answer = self.app.lead(&self.token, json!({"offer": "tea", "phone": phone, "meta": meta})).await;
        let id = answer.expect(201)["id"].as_str().unwrap().to_owned();
        self.app.drain().await;
        id
    }

    async fn poll(&self, feed: &str) -> Value {
        let begun = self.app.post("/api/v1/networks/affili/poll", json!({"feed": feed})).await.expect(202);
        self.app.poll_to_its_end(&begun).await
    }

    /// Everything was changed a while ago: the poll's time ends two minutes before now.
    async fn poll_later(&self, feed: &str) -> Value {
        self.app.app.clock.advance(chrono::TimeDelta::minutes(5));
        self.poll(feed).await
    }
}

#[tokio::test]
async fn a_lead_becomes_one_conversion_and_its_verdict_comes_by_poll() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345671", visit()).await;
    let shown = world.app.show(&lead).await;
    let conversion = world.affili.conversion(&lead).expect("stored under our id");
    assert_eq!(shown["deliveries"][0]["external_id"], json!(conversion.id), "{shown:#}");
    assert_eq!(shown["status"], "hold", "0 is not decided yet");
    let paths: Vec<String> = world.affili.calls().iter().map(|call| call.path.clone()).collect();
    assert_eq!(paths, ["/api/merchants/set-cookie", "/api/merchants/conversions"]);

    world.affili.approve(&lead).unwrap();
    let poll = world.poll_later("updated").await;
    assert_eq!((&poll["state"], &poll["applied"]), (&json!("done"), &json!(1)), "{poll:#}");
    assert_eq!(world.app.show(&lead).await["status"], "approved");
    world.affili.check_out(&lead).unwrap();
    world.poll_later("updated").await;
    assert_eq!(world.app.show(&lead).await["status"], "paid");
    // A number nobody knows changes nothing.
    world.affili.set_status_number(&lead, 9).unwrap();
    let poll = world.poll_later("updated").await;
    assert_eq!(poll["unmapped"], 1, "{poll:#}");
    assert_eq!(world.app.show(&lead).await["status"], "paid");
}

#[tokio::test]
async fn after_a_lost_answer_there_is_exactly_one_conversion() {
    for fault in [
        Fault::DropAfterStoring,
        Fault::Slow(Duration::from_secs(5)),
        Fault::BadGatewayAfterStoring,
        Fault::TruncatedJson,
    ] {
        let world = world(json!({})).await;
        world.affili.fault_next("POST /api/merchants/conversions", fault.clone(), 1);
        let lead = world.lead("+34612345672", visit()).await;
        world.app.hurry().await;
        world.app.drain().await;
        let shown = world.app.until_delivery(&lead, "accepted").await;
        assert_eq!(world.affili.conversions().len(), 1, "{fault:?}");
        assert_eq!(shown["deliveries"][0]["external_id"], json!(world.affili.conversions()[0].id), "{fault:?}");
    }
}

#[tokio::test]
async fn what_was_surely_not_stored_is_sent_again() {
    let world = world(json!({})).await;
    world.affili.fault_next("POST /api/merchants/set-cookie", Fault::server_error(), 1);
    world.affili.fault_next("POST /api/merchants/conversions", Fault::too_many_requests(1), 1);
    let lead = world.lead("+34612345673", visit()).await;
    for _ in 0..3 {
        world.app.hurry().await;
        world.app.drain().await;
    }
    world.app.until_delivery(&lead, "accepted").await;
    assert_eq!(world.affili.conversions().len(), 1);
}

#[tokio::test]
async fn a_lead_without_a_referrer_makes_no_call() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345674", json!({})).await;
    let shown = world.app.show(&lead).await;
    assert_eq!(shown["status"], "rejected", "{shown:#}");
    assert!(shown["reason"].as_str().unwrap().contains("no referrer"), "{shown:#}");
    assert!(world.affili.calls().is_empty());
}

#[tokio::test]
async fn our_verdict_is_told_to_affili_and_its_own_is_not_told_back() {
    let world = world(json!({})).await;
    let lead = world.lead("+34612345675", visit()).await;
    world.affili.clear_calls();
    world.app.post(&format!("/api/v1/leads/{lead}/status"), json!({"status": "approved"})).await.expect(200);
    world.app.drain().await;
    assert_eq!(world.affili.conversion(&lead).unwrap().status, 1);
    // The merchant's own system calls our URL: that is news to Affili as well.
    let network = world.app.get("/api/v1/networks/affili").await.expect(200);
    let url = network["postback_url"].as_str().unwrap();
    let call = world.app.http.get(url).query(&[("id", lead.as_str()), ("status", "rejected")]);
    assert_eq!(crate::kit::app::read(call).await.expect(200)["result"], "applied");
    world.app.drain().await;
    assert_eq!(world.affili.conversion(&lead).unwrap().status, 2);
    let told = world.affili.calls().len();
    // What Affili says itself it knows.
    world.affili.approve(&lead).unwrap();
    world.poll_later("updated").await;
    world.app.drain().await;
    assert_eq!(world.app.show(&lead).await["status"], "approved");
    let updates = world.affili.calls().iter().filter(|call| call.method == "POST").count();
    assert_eq!(updates, told, "no update after the poll");
    // A closed conversion takes none; that is on the timeline.
    world.affili.close(&lead).unwrap();
    world.app.post(&format!("/api/v1/leads/{lead}/status"), json!({"status": "rejected"})).await.expect(200);
    world.app.drain().await;
    let lines = world.app.get(&format!("/api/v1/leads/{lead}/timeline")).await.expect(200);
    let last = lines["items"].as_array().unwrap().iter().rfind(|line| line["kind"] == "told").unwrap().clone();
    assert_eq!(last["detail"]["outcome"], "refused", "{last:#}");
}

#[tokio::test]
async fn a_sale_reports_its_amount_and_an_upsell_changes_it() {
    let world = world(json!({"conversion_type": "sale", "commission_name": "default"})).await;
    let lead = json!({"offer": "tea", "phone": "+34612345676", "price": "1500000", "currency": "IRR", "meta": visit()});
    let lead = world.app.lead(&world.token, lead).await.expect(201)["id"].as_str().unwrap().to_owned();
    world.app.drain().await;
    assert_eq!(world.affili.conversion(&lead).unwrap().amount, 1_500_000);
    let change = json!({"quantity": 2});
    world.app.call(Method::PATCH, &format!("/api/v1/leads/{lead}"), &world.token, &change).await.expect(200);
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(world.affili.conversion(&lead).unwrap().amount, 3_000_000);
}

#[tokio::test]
async fn the_services_keep_customers_and_later_conversions_quote_them() {
    let settings = json!({
        "generation": "services", "access_id": "fake-affili-services-token",
        "list_access_id": "fake-affili-access-id", "customers": true,
    });
    let world = world(settings).await;
    let first = json!({"referrer": "5f00000000000000000000a1", "mcs_id": "person-1"});
    let first = world.lead("+34612345677", first).await;
    let customer = world.affili.customers().pop().expect("the person is kept");
    assert_eq!(world.affili.conversion(&first).unwrap().customer_id.as_deref(), Some(customer.id.as_str()));
    // Without a referrer, weeks later.
    let later = world.lead("+34612345677", json!({"mcs_id": "person-1"})).await;
    assert_eq!(world.app.show(&later).await["deliveries"][0]["state"], "accepted");
    assert_eq!(world.affili.conversion(&later).unwrap().customer_id.as_deref(), Some(customer.id.as_str()));
    let stranger = world.lead("+34612345678", json!({"mcs_id": "person-2"})).await;
    assert_eq!(world.app.show(&stranger).await["status"], "rejected");
    assert_eq!(world.affili.customers().len(), 1);
    world.affili.approve(&first).unwrap();
    world.poll_later("updated").await;
    assert_eq!(world.app.show(&first).await["status"], "approved");
}

#[tokio::test]
async fn what_changes_about_a_kept_customer_is_edited_there() {
    let settings = json!({"generation": "services", "access_id": "fake-affili-services-token", "customers": true});
    let world = world(settings).await;
    let lead = world.lead("+34612345677", json!({"referrer": "5f00000000000000000000a1", "mcs_id": "person-1"})).await;
    let change = json!({"name": "Sara Ahmadi", "email": "sara@example.com"});
    world.app.patch(&format!("/api/v1/leads/{lead}"), change).await.expect(200);
    world.app.hurry().await;
    world.app.drain().await;
    let customers = world.affili.customers();
    let [customer] = customers.as_slice() else { panic!("{customers:#?}") };
    let told = customer.meta_data.as_ref().unwrap();
    assert_eq!((&told["email"], &told["mobile"]), (&json!("sara@example.com"), &json!("+34612345677")), "{told:#}");
    assert!(told["first_name"].as_str().unwrap().contains("Sara"), "{told:#}");
}

#[tokio::test]
async fn conversions_can_be_looked_through_by_every_filter() {
    let world = world(json!({"conversion_type": "sale", "commission_name": "default"})).await;
    let begun = world.app.app.clock.now();
    let (mut small, mut large) = (String::new(), String::new());
    for (lead, phone, price) in [(&mut small, "+34612345671", "1000"), (&mut large, "+34612345672", "900000")] {
        let body = json!({"offer": "tea", "phone": phone, "price": price, "currency": "IRR", "meta": visit()});
        *lead = world.app.lead(&world.token, body).await.expect(201)["id"].as_str().unwrap().to_owned();
        world.app.drain().await;
        world.affili.advance_clock(chrono::TimeDelta::hours(1));
    }
    world.affili.approve(&large).unwrap();
    let between = (begun + chrono::TimeDelta::minutes(30)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let large_only = [
        "status=1",
        "min_amount=500000",
        "min_amount=500000&max_amount=1000000&is_closed=0&checked_out=0",
        &format!("external_id={large}"),
        &format!("min_created_at={between}"),
        &format!("min_updated_at={between}&min_wage=0&min_commission_amount=0"),
    ];
    for query in large_only {
        let list = world.app.get(&format!("/api/v1/networks/affili/records?{query}")).await.expect(200);
        let refs: Vec<_> = list["items"].as_array().unwrap().iter().map(|record| record["our_ref"].clone()).collect();
        assert_eq!(refs, [json!(large)], "{query}: {list:#}");
        assert_eq!(list["items"][0]["means"], "approved");
    }
    let before = format!("/api/v1/networks/affili/records?max_created_at={between}&max_amount=1000&max_wage=999999");
    assert_eq!(world.app.get(&before).await.expect(200)["items"][0]["our_ref"], json!(small));
    assert_eq!(world.app.show(&large).await["status"], "hold", "looking changes nothing");

    // One of them is taken over by its id.
    let id = world.affili.conversion(&large).unwrap().id;
    let records = "/api/v1/networks/affili/records";
    assert_eq!(world.app.post(records, json!({"id": id})).await.expect(200)["result"], "applied");
    assert_eq!(world.app.show(&large).await["status"], "approved");
    let none = world.app.post(records, json!({"id": "zzzzz"})).await.expect(409);
    assert!(none["detail"].as_str().unwrap().contains("404"), "{none:#}");
    assert_eq!(world.app.get(&format!("{records}?min_created_at=1399-01-17")).await.fields(), ["min_created_at"]);
    assert_eq!(world.app.get(&format!("{records}?status=9")).await.status, 409, "Affili refuses it, and we say so");
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_in_any_calendar() {
    let world = world(json!({})).await;
    world.affili.change_settings(|settings| settings.page_size = std::num::NonZeroUsize::new(3));
    let mut leads = Vec::new();
    for no in 0..8 {
        leads.push(world.lead(&format!("+3461234560{no}"), visit()).await);
    }
    leads.iter().for_each(|lead| drop(world.affili.approve(lead).unwrap()));
    let poll = world.poll_later("updated").await;
    assert_eq!((&poll["applied"], &poll["reports"]), (&json!(8), &json!(8)), "{poll:#}");
    for lead in &leads {
        assert_eq!(world.app.show(lead).await["status"], "approved");
    }
    // A key that is not accepted any more fails the poll, and says so.
    world.app.patch("/api/v1/networks/affili", json!({"settings": {"access_id": "wrong"}})).await.expect(200);
    let poll = world.poll_later("updated").await;
    assert!(poll["error"].as_str().unwrap().contains("401"), "{poll:#}");
    assert_ne!(poll["state"], "done");
}
