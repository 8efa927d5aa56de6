//! The floor: pgbench writes the same rows into the same tables, one lead per transaction.

use std::process::Output;
use std::time::Duration;

use crate::rig::postgres::{DATABASE, Postgres};

/// Runs a script with 64 clients on prepared statements; gives transactions a second.
pub async fn run(postgres: &Postgres, script: &str, variables: &[(&str, String)], time: Duration) -> f64 {
    let file = postgres.folder().join("floor.sql");
    std::fs::write(&file, script).expect("write the script");
    let mut command = postgres.command("pgbench");
    command.args(["-n", "-M", "prepared", "-c", "64", "-j", "2", "-U", "postgres"]);
    command.args(["-p", &postgres.port().to_string(), "-T", &time.as_secs().to_string()]);
    command.arg("-h").arg(postgres.folder()).arg("-f").arg(&file);
    for (name, value) in variables {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    command.arg(DATABASE);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("join").expect("run pgbench");
    rate(&output)
}

fn rate(output: &Output) -> f64 {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with("tps = "));
    let number = line.and_then(|line| line.split_whitespace().nth(2)).and_then(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
