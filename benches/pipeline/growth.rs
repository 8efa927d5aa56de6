//! (f) and (g): how the program starts and works when the tables have grown to ten million leads, beside the same
//! figures on empty tables in the same run. Then what the pages take.

use std::time::{Duration, Instant};

use leadrelay::db;

use crate::report::Report;
use crate::rig::load::Until;
use crate::rig::partner::Partner;
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;
use crate::seed::{self, Seed};
use crate::{claims, intake, latency, pages, through};

/// The figures that are compared.
struct Figures {
    intake: f64,
    through: f64,
    waits: Vec<f64>,
    claim: f64,
}

/// Measures, grows, measures again.
pub async fn run(report: &mut Report, leads: u64) {
    let mut postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let partner = Partner::start().await;
    let (program, token) = through::connected(&postgres, &partner, "once").await;
    let (empty, program) = measure(&postgres, &partner, program, &token, 0).await;
    set_up::company(program.port()).await;
    drop(program);
    grow(report, &mut postgres, leads).await;
    let program = Program::start(&postgres.url(), &[]).await;
    let start = program.ready_after.as_secs_f64();
    report.judge("growth", format!("start on {leads} leads"), format!("{start:.2} s"), "<= 0.5 s", start <= 0.5);
    let (grown, program) = measure(&postgres, &partner, program, &token, 20_000_000).await;
    compare(report, "leads taken over HTTP", empty.intake, grown.intake, true, "/s");
    compare(report, "end to end", empty.through, grown.through, true, "/s");
    compare(report, "claim of 64 of 100,000 waiting jobs", empty.claim, grown.claim, false, " ms");
    latency::tell(report, "growth", " (empty)", empty.waits);
    latency::tell(report, "growth", &format!(" ({leads} leads)"), grown.waits);
    pages::measure(report, &postgres, &program).await;
}

/// Only the pages.
pub async fn pages(report: &mut Report, leads: u64) {
    let mut postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let partner = Partner::start().await;
    let (program, _) = through::connected(&postgres, &partner, "once").await;
    set_up::company(program.port()).await;
    drop(program);
    grow(report, &mut postgres, leads).await;
    let program = Program::start(&postgres.url(), &[]).await;
    pages::measure(report, &postgres, &program).await;
}

/// Leads of a year and a half. Nothing runs but PostgreSQL, which need not be durable meanwhile.
async fn grow(report: &mut Report, postgres: &mut Postgres, leads: u64) {
    postgres.restart_with(&["fsync=off", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off"]).await;
    let began = Instant::now();
    seed::run(postgres, Seed { from: 0, to: leads, over: 1.0, over_days: 550 }, true).await;
    let took = began.elapsed();
    report.add(
        "growth",
        format!("seeding {leads} leads"),
        format!("{:.0} s, {:.0}/s", took.as_secs_f64(), leads as f64 / took.as_secs_f64()),
    );
    let began = Instant::now();
    let mut connection = postgres.pool().await.acquire().await.expect("connect");
    db::stats_fold::fold(&mut connection).await.expect("sum the ledger");
    report.add("growth", "summing all of it for the reports", format!("{:.0} s", began.elapsed().as_secs_f64()));
    sqlx::raw_sql("vacuum (analyze) stats_day").execute(&mut *connection).await.expect("vacuum");
    drop(connection);
    postgres.restart_with(&["fsync=on", "max_wal_size=1GB", "checkpoint_timeout=5min", "autovacuum=on"]).await;
    let _ = std::process::Command::new("sync").status();
}

fn compare(report: &mut Report, what: &str, empty: f64, grown: f64, more_is_better: bool, unit: &str) {
    let is_near = if more_is_better { grown >= empty * 0.8 } else { grown <= empty * 1.2 };
    let digits = usize::from(!more_is_better) * 2;
    report.add("growth", format!("{what}, empty"), format!("{empty:.digits$}{unit}"));
    report.judge("growth", format!("{what}, grown"), format!("{grown:.digits$}{unit}"), "within 20 %", is_near);
}

/// The figures on the database as it is. The program is stopped for the claims and started again.
async fn measure(
    postgres: &Postgres,
    partner: &Partner,
    program: Program,
    token: &str,
    first: u64,
) -> (Figures, Program) {
    let warm =
        intake::post(program.port(), token, "shelf", first, Until::Time(Duration::from_secs(3))).await.answers.len()
            as u64;
    let taken = intake::post(program.port(), token, "shelf", first + warm, Until::Time(Duration::from_secs(15))).await;
    assert_eq!(taken.count(201), taken.answers.len(), "every lead is taken");
    let rate = taken.rate(201);
    let first = first + 5_000_000;
    let warm = through::sustain(&program, token, partner, first, Duration::from_secs(3)).await;
    let through = through::sustain(&program, token, partner, first + warm.leads, Duration::from_secs(30)).await;
    let waits = latency::waits(postgres, &program, token, first + 4_000_000, Duration::from_secs(20)).await;
    drop(program);
    claims::fill(postgres, 1).await;
    let claim = claims::cost(postgres).await;
    claims::clear(postgres).await;
    let program = Program::start(&postgres.url(), &[]).await;
    (Figures { intake: rate, through: through.rate, waits, claim }, program)
}
