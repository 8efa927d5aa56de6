//! Who has used the processor: the program, PostgreSQL, and the load (which is this process).

use std::time::Duration;

use crate::rig::postgres::Postgres;
use crate::rig::program::Program;

/// Processor time so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub program: Duration,
    pub postgres: Duration,
    pub load: Duration,
}

impl Used {
    /// Now.
    pub fn read(program: Option<&Program>, postgres: &Postgres) -> Self {
        Self {
            program: program.map(|program| of(program.pid(), false)).unwrap_or_default(),
            postgres: with_children(postgres.pid()),
            load: of(std::process::id(), false),
        }
    }

    /// Since an earlier reading, for each of so many leads.
    pub fn each_since(self, earlier: Self, count: usize) -> String {
        let each = |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() * 1e6 / count.max(1) as f64;
        format!(
            "program {:.0} µs, PostgreSQL {:.0} µs, load and partner {:.0} µs",
            each(self.program, earlier.program),
            each(self.postgres, earlier.postgres),
            each(self.load, earlier.load)
        )
    }
}

/// The most memory a process has had, in MB.
pub fn peak_memory(pid: u32) -> f64 {
    memory(pid, "VmHWM")
}

/// The memory a process has now, in MB.
pub fn memory_now(pid: u32) -> f64 {
    memory(pid, "VmRSS")
}

fn memory(pid: u32, name: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|value| value.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// A postmaster, its backends, and those that have ended.
fn with_children(pid: u32) -> Duration {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |child: &u32| fields(*child).get(1).is_some_and(|parent| *parent == pid.to_string());
    of(pid, true) + pids.filter(is_child).map(|child| of(child, false)).sum::<Duration>()
}

fn of(pid: u32, with_ended: bool) -> Duration {
    let fields = fields(pid);
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    let ended = if with_ended { ticks(13) + ticks(14) } else { 0 };
    // A tick is a hundredth of a second on Linux.
    Duration::from_millis((ticks(11) + ticks(12) + ended) * 10)
}

/// The fields of `/proc/PID/stat` after the name: state, parent, …
fn fields(pid: u32) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    rest.split_whitespace().map(str::to_owned).collect()
}
