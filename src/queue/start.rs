//! Starting jobs: a process's slots, and the handlers that claimed jobs are given to.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Job, Kind, settle};
use crate::db;

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

/// The slots of a process: as many jobs run at once.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    count: u32,
    free: Arc<Semaphore>,
    freed: Arc<Notify>,
}

/// One slot. Dropping it frees it and lets the runner look for more work.
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

impl Slots {
    pub(super) fn new(count: u32) -> Self {
        let count = count.clamp(1, 10_000);
        let free = Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(1)));
        Self { count, free, freed: Arc::default() }
    }

    /// Waits for a free one.
    pub(super) async fn acquire(&self) -> Slot {
        // The semaphore is never closed.
        self.slot(Arc::clone(&self.free).acquire_owned().await.ok())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// How many are free.
    pub(super) fn free(&self) -> usize {
        self.free.available_permits()
    }

    /// Those that are free, up to `most`.
    pub(super) fn take_free(&self, most: usize) -> Vec<Slot> {
        let free = std::iter::from_fn(|| Arc::clone(&self.free).try_acquire_owned().ok());
        free.take(most).map(|permit| self.slot(Some(permit))).collect()
    }

    /// Waits until one becomes free.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Waits until all are free.
    pub(super) async fn all_free(&self) {
        let _ = self.free.acquire_many(self.count).await;
    }

    fn slot(&self, permit: Option<OwnedSemaphorePermit>) -> Slot {
        Slot { permit, freed: Arc::clone(&self.freed) }
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

/// Gives jobs to their handlers.
pub(super) struct Starter {
    pub(super) db: PgPool,
    pub(super) handlers: HashMap<Kind, Handler>,
    pub(super) slots: Slots,
    /// Cuts off what runs.
    pub(super) hard: CancellationToken,
}

impl Starter {
    /// Hands jobs to their handlers, one batch for each kind.
    pub(super) async fn start(&self, jobs: Vec<Job>, claimed_at: std::time::Instant, slots: &mut Vec<Slot>) -> usize {
        let started = jobs.len();
        let mut batches: BTreeMap<Kind, Vec<Held>> = BTreeMap::new();
        for job in jobs {
            // There is one for each: no more jobs are taken than there are slots.
            let permit = slots.pop().unwrap_or_else(|| self.slots.slot(None));
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
            let (handler, hard) = (Arc::clone(handler), self.hard.clone());
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
