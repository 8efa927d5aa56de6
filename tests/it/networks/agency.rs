//! An agency's account at a network of AlterCPA, by the template file.

use std::time::Duration;

use leadrelay::practice::altercpa::{AGENCY_TOKEN, AlterCpa, Fault, Stage};
use serde_json::{Value, json};

use crate::kit::app::TestApp;
use crate::kit::partner;

struct World {
    app: TestApp,
    partner: AlterCpa,
    token: String,
}

async fn world(prefix: &str) -> World {
    let app = TestApp::idle().await;
    let partner = AlterCpa::new(partner::clock());
    let base = partner::serve(partner.router()).await;
    let token = app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"params": {"altercpa": "8", "altercpa-es": "7"}})).await.expect(200);
    let settings = json!({"base_url": format!("{base}{prefix}"), "token": AGENCY_TOKEN});
    let body = json!({"slug": "pro", "name": "Pro", "integration": "altercpa-agency", "settings": settings, "timeout_seconds": 2});
    app.post("/api/v1/networks", body).await.expect(201);
    app.route("tea", "pro", 1).await;
    World { app, partner, token }
}

impl World {
    async fn lead(&self, phone: &str) -> String {
        let body = json!({"offer": "tea", "phone": phone, "ip": "203.0.113.7", "name": "Ann Lee", "country": "ES"});
        let id = self.app.lead(&self.token, body).await.expect(201)["id"].as_str().unwrap().to_owned();
        self.app.drain().await;
        id
    }

    async fn poll(&self) -> Value {
        let begun = self.app.post("/api/v1/networks/pro/poll", json!({"feed": "open"})).await.expect(202);
        self.app.drain().await;
        self.app.get(&format!("/api/v1/polls/{}", begun["poll_id"].as_str().unwrap())).await.expect(200)
    }
}

#[tokio::test]
async fn a_lead_is_added_under_our_id_and_its_stages_are_polled() {
    for (prefix, as_object) in [("/api", false), ("", true)] {
        let world = world(prefix).await;
        world.partner.switch(|switches| switches.lists_as_object = as_object);
        let lead = world.lead("+34612345671").await;
        let theirs = world.partner.lead_of_caller(&lead).expect("under our id");
        assert_eq!(theirs.offer, 7, "the parameter of the country");
        let shown = world.app.show(&lead).await;
        assert_eq!(shown["deliveries"][0]["external_id"], json!(theirs.id.to_string()), "{shown:#}");
        world.partner.set_status(theirs.id, 4);
        let poll = world.poll().await;
        assert_eq!((&poll["state"], &poll["asked"]), (&json!("done"), &json!(1)), "{poll:#}");
        assert_eq!(world.app.show(&lead).await["status"], "hold", "{poll:#}");
        world.partner.accept(theirs.id);
        assert_eq!(world.partner.stage(theirs.id), Some(Stage::Approve));
        world.poll().await;
        assert_eq!(world.app.show(&lead).await["status"], "approved");
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_the_lead_is_there_once() {
    for fault in [Fault::Drop { handled: true }, Fault::Slow { wait: Duration::from_secs(4) }, Fault::TruncatedJson] {
        let world = world("/api").await;
        world.partner.fault_next("/api/ext/add.json", fault.clone(), 1);
        let lead = world.lead("+34612345672").await;
        world.app.hurry().await;
        world.app.drain().await;
        world.app.until_delivery(&lead, "accepted").await;
        assert_eq!(world.partner.leads().len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn verdicts_in_the_body_are_heard() {
    let world = world("/api").await;
    let first = world.lead("+34612345673").await;
    assert_eq!(world.app.show(&first).await["status"], "pending");
    let second = world.lead("+34612345673").await;
    assert_eq!(world.app.show(&second).await["status"], "trash", "a duplicate");
    world.partner.fault_next("/api/ext/add.json", Fault::Verdict { error: "db".into() }, 1);
    let third = world.lead("+34612345674").await;
    assert_eq!(world.app.show(&third).await["deliveries"][0]["state"], "retrying");
    world.partner.suspend(202, true);
    let fourth = world.lead("+34612345675").await;
    assert_eq!(world.app.show(&fourth).await["deliveries"][0]["state"], "waiting");
    assert_eq!(world.app.get("/api/v1/networks/pro").await.expect(200)["state"], "paused");
}
