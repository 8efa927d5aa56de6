//! A process of a test that says on its output where it is found.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Killed when dropped.
pub struct Process {
    child: Child,
    /// Kept open: a program that cannot speak ends.
    speech: Option<BufReader<ChildStdout>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts a command. Of what it says only the output is heard.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let speech = child.stdout.take().map(BufReader::new);
        Ok(Self { child, speech })
    }

    /// Waits for a line with this mark and gives what stands behind it.
    pub fn says(&mut self, mark: &str) -> String {
        let mut said = String::new();
        let speech = self.speech.as_mut().expect("its output");
        while speech.read_line(&mut said).expect("its output is text") > 0 {
            if let Some((_, rest)) = said.lines().last().and_then(|line| line.split_once(mark)) {
                return rest.to_owned();
            }
        }
        panic!("it does not say {mark:?}: {said}");
    }
}
