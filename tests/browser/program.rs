//! The real program on an empty database, as somebody starts it for the first time.

use std::process::Command;

use super::kit::app::ADMIN;
use super::process::Process;

/// A process of `leadrelay serve`.
pub struct Program {
    _process: Process,
    _data: tempfile::TempDir,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// The path of the printed link that makes the first admin.
    pub link: String,
}

impl Program {
    /// Starts it and waits for the link it prints.
    pub fn start(database: &str) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let base = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadrelay"));
        command
            .arg("serve")
            .current_dir(data.path())
            .env_clear()
            .env("DATABASE_URL", database)
            .env("LEADRELAY_ADMIN_TOKEN", ADMIN)
            .env("LEADRELAY__DATA_DIR", data.path())
            .env("LEADRELAY__SERVER__LISTEN", format!("127.0.0.1:{port}"));
        let mut process = Process::start(&mut command).expect("start the program");
        let link = format!("/setup/{}", process.says(&format!("{base}/setup/")));
        Self { _process: process, _data: data, base, link }
    }
}
