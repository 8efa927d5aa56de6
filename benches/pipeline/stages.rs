//! (h) Where the processor time of a lead goes, by stage: in PostgreSQL by its own account of the statements, in the
//! program by a profile of its stacks (`perf`, when the machine has it). It says what to work on next.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgPool;

use crate::report::Report;
use crate::rig::partner::Partner;
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::through;

/// A stage, the functions that are its, and words of its statements. The first that fits counts.
const STAGES: [(&str, &[&str], &[&str]); 8] = [
    (
        "claim",
        &["queue::claim", "queue::lost", "queue::runner", "queue::express"],
        &["claim_jobs", "take_places", "lease_until < now()"],
    ),
    ("render", &["adapters::recipe", "domain::macros", "minijinja", "flow::apply_status::tell"], &[]),
    ("call", &["net::client", "flow::exchange", "reqwest", "hyper::client", "hyper_util::client"], &[]),
    (
        "load",
        &["deliver_lead::load", "deliver_lead::call", "send_postback::load", "send_postback::call"],
        &["set state = 'sending'", "earlier_at", "join lead_contact"],
    ),
    (
        "settle",
        &["deliver_lead", "send_postback", "flow::apply_status"],
        &[
            "delete from job",
            "update job",
            "update delivery",
            "insert into attempt",
            "conversion",
            "postback_delivery",
            "update lead",
            "for no key update",
            "from delivery where lead_id",
            "insert into lead_event",
            "from inbound_postback",
        ],
    ),
    (
        "write",
        &["flow::accept_lead", "db::intake"],
        &["new_key", "insert into delivery", "insert into job", "idempotency_key", "find_duplicates"],
    ),
    ("route", &["domain::routing", "Intake::plan"], &[]),
    ("parse", &["api::leads::intake", "domain::lead", "base::phone", "http::", "hyper::", "axum"], &[]),
];

/// Measures the pipeline at work.
pub async fn run(report: &mut Report, time: Duration) {
    let postgres = Postgres::start(&["shared_buffers=1GB", "shared_preload_libraries=pg_stat_statements"]).await;
    let pool = postgres.pool().await;
    sqlx::raw_sql("create extension pg_stat_statements")
        .execute(&pool)
        .await
        .expect("PostgreSQL's account of statements");
    let partner = Partner::start().await;
    let (program, token) = through::connected(&postgres, &partner, "once").await;
    let warm = through::sustain(&program, &token, &partner, 0, Duration::from_secs(5)).await;
    sqlx::query("select pg_stat_statements_reset()").execute(&pool).await.expect("reset");
    let profile = Profile::start(&program, time);
    let sustained = through::sustain(&program, &token, &partner, warm.leads, time).await;
    statements(report, &pool, sustained.leads).await;
    match profile.and_then(|profile| profile.end()) {
        Some(shares) => {
            for (stage, share) in shares {
                report.add("stages", format!("program, {stage}"), format!("{:.0} %", share * 100.0));
            }
        }
        None => report.add("stages", "program", "no profile: perf is missing or may not be used"),
    }
}

/// What each stage's statements took, and the dearest ones.
async fn statements(report: &mut Report, pool: &PgPool, leads: u64) {
    let sql = "select query, calls, total_exec_time as ms, rows from pg_stat_statements order by total_exec_time desc";
    let rows = sqlx::query(sql).fetch_all(pool).await.expect("read the account");
    let mut stages: BTreeMap<&str, f64> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let (query, calls, ms): (String, i64, f64) = (row.get("query"), row.get("calls"), row.get("ms"));
        let words = query.split_whitespace().collect::<Vec<_>>().join(" ");
        *stages.entry(stage_of(&words, |stage| stage.2)).or_default() += ms;
        if place < 12 {
            let shown: String = words.chars().take(70).collect();
            let each = ms * 1000.0 / leads.max(1) as f64;
            report.add("stages", format!("`{shown}`"), format!("{each:.0} µs a lead, {calls} calls"));
        }
    }
    for (stage, ms) in stages {
        report.add(
            "stages",
            format!("PostgreSQL, {stage}"),
            format!("{:.0} µs a lead", ms * 1000.0 / leads.max(1) as f64),
        );
    }
}

fn stage_of(
    text: &str,
    words: impl Fn(&(&'static str, &'static [&'static str], &'static [&'static str])) -> &'static [&'static str],
) -> &'static str {
    STAGES.iter().find(|stage| words(stage).iter().any(|word| text.contains(word))).map_or("other", |stage| stage.0)
}

/// A running `perf record`.
struct Profile {
    child: std::process::Child,
    folder: tempfile::TempDir,
}

impl Profile {
    fn start(program: &Program, time: Duration) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let child = Command::new("perf")
            .args([
                "record",
                "-q",
                "-e",
                "cpu-clock",
                "-F",
                "97",
                "--call-graph",
                "dwarf,16384",
                "-p",
                &program.pid().to_string(),
                "-o",
            ])
            .arg(folder.path().join("data"))
            .args(["--", "sleep", &time.as_secs().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { child, folder })
    }

    /// The share of each stage in the samples.
    fn end(mut self) -> Option<Vec<(&'static str, f64)>> {
        self.child.wait().ok().filter(|status| status.success())?;
        let script = Command::new("perf")
            .args(["script", "-F", "ip,sym", "-i"])
            .arg(self.folder.path().join("data"))
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&script.stdout);
        let stacks: Vec<&str> = text.split("\n\n").filter(|stack| !stack.trim().is_empty()).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for stack in &stacks {
            *counts.entry(stage_of(stack, |stage| stage.1)).or_default() += 1;
        }
        let total = stacks.len().max(1) as f64;
        Some(counts.into_iter().map(|(stage, count)| (stage, count as f64 / total)).collect())
    }
}
