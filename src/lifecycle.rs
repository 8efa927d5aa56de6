//! The life of a process: its tasks, its two-step end, its exit code.
//!
//! First signal: the soft token. Nothing new is begun, what runs may finish. Second signal, or the soft time is
//! over: the hard token. Tasks still there after a last moment are cut off. A task that ends before it was asked to
//! has died: that ends the process too, and only that makes the exit code a failure.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long each step of the end may last. Together under the 30 seconds that are promised.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first signal to the hard token.
    pub soft: Duration,
    /// From the hard token to the cut.
    pub hard: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { soft: Duration::from_secs(26), hard: Duration::from_secs(2) }
    }
}

/// Tasks and tokens of a process. Cheap to clone; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
    has_died: Arc<AtomicBool>,
    patience: Patience,
}

impl Lifecycle {
    /// With the usual patience.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another patience.
    pub fn with_patience(patience: Patience) -> Self {
        Self { patience, ..Self::default() }
    }

    /// Cancelled when nothing new may be begun.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when what runs must be given up.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Asks the process to end, as a first signal does.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Runs a task that must live until the soft token is cancelled. An error, a panic or an early end is its death.
    pub fn spawn<F, E>(&self, name: &'static str, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let life = self.clone();
        self.tasks.spawn(async move {
            let end = tokio::select! {
                end = AssertUnwindSafe(task).catch_unwind() => end,
                () = life.cut.cancelled() => {
                    tracing::warn!(task = name, "cut off");
                    return;
                }
            };
            let is_asked = life.soft.is_cancelled();
            match end {
                Ok(Ok(())) if is_asked => return,
                Ok(Ok(())) => tracing::error!(task = name, "ended by itself"),
                Ok(Err(error)) => tracing::error!(task = name, %error, "died"),
                Err(panic) => tracing::error!(task = name, panic = panic_text(&*panic), "panicked"),
            }
            life.has_died.store(true, Ordering::SeqCst);
            life.stop();
        });
    }

    /// Waits for signals and sees the process to its end.
    pub async fn run(&self) -> std::io::Result<ExitCode> {
        let has_died = self.run_with(signals()?).await;
        Ok(if has_died { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// The same with signals from elsewhere. Returns whether a task died by itself.
    pub async fn run_with(&self, mut signals: mpsc::Receiver<()>) -> bool {
        tokio::select! {
            Some(()) = signals.recv() => tracing::info!("stopping: finishing what runs"),
            () = self.soft.cancelled() => {}
        }
        self.soft.cancel();
        self.tasks.close();
        tokio::select! {
            () = self.tasks.wait() => return self.has_died(),
            Some(()) = signals.recv() => tracing::warn!("stopping at once"),
            () = tokio::time::sleep(self.patience.soft) => tracing::warn!("stopping: time is up"),
        }
        self.hard.cancel();
        if tokio::time::timeout(self.patience.hard, self.tasks.wait()).await.is_err() {
            self.cut.cancel();
            // A task that blocks its thread would hold us for ever; what it leaves is picked up as after a crash.
            let _ = tokio::time::timeout(Duration::from_millis(500), self.tasks.wait()).await;
        }
        self.has_died()
    }

    fn has_died(&self) -> bool {
        self.has_died.load(Ordering::SeqCst)
    }
}

/// SIGTERM and SIGINT, one message each.
fn signals() -> std::io::Result<mpsc::Receiver<()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(async move {
        loop {
            let one = tokio::select! {
                one = terminate.recv() => one,
                one = interrupt.recv() => one,
            };
            if one.is_none() || send.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(receive)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn soon() -> Lifecycle {
        Lifecycle::with_patience(Patience { soft: Duration::from_millis(30), hard: Duration::from_millis(30) })
    }

    #[tokio::test]
    async fn a_signal_lets_tasks_finish() {
        let life = Lifecycle::new();
        let soft = life.soft();
        life.spawn("worker", async move {
            soft.cancelled().await;
            Ok::<_, Infallible>(())
        });
        let (send, signals) = mpsc::channel(2);
        send.send(()).await.unwrap();
        assert!(!life.run_with(signals).await);
        assert!(!life.hard().is_cancelled());
    }

    #[tokio::test]
    async fn a_second_signal_is_the_hard_one() {
        let life = Lifecycle::new();
        let hard = life.hard();
        life.spawn("worker", async move {
            hard.cancelled().await;
            Ok::<_, Infallible>(())
        });
        let (send, signals) = mpsc::channel(2);
        send.send(()).await.unwrap();
        send.send(()).await.unwrap();
        assert!(!life.run_with(signals).await);
        assert!(life.hard().is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_hears_nothing_is_cut_off_and_that_is_no_failure() {
        let life = soon();
        life.spawn("deaf", std::future::pending::<Result<(), Infallible>>());
        life.stop();
        let (_send, signals) = mpsc::channel(1);
        assert!(!life.run_with(signals).await);
        assert!(life.hard().is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_dies_ends_the_process_with_a_failure() {
        for kind in 0..3 {
            let life = soon();
            life.spawn("mortal", async move {
                match kind {
                    0 => Err("no more"),
                    1 => Ok(()),
                    _ => panic!("at the disco"),
                }
            });
            let (_send, signals) = mpsc::channel(1);
            assert!(life.run_with(signals).await, "kind {kind}");
        }
    }
}
