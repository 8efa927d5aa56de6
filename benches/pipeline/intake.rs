//! (a) Durable intake over HTTP by 64 kept-alive clients, with everything switched on (validation, phone numbers, the
//! duplicate rule, routing), beside pgbench writing the same rows. The network is paused: this is about taking leads.
//! Afterwards every lead that was answered 201 must be in the database, once. (e) The memory of the program meanwhile.

use std::time::Duration;

use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::floor;
use crate::processor::{self, Used};
use crate::report::Report;
use crate::rig::load::{self, Load, Outcome, Until};
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;
use crate::seed::Belongings;

/// How long each side is measured, twice.
const TIME: Duration = Duration::from_secs(15);

/// A program with a webmaster, and an offer `shelf` whose network is paused; gives the webmaster's token.
pub async fn paused(postgres: &Postgres) -> (Program, String) {
    let program = Program::start(&postgres.url(), &[]).await;
    shelf(&program).await;
    let token = set_up::webmaster(program.port(), "anna").await;
    (program, token)
}

/// An offer whose leads are taken and stay: its network is paused.
pub async fn shelf(program: &Program) {
    set_up::offer(program.port(), "shelf").await;
    set_up::network(program.port(), "shelf", "shelf", "http://127.0.0.1:9/leads", "once", 16).await;
    let pause = load::admin(program.port(), "/api/v1/networks/shelf/pause", &serde_json::json!({})).await;
    let (status, text) = pause.expect("an answer");
    assert!(status < 300, "{text}");
}

/// Posts leads for a time.
pub async fn post(port: u16, token: &str, offer: &'static str, first: u64, until: Until) -> Outcome {
    let token = token.to_owned();
    load::run(Load { port, clients: 64, until, rate: None, first }, move |number| request(&token, offer, number)).await
}

/// A lead with an `Idempotency-Key`.
fn request(token: &str, offer: &str, number: u64) -> Vec<u8> {
    let body = set_up::lead(offer, number);
    format!(
        "POST /api/v1/leads HTTP/1.1\r\nhost: rig\r\nauthorization: Bearer {token}\r\nidempotency-key: k-{number}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One lead per transaction by pgbench; transactions a second.
pub async fn floor(postgres: &Postgres, belongings: &Belongings, time: Duration, run: u64) -> f64 {
    let variables = [
        ("n", (run * 1_000_000).to_string()),
        ("webmaster", belongings.webmaster.clone()),
        ("offer", belongings.offer.clone()),
        ("network", belongings.network.clone()),
        ("route", belongings.route.clone()),
    ];
    floor::run(postgres, include_str!("floor/intake.sql"), &variables, time).await
}

/// Measures both sides in turn.
pub async fn run(report: &mut Report) {
    let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let (program, token) = paused(&postgres).await;
    let belongings = Belongings::read(&postgres).await;
    let pool = postgres.pool().await;
    let mut first = 0;
    // Connections, plans and pages are there before anything is measured.
    first +=
        post(program.port(), &token, "shelf", first, Until::Time(Duration::from_secs(3))).await.answers.len() as u64;
    floor(&postgres, &belongings, Duration::from_secs(2), 1).await;
    let (mut floors, mut rates, mut slowest) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..2 {
        floors.push(floor(&postgres, &belongings, TIME, 2 + round).await);
        let before = Used::read(Some(&program), &postgres);
        let outcome = post(program.port(), &token, "shelf", first, Until::Time(TIME)).await;
        let used = Used::read(Some(&program), &postgres);
        first += outcome.answers.len() as u64;
        assert_eq!(outcome.count(201), outcome.answers.len(), "every lead is taken");
        check(&pool, &outcome).await;
        rates.push(outcome.rate(201));
        slowest.push(outcome.percentile(0.99));
        report.add("intake", "processor time of one lead", used.each_since(before, outcome.answers.len()));
    }
    let (floor, rate) = (mean(&floors), mean(&rates));
    report.add("intake", "pgbench, one lead per transaction", format!("{floor:.0}/s"));
    report.add("intake", "leads taken over HTTP", format!("{rate:.0}/s"));
    report.judge("intake", "ratio", format!("{:.2}", rate / floor), ">= 2.0", rate / floor >= 2.0);
    let p99 = mean(&slowest);
    report.judge("intake", "p99", format!("{p99:.1} ms"), "<= 30 ms", p99 <= 30.0);
    let memory = processor::peak_memory(program.pid());
    report.judge("intake", "most memory of the program", format!("{memory:.0} MB"), "<= 150 MB", memory <= 150.0);
}

/// Every acknowledged lead is there, once.
async fn check(pool: &PgPool, outcome: &Outcome) {
    let ids: Vec<Uuid> = outcome.ids(201);
    let expected = i64::try_from(outcome.count(201)).unwrap_or(i64::MAX);
    let found: i64 = sqlx::query_scalar("select count(*) from lead where lead_id = any($1)")
        .bind(&ids)
        .fetch_one(pool)
        .await
        .expect("count");
    assert_eq!(found, expected, "leads that were answered 201 are missing");
    let distinct: i64 = sqlx::query_scalar("select count(distinct external_id) from lead where lead_id = any($1)")
        .bind(&ids)
        .fetch_one(pool)
        .await
        .expect("count");
    assert_eq!(distinct, expected, "leads are there more than once");
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
