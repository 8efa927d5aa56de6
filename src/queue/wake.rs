//! Wake-ups: a hint that there is something to do, never the way work gets done. The runner asks once a second
//! anyway, so every failure here costs a second and nothing else.
//!
//! Inside the process a signal is a number that grows: whoever took its receiver before looking at the tables misses
//! nothing. Between processes signals are merged into at most twenty notifications a second. Both connections used
//! for that are outside the pool.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::db;

const JOBS: &str = "jobs";
const RULES: &str = "rules";

/// Signals "there are new jobs" and "the rules have changed", here and to other processes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Wake {
    jobs: Channel,
    rules: Channel,
}

#[derive(Clone, Debug)]
struct Channel {
    name: &'static str,
    count: watch::Sender<u64>,
    /// Holds at most one permit: signals in quick succession are one notification.
    outside: Arc<Notify>,
}

impl Channel {
    fn new(name: &'static str) -> Self {
        Self { name, count: watch::Sender::new(0), outside: Arc::new(Notify::new()) }
    }

    fn wake_here(&self) {
        self.count.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Default for Wake {
    fn default() -> Self {
        Self { jobs: Channel::new(JOBS), rules: Channel::new(RULES) }
    }
}

impl Wake {
    /// Jobs were committed: call it after the commit.
    pub fn jobs(&self) {
        self.jobs.wake_here();
        self.jobs.outside.notify_one();
    }

    /// Rules were committed: call it after the commit.
    pub fn rules(&self) {
        self.rules.wake_here();
        self.rules.outside.notify_one();
    }

    /// Changes with every signal of [`Wake::jobs`], from here or from another process.
    pub fn jobs_changed(&self) -> watch::Receiver<u64> {
        self.jobs.count.subscribe()
    }

    /// Changes with every signal of [`Wake::rules`], from here or from another process, and after a lost connection,
    /// because something may have been missed.
    pub fn rules_changed(&self) -> watch::Receiver<u64> {
        self.rules.count.subscribe()
    }

    /// Waits for the next signal of jobs after this call.
    pub async fn notified(&self) {
        let mut changed = self.jobs_changed();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = changed.changed().await;
    }

    /// Links this process with the others on the same database until `stop`. Take the options from the pool
    /// (`pool.connect_options()`). Without it, signals stay inside the process and all else works.
    pub async fn run(&self, options: PgConnectOptions, stop: CancellationToken) {
        // Boxed: the state of two connections would make every future around it large.
        let both = Box::pin(async { tokio::join!(self.listen(&options), self.tell(&options)) });
        let _ = stop.run_until_cancelled(both).await;
    }

    async fn listen(&self, options: &PgConnectOptions) {
        let mut pause = Pause::default();
        loop {
            let Err(error) = self.listen_once(options, &mut pause).await;
            tracing::warn!(error = db::describe(&error), "listening for wake-ups broke off");
            pause.wait().await;
        }
    }

    /// Listens on a connection of its own until it breaks.
    async fn listen_once(
        &self,
        options: &PgConnectOptions,
        pause: &mut Pause,
    ) -> Result<std::convert::Infallible, sqlx::Error> {
        let lone = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let mut listener = PgListener::connect_with(&lone.connect_lazy_with(options.clone())).await?;
        listener.listen_all([JOBS, RULES]).await?;
        loop {
            // The first time, and after each reconnect: what was signalled meanwhile did not reach us.
            pause.reset();
            self.jobs.wake_here();
            self.rules.wake_here();
            while let Some(signal) = listener.try_recv().await? {
                match signal.channel() {
                    JOBS => self.jobs.wake_here(),
                    RULES => self.rules.wake_here(),
                    _ => {}
                }
            }
        }
    }

    async fn tell(&self, options: &PgConnectOptions) {
        let mut conn: Option<PgConnection> = None;
        let mut pause = Pause::default();
        loop {
            let channel = tokio::select! {
                () = self.jobs.outside.notified() => &self.jobs,
                () = self.rules.outside.notified() => &self.rules,
            };
            match tell_once(&mut conn, options, channel.name).await {
                Ok(()) => {
                    pause.reset();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => {
                    // The signal is dropped: the others find the work within a second.
                    tracing::debug!(error = db::describe(&error), "a wake-up was not sent");
                    conn = None;
                    pause.wait().await;
                }
            }
        }
    }
}

async fn tell_once(conn: &mut Option<PgConnection>, options: &PgConnectOptions, channel: &str) -> sqlx::Result<()> {
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(options.connect().await?),
    };
    sqlx::query_scalar!("select pg_notify($1, '') is null", channel).fetch_one(conn).await?;
    Ok(())
}

/// Waits between attempts to connect: from a quarter of a second, doubled, to ten seconds, each up to a fifth off.
#[derive(Debug, Default)]
struct Pause {
    failures: i32,
}

impl Pause {
    fn reset(&mut self) {
        self.failures = 0;
    }

    async fn wait(&mut self) {
        let seconds = (0.25 * 2_f64.powi(self.failures)).min(10.0) * rand::random_range(0.8..1.2);
        self.failures = self.failures.saturating_add(1).min(10);
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
}
