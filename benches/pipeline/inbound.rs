//! (b) Inbound postbacks over HTTP, stored raw, judged and applied before they are answered, beside pgbench doing the
//! same rows one postback per transaction: the raw call, its verdict, the conversion, its money, the lead, the event.

use std::time::Duration;

use crate::floor;
use crate::processor::Used;
use crate::report::Report;
use crate::rig::load::{self, Load, Outcome, Until};
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;
use crate::seed::{self, Belongings, Seed};

/// Pending leads that are there; the first half is for the floor.
const LEADS: u64 = 600_000;
/// How long each side is measured, twice.
const TIME: Duration = Duration::from_secs(12);

/// Measures both sides in turn.
pub async fn run(report: &mut Report) {
    let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let program = Program::start(&postgres.url(), &[]).await;
    set_up::offer(program.port(), "tea").await;
    let url = set_up::network(program.port(), "acme", "tea", "http://127.0.0.1:9/leads", "once", 16).await;
    set_up::webmaster(program.port(), "anna").await;
    let belongings = Belongings::read(&postgres).await;
    seed::run(&postgres, Seed { from: 0, to: LEADS, over: 0.0, over_days: 20 }, true).await;
    let pool = postgres.pool().await;
    let path = url.split_once("/postback/").map(|(_, secret)| format!("/postback/{secret}")).expect("a postback URL");
    let mut first = LEADS / 2;
    first += call(&program, &path, first, Duration::from_secs(2)).await.answers.len() as u64;
    let (mut floors, mut rates) = (Vec::new(), Vec::new());
    for round in 0..2_u64 {
        floors.push(floor(&postgres, &belongings, round).await);
        let before = Used::read(Some(&program), &postgres);
        let outcome = call(&program, &path, first, TIME).await;
        let used = Used::read(Some(&program), &postgres);
        let count = outcome.answers.len() as u64;
        assert!(first + count <= LEADS, "{count} postbacks are more than there are leads");
        assert_eq!(outcome.count(200), outcome.answers.len(), "every postback is answered 200");
        let (from, to) = (i64::try_from(first).unwrap_or(0), i64::try_from(first + count).unwrap_or(0));
        let applied: i64 = sqlx::query_scalar(
            "select count(*) from inbound_postback where result = 'applied' and external_id in
               (select 'x-' || n from generate_series($1::bigint, $2::bigint - 1) n)",
        )
        .bind(from)
        .bind(to)
        .fetch_one(&pool)
        .await
        .expect("count");
        assert_eq!(applied, to - from, "postbacks that were answered are missing");
        first += count;
        rates.push(outcome.rate(200));
        report.add("inbound", "processor time of one postback", used.each_since(before, outcome.answers.len()));
        report.add("inbound", "p99", format!("{:.1} ms", outcome.percentile(0.99)));
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (floor, rate) = (mean(&floors), mean(&rates));
    report.add("inbound", "pgbench, one postback per transaction", format!("{floor:.0}/s"));
    report.add("inbound", "postbacks over HTTP", format!("{rate:.0}/s"));
    report.judge("inbound", "ratio", format!("{:.2}", rate / floor), ">= 1.0", rate >= floor);
}

/// Approves leads by the network's own ids.
async fn call(program: &Program, path: &str, first: u64, time: Duration) -> Outcome {
    let path = path.to_owned();
    let load = Load { port: program.port(), clients: 64, until: Until::Time(time), rate: None, first };
    load::run(load, move |number| {
        format!(
            "GET {path}?external_id=x-{number}&status=approved&payout=14&currency=USD HTTP/1.1\r\nhost: rig\r\n\r\n"
        )
        .into_bytes()
    })
    .await
}

async fn floor(postgres: &Postgres, belongings: &Belongings, round: u64) -> f64 {
    // Each client has leads of its own: n counts in steps of 64.
    let variables = [("n", (round * LEADS / 4).to_string()), ("network", belongings.network.clone())];
    floor::run(postgres, include_str!("floor/inbound.sql"), &variables, TIME).await
}
