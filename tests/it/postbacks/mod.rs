//! What webmasters are told: each change once, in order, signed, and never to a forbidden address.

use serde_json::{Value, json};

use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Got};
use crate::status::{self, World};

mod guard;
mod macros;
mod order;
mod retries;

/// A webmaster's server beside the usual world.
pub struct Told {
    pub world: World,
    pub tracker: Fake,
}

/// Without workers.
pub async fn told() -> Told {
    on(TestApp::idle().await).await
}

pub async fn on(app: TestApp) -> Told {
    Told { world: status::on(app).await, tracker: Fake::start().await }
}

impl Told {
    /// A postback of the webmaster `anna` to her server: a path with macros, and more fields.
    pub async fn postback(&self, path: &str, more: Value) -> Value {
        let mut body = json!({"webmaster": "anna", "url": format!("{}{path}", self.tracker.base)});
        leadrelay::http::api::resource::merge(&mut body, more);
        self.world.app.post("/api/v1/postbacks", body).await.expect(201)
    }

    /// `n1` reports a status and everything that follows from it is done.
    pub async fn says(&self, lead: &Value, status: &str) {
        self.world.says(lead, status).await;
        self.world.app.drain().await;
    }

    /// The value of a parameter in every call that came.
    pub fn heard(&self, name: &str) -> Vec<String> {
        self.tracker.got().iter().map(|got: &Got| got.query(name).unwrap_or_default()).collect()
    }

    /// The calls about a lead as the log shows them, oldest first: (status, state).
    pub async fn log(&self, lead: &Value) -> Vec<(String, String)> {
        let rows = self.rows(lead).await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("").to_owned();
        rows.iter().map(|row| (text(row, "status"), text(row, "state"))).collect()
    }

    pub async fn rows(&self, lead: &Value) -> Vec<Value> {
        let path = format!("/api/v1/postback-deliveries?limit=500&lead={}", status::id(lead));
        let list = self.world.app.get(&path).await.expect(200);
        list["items"].as_array().cloned().unwrap_or_default().into_iter().rev().collect()
    }
}
