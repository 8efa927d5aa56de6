//! (e) The memory of the program after a million leads.

use crate::intake;
use crate::processor;
use crate::report::Report;
use crate::rig::load::Until;
use crate::rig::postgres::Postgres;

/// Leads posted.
const LEADS: u64 = 1_000_000;

/// Posts a million leads and looks.
pub async fn run(report: &mut Report) {
    let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
    let (program, token) = intake::paused(&postgres).await;
    let outcome = intake::post(program.port(), &token, "shelf", 0, Until::Count(LEADS)).await;
    assert_eq!(outcome.count(201), outcome.answers.len(), "every lead is taken");
    report.add("memory", "a million leads taken in", format!("{:.0} s", outcome.took.as_secs_f64()));
    let (now, peak) = (processor::memory_now(program.pid()), processor::peak_memory(program.pid()));
    report.add("memory", "most memory meanwhile", format!("{peak:.0} MB"));
    report.judge("memory", "memory after a million leads", format!("{now:.0} MB"), "<= 150 MB", now <= 150.0);
}
