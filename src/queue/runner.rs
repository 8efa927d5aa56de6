//! The runner: takes work when it has room for it and hands it to handlers. `app` says who handles what.
//!
//! What must stay true: it asks only for as many jobs as it has free slots, so a claimed job is a started job; it
//! registers for the wake-up before it looks; a handler that panics takes nobody with it, and its jobs come back
//! as lost when their leases run out, because nobody knows how far they got.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::wake::Wake;
use super::{Job, Kind, claim, lost, schedule, settle};
use crate::base::ids::Ids;
use crate::base::pulse::Pulse;
use crate::db;

/// How long a busy runner gathers work and freed slots before its next claim: each claim, and all that follows from it,
/// costs nearly the same for one job as for many.
const GATHER: Duration = Duration::from_millis(10);
/// A claim of so many jobs is a busy runner's. A quiet one looks at once, so that a lone lead does not wait.
const BUSY: usize = 12;

/// Handles a batch of one kind. Its work is part of the future it returns, so that a hard stop can end it. It settles
/// each job and then drops that job's slot.
pub type Handler = Arc<dyn Fn(Vec<Held>) -> BoxFuture<'static, ()> + Send + Sync>;

/// A claimed job and the room it takes.
#[derive(Debug)]
pub struct Held {
    /// The job.
    pub job: Job,
    /// From before the claim, on a clock that also counts while the process is frozen: the lease ends at the latest
    /// `job.lease` after it.
    pub claimed_at: std::time::Instant,
    /// Dropped when the job is over, after the commit of its settle.
    pub permit: Slot,
}

/// One of the runner's slots. Dropping it frees it and lets the runner look for more work.
#[derive(Debug)]
pub struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    freed: Arc<Notify>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.permit = None;
        self.freed.notify_one();
    }
}

/// A handler that runs each job by itself. A panic is logged; the other jobs go on.
pub fn per_job<F, Fut>(f: F) -> Handler
where
    F: Fn(Job) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let f = Arc::new(f);
    Arc::new(move |batch| {
        let f = Arc::clone(&f);
        Box::pin(async move {
            let mut tasks = tokio::task::JoinSet::new();
            for Held { job, permit, .. } in batch {
                let f = Arc::clone(&f);
                tasks.spawn(async move {
                    let (job_id, kind) = (job.job_id, job.kind);
                    // The call itself is inside: a panic before the first await counts as well.
                    if AssertUnwindSafe(async { f(job).await }).catch_unwind().await.is_err() {
                        tracing::error!(%job_id, %kind, "job panicked; it comes back as lost when its lease ends");
                    }
                    drop(permit);
                });
            }
            while tasks.join_next().await.is_some() {}
        })
    })
}

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
    slots: u32,
    slack: Duration,
    free: Arc<Semaphore>,
    freed: Arc<Notify>,
    pulse: Pulse,
}

impl Runner {
    /// A runner of `slots` jobs at once. A lease is the deadline of its lane's calls and `slack`, in which loading and
    /// settling must fit.
    pub fn new(db: PgPool, wake: Wake, ids: Ids, slots: u32, slack: Duration) -> Self {
        let slots = slots.clamp(1, 10_000);
        let free = Arc::new(Semaphore::new(usize::try_from(slots).unwrap_or(1)));
        Self {
            db,
            wake,
            ids,
            handlers: HashMap::new(),
            slots,
            slack,
            free,
            freed: Arc::new(Notify::new()),
            pulse: Pulse::default(),
        }
    }

    /// Says who handles jobs of this kind.
    #[must_use]
    pub fn handle(mut self, kind: Kind, handler: Handler) -> Self {
        self.handlers.insert(kind, handler);
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
        let stopped = || async {
            tokio::select! { () = soft.cancelled() => {}, () = hard.cancelled() => {} }
        };
        let mut woken = self.wake.jobs_changed();
        let mut next_second = Instant::now();
        loop {
            let first = tokio::select! {
                biased;
                () = stopped() => break,
                permit = Arc::clone(&self.free).acquire_owned() => permit,
            };
            // Registered before the look: what is signalled from here on starts another round.
            woken.mark_unchanged();
            let is_second = Instant::now() >= next_second;
            if is_second {
                next_second = Instant::now() + Duration::from_secs_f64(rand::random_range(0.8..1.2));
            }
            let round = self.round(first.ok(), is_second, &hard).await;
            let pause = match round {
                Ok(Round { started: 0, again_in }) => {
                    let second = next_second.saturating_duration_since(Instant::now());
                    again_in.map_or(second, |wait| wait.max(GATHER).min(second))
                }
                // There may be more. A busy runner lets it gather, and gives slots time to end together.
                Ok(Round { started, .. }) if started < BUSY && self.free.available_permits() > 0 => Duration::ZERO,
                Ok(_) => {
                    tokio::select! { biased; () = stopped() => break, () = sleep(GATHER) => continue }
                }
                Err(error) => {
                    tracing::error!(error = db::describe(&error), "claiming jobs");
                    Duration::from_secs_f64(rand::random_range(0.8..1.2))
                }
            };
            tokio::select! {
                biased;
                () = stopped() => break,
                () = sleep(pause) => {}
                _ = woken.changed() => {}
                // A freed slot or lane may be what other work waits for; new work does not wait for that.
                () = self.freed.notified(), if pause > GATHER => {
                    tokio::select! { () = sleep(GATHER) => {} _ = woken.changed() => {} }
                }
            }
        }
        tokio::select! {
            biased;
            () = hard.cancelled() => Ended::Aborted,
            _ = self.free.acquire_many(self.slots) => Ended::Drained,
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
        let first = Arc::clone(&self.free).acquire_owned().await.ok();
        let round = self.round(first, true, &CancellationToken::new()).await?;
        // The semaphore is never closed.
        let _ = self.free.acquire_many(self.slots).await;
        Ok(round.started)
    }

    /// Takes every free slot, fills what it can and gives the rest back.
    async fn round(
        &self,
        first: Option<OwnedSemaphorePermit>,
        is_second: bool,
        hard: &CancellationToken,
    ) -> sqlx::Result<Round> {
        let _running = self.pulse.begin();
        let mut permits: Vec<OwnedSemaphorePermit> = first.into_iter().collect();
        while let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            permits.push(permit);
        }
        let mut started = 0;
        if is_second {
            let claimed_at = std::time::Instant::now();
            let jobs = lost::take_lost(&self.db, count(&permits), self.slack).await?;
            started += self.start(jobs, claimed_at, &mut permits, hard).await;
            if let Err(error) = schedule::run_due(&self.db, &self.ids).await {
                tracing::error!(error = db::describe(&error), "turning schedules into jobs");
            }
        }
        let claimed_at = std::time::Instant::now();
        let claimed = claim::claim_next(&self.db, count(&permits), self.slack).await?;
        started += self.start(claimed.jobs, claimed_at, &mut permits, hard).await;
        Ok(Round { started, again_in: claimed.again_in })
    }

    /// Hands jobs to their handlers, one batch for each kind.
    async fn start(
        &self,
        jobs: Vec<Job>,
        claimed_at: std::time::Instant,
        permits: &mut Vec<OwnedSemaphorePermit>,
        hard: &CancellationToken,
    ) -> usize {
        let started = jobs.len();
        let mut batches: BTreeMap<Kind, Vec<Held>> = BTreeMap::new();
        for job in jobs {
            let permit = Slot { permit: permits.pop(), freed: Arc::clone(&self.freed) };
            batches.entry(job.kind).or_default().push(Held { job, claimed_at, permit });
        }
        for (kind, batch) in batches {
            let Some(handler) = self.handlers.get(&kind) else {
                tracing::error!(%kind, "nobody handles jobs of this kind here");
                self.put_back(&batch).await;
                continue;
            };
            metrics::counter!("leadrelay_jobs_started_total", "kind" => kind.as_str())
                .increment(u64::try_from(batch.len()).unwrap_or(0));
            let (handler, hard) = (Arc::clone(handler), hard.clone());
            tokio::spawn(async move {
                let work = AssertUnwindSafe(async { handler(batch).await }).catch_unwind();
                if let Some(Err(_)) = hard.run_until_cancelled(work).await {
                    tracing::error!(%kind, "handler panicked; its jobs come back as lost when their leases end");
                }
            });
        }
        started
    }

    /// Gives back jobs that nobody here handles. If that fails, they come back as lost.
    async fn put_back(&self, batch: &[Held]) {
        let jobs: Vec<_> = batch.iter().map(|held| (held.job.fence(), Duration::from_secs(60))).collect();
        let done = async { settle::snooze(&mut *self.db.acquire().await?, &jobs).await };
        if let Err(error) = done.await {
            tracing::error!(error = db::describe(&error), "giving jobs back");
        }
    }
}

/// What one round did.
struct Round {
    started: usize,
    again_in: Option<Duration>,
}

fn count(permits: &[OwnedSemaphorePermit]) -> i32 {
    i32::try_from(permits.len()).unwrap_or(i32::MAX)
}
