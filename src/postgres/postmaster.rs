//! One postmaster: is it there, make its cluster, start it, stop it. Callers hold the start lock.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::ClusterError;
use super::account::Account;
use super::place::Place;
use super::programs::Programs;

/// Names the socket; nothing listens on the network.
pub(super) const PORT: u16 = 5432;

/// For recovery after a crash.
const START_PATIENCE: Duration = Duration::from_secs(300);
/// For what a killed postmaster's children still hold.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(30);
const STOP_PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// What `postmaster.pid` says of a running postmaster.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub pid: i32,
    pub socket_folder: PathBuf,
    pub is_ready: bool,
}

/// The postmaster of this cluster, if one runs. A pid file alone proves nothing: the number may be another's by now.
pub(super) fn look(cluster: &Path) -> Option<Running> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let pid = lines.first()?.trim().parse().ok()?;
    if pid <= 1 || !is_postmaster(pid, cluster) {
        return None;
    }
    let socket_folder = PathBuf::from(lines.get(4).copied().unwrap_or_default().trim());
    Some(Running { pid, socket_folder, is_ready: lines.get(7).is_some_and(|line| line.trim() == "ready") })
}

fn is_postmaster(pid: i32, cluster: &Path) -> bool {
    if kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH) {
        return false;
    }
    let process = PathBuf::from(format!("/proc/{pid}"));
    let Ok(name) = std::fs::read_to_string(process.join("comm")) else {
        // Without /proc a living process is taken for the postmaster: better not start than start twice.
        return !Path::new("/proc/self").exists();
    };
    let is_zombie = std::fs::read_to_string(process.join("stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')));
    // A postmaster works in its cluster's folder. Where that cannot be read its name must do.
    let is_elsewhere = std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd != cluster);
    matches!(name.trim(), "postgres" | "postmaster") && !is_zombie && !is_elsewhere
}

/// Returns the running postmaster, started if necessary.
pub(super) fn ensure(
    place: &Place,
    account: &Account,
    programs: &Programs,
    is_throw_away: bool,
) -> Result<Running, ClusterError> {
    let cluster = place.cluster();
    let begun = Instant::now();
    let mut child: Option<Receiver<ExitStatus>> = None;
    loop {
        match look(&cluster) {
            Some(running) if running.is_ready => return Ok(running),
            Some(running) if begun.elapsed() > START_PATIENCE => {
                let seconds = START_PATIENCE.as_secs();
                return Err(ClusterError::NotReady { pid: running.pid, seconds, log: place.log() });
            }
            // It starts, recovers, or stops.
            Some(_) => {}
            None => match child.as_ref().map(Receiver::try_recv) {
                None => {
                    init(place, account, programs, is_throw_away)?;
                    child = Some(spawn(place, account, programs, is_throw_away)?);
                }
                Some(Ok(status)) => {
                    let reason = last_lines(&place.log());
                    if !is_orphans_doing(&reason) || begun.elapsed() > ORPHAN_PATIENCE {
                        let reason = if reason.is_empty() { status.to_string() } else { reason };
                        return Err(ClusterError::DidNotStart { reason, log: place.log() });
                    }
                    child = None;
                    std::thread::sleep(Duration::from_millis(200));
                }
                Some(Err(_)) if begun.elapsed() > START_PATIENCE => {
                    return Err(ClusterError::DidNotStart { reason: "it writes no pid file".into(), log: place.log() });
                }
                // It has not written its pid file yet.
                Some(Err(_)) => {}
            },
        }
        std::thread::sleep(PAUSE);
    }
}

/// A killed postmaster's children end by themselves within moments, but hold its memory until then.
fn is_orphans_doing(reason: &str) -> bool {
    reason.contains("is still in use") || reason.contains("lock file \"postmaster.pid\"")
}

/// Makes the cluster in a folder of its own and moves it into place when it is whole.
fn init(place: &Place, account: &Account, programs: &Programs, is_throw_away: bool) -> Result<(), ClusterError> {
    let cluster = place.cluster();
    if cluster.join("PG_VERSION").exists() {
        remove_foreign_pid_file(&cluster);
        return Ok(());
    }
    let entries = std::fs::read_dir(&place.folder).map_err(ClusterError::file(&place.folder))?;
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("half-made-")) {
        // Its maker was killed. If a child of its still writes there, the next start clears the rest.
        let _ = std::fs::remove_dir_all(entry.path());
    }
    let half_made = place.folder.join(format!("half-made-{}", std::process::id()));
    let mut initdb = account.command(&programs.initdb);
    initdb.arg("-D").arg(&half_made);
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]);
    if is_throw_away {
        initdb.arg("--no-sync");
    }
    let output = initdb.output().map_err(ClusterError::file(&programs.initdb))?;
    if !output.status.success() {
        let _ = std::fs::remove_dir_all(&half_made);
        return Err(ClusterError::Initdb(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    std::fs::rename(&half_made, &cluster).map_err(ClusterError::file(&cluster))?;
    File::open(&place.folder).and_then(|folder| folder.sync_all()).map_err(ClusterError::file(&place.folder))
}

/// PostgreSQL clears the pid file of a dead process itself, but stops at one whose number a stranger has now.
fn remove_foreign_pid_file(cluster: &Path) {
    let path = cluster.join("postmaster.pid");
    let pid = std::fs::read_to_string(&path).ok().and_then(|text| text.lines().next()?.trim().parse().ok());
    if let Some(pid) = pid
        && kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH)
        && look(cluster).is_none()
    {
        let _ = std::fs::remove_file(path);
    }
}

fn spawn(
    place: &Place,
    account: &Account,
    programs: &Programs,
    is_throw_away: bool,
) -> Result<Receiver<ExitStatus>, ClusterError> {
    trim_log(place)?;
    let path = place.log();
    let log =
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(ClusterError::file(&path))?;
    account.give(&log);
    let socket_folder = place.make_socket_folder(account)?;
    // Left by a killed one. PostgreSQL would stop at the lock while its number is a zombie's or a stranger's.
    for name in [format!(".s.PGSQL.{PORT}"), format!(".s.PGSQL.{PORT}.lock")] {
        let _ = std::fs::remove_file(socket_folder.join(name));
    }
    let mut command = account.command(&programs.postgres);
    command.arg("-D").arg(place.cluster()).arg("-k").arg(socket_folder).args(["-p", &PORT.to_string()]);
    for setting in SETTINGS.iter().chain(if is_throw_away { THROW_AWAY } else { DURABLE }) {
        command.args(["-c", setting]);
    }
    command.stdout(log.try_clone().map_err(ClusterError::file(&path))?).stderr(log);
    let mut child = command.spawn().map_err(ClusterError::file(&programs.postgres))?;
    let (send, receive) = channel();
    // Whoever started it must also collect it, or it stays a zombie while we live.
    std::thread::spawn(move || {
        if let Ok(status) = child.wait() {
            let _ = send.send(status);
        }
    });
    Ok(receive)
}

const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "shared_buffers=128MB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    // Errors go to the client that made them. In the log they could quote a person's data.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_statement=none",
    "log_checkpoints=off",
    "log_autovacuum_min_duration=-1",
];
const DURABLE: &[&str] = &["max_connections=120", "fsync=on", "synchronous_commit=on", "full_page_writes=on"];
const THROW_AWAY: &[&str] = &["max_connections=400", "fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// Fast shutdown (an immediate one, from which it recovers, if that takes too long), and waits for the end.
pub(super) fn stop(place: &Place) -> Result<(), ClusterError> {
    let cluster = place.cluster();
    let Some(running) = look(&cluster) else { return Ok(()) };
    for (signal, patience) in [(Signal::SIGINT, STOP_PATIENCE), (Signal::SIGQUIT, Duration::from_secs(10))] {
        let _ = kill(Pid::from_raw(running.pid), signal);
        let begun = Instant::now();
        while begun.elapsed() < patience {
            // Its pid file goes a moment before it does.
            if !is_postmaster(running.pid, &cluster) {
                let _ = std::fs::remove_dir(&running.socket_folder);
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
    }
    Err(ClusterError::DoesNotStop { pid: running.pid })
}

/// Keeps the log small: beyond 4 MiB it becomes `postgres.log.1` and begins anew. The postmaster appends, so it
/// simply goes on in the emptied file.
pub(super) fn trim_log(place: &Place) -> Result<(), ClusterError> {
    let path = place.log();
    if std::fs::metadata(&path).is_ok_and(|meta| meta.len() > 4 << 20) {
        std::fs::copy(&path, path.with_extension("log.1")).map_err(ClusterError::file(&path))?;
        let log = OpenOptions::new().write(true).open(&path).map_err(ClusterError::file(&path))?;
        log.set_len(0).map_err(ClusterError::file(&path))?;
    }
    Ok(())
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(4).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("; ")
}
