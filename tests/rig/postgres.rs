//! A PostgreSQL that is durable and has its default settings but for those named. Unlike the private cluster of the
//! product it may be killed, starved and started with other settings.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::{User, geteuid};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

/// The database that is used; made at the start.
pub const DATABASE: &str = "leadrelay";

/// Where its files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// With everything else.
    Ordinary,
    /// The pages on a disk of so many megabytes.
    OfPages(u32),
    /// The log of transactions on a disk of so many megabytes.
    OfLog(u32),
}

/// A running server; killed and removed when dropped.
pub struct Postgres {
    folder: tempfile::TempDir,
    /// A small disk that can be filled.
    mounted: Option<PathBuf>,
    programs: PathBuf,
    account: Option<(u32, u32)>,
    settings: Vec<String>,
    port: u16,
    child: Option<Child>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
        if let Some(place) = &self.mounted {
            // Backends may need a moment to end.
            let _ = Command::new("umount").arg("-l").arg(place).status();
        }
    }
}

impl Postgres {
    /// Makes a cluster and starts it. `settings` as in `shared_buffers=1GB`.
    pub async fn start(settings: &[&str]) -> Self {
        Self::start_on(settings, Disk::Ordinary).await.expect("a folder")
    }

    /// The same on this disk; nothing where a disk may not be mounted.
    pub async fn start_on(settings: &[&str], disk: Disk) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("leadrelay-rig-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        // PostgreSQL refuses to run as root.
        let account = geteuid().is_root().then(|| {
            let user = ["postgres", "nobody"].into_iter().find_map(|name| User::from_name(name).ok().flatten());
            let user = user.expect("a user for PostgreSQL");
            (user.uid.as_raw(), user.gid.as_raw())
        });
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("a folder");
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).expect("it is ours");
        if let Some((uid, gid)) = account {
            for path in [folder.path(), &data] {
                chown(path, Some(uid), Some(gid)).expect("hand the folder over");
            }
        }
        let mut log_of_transactions = None;
        let mounted = match disk {
            Disk::Ordinary => None,
            Disk::OfPages(megabytes) => {
                log_of_transactions = Some(folder.path().join("wal"));
                Some((data.clone(), megabytes))
            }
            Disk::OfLog(megabytes) => {
                let place = folder.path().join("wal");
                std::fs::create_dir(&place).expect("a folder");
                log_of_transactions = Some(place.clone());
                Some((place, megabytes))
            }
        };
        if let Some((place, megabytes)) = &mounted {
            mount(place, *megabytes, account)?;
        }
        let mut postgres = Self {
            folder,
            mounted: mounted.map(|(place, _)| place),
            programs: programs(),
            account,
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            port: super::program::free_port(),
            child: None,
        };
        let mut initdb = postgres.command("initdb");
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"]).arg(&data);
        if let Some(place) = &log_of_transactions {
            initdb.arg("-X").arg(place);
        }
        let made = initdb.output().expect("run initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.run().await;
        let mut connection = postgres.options("postgres").connect().await.expect("connect");
        sqlx::raw_sql("create database leadrelay").execute(&mut connection).await.expect("create the database");
        connection.close().await.expect("close");
        Some(postgres)
    }

    /// Fills its small disk to the last byte. Gives the file that does it.
    pub fn fill(&self) -> PathBuf {
        let filler = self.mounted.as_ref().expect("a small disk").join("filler");
        let mut file = std::fs::File::create(&filler).expect("a file");
        let mut size = 1 << 20;
        while size > 0 {
            // Ever smaller, until not one byte is left.
            if std::io::Write::write_all(&mut file, &vec![0; size]).is_err() {
                size /= 4;
            }
        }
        filler
    }

    /// Starts it again if it has ended by itself.
    pub async fn run_if_ended(&mut self) {
        let ended = self.child.as_mut().is_none_or(|child| child.try_wait().expect("look at PostgreSQL").is_some());
        if ended {
            self.child = None;
            self.run().await;
        }
    }

    /// Where the pages and the log of transactions are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Over the unix socket, as the product's private cluster is used.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@{}:{}/{DATABASE}",
            self.folder.path().display().to_string().replace('/', "%2F"),
            self.port
        )
    }

    /// Over a loopback port.
    pub fn tcp_url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{DATABASE}?sslmode=disable", self.port)
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How to connect to one of its databases.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new()
            .socket(self.folder.path())
            .port(self.port)
            .username("postgres")
            .database(database)
            .disable_statement_logging()
    }

    /// A few connections to the database, for looking at it.
    pub async fn pool(&self) -> PgPool {
        let options = PgPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(60));
        options.connect_with(self.options(DATABASE)).await.expect("connect to the rig's PostgreSQL")
    }

    /// Kills the postmaster without a word; its backends see it and end.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it after a kill or a stop, and waits until it answers.
    pub async fn run(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let mut child = self.spawn();
            loop {
                if self.options("postgres").connect().await.is_ok() {
                    self.child = Some(child);
                    return;
                }
                assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", self.log());
                tokio::time::sleep(Duration::from_millis(50)).await;
                // The backends of a killed postmaster may still hold its memory: then the new one gives up.
                if child.try_wait().expect("look at PostgreSQL").is_some() {
                    break;
                }
            }
        }
    }

    /// Ends it in order, and starts it with further settings.
    pub async fn restart_with(&mut self, settings: &[&str]) {
        self.settings.extend(settings.iter().map(|&setting| setting.to_owned()));
        if let Some(mut child) = self.child.take() {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("tell PostgreSQL to stop");
            tokio::task::spawn_blocking(move || child.wait()).await.expect("join").expect("PostgreSQL ends");
        }
        self.run().await;
    }

    /// The process id of the postmaster.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().map(Child::id).expect("PostgreSQL runs")
    }

    /// One of PostgreSQL's programs, run as its user.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/").env_clear().env("LC_ALL", "C").env("TZ", "UTC").stdin(Stdio::null());
        if let Some((uid, gid)) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn spawn(&self) -> Child {
        let log =
            std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).expect("a log");
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.path().join("data")).arg("-k").arg(self.folder.path());
        command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        command.spawn().expect("start PostgreSQL")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Mounts a small disk; says no where that is not allowed.
fn mount(place: &Path, megabytes: u32, account: Option<(u32, u32)>) -> Option<()> {
    let (uid, gid) = account?;
    let options = format!("size={megabytes}m,mode=0700,uid={uid},gid={gid}");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(place).output().ok()?;
    mounted.status.success().then_some(())
}

/// The folder with the newest programs.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    match found.pop() {
        Some((_, folder)) => folder,
        None => {
            let asked = Command::new("pg_config").arg("--bindir").output().expect("PostgreSQL is installed");
            PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim())
        }
    }
}
