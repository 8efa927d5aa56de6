//! The runner: takes work when it has room for it and hands it to handlers. `app` says who handles what.
//!
//! What must stay true: it asks only for as many jobs as it has free slots, so a claimed job is a started job; it
//! registers for the wake-up before it looks; a handler that panics takes nobody with it, and its jobs come back
//! as lost when their leases run out, because nobody knows how far they got.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use sqlx::PgPool;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::express::{Express, Open};
use super::start::{Handler, Slot, Slots, Starter};
use super::wake::Wake;
use super::{Kind, claim, lost, schedule};
use crate::base::ids::Ids;
use crate::base::pulse::Pulse;
use crate::db;

/// How long a busy runner gathers work and freed slots before its next claim: each claim, and all that follows from it,
/// costs nearly the same for one job as for many.
const GATHER: Duration = Duration::from_millis(10);
/// The least time from one claim to the next: work that comes at short intervals is taken together.
const REST: Duration = Duration::from_millis(3);
/// A claim of so many jobs is a busy runner's. A quiet one looks at once, so that a lone lead does not wait.
const BUSY: usize = 12;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every job that was started is settled.
    Drained,
    /// Jobs were cut off; they come back as lost.
    Aborted,
}

/// Claims and runs jobs. One for each process.
pub struct Runner {
    db: PgPool,
    wake: Wake,
    ids: Ids,
    handlers: HashMap<Kind, Handler>,
    slots: Slots,
    slack: Duration,
    express: Express,
    pulse: Pulse,
}

impl Runner {
    /// A runner of `slots` jobs at once. A lease is the deadline of its lane's calls and `slack`, in which loading and
    /// settling must fit.
    pub fn new(db: PgPool, wake: Wake, ids: Ids, slots: u32, slack: Duration) -> Self {
        Self {
            db,
            wake,
            ids,
            handlers: HashMap::new(),
            slots: Slots::new(slots),
            slack,
            express: Express::default(),
            pulse: Pulse::default(),
        }
    }

    /// Says who handles jobs of this kind.
    #[must_use]
    pub fn handle(mut self, kind: Kind, handler: Handler) -> Self {
        self.handlers.insert(kind, handler);
        self
    }

    /// While it runs, jobs may also start through `express`.
    #[must_use]
    pub fn with_express(mut self, express: Express) -> Self {
        self.express = express;
        self
    }

    /// Lets `pulse` see whether claims come to an end.
    #[must_use]
    pub fn watched_by(mut self, pulse: Pulse) -> Self {
        self.pulse = pulse;
        self
    }

    /// Runs until `soft`, then lets the started jobs end; at `hard` cuts them off.
    pub async fn run(&self, soft: CancellationToken, hard: CancellationToken) -> Ended {
        let starter = self.starter(hard.clone());
        self.express.open(Open {
            slots: self.slots.clone(),
            full_lanes: ArcSwap::default(),
            slack: self.slack,
            soft: soft.clone(),
            hard: hard.clone(),
        });
        let stopped = || async {
            tokio::select! { () = soft.cancelled() => {}, () = hard.cancelled() => {} }
        };
        let mut woken = self.wake.jobs_changed();
        let mut next_second = Instant::now();
        loop {
            let first = tokio::select! {
                biased;
                () = stopped() => break,
                permit = self.slots.acquire() => permit,
            };
            // Registered before the look: what is signalled from here on starts another round.
            woken.mark_unchanged();
            let is_second = Instant::now() >= next_second;
            if is_second {
                next_second = Instant::now() + Duration::from_secs_f64(rand::random_range(0.8..1.2));
            }
            let began = Instant::now();
            let round = self.round(first, is_second, &starter).await;
            let second = next_second.saturating_duration_since(Instant::now());
            let (pause, is_full) = match round {
                // A busy runner lets work gather, and gives slots time to end together.
                Ok(Round { started, .. }) if started >= BUSY => (GATHER, None),
                Ok(Round { again_in, is_full, .. }) => (again_in.unwrap_or(second).min(second), Some(is_full)),
                Err(error) => {
                    tracing::error!(error = db::describe(&error), "claiming jobs");
                    (Duration::from_secs_f64(rand::random_range(0.8..1.2)), Some(false))
                }
            };
            let rested_at = began + REST;
            tokio::select! {
                biased;
                () = stopped() => break,
                () = sleep(pause) => {}
                _ = woken.changed(), if is_full.is_some() => sleep_until(rested_at).await,
                // A job that ends makes room in its lane. News do not wait for others to end with it.
                () = self.slots.freed(), if is_full == Some(true) => {
                    tokio::select! { () = sleep(GATHER) => {} _ = woken.changed() => {} }
                }
            }
        }
        tokio::select! {
            biased;
            () = hard.cancelled() => Ended::Aborted,
            () = self.slots.all_free() => Ended::Drained,
        }
    }

    /// Runs everything that is due, jobs and schedules, and what follows from it, until nothing is. Jobs whose time,
    /// rate token or breaker lies ahead stay. Gives the number of jobs run. For tests and one-off commands.
    pub async fn run_until_idle(&self) -> sqlx::Result<usize> {
        let mut total = 0;
        loop {
            let ran = self.drain_once().await?;
            if ran == 0 {
                return Ok(total);
            }
            total += ran;
        }
    }

    /// One round: runs what may start now and waits until it has ended. Gives the number of jobs run.
    pub async fn drain_once(&self) -> sqlx::Result<usize> {
        let first = self.slots.acquire().await;
        let round = self.round(first, true, &self.starter(CancellationToken::new())).await?;
        self.slots.all_free().await;
        Ok(round.started)
    }

    /// Takes free slots, fills what it can and gives the rest back.
    async fn round(&self, first: Slot, is_second: bool, starter: &Arc<Starter>) -> sqlx::Result<Round> {
        let _running = self.pulse.begin();
        let mut slots = vec![first];
        // Some are left for jobs that start by express while this claim is under way.
        slots.extend(self.slots.take_free(self.slots.free() * 3 / 4));
        let mut started = 0;
        if is_second {
            let claimed_at = std::time::Instant::now();
            let jobs = lost::take_lost(&self.db, count(&slots), self.slack).await?;
            started += starter.start(jobs, claimed_at, &mut slots).await;
            if let Err(error) = schedule::run_due(&self.db, &self.ids).await {
                tracing::error!(error = db::describe(&error), "turning schedules into jobs");
            }
        }
        let claimed_at = std::time::Instant::now();
        let claimed = claim::claim_next(&self.db, count(&slots), self.slack).await?;
        started += starter.start(claimed.jobs, claimed_at, &mut slots).await;
        let is_full = !claimed.full_lanes.is_empty();
        self.express.avoid(claimed.full_lanes);
        Ok(Round { started, again_in: claimed.again_in, is_full })
    }

    fn starter(&self, hard: CancellationToken) -> Arc<Starter> {
        Arc::new(Starter { db: self.db.clone(), handlers: self.handlers.clone(), slots: self.slots.clone(), hard })
    }
}

/// What one round did.
struct Round {
    started: usize,
    again_in: Option<Duration>,
    is_full: bool,
}

fn count(slots: &[Slot]) -> i32 {
    i32::try_from(slots.len()).unwrap_or(i32::MAX)
}
