//! The express lane of the queue: a job that is due at once may start with the commit that made it, without a claim.
//!
//! An act that is about to make jobs takes slots ([`Express::take`]), adds the jobs in its transaction
//! ([`Departure::enqueue`]) and after the commit lets those go that were added as running ([`Departure::go`]). The laws of
//! the claim hold: the lane is locked, its running jobs are counted after that, and what waits in it already goes first.
//! Whatever does not fit is added as usual, and the claim takes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;

use super::start::{Slot, Starter};
use super::{Job, NewJob, enqueue, seconds};

/// The way past the claim. Open while a runner of this process runs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Express {
    open: Arc<ArcSwapOption<Open>>,
}

struct Open {
    starter: Arc<Starter>,
    slack: Duration,
    soft: CancellationToken,
}

/// Closes the way when dropped.
pub(super) struct OpenGuard<'a>(&'a Express);

impl Drop for OpenGuard<'_> {
    fn drop(&mut self) {
        // The handlers know the application, which knows this: nobody would ever be freed.
        self.0.open.store(None);
    }
}

impl Express {
    pub(super) fn open(&self, starter: &Arc<Starter>, slack: Duration, soft: CancellationToken) -> OpenGuard<'_> {
        self.open.store(Some(Arc::new(Open { starter: Arc::clone(starter), slack, soft })));
        OpenGuard(self)
    }

    /// Takes slots for up to `most` jobs: as many as are free, none while no runner runs or after it was told to stop.
    /// Before the transaction begins, because the leases count from here.
    pub fn take(&self, most: usize) -> Departure {
        let open = self.open.load_full().filter(|open| !open.soft.is_cancelled());
        let slots = open.as_ref().map(|open| open.starter.slots.take_free(most)).unwrap_or_default();
        Departure { open, slots, taken_at: Instant::now(), jobs: Vec::new(), has_waiting: false }
    }
}

/// Jobs on their way past the claim, and the slots for them.
pub struct Departure {
    open: Option<Arc<Open>>,
    slots: Vec<Slot>,
    taken_at: Instant,
    jobs: Vec<Job>,
    has_waiting: bool,
}

impl Departure {
    /// Whether there is a slot at all.
    pub fn has_room(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Adds jobs that are due now, in the caller's transaction: as running where there is room, otherwise as waiting.
    /// Nothing else of that transaction may wait for a lock after this, because it holds the jobs' lanes.
    pub async fn enqueue(&mut self, conn: &mut PgConnection, jobs: &[NewJob]) -> sqlx::Result<()> {
        let (Some(open), false) = (&self.open, self.slots.is_empty() || jobs.is_empty()) else {
            self.has_waiting |= !jobs.is_empty();
            enqueue(conn, jobs).await?;
            return Ok(());
        };
        let rows = sqlx::query!(
            r#"select job_id as "job_id!", lease_token, lease_seconds from start_jobs($1, $2, $3, $4, $5, $6)"#,
            &jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(),
            &jobs.iter().map(|job| job.lane_id).collect::<Vec<_>>(),
            &jobs.iter().map(|job| job.kind.to_string()).collect::<Vec<_>>(),
            &jobs.iter().map(|job| job.subject_id).collect::<Vec<_>>(),
            i32::try_from(self.slots.len()).unwrap_or(i32::MAX),
            seconds(open.slack),
        )
        .fetch_all(conn)
        .await?;
        for row in rows {
            let job = jobs.iter().find(|job| job.job_id == row.job_id);
            let (Some(job), Some(lease_token)) = (job, row.lease_token) else {
                self.has_waiting = true;
                continue;
            };
            self.jobs.push(Job {
                job_id: job.job_id,
                lane_id: job.lane_id,
                kind: job.kind,
                subject_id: job.subject_id,
                attempt: 1,
                lease_token,
                lease: Duration::try_from_secs_f64(row.lease_seconds.unwrap_or(0.0)).unwrap_or_default(),
                is_lost: false,
                is_probe: false,
            });
        }
        Ok(())
    }

    /// After the commit: starts what runs. Answers whether something waits for a claim.
    pub async fn go(mut self) -> bool {
        if let Some(open) = &self.open {
            open.starter.start(std::mem::take(&mut self.jobs), self.taken_at, &mut self.slots).await;
        }
        self.has_waiting
    }
}
