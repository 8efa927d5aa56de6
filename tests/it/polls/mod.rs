//! Asking networks for statuses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Got, Play};

mod by_ids;
mod orphans;
mod schedule;
mod unreadable;

/// A network `n1` that takes leads of the offer `tea` and answers for their statuses.
pub struct World {
    pub app: TestApp,
    /// Takes the leads.
    pub fake: Fake,
    /// Answers for their statuses.
    pub status: Fake,
    pub token: String,
    pub book: Book,
}

/// What the network says of leads, by our id.
#[derive(Clone, Default)]
pub struct Book(Arc<Mutex<BTreeMap<String, Value>>>);

impl Book {
    pub fn set(&self, lead_id: &str, row: Value) {
        let mut row = row;
        row["id"] = json!(lead_id);
        self.0.lock().unwrap().insert(lead_id.to_owned(), row);
    }

    /// The answer to a call that names leads in `ids`.
    pub fn answer(&self, got: &Got) -> Value {
        let book = self.0.lock().unwrap();
        ids(got).iter().filter_map(|id| book.get(id).cloned()).collect()
    }
}

/// The leads a call asks about.
pub fn ids(got: &Got) -> Vec<String> {
    let ids = got.query("ids").unwrap_or_default();
    ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Without workers.
pub async fn world() -> World {
    let app = TestApp::idle().await;
    let (fake, status) = (Fake::start().await, Fake::start().await);
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({"status_url": format!("{}/status", status.base)})).await;
    app.route("tea", "n1", 1).await;
    let book = Book::default();
    let own = book.clone();
    status.answers_by(move |got| Play::Json(200, own.answer(got)));
    World { app, fake, status, token, book }
}

impl World {
    /// Leads that `n1` has accepted.
    pub async fn accepted(&self, count: usize) -> Vec<String> {
        let leads: Vec<Value> = (0..count).map(|no| json!({"offer": "tea", "phone": phone(no)})).collect();
        let answer = self.app.call(reqwest::Method::POST, "/api/v1/leads/batch", &self.token, &json!(leads)).await;
        let made = answer.expect(200)["results"].as_array().unwrap().clone();
        self.app.drain().await;
        made.iter().map(|one| one["lead"]["id"].as_str().unwrap_or_else(|| panic!("{one}")).to_owned()).collect()
    }

    /// Asks the network now; gives the poll as it is when nothing is left to do.
    pub async fn poll(&self, body: Value) -> Value {
        let begun = self.app.post("/api/v1/networks/n1/poll", body).await.expect(202);
        self.app.drain().await;
        self.show(begun["poll_id"].as_str().unwrap()).await
    }

    pub async fn show(&self, poll_id: &str) -> Value {
        self.app.get(&format!("/api/v1/polls/{poll_id}")).await.expect(200)
    }

    pub async fn status_of(&self, lead_id: &str) -> String {
        self.app.show(lead_id).await["status"].as_str().unwrap().to_owned()
    }

    /// The feed of this name as the network's object shows it.
    pub async fn feed(&self, name: &str) -> Value {
        let network = self.app.get("/api/v1/networks/n1").await.expect(200);
        let feeds = network["feeds"].as_array().unwrap();
        feeds.iter().find(|feed| feed["name"] == name).cloned().unwrap_or_else(|| panic!("{network:#}"))
    }
}

/// A page for people where a list should be.
pub fn html(status: u16, text: &str) -> Play {
    Play::Raw(status, vec!["content-type: text/html".into()], text.as_bytes().to_vec())
}
