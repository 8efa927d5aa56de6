//! A whole leadrelay in the test's process: its own database, a real listener on loopback, and workers that run by
//! themselves (`TestApp::start`) or only when asked to (`TestApp::idle` and `drain`).

use std::time::Duration;

use leadrelay::adapters::Registry;
use leadrelay::app::{App, Parts};
use leadrelay::base::clock::Clock;
use leadrelay::base::secret::Seal;
use leadrelay::config;
use leadrelay::http::{listener, router};
use leadrelay::lifecycle::Lifecycle;
use leadrelay::net::{Client, Limits, Policy};
use leadrelay::workers;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::database::{self, TestDb};

/// The automation token of every test application.
pub const ADMIN: &str = "admin-token-of-the-tests";
/// How long a state may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running application.
pub struct TestApp {
    pub app: App,
    /// `http://127.0.0.1:port`
    pub base: String,
    pub http: reqwest::Client,
    life: Lifecycle,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body, after a look at the status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// `code` of a problem, after a look at the status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        self.expect(status)["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields a 422 names.
    #[track_caller]
    pub fn fields(&self) -> Vec<String> {
        let errors = self.expect(422)["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl TestApp {
    /// With workers, on a database of its own.
    pub async fn start() -> Self {
        Self::start_on(&database::database().await, &[]).await
    }

    /// Without workers: nothing happens but by [`TestApp::drain`].
    pub async fn idle() -> Self {
        Self::on(&database::database().await, &[], false).await
    }

    /// With workers, on this database, with settings over the tests' own.
    pub async fn start_on(db: &TestDb, settings: &[(&str, &str)]) -> Self {
        Self::on(db, settings, true).await
    }

    /// One node on a database; several may share it.
    pub async fn on(db: &TestDb, settings: &[(&str, &str)], has_workers: bool) -> Self {
        let own = [
            ("LEADRELAY_ADMIN_TOKEN", ADMIN),
            ("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "true"),
            ("DATABASE_URL", db.url.as_str()),
        ];
        let given = own.iter().chain(settings).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = config::load(given).expect("the tests' settings");
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", socket.local_addr().expect("an address"));
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(config.database.max_connections)
            .acquire_timeout(config.database.acquire_timeout())
            .connect(&db.url)
            .await
            .expect("the database");
        let policy = Policy::parse(config.http.allow_private_targets, &config.http.allowed_targets).expect("targets");
        let limits = Limits {
            max_answer_bytes: config.http.max_answer_bytes,
            max_list_bytes: config.http.max_list_bytes,
            ..Limits::default()
        };
        let app = App::start(Parts {
            db: pool,
            clock: Clock::system(),
            seal: Seal::new([7; 32]),
            adapters: Registry::load(None).expect("the built-in integrations"),
            net: Client::new(policy, limits).expect("the client"),
            public_url: Url::parse(&base).expect("a URL"),
            metrics: Some(leadrelay::telemetry::install_metrics()),
            config,
        });
        app.rules.refresh(&app.db).await.expect("the rules");
        let life = Lifecycle::new();
        if has_workers {
            workers::start(&app, &life);
        }
        let limits = listener::Limits { max_connections: 1000, header_timeout: Duration::from_secs(10) };
        life.spawn("listener", listener::serve(socket, router::router(app.clone()), limits, life.soft()));
        let http = client_builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { app, base, http, life }
    }

    /// Runs every job that is due, and what follows from it, until nothing is due.
    pub async fn drain(&self) {
        workers::runner(&self.app).run_until_idle().await.expect("drain");
    }

    /// One call. `token`: empty for none. `body`: null for none.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        read(request).await
    }

    /// A call as the admin.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, ADMIN, &body).await
    }

    /// A call as the admin.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, ADMIN, &Value::Null).await
    }

    /// A call as the admin.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, ADMIN, &body).await
    }

    /// A call as the admin.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, ADMIN, &Value::Null).await
    }

    /// An offer with a payout of 10 USD and a webmaster; gives the webmaster's token.
    pub async fn with_offer(&self, slug: &str) -> String {
        self.post("/api/v1/offers", json!({"slug": slug, "name": slug, "payout": "10", "currency": "USD"}))
            .await
            .expect(201);
        self.webmaster("anna").await
    }

    /// A webmaster (made unless there) and a new token of it.
    pub async fn webmaster(&self, slug: &str) -> String {
        self.post("/api/v1/webmasters", json!({"slug": slug, "name": slug})).await;
        let issued =
            self.post(&format!("/api/v1/webmasters/{slug}/tokens"), json!({"name": "tests"})).await.expect(201);
        issued["token"].as_str().expect("a token").to_owned()
    }

    /// An `http-json` network that posts to this URL; more settings over it. Gives its object.
    pub async fn network(&self, slug: &str, url: &str, settings: Value) -> Value {
        let mut all = json!({"url": url});
        leadrelay::http::api::resource::merge(&mut all, settings);
        let body =
            json!({"slug": slug, "name": slug, "integration": "http-json", "settings": all, "timeout_seconds": 2});
        self.post("/api/v1/networks", body).await.expect(201)
    }

    /// A route of an offer to a network at a position.
    pub async fn route(&self, offer: &str, network: &str, position: i64) -> Value {
        self.post("/api/v1/routes", json!({"offer": offer, "network": network, "position": position})).await.expect(201)
    }

    /// Posts a lead as a webmaster.
    pub async fn lead(&self, token: &str, body: Value) -> Answer {
        self.call(Method::POST, "/api/v1/leads", token, &body).await
    }

    /// Posts a lead of the offer with this phone; gives its id.
    pub async fn lead_id(&self, token: &str, offer: &str, phone: &str) -> String {
        let answer = self.lead(token, json!({"offer": offer, "phone": phone})).await;
        answer.expect(201)["id"].as_str().expect("an id").to_owned()
    }

    /// A lead as the admin sees it.
    pub async fn show(&self, lead_id: &str) -> Value {
        self.get(&format!("/api/v1/leads/{lead_id}")).await.expect(200)
    }

    /// Waits until a lead is as wanted.
    pub async fn until(&self, lead_id: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let lead = self.show(lead_id).await;
            if is_so(&lead) {
                return lead;
            }
            assert!(tokio::time::Instant::now() < deadline, "{what} does not come: {lead:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a status of a lead.
    pub async fn until_status(&self, lead_id: &str, status: &str) -> Value {
        self.until(lead_id, status, |lead| lead["status"] == status).await
    }

    /// Waits for a state of the newest delivery of a lead.
    pub async fn until_delivery(&self, lead_id: &str, state: &str) -> Value {
        self.until(lead_id, state, |lead| {
            lead["deliveries"].as_array().and_then(|all| all.last()).is_some_and(|delivery| delivery["state"] == state)
        })
        .await
    }

    /// Everything that waits for its time is due now: what an hour would bring, without the hour.
    pub async fn hurry(&self) {
        sqlx::query("update job set run_at = now() where state = 'ready'").execute(&self.app.db).await.expect("hurry");
        self.app.wake.jobs();
    }

    /// Makes the calls of a poll, without the pauses between them, until it is over or something stands in its way.
    pub async fn poll_to_its_end(&self, begun: &Value) -> Value {
        let path = format!("/api/v1/polls/{}", begun["poll_id"].as_str().expect("a poll"));
        loop {
            self.hurry().await;
            self.drain().await;
            let poll = self.get(&path).await.expect(200);
            if matches!(poll["state"].as_str(), Some("done" | "failed")) || !poll["error"].is_null() {
                return poll;
            }
        }
    }

    /// Waits until a statement waits for a lock.
    pub async fn until_blocked(&self) {
        let sql =
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
        while self.count(sql).await == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.app.db).await.expect("a count")
    }

    /// Ends the workers and the listener as a signal does.
    pub async fn stop(self) {
        self.life.stop();
        let (_keep, signals) = tokio::sync::mpsc::channel(1);
        self.life.run_with(signals).await;
    }
}

/// The caller's client, not the server's.
pub fn client_builder() -> reqwest::ClientBuilder {
    // Another client of this process may have brought it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "the test is the caller, not the server")]
    reqwest::Client::builder()
}

/// Sends a request and reads its answer.
pub async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.expect("a body"),
    }
}
