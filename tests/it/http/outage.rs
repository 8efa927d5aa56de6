//! The database goes away and comes back.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::kit::app::{Answer, TestApp, read};
use crate::kit::database::{TestDb, database};
use crate::kit::fake::{Fake, Play};

/// A way to the database that can be cut: all connections end, new ones are closed at once.
struct Way {
    is_cut: watch::Sender<bool>,
    port: u16,
}

impl Way {
    async fn to(db: &TestDb) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let (is_cut, watched) = watch::channel(false);
        let target = PgConnectOptions::from_str(&db.url).unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = socket.accept().await {
                let (target, mut cut) = (target.clone(), watched.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        _ = cut.wait_for(|is_cut| *is_cut) => {}
                        () = carry(client, &target) => {}
                    }
                });
            }
        });
        Self { is_cut, port }
    }

    fn db(&self, db: &TestDb) -> TestDb {
        let options = PgConnectOptions::from_str(&db.url).unwrap();
        let (user, name) = (options.get_username(), options.get_database().unwrap());
        let url = format!("postgres://{user}@127.0.0.1:{}/{name}?sslmode=disable", self.port);
        TestDb { url, pool: db.pool.clone() }
    }
}

async fn carry(mut client: TcpStream, target: &PgConnectOptions) {
    let host = target.get_host();
    let folder = target.get_socket().cloned().or_else(|| host.starts_with('/').then(|| host.into()));
    if let Some(folder) = folder {
        let mut server = UnixStream::connect(folder.join(format!(".s.PGSQL.{}", target.get_port()))).await.unwrap();
        let _ = copy_bidirectional(&mut client, &mut server).await;
    } else {
        let mut server = TcpStream::connect((host, target.get_port())).await.unwrap();
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

fn lead(n: usize) -> Value {
    json!({"offer": "tea", "phone": format!("+346{:08}", 12_000_000 + n), "external_id": format!("o-{n}")})
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.problem(503), "unavailable");
    assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn without_its_database_it_says_so_and_afterwards_goes_on_by_itself() {
    let db = database().await;
    let way = Way::to(&db).await;
    let app = TestApp::start_on(&way.db(&db), &[("LEADRELAY__DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1")]).await;
    let token = app.with_offer("tea").await;
    for n in 0..5 {
        app.lead(&token, lead(n)).await.expect(201);
    }

    way.is_cut.send_replace(true);
    for n in 5..10 {
        assert_unavailable(&app.lead(&token, lead(n)).await);
    }
    assert_unavailable(&app.get("/api/v1/leads").await);
    assert_unavailable(&app.post("/api/v1/offers", json!({"slug": "coffee"})).await);
    let batch = app.post("/api/v1/leads/batch", json!([lead(5)])).await;
    assert!([200, 503].contains(&batch.status), "{}", batch.text);
    let bad = app.lead(&token, json!({"offer": "tea"})).await;
    assert_eq!(bad.fields(), ["phone"], "what needs no database is answered as ever");
    assert_eq!(read(app.http.get(format!("{}/healthz", app.base))).await.status, 200);
    let ready = read(app.http.get(format!("{}/readyz", app.base))).await;
    assert_eq!(ready.expect(503)["database"], "failed");

    way.is_cut.send_replace(false);
    let deadline = Instant::now() + Duration::from_secs(20);
    for n in 5..10 {
        while app.lead(&token, lead(n)).await.status != 201 {
            assert!(Instant::now() < deadline, "it does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    while read(app.http.get(format!("{}/readyz", app.base))).await.status != 200 {
        assert!(Instant::now() < deadline, "it does not become ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.count("select count(*) from lead").await, 10);
}

#[tokio::test]
async fn no_acknowledged_lead_is_lost_and_none_is_there_twice_when_the_database_comes_and_goes() {
    let db = database().await;
    let way = Way::to(&db).await;
    let app =
        Arc::new(TestApp::on(&way.db(&db), &[("LEADRELAY__DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1")], false).await);
    let token = app.with_offer("tea").await;
    let done = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicU16::new(0));
    let posters: Vec<_> = (0..6)
        .map(|poster| {
            let (app, token, done, refused) =
                (Arc::clone(&app), token.clone(), Arc::clone(&done), Arc::clone(&refused));
            tokio::spawn(async move {
                let mut told = Vec::new();
                let mut n = poster * 100_000;
                while !done.load(Ordering::SeqCst) {
                    // As a caller does who was not answered 201: again, until it is.
                    let answer = app.lead(&token, lead(n)).await;
                    match answer.status {
                        200 | 201 => {
                            told.push((n, answer.json()["id"].as_str().unwrap().to_owned()));
                            n += 1;
                        }
                        _ => {
                            // The commit's answer may be lost, so a lead may be stored and not acknowledged.
                            assert_unavailable(&answer);
                            refused.fetch_add(1, Ordering::SeqCst);
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                    }
                }
                told
            })
        })
        .collect();
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        way.is_cut.send_replace(true);
        tokio::time::sleep(Duration::from_millis(150)).await;
        way.is_cut.send_replace(false);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    done.store(true, Ordering::SeqCst);
    let mut told = Vec::new();
    for poster in posters {
        told.extend(poster.await.unwrap());
    }
    assert!(refused.load(Ordering::SeqCst) > 0 && told.len() > 20, "{} were told", told.len());
    let stored: std::collections::BTreeMap<String, String> =
        sqlx::query_as::<_, (String, String)>("select external_id, lead_id::text from lead")
            .fetch_all(&db.pool)
            .await
            .unwrap()
            .into_iter()
            .collect();
    for (n, lead_id) in &told {
        assert_eq!(stored.get(&format!("o-{n}")), Some(lead_id));
    }
    // At most one of each poster may be stored without having been told.
    assert!(stored.len() <= told.len() + 6, "{} of {}", stored.len(), told.len());
}

#[tokio::test]
async fn an_answer_that_comes_while_the_database_is_away_is_written_when_it_is_back() {
    let db = database().await;
    let way = Way::to(&db).await;
    let app = TestApp::start_on(&way.db(&db), &[("LEADRELAY__DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1")]).await;
    let fake = Fake::start().await;
    fake.always(Play::Slow(Duration::from_millis(500), 200, json!({"status": "ok", "id": "n-1"})));
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let id = app.lead(&token, lead(1)).await.expect(201)["id"].as_str().unwrap().to_owned();
    fake.until(1).await;
    way.is_cut.send_replace(true);
    // The answer comes in this time, and finds no database.
    tokio::time::sleep(Duration::from_secs(2)).await;
    way.is_cut.send_replace(false);
    let deadline = Instant::now() + Duration::from_secs(20);
    while read(app.http.get(format!("{}/readyz", app.base))).await.status != 200 {
        assert!(Instant::now() < deadline, "it does not become ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lead = app.until_delivery(&id, "accepted").await;
    assert_eq!(lead["deliveries"][0]["external_id"], "n-1");
    assert_eq!(fake.got().len(), 1, "and it is not sent again");
}
