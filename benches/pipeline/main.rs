//! `make bench`: what the pipeline does, beside a floor that is measured in the same run on the same machine.
//! Everything runs here: a durable PostgreSQL, the real program, a partner and the load.
//!
//! `make bench PARTS="intake inbound"` runs some parts only, `make bench-report` writes docs/BENCHMARKS.md.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark may stop where it is, and prints"
)]
// The rig is made for the drills as well.
#![expect(dead_code, reason = "the benchmarks use a part of the rig")]

#[path = "../../tests/rig/mod.rs"]
mod rig;

mod claims;
mod floor;
mod growth;
mod inbound;
mod intake;
mod latency;
mod machine;
mod memory;
mod pages;
mod processor;
mod report;
mod seed;
mod stages;
mod through;

use std::time::Duration;

use report::Report;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Test runners look into every target: only `cargo bench` asks for benchmarks.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&arguments));
}

async fn run(arguments: &[String]) {
    let wanted: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    let number = |name: &str| arguments.iter().find_map(|word| word.strip_prefix(name)?.parse().ok());
    let growth_leads = number("--leads=").unwrap_or(10_000_000);
    let time = Duration::from_secs(number("--seconds=").unwrap_or(60));
    let mut report = Report::default();
    for part in ["intake", "inbound", "through", "latency", "lanes", "growth", "pages", "stages", "memory"] {
        // The growth ends with the pages.
        let is_done = part == "pages" && wanted.is_empty();
        if is_done || !wanted.is_empty() && !wanted.contains(&part) {
            continue;
        }
        match part {
            "intake" => intake::run(&mut report).await,
            "inbound" => inbound::run(&mut report).await,
            "through" => through::run(&mut report, time).await,
            "latency" => latency::run(&mut report, time).await,
            "lanes" => claims::run(&mut report).await,
            "growth" => growth::run(&mut report, growth_leads).await,
            "pages" => growth::pages(&mut report, growth_leads).await,
            "stages" => stages::run(&mut report, Duration::from_secs(20)).await,
            _ => memory::run(&mut report).await,
        }
        // After each part: a run is long, and a later part may end it.
        if arguments.iter().any(|argument| argument == "--report") {
            report.keep();
        }
    }
    report.print();
}
