//! (d) From accepting a lead to its first attempt, at a steady 300 leads a second. Accepting is the moment the request
//! was planned, before the durable write; the attempt begins when its call does. Both are the program's own times.

use std::time::Duration;

use crate::report::Report;
use crate::rig::load::{self, Load, Until, percentile};
use crate::rig::partner::Partner;
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;
use crate::through;

/// Leads a second.
const RATE: f64 = 300.0;

/// The waits, in milliseconds.
pub async fn waits(postgres: &Postgres, program: &Program, token: &str, first: u64, time: Duration) -> Vec<f64> {
    let pool = postgres.pool().await;
    let since: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select now()").fetch_one(&pool).await.expect("the time");
    let token = token.to_owned();
    let load = Load { port: program.port(), clients: 64, until: Until::Time(time), rate: Some(RATE), first };
    let outcome =
        load::run(load, move |number| load::post("/api/v1/leads", &token, &set_up::lead("tea", number))).await;
    assert_eq!(outcome.count(201), outcome.answers.len(), "every lead is taken");
    let sql = "select (extract(epoch from min(a.started_at) - l.created_at) * 1000)::float8 from lead l join attempt a on a.lead_id = l.lead_id
       where a.kind = 'send' and l.created_at >= $1 and a.started_at >= $1 group by l.lead_id, l.created_at";
    let limit = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let waits: Vec<f64> = sqlx::query_scalar(sql).bind(since).fetch_all(&pool).await.expect("read the waits");
        if waits.len() >= outcome.answers.len() {
            return waits;
        }
        assert!(std::time::Instant::now() < limit, "{} of {} leads were sent", waits.len(), outcome.answers.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Measures on an empty table.
pub async fn run(report: &mut Report, time: Duration) {
    let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let partner = Partner::start().await;
    let (program, token) = through::connected(&postgres, &partner, "once").await;
    waits(&postgres, &program, &token, 0, Duration::from_secs(3)).await;
    let waits = waits(&postgres, &program, &token, 10_000, time).await;
    tell(report, "latency", "", waits);
}

/// Adds the percentiles.
pub fn tell(report: &mut Report, part: &'static str, suffix: &str, waits: Vec<f64>) {
    let (half, most, nearly_all) =
        (percentile(waits.clone(), 0.5), percentile(waits.clone(), 0.99), percentile(waits, 0.999));
    report.judge(
        part,
        format!("accept to first attempt, p50{suffix}"),
        format!("{half:.1} ms"),
        "<= 5 ms",
        half <= 5.0,
    );
    report.judge(
        part,
        format!("accept to first attempt, p99{suffix}"),
        format!("{most:.1} ms"),
        "<= 50 ms",
        most <= 50.0,
    );
    report.add(part, format!("accept to first attempt, p99.9{suffix}"), format!("{nearly_all:.1} ms"));
}
