//! The driver: Chromium's own `chromedriver`, a process of this test.

use std::process::Command;

use super::process::Process;

/// A running `chromedriver`; its browser ends with it.
pub struct Driver {
    _process: Process,
    /// Where it listens.
    pub url: String,
}

impl Driver {
    /// Starts it on a free port and waits until it listens.
    pub fn start() -> Self {
        let mut process = Process::start(Command::new("chromedriver").arg("--port=0"))
            .expect("chromedriver starts; scripts/install-missing --browser installs it");
        let port = process.says("started successfully on port ");
        Self { _process: process, url: format!("http://127.0.0.1:{}", port.trim_end_matches('.')) }
    }
}
