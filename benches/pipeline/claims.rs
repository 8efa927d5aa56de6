//! What taking work costs: (g) with a hundred thousand waiting jobs beside ten million finished leads, (i) with ten
//! thousand lanes that have nothing to do.

use std::time::{Duration, Instant};

use leadrelay::db::pool;
use leadrelay::queue::{claim, settle};
use sqlx::AssertSqlSafe;

use crate::report::Report;
use crate::rig::load::percentile;
use crate::rig::postgres::{DATABASE, Postgres};
use crate::rig::program::Program;

/// Jobs of one claim.
const SLOTS: i32 = 64;
/// Claims measured.
const CLAIMS: usize = 200;
/// Jobs that wait.
const WAITING: u64 = 100_000;

/// Makes a lane with waiting jobs. Nobody else works on them: the program must not run.
pub async fn fill(postgres: &Postgres, lanes: u64) {
    let sql = format!(
        "insert into lane (lane_id, kind, max_in_flight) select lpad(to_hex(n), 32, 'c')::uuid, 'endpoint', 1000 from generate_series(1, {lanes}) n
           on conflict do nothing;
         insert into job (job_id, lane_id, kind, subject_id)
           select gen_random_uuid(), lpad(to_hex(1), 32, 'c')::uuid, 'send_postback', gen_random_uuid() from generate_series(1, {WAITING});
         analyze lane; analyze job;"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&postgres.pool().await).await.expect("make waiting jobs");
}

/// The usual time of a claim of 64 jobs, in milliseconds.
pub async fn cost(postgres: &Postgres) -> f64 {
    let (wait, silence) = (Duration::from_secs(5), Duration::from_secs(120));
    let db = pool::open(postgres.options(DATABASE), 4, wait, silence).await.expect("connect");
    let mut times = Vec::new();
    for _ in 0..CLAIMS {
        let began = Instant::now();
        let jobs = claim::claim(&db, SLOTS, Duration::from_secs(15)).await.expect("claim");
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        assert!(!jobs.is_empty(), "there is work");
        let fences: Vec<_> = jobs.iter().map(leadrelay::queue::Job::fence).collect();
        let mut connection = db.acquire().await.expect("connect");
        settle::finish(&mut connection, &fences).await.expect("settle");
    }
    percentile(times, 0.5)
}

/// Takes the waiting jobs of [`fill`] away.
pub async fn clear(postgres: &Postgres) {
    let sql = "delete from job where lane_id = lpad(to_hex(1), 32, 'c')::uuid";
    sqlx::raw_sql(sql).execute(&postgres.pool().await).await.expect("remove waiting jobs");
}

/// (i) With one lane and with ten thousand more.
pub async fn run(report: &mut Report) {
    let mut costs = Vec::new();
    for lanes in [1, 10_000] {
        let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
        drop(Program::start(&postgres.url(), &[]).await);
        fill(&postgres, lanes).await;
        costs.push(cost(&postgres).await);
    }
    if let [one, many] = costs.as_slice() {
        report.add("lanes", "claim of 64 jobs, one lane", format!("{one:.2} ms"));
        report.judge(
            "lanes",
            "claim of 64 jobs, 10,000 idle lanes beside",
            format!("{many:.2} ms"),
            "within 20 %",
            *many <= one * 1.2,
        );
    }
}
