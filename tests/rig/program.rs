//! The real program as a process: started, watched, frozen, killed.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The admin token every process of the rig is started with.
pub const ADMIN: &str = "admin-token-of-the-rig";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A process of `leadrelay serve`; killed when dropped.
pub struct Program {
    child: Child,
    port: u16,
    data: tempfile::TempDir,
    /// From the start of the process until it was ready.
    pub ready_after: Duration,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

impl Program {
    /// Starts it and waits until it is ready. `settings`: `("SERVER__MAX_CONNECTIONS", "100")`.
    pub async fn start(database: &str, settings: &[(&str, &str)]) -> Self {
        let mut program = Self::spawn(database, free_port(), settings);
        program.until_ready().await;
        program
    }

    /// Starts it on this port and does not wait.
    pub fn spawn(database: &str, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::spawn_in(database, port, settings, &[])
    }

    /// The same with a further environment, as it is.
    pub fn spawn_in(database: &str, port: u16, settings: &[(&str, &str)], environment: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let log = std::fs::File::create(data.path().join("log")).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadrelay"));
        command
            .arg("serve")
            .current_dir(data.path())
            .env_clear()
            .env("DATABASE_URL", database)
            .env("LEADRELAY_ADMIN_TOKEN", ADMIN)
            .env("LEADRELAY__SECRET_KEY", KEY)
            .env("LEADRELAY__DATA_DIR", data.path())
            .env("LEADRELAY__SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .env("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        for (name, value) in settings {
            command.env(format!("LEADRELAY__{name}"), value);
        }
        command.envs(environment.iter().copied());
        let child = command.spawn().expect("start the program");
        Self { child, port, data, ready_after: Duration::ZERO }
    }

    /// Waits until it says that it is ready.
    pub async fn until_ready(&mut self) {
        let began = Instant::now();
        while !self.is_ready().await {
            assert!(self.child.try_wait().expect("look at the program").is_none(), "it ended: {}", self.log());
            assert!(began.elapsed() < Duration::from_secs(60), "it is not ready: {}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.ready_after = began.elapsed();
    }

    /// Whether `/readyz` says yes.
    pub async fn is_ready(&self) -> bool {
        let asked = super::load::get(self.port, "/readyz", "");
        matches!(tokio::time::timeout(Duration::from_secs(2), asked).await, Ok(Ok((200, _))))
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default()
    }

    /// The figures of `/metrics`.
    pub async fn metrics(&self) -> String {
        super::load::get(self.port, "/metrics", "").await.map(|(_, body)| body).unwrap_or_default()
    }

    /// Its folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Sends a signal: SIGKILL, SIGSTOP, SIGCONT, SIGTERM.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")), signal).expect("signal the program");
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("look at the program") {
                return status;
            }
            assert!(began.elapsed() < within, "it does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("look at the program").is_some()
    }

    /// Kills it without a word and collects it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
