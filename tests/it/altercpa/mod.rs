//! The calls of AlterCPA, as scripts, forms and partners written for one make them.

use serde_json::{Value, json};

use crate::kit::app::{TestApp, read};
use crate::kit::fake::Fake;

mod agency;
mod company;
mod form;
mod site;

/// An offer `tea` that goes to `n1`, a webmaster, and the tokens that the calls take.
pub struct World {
    pub app: TestApp,
    pub fake: Fake,
    /// `{number}-{key}` of the webmaster.
    pub webmaster: String,
    /// Of the partner `n1`.
    pub partner: String,
    /// Of a site of the offer.
    pub site: String,
    /// Number of the offer.
    pub offer: i64,
}

/// Without workers.
pub async fn world() -> World {
    World::on(TestApp::idle().await).await
}

impl World {
    /// On this app.
    pub async fn on(app: TestApp) -> Self {
        let fake = Fake::start().await;
        app.with_offer("tea").await;
        app.network("n1", &fake.base, json!({})).await;
        app.route("tea", "n1", 1).await;
        let token = async |path: &str| {
            let issued = app.post(path, json!({})).await.expect(201);
            issued["altercpa_token"].as_str().unwrap().to_owned()
        };
        let webmaster = token("/api/v1/webmasters/anna/tokens").await;
        let partner = token("/api/v1/networks/n1/tokens").await;
        let site = token("/api/v1/offers/tea/tokens").await;
        let offer = app.get("/api/v1/offers/tea").await.expect(200)["number"].as_i64().unwrap();
        Self { app, fake, webmaster, partner, site, offer }
    }

    /// A form post; every answer has HTTP 200.
    pub async fn form(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}", self.app.base);
        read(self.app.http.post(url).query(&[("id", token)]).form(fields)).await.expect(200)
    }

    /// A call with everything in the query.
    pub async fn get(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Value {
        let url = format!("{}{path}", self.app.base);
        read(self.app.http.get(url).query(&[("id", token)]).query(fields)).await.expect(200)
    }

    /// A lead posted by the agency call, accepted by `n1`; its number.
    pub async fn accepted(&self, own_id: &str, phone: &str) -> i64 {
        let offer = self.offer.to_string();
        let fields = [("id", own_id), ("offer", offer.as_str()), ("phone", phone), ("ip", "203.0.113.7")];
        let added = self.form("/ext/add.json", &self.webmaster, &fields).await;
        assert_eq!(added["status"], "ok", "{added}");
        self.app.drain().await;
        added["id"].as_i64().unwrap()
    }

    pub async fn lead(&self, number: i64) -> Value {
        self.app.show(&number.to_string()).await
    }
}
