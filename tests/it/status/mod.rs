//! What networks report, and what it does to leads and money.

use serde_json::{Value, json};

use crate::kit::app::{Answer, TestApp, read};
use crate::kit::fake::Fake;

mod by_hand;
mod early;
mod inbound;
mod model;
mod money;
mod unmapped;

/// A network's world: an offer `tea` that pays 10 USD and earns 15, a network `n1`, a webmaster.
pub struct World {
    pub app: TestApp,
    pub fake: Fake,
    pub token: String,
    /// Where `n1` calls us.
    pub url: String,
}

/// Without workers.
pub async fn world() -> World {
    on(TestApp::idle().await).await
}

pub async fn on(app: TestApp) -> World {
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"revenue": "15"})).await.expect(200);
    let network = app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let url = network["postback_url"].as_str().expect("a URL").to_owned();
    World { app, fake, token, url }
}

impl World {
    /// A lead that `n1` has accepted.
    pub async fn accepted(&self, number: usize) -> Value {
        let id = self.app.lead_id(&self.token, "tea", &crate::delivery::phone(number)).await;
        self.app.drain().await;
        let lead = self.app.show(&id).await;
        assert_eq!(lead["status"], "pending", "{lead:#}");
        lead
    }

    /// `n1` calls us with these parameters in the query.
    pub async fn call(&self, params: &[(&str, &str)]) -> Answer {
        read(self.app.http.get(&self.url).query(params)).await
    }

    /// The same; gives the result.
    pub async fn report(&self, params: &[(&str, &str)]) -> String {
        let answer = self.call(params).await.expect(200);
        assert_eq!(answer["status"], "ok");
        answer["result"].as_str().expect("a result").to_owned()
    }

    /// `n1` reports a status of a lead.
    pub async fn says(&self, lead: &Value, status: &str) -> String {
        self.report(&[("id", id(lead)), ("status", status)]).await
    }

    pub async fn show(&self, lead: &Value) -> Value {
        self.app.show(id(lead)).await
    }

    /// What was stored of the network's calls: (result, times), oldest first.
    pub async fn stored(&self) -> Vec<(String, i64)> {
        let list = self.app.get("/api/v1/inbound-postbacks?limit=500").await.expect(200);
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .rev()
            .map(|item| (item["result"].as_str().unwrap_or("").to_owned(), item["times"].as_i64().unwrap_or(0)))
            .collect()
    }
}

pub fn id(lead: &Value) -> &str {
    lead["id"].as_str().expect("an id")
}
