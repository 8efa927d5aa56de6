//! Hands leads to networks, in three beats: load (one transaction: what is to be sent, slots in caps, the sending
//! stamp), call (no connection held), settle (one transaction for whatever has finished).

mod aside;
mod call;
mod follow;
mod load;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;
use uuid::Uuid;

pub(super) use call::{Made, Source, prepare};
pub(super) use load::{Ready, at_once};
pub use settle::{Settled, Settlement};

use crate::app::App;
use crate::queue::Job;
use crate::queue::start::Held;

/// How long an answer is held while the database is away.
const ANSWER_KEPT: Duration = Duration::from_mins(15);

/// Runs a batch of `deliver_lead` and `look_up_lead` jobs. Each job's slot is freed after its settle.
pub async fn run(app: App, batch: Vec<Held>) {
    let jobs: Vec<Job> = batch.iter().map(|held| held.job.clone()).collect();
    let loading = app.pulse.begin();
    let loaded = load::run(&app, &jobs).await.context("load deliveries");
    drop(loading);
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            // Nothing was sent: the leases run out and the jobs come back.
            tracing::warn!(error = format!("{error:#}"), jobs = jobs.len(), "deliveries could not be loaded");
            return;
        }
    };
    work(app, loaded, batch).await;
}

/// Sends leads whose sending stamps were written with them: those whose jobs are held.
pub(super) async fn send_now(app: App, ready: Vec<Ready>, batch: Vec<Held>) {
    let is_held = |one: &Ready| batch.iter().any(|held| held.job.job_id == one.job.job_id);
    let loaded = ready.into_iter().filter(is_held).map(|one| load::Loaded::Call(Box::new(one))).collect();
    work(app, loaded, batch).await;
}

async fn work(app: App, loaded: Vec<load::Loaded>, batch: Vec<Held>) {
    let mut slots: HashMap<Uuid, Held> = batch.into_iter().map(|held| (held.job.job_id, held)).collect();
    let mut tasks = JoinSet::new();
    for one in loaded {
        let app = app.clone();
        let slot = slots.remove(&one.job().job_id);
        tasks.spawn(async move {
            let claimed_at = slot.as_ref().map_or_else(Instant::now, |held| held.claimed_at);
            match one {
                load::Loaded::Call(ready) => call_and_settle(&app, *ready, claimed_at).await,
                load::Loaded::Aside(job, delivery_id, why) => {
                    let _running = app.pulse.begin();
                    if let Err(error) = aside::run(&app, &job, delivery_id, why).await {
                        tracing::warn!(error = format!("{error:#}"), %delivery_id, "delivery could not be set aside");
                    }
                }
            }
            drop(slot);
        });
    }
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended
            && error.is_panic()
        {
            tracing::error!("a delivery panicked; it comes back as lost when its lease ends");
        }
    }
}

async fn call_and_settle(app: &App, ready: Ready, claimed_at: Instant) {
    let lead_id = ready.lead.lead_id;
    // A process that was frozen must not send after its lease: somebody else may hold the job by now.
    let needed = Duration::from_secs(u64::try_from(ready.network.timeout_seconds).unwrap_or(30));
    let settled = if claimed_at.elapsed() + needed > ready.job.lease {
        Settled::not_sent(&ready, "the worker was held up; the lease would not have covered the call")
    } else {
        call::run(app, ready).await
    };
    for attempt in &settled.attempts {
        metrics::histogram!("leadrelay_network_call_seconds", "integration" => settled.integration.clone())
            .record(f64::from(attempt.took_ms) / 1000.0);
    }
    match keep(app, Arc::new(settled)).await {
        Settlement::Done => app.waiters.wake(lead_id),
        Settlement::LostLease => {
            app.waiters.wake(lead_id);
            tracing::warn!(%lead_id, "an answer came after its lease had gone; kept as a late attempt")
        }
        Settlement::Away | Settlement::Failed => {
            tracing::warn!(%lead_id, "a delivery could not be settled; it comes back as lost")
        }
    }
}

/// Settles one delivery. While the database is away its answer is held and tried again: thrown away, it would leave a
/// lead that the network has taken in review. After its lease it still ends that review.
async fn keep(app: &App, settled: Arc<Settled>) -> Settlement {
    let until = Instant::now() + ANSWER_KEPT;
    let mut pause = Duration::from_millis(100);
    loop {
        match app.writers.deliveries.submit_waiting(Arc::clone(&settled)).await {
            Ok(Settlement::Away) if Instant::now() < until => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            Ok(settlement) => return settlement,
            Err(_) => return Settlement::Failed,
        }
    }
}

/// Settles a batch: what the writer of `app.writers.deliveries` runs.
pub async fn settle(app: App, batch: Vec<Arc<Settled>>) -> Vec<Settlement> {
    settle::run(&app, &batch).await
}
