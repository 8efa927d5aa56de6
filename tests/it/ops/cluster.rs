//! The private PostgreSQL cluster, the real thing: made, started, killed, adopted, shared.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use leadrelay::postgres::{Cluster, Start};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

/// A data folder that PostgreSQL's user may reach, and a place to fall back to that is not the machine's.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("leadrelay-cluster-").tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn start(&self) -> Start {
        Start::new(self.data()).fallback(self.folder.path().join("elsewhere"))
    }

    async fn cluster(&self) -> Cluster {
        Cluster::start(self.start()).await.unwrap()
    }
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnectOptions::from_str(&cluster.url()).unwrap().connect().await.unwrap()
}

async fn write(cluster: &Cluster, note: &str) {
    let mut connection = connect(cluster).await;
    sqlx::query("create table if not exists note (text text)").execute(&mut connection).await.unwrap();
    sqlx::query("insert into note values ($1)").bind(note).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn notes(cluster: &Cluster) -> Vec<String> {
    let mut connection = connect(cluster).await;
    sqlx::query_scalar("select text from note order by 1").fetch_all(&mut connection).await.unwrap()
}

fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    kill(Pid::from_raw(pid), None).is_ok() && !stat.contains(") Z ")
}

#[tokio::test]
async fn it_starts_on_a_socket_only_and_a_restart_keeps_the_data() {
    let home = Home::new();
    let cluster = home.cluster().await;
    let pid = cluster.pid().unwrap();
    write(&cluster, "first").await;
    let owner = std::fs::metadata(cluster.folder()).unwrap().uid();
    for entry in std::fs::read_dir(cluster.folder()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), owner, "{:?} would stop that user later", entry.path());
    }
    let mut connection = connect(&cluster).await;
    for (name, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "120"),
        ("log_statement", "none"),
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
        ("server_encoding", "UTF8"),
    ] {
        let found: String =
            sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, value, "{name}");
    }
    // What a person's data could stand in must not reach the log.
    let wrong = sqlx::query("select 'jane.doe'::text::int").execute(&mut connection).await;
    assert!(wrong.is_err());
    let socket: String = sqlx::query_scalar("select current_setting('unix_socket_directories')")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let meta = std::fs::metadata(&socket).unwrap();
    assert_eq!(meta.mode() & 0o777, 0o700);
    assert_eq!(meta.uid(), owner);
    assert!(socket.len() < 80, "{socket}");
    drop(connection);
    let log = std::fs::read_to_string(cluster.folder().join("postgres.log")).unwrap();
    assert!(log.contains("ready to accept connections") && !log.contains("jane"), "{log}");

    cluster.release().await.unwrap();
    assert!(!is_running(pid), "the last one out stops it");
    assert!(!Path::new(&socket).exists());
    let cluster = home.cluster().await;
    assert_ne!(cluster.pid(), Some(pid));
    assert_eq!(notes(&cluster).await, ["first"]);
    cluster.release().await.unwrap();
}

#[tokio::test]
async fn a_second_start_attaches_and_the_last_one_out_stops_it() {
    let home = Home::new();
    // From nothing, all at once: one of them makes it.
    let (one, two, three) = tokio::join!(home.cluster(), home.cluster(), home.cluster());
    let pid = one.pid().unwrap();
    assert_eq!((two.pid(), three.pid()), (Some(pid), Some(pid)));
    assert_eq!(one.url(), two.url());
    write(&one, "shared").await;
    one.release().await.unwrap();
    drop(three);
    assert!(is_running(pid), "somebody still uses it");
    assert_eq!(notes(&two).await, ["shared"]);
    // Dropping is leaving too.
    drop(two);
    assert!(!is_running(pid));
}

#[tokio::test]
async fn a_killed_postmaster_is_started_again_without_loss() {
    let home = Home::new();
    let cluster = home.cluster().await;
    write(&cluster, "committed").await;
    let pid = cluster.pid().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    // Under a running process.
    while is_running(pid) {
        std::thread::yield_now();
    }
    cluster.revive().await.unwrap();
    assert_ne!(cluster.pid(), Some(pid));
    assert_eq!(notes(&cluster).await, ["committed"]);
    // And by the next start.
    let pid = cluster.pid().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    drop(cluster);
    let cluster = home.cluster().await;
    assert_eq!(notes(&cluster).await, ["committed"]);
    cluster.release().await.unwrap();
}

#[tokio::test]
async fn after_a_kill_of_its_user_the_next_start_adopts_it() {
    let home = Home::new();
    let mut user = Helper::start(&home);
    let pid = user.postmaster;
    // Ctrl-C at the terminal reaches the process group; the postmaster must not be in it.
    assert_ne!(nix::unistd::getpgid(Some(Pid::from_raw(pid))).unwrap(), nix::unistd::getpgrp());
    user.kill();
    assert!(is_running(pid));
    let cluster = home.cluster().await;
    assert_eq!(cluster.pid(), Some(pid), "the same postmaster");
    assert_eq!(notes(&cluster).await, ["by the helper"]);
    cluster.release().await.unwrap();
    assert!(!is_running(pid), "the adopter was the last one out");
}

#[tokio::test]
async fn after_a_kill_of_both_the_next_start_recovers() {
    let home = Home::new();
    let mut user = Helper::start(&home);
    kill(Pid::from_raw(user.postmaster), Signal::SIGKILL).unwrap();
    user.kill();
    let pid_file = home.data().join("postgres/cluster/postmaster.pid");
    assert!(pid_file.exists(), "a stale pid file is the point of this test");
    let cluster = home.cluster().await;
    assert_eq!(notes(&cluster).await, ["by the helper"]);
    cluster.release().await.unwrap();

    // The number in a stale pid file may be a stranger's by now: here it is ours.
    let text = format!("{}\n{}\n0\n5432\n/nowhere\n\n\nready\n", std::process::id(), home.data().display());
    std::fs::write(&pid_file, text).unwrap();
    let cluster = home.cluster().await;
    assert_eq!(notes(&cluster).await, ["by the helper"]);
    cluster.release().await.unwrap();
}

#[tokio::test]
async fn one_that_lost_its_socket_is_started_again() {
    let home = Home::new();
    let mut user = Helper::start(&home);
    user.kill();
    let pid_file = home.data().join("postgres/cluster/postmaster.pid");
    let socket = std::fs::read_to_string(pid_file).unwrap().lines().nth(4).unwrap().to_owned();
    std::fs::remove_dir_all(&socket).unwrap();
    let cluster = home.cluster().await;
    assert_ne!(cluster.pid(), Some(user.postmaster));
    assert_eq!(notes(&cluster).await, ["by the helper"]);
    cluster.release().await.unwrap();
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew() {
    let home = Home::new();
    let half_made = home.data().join("postgres/half-made-123/base");
    std::fs::create_dir_all(&half_made).unwrap();
    std::fs::write(half_made.join("../PG_VERSION"), "15\n").unwrap();
    let cluster = home.cluster().await;
    write(&cluster, "whole").await;
    assert!(!home.data().join("postgres/half-made-123").exists());
    cluster.release().await.unwrap();
}

#[tokio::test]
async fn missing_programs_are_told_with_the_command_to_install_them() {
    let home = Home::new();
    let nowhere = home.folder.path().join("no-programs");
    let error = Cluster::start(home.start().search(vec![nowhere])).await.unwrap_err().to_string();
    assert!(error.contains("apt-get install postgresql") && error.contains("DATABASE_URL"), "{error}");
    assert!(error.contains("no-programs"), "{error}");
    // A cluster of another version needs its own programs.
    let cluster = home.data().join("postgres/cluster");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();
    let error = Cluster::start(home.start()).await.unwrap_err().to_string();
    assert!(error.contains("postgresql-9"), "{error}");
}

#[tokio::test]
async fn a_folder_its_user_cannot_reach_is_replaced_by_one_elsewhere_for_good() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("only root switches user: nothing to test");
        return;
    }
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    let rights = |mode| std::fs::set_permissions(home.data(), std::fs::Permissions::from_mode(mode)).unwrap();
    rights(0o700);
    let cluster = home.cluster().await;
    let elsewhere = home.folder.path().join("elsewhere").canonicalize().unwrap();
    assert!(cluster.folder().starts_with(&elsewhere), "{:?}", cluster.folder());
    assert!(cluster.notice().unwrap().contains(elsewhere.to_str().unwrap()));
    write(&cluster, "kept").await;
    cluster.release().await.unwrap();
    // Rights that change later never lead to an empty database.
    rights(0o711);
    let cluster = home.cluster().await;
    assert_eq!(notes(&cluster).await, ["kept"]);
    assert!(cluster.notice().is_some());
    cluster.release().await.unwrap();
    // Nor does data that has gone away.
    std::fs::rename(&elsewhere, home.folder.path().join("unmounted")).unwrap();
    let error = Cluster::start(home.start()).await.unwrap_err().to_string();
    assert!(error.contains("not there"), "{error}");

    // The other way round: data that can no longer be reached is not left behind for an empty cluster.
    let home = Home::new();
    home.cluster().await.release().await.unwrap();
    std::fs::set_permissions(home.data(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let error = Cluster::start(home.start()).await.unwrap_err().to_string();
    assert!(error.contains("cannot reach"), "{error}");
}

/// Another process that uses the cluster, to be killed: this very test binary, running `helper_process` only.
struct Helper {
    child: Child,
    postmaster: i32,
}

impl Helper {
    fn start(home: &Home) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "ops::cluster::helper_process", "--ignored", "--nocapture"])
            .env("LEADRELAY_TEST_CLUSTER", home.data())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let postmaster = lines
            .map_while(Result::ok)
            .find_map(|line| line.split_once("postmaster ")?.1.trim().parse().ok())
            .expect("the helper starts the cluster");
        Self { child, postmaster }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
#[ignore = "not a test: the process that other tests kill"]
async fn helper_process() {
    #[expect(clippy::disallowed_methods, reason = "how the test tells its helper where to work")]
    let Ok(data) = std::env::var("LEADRELAY_TEST_CLUSTER") else { return };
    let cluster = Cluster::start_or_attach(Path::new(&data)).await.unwrap();
    write(&cluster, "by the helper").await;
    println!("postmaster {}", cluster.pid().unwrap());
    // Until it is killed, or its parent is gone and with it our standard input.
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
}
