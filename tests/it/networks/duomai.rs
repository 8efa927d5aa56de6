use leadrelay::practice::duomai::{Clock, Duomai, Fault, NewOrder, PushMethod, PushOutcome, Status, TestChecksum};
use serde_json::{Value, json};

use crate::kit::app::{TestApp, read};
use crate::kit::partner;

pub const SECRET: &str = "fake-duomai-secret-0123456789";

pub struct World {
    pub app: TestApp,
    pub duomai: Duomai,
    pub token: String,
    pub postback_url: String,
}

pub async fn world(settings: Value) -> World {
    world_with(settings, partner::clock()).await
}

/// With a network whose clock is this one.
pub async fn world_with(settings: Value, clock: Clock) -> World {
    let app = TestApp::idle().await;
    let duomai = Duomai::new(clock);
    let base = partner::serve(duomai.router()).await;
    let token = app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"params": {"duomai": "61"}})).await.expect(200);
    let mut all = json!({"base_url": base, "app_key": "100001", "app_secret": SECRET});
    leadrelay::http::api::resource::merge(&mut all, settings);
    let body =
        json!({"slug": "duomai", "name": "Duomai", "integration": "duomai", "settings": all, "timeout_seconds": 2});
    let network = app.post("/api/v1/networks", body).await.expect(201);
    app.route("tea", "duomai", 1).await;
    let postback_url = network["postback_url"].as_str().unwrap().to_owned();
    World { app, duomai, token, postback_url }
}

impl World {
    pub async fn lead(&self, phone: &str) -> String {
        let id = self.app.lead_id(&self.token, "tea", phone).await;
        self.app.drain().await;
        id
    }

    /// Sends every push that is due to our URL, as Duomai does.
    pub async fn push(&self) -> Vec<(String, PushOutcome)> {
        let mut out = Vec::new();
        for push in self.duomai.take_pushes() {
            let request = if push.method == PushMethod::Get {
                self.app.http.get(push.request_url())
            } else {
                self.app
                    .http
                    .post(push.url.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(push.query_or_body.clone())
            };
            let answer = read(request).await;
            let outcome = self.duomai.answered(&push, Some((answer.status, answer.text.clone())));
            out.push((answer.text, outcome));
        }
        out
    }

    pub async fn poll(&self, feed: &str) -> Value {
        self.app.app.clock.advance(chrono::TimeDelta::minutes(3));
        let begun = self.app.post("/api/v1/networks/duomai/poll", json!({"feed": feed})).await.expect(202);
        self.app.poll_to_its_end(&begun).await
    }
}

/// Our id as their feedback tag.
pub fn euid(lead: &str) -> String {
    lead.replace('-', "")
}

fn answers(pushed: &[(String, PushOutcome)]) -> Vec<&str> {
    pushed.iter().map(|(text, _)| text.as_str()).collect()
}

#[tokio::test]
async fn a_lead_is_a_link_and_its_orders_are_conversions() {
    let world = world(json!({})).await;
    world.duomai.set_push_url("100001", Some(&world.postback_url)).unwrap();
    let lead = world.lead("+34612345671").await;
    let shown = world.app.show(&lead).await;
    assert_eq!(shown["status"], "pending", "{shown:#}");
    let link = shown["redirect_url"].as_str().unwrap_or_else(|| panic!("{shown:#}"));
    assert!(link.contains(&euid(&lead)), "{link}");

    let order = world.duomai.order(NewOrder { euid: euid(&lead), ..NewOrder::default() }).unwrap();
    assert_eq!(answers(&world.push().await), ["1"]);
    let shown = world.app.show(&lead).await;
    assert_eq!(shown["status"], "hold");
    let estimate = shown["revenue"].clone();
    assert_eq!(shown["revenue_currency"], "CNY", "{shown:#}");
    world.duomai.set_status(&order, Status::Confirmed).unwrap();
    world.duomai.set_status(&order, Status::Settled).unwrap();
    assert_eq!(answers(&world.push().await), ["1", "1"]);
    assert_eq!(world.app.show(&lead).await["status"], "paid");
    // A second order of the same link; the first stays what it is.
    let second = world.duomai.order(euid(&lead).as_str()).unwrap();
    world.push().await;
    world.duomai.set_status(&second, Status::Invalid).unwrap();
    world.push().await;
    assert_eq!(world.app.show(&lead).await["status"], "paid", "the best of its orders counts");
    assert!(!estimate.is_null());
    // An identical repeat is known.
    world.duomai.set_status(&second, Status::Invalid).unwrap();
    assert_eq!(answers(&world.push().await), ["0"]);
}

#[tokio::test]
async fn a_lead_whose_only_order_fails_is_rejected_until_another_comes() {
    let world = world(json!({})).await;
    world.duomai.set_push_url("100001", Some(&world.postback_url)).unwrap();
    let lead = world.lead("+34612345672").await;
    let order = world.duomai.order(euid(&lead).as_str()).unwrap();
    world.duomai.set_status(&order, Status::Invalid).unwrap();
    world.push().await;
    assert_eq!(world.app.show(&lead).await["status"], "rejected");
    world.duomai.order(euid(&lead).as_str()).unwrap();
    world.push().await;
    assert_eq!(world.app.show(&lead).await["status"], "hold");
}

#[tokio::test]
async fn pushes_are_checked_and_answered_in_their_dialect() {
    let world = world(json!({})).await;
    world.duomai.set_push_url("100001", Some(&world.postback_url)).unwrap();
    let lead = world.lead("+34612345673").await;
    for post in [false, true] {
        let mut modes = world.duomai.push_modes();
        modes.method = if post { PushMethod::PostForm } else { PushMethod::Get };
        modes.extra.insert("added_later".into(), "a+b & 好".into());
        world.duomai.set_push_modes(modes);
        world
            .duomai
            .order(NewOrder { euid: euid(&lead), goods_name: "茶 A+B&C".into(), ..NewOrder::default() })
            .unwrap();
        assert_eq!(answers(&world.push().await), ["1"], "post: {post}");
    }
    let mut modes = world.duomai.push_modes();
    modes.wrong_checksum = true;
    world.duomai.set_push_modes(modes);
    let before = world.app.show(&lead).await["status"].clone();
    let order = world.duomai.order(euid(&lead).as_str()).unwrap();
    assert_eq!(answers(&world.push().await), ["-1"]);
    assert_eq!(world.app.show(&lead).await["status"], before);
    // The push of the review is answered well, whatever its checksum, and an order of nobody is kept.
    let mut modes = world.duomai.push_modes();
    modes.wrong_checksum = false;
    world.duomai.set_push_modes(modes);
    world.duomai.take_pushes();
    world.duomai.test_push("100001", Status::Invalid, TestChecksum::Other).unwrap();
    world.duomai.order("nobody").unwrap();
    assert_eq!(answers(&world.push().await), ["1", "1"]);
    assert_eq!(read(world.app.http.get(&world.postback_url)).await.text, "-1", "a bare visit");
    // What was lost with the wrong checksum, the poll finds.
    let poll = world.poll("updated").await;
    assert_eq!(poll["state"], "done", "{poll:#}");
    let conversions = world.app.count("select count(*) from conversion where key <> ''").await;
    assert_eq!(conversions, 3, "order {order}");
    let orphans = world.app.get("/api/v1/orphan-reports?network=duomai").await.expect(200);
    assert_eq!(orphans["items"][0]["our_ref"], "nobody", "{orphans:#}");
}

#[tokio::test]
async fn an_order_whose_push_was_lost_is_found_by_the_poll() {
    let world = world(json!({"confirmed_as": "hold"})).await;
    let lead = world.lead("+34612345674").await;
    let order = world.duomai.order(euid(&lead).as_str()).unwrap();
    let poll = world.poll("updated").await;
    assert_eq!((&poll["state"], &poll["applied"]), (&json!("done"), &json!(1)), "{poll:#}");
    assert_eq!(world.app.show(&lead).await["status"], "hold");
    world.duomai.set_status(&order, Status::Confirmed).unwrap();
    world.poll("updated").await;
    assert_eq!(world.app.show(&lead).await["status"], "hold", "as the operator wants it");
    world.duomai.set_status(&order, Status::Settled).unwrap();
    world.poll("updated").await;
    let paid = world.app.show(&lead).await;
    assert_eq!(paid["status"], "paid");
    // Money may still change after settlement.
    world.duomai.change_money(&order, "100.00".parse().unwrap(), "1.25".parse().unwrap()).unwrap();
    let poll = world.poll("settlements").await;
    assert_eq!(poll["applied"], 1, "{poll:#}");
    assert_eq!(world.app.show(&lead).await["revenue"], "1.25");
}

#[tokio::test]
async fn what_the_gateway_says_decides_about_the_lead() {
    let world = world(json!({})).await;
    world.duomai.fault_next("/apis", Fault::busy(), 1);
    let lead = world.lead("+34612345675").await;
    assert_eq!(world.app.show(&lead).await["deliveries"][0]["state"], "retrying");
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(world.app.show(&lead).await["status"], "pending");
    // A plan that was never applied for: the network stops, no lead is spent.
    world.app.patch("/api/v1/offers/tea", json!({"params": {"duomai": "63"}})).await.expect(200);
    let lead = world.lead("+34612345676").await;
    let shown = world.app.show(&lead).await;
    assert_eq!((&shown["status"], &shown["deliveries"][0]["state"]), (&json!("new"), &json!("waiting")), "{shown:#}");
    let network = world.app.get("/api/v1/networks/duomai").await.expect(200);
    assert!(network["state_reason"].as_str().unwrap().contains("4005"), "{network:#}");
    // Mended, everything goes on.
    world.app.patch("/api/v1/offers/tea", json!({"params": {"duomai": "61"}})).await.expect(200);
    world.app.post("/api/v1/networks/duomai/resume", json!({})).await.expect(200);
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(world.app.show(&lead).await["status"], "pending");
}
