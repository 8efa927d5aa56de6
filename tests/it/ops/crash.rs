//! The real program on a test database, killed at bad moments.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use leadrelay::base::ids::Ids;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::{Value, json};

use crate::delivery::phone;
use crate::kit::app::client_builder;
use crate::kit::app::{ADMIN, Answer, read};
use crate::kit::database::{TestDb, database};
use crate::kit::fake::{Fake, Play};

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A process of `leadrelay serve`; killed when dropped.
struct Server {
    child: Child,
    base: String,
    http: reqwest::Client,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port nobody listens on now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn command(db: &TestDb, key: &str, port: u16, data: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadrelay"));
    command
        .arg("serve")
        .current_dir(data)
        .env_clear()
        .env("DATABASE_URL", &db.url)
        .env("LEADRELAY_ADMIN_TOKEN", ADMIN)
        .env("LEADRELAY__SECRET_KEY", key)
        .env("LEADRELAY__DATA_DIR", data)
        .env("LEADRELAY__SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "true")
        .env("LEADRELAY__LOG__LEVEL", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

impl Server {
    async fn start(db: &TestDb) -> Self {
        let data = tempfile::tempdir().unwrap();
        let port = free_port();
        let child = command(db, KEY, port, data.path()).stderr(Stdio::null()).spawn().unwrap();
        let http = client_builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let mut server = Self { child, base: format!("http://127.0.0.1:{port}"), http, _data: data };
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let ready = server.http.get(format!("{}/readyz", server.base)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return server;
            }
            assert_eq!(server.child.try_wait().unwrap(), None, "the server has ended");
            assert!(Instant::now() < deadline, "the server is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        read(self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token).json(&body)).await
    }

    async fn make(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, ADMIN, body).await.expect(201)
    }

    /// Offer, webmaster, a `once` network at the fake; gives the webmaster's token.
    async fn set_up(&self, fake: &Fake) -> String {
        self.make("/api/v1/offers", json!({"slug": "tea", "name": "tea", "payout": "1", "currency": "USD"})).await;
        self.make("/api/v1/webmasters", json!({"slug": "anna", "name": "Anna"})).await;
        let network = json!({"slug": "n1", "name": "n1", "integration": "http-json", "settings": {"url": fake.base},
            "timeout_seconds": 5, "rate_limit": {"concurrency": 4}});
        self.make("/api/v1/networks", network).await;
        self.make("/api/v1/routes", json!({"offer": "tea", "network": "n1"})).await;
        let token = self.make("/api/v1/webmasters/anna/tokens", json!({"name": "t"})).await;
        token["token"].as_str().unwrap().to_owned()
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Posts leads until the server is gone or `count` are in; gives the ids that were acknowledged.
    async fn post(&self, token: &str, from: usize, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for number in from..from + count {
            let body = json!({"offer": "tea", "phone": phone(number), "external_id": format!("o-{number}")});
            let sent =
                self.http.post(format!("{}/api/v1/leads", self.base)).bearer_auth(token).json(&body).send().await;
            let Ok(answer) = sent else { break };
            if answer.status() != 201 {
                continue;
            }
            let Ok(lead) = answer.json::<Value>().await else { break };
            ids.push(lead["id"].as_str().unwrap().to_owned());
        }
        ids
    }
}

async fn count(db: &TestDb, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&db.pool).await.unwrap()
}

/// Leases of dead workers end now, not in two minutes.
async fn settle(db: &TestDb) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while count(db, "select count(*) from delivery where state in ('waiting', 'sending', 'retrying')").await > 0 {
        sqlx::query("update job set run_at = now() where state = 'ready'").execute(&db.pool).await.unwrap();
        assert!(Instant::now() < deadline, "deliveries do not settle");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn expire_leases(db: &TestDb) {
    sqlx::query("update job set lease_until = now() where state = 'leased'").execute(&db.pool).await.unwrap();
}

fn sent(fake: &Fake) -> Vec<String> {
    let mut ids: Vec<String> = fake.got().iter().map(|got| got.json()["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_no_acknowledged_lead_and_sends_none_twice_to_a_once_network() {
    let db = database().await;
    let fake = Fake::start().await;
    fake.always(Play::Slow(Duration::from_millis(30), 200, json!({"status": "ok"})));
    let mut server = Server::start(&db).await;
    let token = server.set_up(&fake).await;
    let mut acknowledged = Vec::new();
    // Bad moments, another each time this runs.
    let random = Ids.next().as_bytes()[15];
    for round in 0..3_u64 {
        let wait = Duration::from_millis((u64::from(random) * (round + 1)) % 200);
        let so_far = fake.got().len();
        let from = usize::try_from(round).unwrap() * 1000;
        let (a, b, ()) = tokio::join!(server.post(&token, from, 300), server.post(&token, from + 500, 300), async {
            fake.until(so_far + 5).await;
            tokio::time::sleep(wait).await;
            server.signal(Signal::SIGKILL);
        });
        acknowledged.extend(a);
        acknowledged.extend(b);
        server.child.wait().unwrap();
        expire_leases(&db).await;
        server = Server::start(&db).await;
    }
    settle(&db).await;
    assert!(acknowledged.len() > 10, "{} leads came in before the kills", acknowledged.len());
    for id in &acknowledged {
        let found: bool = sqlx::query_scalar("select exists (select from lead where lead_id = $1::uuid)")
            .bind(id)
            .fetch_one(&db.pool)
            .await
            .unwrap();
        assert!(found, "{id} is lost");
    }
    let ids = sent(&fake);
    let mut once = ids.clone();
    once.dedup();
    assert_eq!(ids.len(), once.len(), "none is sent twice");
    // Each was accepted, or waits for a person because nobody knows.
    let decided = count(&db, "select count(*) from delivery where state in ('accepted', 'needs_review')").await;
    assert_eq!(decided, count(&db, "select count(*) from lead").await);
    assert!(count(&db, "select count(*) from delivery where state = 'accepted'").await > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_termination_under_load_finishes_what_runs_and_exits_with_0() {
    let db = database().await;
    let fake = Fake::start().await;
    fake.always(Play::Slow(Duration::from_millis(500), 200, json!({"status": "ok"})));
    let mut server = Server::start(&db).await;
    let token = server.set_up(&fake).await;
    let (ids, ()) = tokio::join!(server.post(&token, 0, 1000), async {
        fake.until(3).await;
        server.signal(Signal::SIGTERM);
    });
    let began = Instant::now();
    let code = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status.code();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(code, Some(0));
    assert_eq!(count(&db, "select count(*) from job where state = 'leased'").await, 0, "nothing is left in the air");
    assert_eq!(count(&db, "select count(*) from delivery where state = 'sending'").await, 0);
    let stored = count(&db, "select count(*) from lead").await;
    assert!(stored >= i64::try_from(ids.len()).unwrap(), "{stored} stored, {} acknowledged", ids.len());
    let accepted = count(&db, "select count(*) from delivery where state = 'accepted'").await;
    assert_eq!(i64::try_from(sent(&fake).len()).unwrap(), accepted, "every call that began is settled");
}

#[tokio::test]
async fn a_process_with_another_secret_key_refuses_to_start() {
    let db = database().await;
    let server = Server::start(&db).await;
    let data = tempfile::tempdir().unwrap();
    let mut command = command(&db, OTHER_KEY, free_port(), data.path());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("another secret key"), "{words}");
    assert!(!words.contains(OTHER_KEY));
    let ready = server.http.get(format!("{}/readyz", server.base)).send().await.unwrap();
    assert_eq!(ready.status(), 200, "the first one runs on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_one_database_and_send_each_lead_once() {
    let db = database().await;
    let fake = Fake::start().await;
    let one = Server::start(&db).await;
    let token = one.set_up(&fake).await;
    let two = Server::start(&db).await;
    let (a, b) = tokio::join!(one.post(&token, 0, 60), two.post(&token, 500, 60));
    assert_eq!((a.len(), b.len()), (60, 60));
    settle(&db).await;
    let mut all: Vec<String> = a.into_iter().chain(b).collect();
    all.sort();
    assert_eq!(sent(&fake), all);
}
