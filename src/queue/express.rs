//! The express lane of the queue: a job that is due at once may start with the commit that made it, without a claim.
//!
//! An act that is about to make jobs takes slots ([`Express::take`]), takes places in the jobs' lanes inside its transaction
//! ([`Departure::board`]), enqueues them, and commits through [`Departure::commit`], which lets those go that got one. The laws of
//! the claim hold: the lane is locked, its running jobs are counted after that, and what waits in it already goes first.
//! Whatever gets no place waits for the claim as usual.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::FutureExt;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::start::{Held, Slot, Slots};
use super::{Job, NewJob, NewLease, settle};
use crate::base::ids::Ids;

/// How long until the database is asked again whether a commit went through.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The way past the claim. Open while a runner of this process runs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Express {
    open: Arc<ArcSwapOption<Open>>,
}

/// What a runner lends.
pub(super) struct Open {
    pub(super) slots: Slots,
    /// Lanes that had no room at the last claim: it is not asked for.
    pub(super) full_lanes: ArcSwap<Vec<Uuid>>,
    pub(super) slack: Duration,
    pub(super) soft: CancellationToken,
    pub(super) hard: CancellationToken,
}

impl Express {
    pub(super) fn open(&self, open: Open) {
        self.open.store(Some(Arc::new(open)));
    }

    pub(super) fn avoid(&self, full_lanes: Vec<Uuid>) {
        if let Some(open) = self.open.load().as_ref() {
            open.full_lanes.store(Arc::new(full_lanes));
        }
    }

    /// How many slots of this process are in use, and how many there are; none while no runner runs.
    pub fn slots(&self) -> Option<(usize, usize)> {
        let open = self.open.load_full().filter(|open| !open.soft.is_cancelled())?;
        let count = open.slots.count();
        Some((count.saturating_sub(open.slots.free()), count))
    }

    /// Takes slots for up to `most` jobs: as many as are free, none while no runner runs or after it was told to stop.
    /// Before the transaction begins, because the leases count from here.
    pub fn take(&self, most: usize) -> Departure {
        let open = self.open.load_full().filter(|open| !open.soft.is_cancelled());
        let slots = open.as_ref().map(|open| open.slots.take_free(most)).unwrap_or_default();
        Departure { open, slots, taken_at: Instant::now() }
    }
}

/// Slots for jobs that are about to be made. Those that are not used are free again when this is dropped.
pub struct Departure {
    open: Option<Arc<Open>>,
    slots: Vec<Slot>,
    taken_at: Instant,
}

impl Departure {
    /// How many jobs it has slots for.
    pub fn room(&self) -> usize {
        self.slots.len()
    }

    /// Gives a lease to those of the jobs, all due now, for which there are a slot and a place in their lane. It holds to
    /// the end of the caller's transaction: nobody else takes these places meanwhile. Once for each departure.
    pub async fn board(&mut self, conn: &mut PgConnection, ids: &Ids, jobs: &mut [&mut NewJob]) -> sqlx::Result<()> {
        let Some(open) = self.open.as_ref().filter(|_| !self.slots.is_empty() && !jobs.is_empty()) else {
            return Ok(());
        };
        let full_lanes = open.full_lanes.load();
        let mut wanted: BTreeMap<Uuid, i32> = BTreeMap::new();
        for job in jobs.iter().filter(|job| !full_lanes.contains(&job.lane_id)) {
            *wanted.entry(job.lane_id).or_default() += 1;
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let (lanes, counts): (Vec<Uuid>, Vec<i32>) = wanted.into_iter().unzip();
        let places = sqlx::query!(
            r#"select lane_id as "lane_id!", places as "places!", call_seconds as "call_seconds!" from take_places($1, $2, $3)"#,
            &lanes,
            &counts,
            i32::try_from(self.slots.len()).unwrap_or(i32::MAX),
        )
        .fetch_all(conn)
        .await?;
        for lane in places {
            let lasts = Duration::from_secs(u64::try_from(lane.call_seconds).unwrap_or(0)) + open.slack;
            let most = usize::try_from(lane.places).unwrap_or(0);
            for job in jobs.iter_mut().filter(|job| job.lane_id == lane.lane_id).take(most) {
                job.lease = Some(NewLease { token: ids.next(), lasts });
            }
        }
        Ok(())
    }

    /// Commits the transaction in which places were taken, and works on these jobs of it.
    pub async fn commit<F, Fut>(
        self,
        tx: Transaction<'_, Postgres>,
        db: &PgPool,
        jobs: Vec<Job>,
        work: F,
    ) -> sqlx::Result<()>
    where
        F: FnOnce(Vec<Held>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        if let Err(error) = tx.commit().await {
            self.go_if_committed(db, jobs, work);
            return Err(error);
        }
        self.go(jobs, work);
        Ok(())
    }

    /// After the commit: works on the jobs that have a lease. At the hard stop the work is cut off.
    pub fn go<F, Fut>(mut self, jobs: impl IntoIterator<Item = Job>, work: F)
    where
        F: FnOnce(Vec<Held>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let held: Vec<Held> = jobs
            .into_iter()
            .filter_map(|job| Some(Held { job, claimed_at: self.taken_at, permit: self.slots.pop()? }))
            .collect();
        let (Some(open), false) = (self.open, held.is_empty()) else { return };
        for one in &held {
            metrics::counter!("leadrelay_jobs_started_total", "kind" => one.job.kind.as_str()).increment(1);
        }
        let work = AssertUnwindSafe(work(held)).catch_unwind();
        tokio::spawn(async move {
            if let Some(Err(_)) = open.hard.run_until_cancelled(work).await {
                tracing::error!("express work panicked; its jobs come back as lost when their leases end");
            }
        });
    }

    /// After a commit whose answer did not come: it may have gone through all the same. Asks, as soon as the database
    /// answers, and then works on the jobs that are there. Left alone, leads that were never sent would come back as lost.
    pub fn go_if_committed<F, Fut>(self, db: &PgPool, jobs: Vec<Job>, work: F)
    where
        F: FnOnce(Vec<Held>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Some(lease) = jobs.iter().map(|job| job.lease).min() else { return };
        let db = db.clone();
        tokio::spawn(async move {
            let mut is_sure = false;
            while self.taken_at.elapsed() < lease {
                let there = settle::still_held(&db, &jobs.iter().map(Job::fence).collect::<Vec<_>>()).await;
                if let Ok(there) = &there
                    && !there.is_empty()
                {
                    return self.go(jobs.into_iter().filter(|job| there.contains(&job.job_id)), work);
                }
                // A server that lost us may be about to commit: what is not there the second time will not be.
                if is_sure && there.is_ok() {
                    return;
                }
                is_sure = there.is_ok();
                tokio::time::sleep(ASK_AGAIN).await;
            }
        });
    }
}

impl NewJob {
    /// The job as it is handled, when it starts with the commit.
    pub fn started(&self) -> Option<Job> {
        let lease = self.lease?;
        Some(Job {
            job_id: self.job_id,
            lane_id: self.lane_id,
            kind: self.kind,
            subject_id: self.subject_id,
            attempt: 1,
            lease_token: lease.token,
            lease: lease.lasts,
            is_lost: false,
            is_probe: false,
        })
    }
}
