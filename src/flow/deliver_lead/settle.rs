//! The third beat: whatever has finished is settled in one transaction. The leads are locked first, then the leases
//! are fenced, and only what still holds its lease has effects. An answer that comes after its lease is kept as a
//! late attempt.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use sqlx::PgConnection;
use uuid::Uuid;

use super::follow::{self, Fenced, LaneEffect, Plan};
use super::load::Ready;
use crate::app::App;
use crate::db;
use crate::db::attempt::NewAttempt;
use crate::domain::outcome::{Outcome, Resend};
use crate::flow::apply_status::{self, AtOnce};
use crate::flow::{batch, room, take_inbound};
use crate::queue::{self, Fence, Job, breaker};

/// A delivery whose call is over.
#[derive(Debug)]
pub struct Settled {
    pub(super) job: Job,
    pub(super) delivery_id: Uuid,
    pub(super) lead_id: Uuid,
    pub(super) network_id: Uuid,
    pub(super) resend: Resend,
    pub(super) can_look_up: bool,
    pub(super) integration: String,
    pub(super) what: What,
    pub(super) attempts: Vec<NewAttempt>,
}

/// How the call ended.
#[derive(Debug)]
pub(super) enum What {
    /// Judged.
    Outcome(Outcome),
    /// A look-up: the network surely has no such lead.
    NotThere,
    /// A look-up that told nothing.
    Unclear(String),
    /// The integration cannot look up any more.
    CannotLookUp,
    /// The lease of an earlier worker ran out in the middle of a call.
    Lost,
    /// We did not call, for a reason of our own.
    NotSent(String),
}

impl What {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.word(),
            Self::NotThere => "not_there",
            Self::Unclear(_) | Self::CannotLookUp => "unknown",
            Self::Lost => "lost",
            Self::NotSent(_) => "ours",
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Outcome(outcome) => outcome.reason(),
            Self::NotThere => Some("the network does not have the lead"),
            Self::Unclear(why) | Self::NotSent(why) => Some(why),
            Self::CannotLookUp => Some("the integration cannot look leads up"),
            Self::Lost => Some("the worker was lost while it was sending"),
        }
    }
}

impl Settled {
    pub(super) fn new(ready: &Ready, what: What) -> Self {
        Self {
            job: ready.job.clone(),
            delivery_id: ready.delivery.delivery_id,
            lead_id: ready.lead.lead_id,
            network_id: ready.network.network_id,
            resend: Resend::Once,
            can_look_up: false,
            integration: ready.network.integration.clone(),
            what,
            attempts: Vec::new(),
        }
    }

    /// Nothing was sent; the job goes back unspent.
    pub(super) fn not_sent(ready: &Ready, why: &str) -> Self {
        Self::new(ready, What::NotSent(why.to_owned()))
    }
}

/// What became of settling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Written.
    Done,
    /// Somebody else holds the job; the answer was kept as a late attempt.
    LostLease,
    /// Nothing was written, or the commit's answer was lost: the database is away.
    Away,
    /// Nothing was written: the lease will run out.
    Failed,
}

/// Settles a batch; a row that breaks something fails alone.
pub(super) async fn run(app: &App, items: &[Arc<Settled>]) -> Vec<Settlement> {
    batch::or_bisect(
        app,
        items,
        |app, part| Box::pin(write(app, part)),
        |error| {
            let is_away = error.downcast_ref::<sqlx::Error>().is_some_and(db::is_unavailable);
            tracing::error!(error = format!("{error:#}"), is_away, "settle a delivery");
            if is_away { Settlement::Away } else { Settlement::Failed }
        },
    )
    .await
}

async fn write(app: &App, items: &[Arc<Settled>]) -> anyhow::Result<Vec<Settlement>> {
    let rules = app.rules.load();
    let now = app.clock.now();
    let mut at_once = AtOnce::take(app, items.len());
    let mut tx = app.db.begin().await?;
    let conn: &mut PgConnection = &mut tx;
    let mut lead_ids: Vec<Uuid> = items.iter().map(|item| item.lead_id).collect();
    lead_ids.sort_unstable();
    lead_ids.dedup();
    let leads: HashMap<Uuid, _> =
        db::lead::lock(conn, &lead_ids).await?.into_iter().map(|lead| (lead.lead_id, lead)).collect();
    let mut deliveries: HashMap<Uuid, Vec<_>> = HashMap::new();
    for delivery in db::delivery::of_leads(conn, &lead_ids).await? {
        deliveries.entry(delivery.lead_id).or_default().push(delivery);
    }
    let mut plans: Vec<Plan> = Vec::with_capacity(items.len());
    for item in items {
        let (Some(lead), Some(siblings)) = (leads.get(&item.lead_id), deliveries.get(&item.lead_id)) else {
            plans.push(Plan::over());
            continue;
        };
        plans.push(follow::plan(app, &rules, item, lead, siblings, now));
    }
    let held = fence(conn, items, &plans).await?;
    let mut attempts = Vec::new();
    let mut effective = Vec::new();
    let mut settlements = Vec::with_capacity(items.len());
    for (item, plan) in items.iter().zip(plans) {
        let is_held = held.contains(&item.job.job_id);
        attempts.extend(item.attempts.iter().cloned().map(|attempt| NewAttempt { is_late: !is_held, ..attempt }));
        if is_held {
            settlements.push(Settlement::Done);
            effective.push((item, plan));
        } else {
            settlements.push(Settlement::LostLease);
            // Its effect is small but worth having: it may end a review.
            if let Some(plan) = follow::late(app, item, leads.get(&item.lead_id), deliveries.get(&item.lead_id), now) {
                effective.push((item, plan));
            }
        }
    }
    db::attempt::insert_many(conn, &attempts).await?;
    effects(app, conn, effective, &mut at_once).await?;
    at_once.commit(app, tx).await.context("commit of settled deliveries")?;
    for item in items {
        metrics::counter!("leadrelay_deliveries_total", "outcome" => item.what.word(), "integration" => item.integration.clone())
            .increment(1);
    }
    app.wake.jobs();
    Ok(settlements)
}

/// Ends, delays or gives back the jobs; answers those whose lease still held.
async fn fence(conn: &mut PgConnection, items: &[Arc<Settled>], plans: &[Plan]) -> sqlx::Result<Vec<Uuid>> {
    let (mut finish, mut retry, mut snooze) = (Vec::new(), Vec::new(), Vec::new());
    for (item, plan) in items.iter().zip(plans) {
        let fence: Fence = item.job.fence();
        match plan.job {
            Fenced::Finish => finish.push(fence),
            Fenced::Retry(wait) => retry.push((fence, wait, queue::RETRY)),
            Fenced::Snooze(wait) => snooze.push((fence, wait)),
        }
    }
    let mut held = queue::settle::finish(conn, &finish).await?;
    held.extend(queue::settle::retry(conn, &retry).await?);
    held.extend(queue::settle::snooze(conn, &snooze).await?);
    Ok(held)
}

async fn effects(
    app: &App,
    conn: &mut PgConnection,
    plans: Vec<(&Arc<Settled>, Plan)>,
    at_once: &mut AtOnce,
) -> anyhow::Result<()> {
    let (mut changes, mut deliveries, mut events, mut jobs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut reports, mut released, mut unrouted, mut learned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut lanes: Vec<(Uuid, LaneEffect)> = Vec::new();
    for (item, plan) in plans {
        if let Some(change) = plan.delivery {
            if let Some(external_id) = &change.external_id {
                learned.push((item.network_id, external_id.clone()));
            }
            changes.push(change);
        }
        deliveries.extend(plan.deliveries);
        events.extend(plan.events);
        jobs.extend(plan.jobs);
        reports.extend(plan.reports);
        if plan.releases {
            released.push(item.delivery_id);
        }
        if plan.is_unrouted {
            unrouted.push(item.lead_id);
        }
        lanes.push((item.network_id, plan.lane));
    }
    changes.sort_by_key(|change| change.delivery_id);
    db::delivery::update_many(conn, &changes).await?;
    db::delivery::insert_many(conn, &deliveries).await?;
    db::lead::set_unrouted(conn, &unrouted, true).await?;
    room::give_back(conn, &released).await?;
    db::event::insert_many(conn, &events).await?;
    queue::enqueue(conn, &jobs).await?;
    apply_status::run_at_once(app, conn, &reports, at_once).await?;
    take_inbound::reprocess_waiting(app, conn, &learned).await?;
    lane_effects(conn, lanes).await?;
    Ok(())
}

/// Healthy lanes have no hot row: a success writes only where there were failures.
async fn lane_effects(conn: &mut PgConnection, mut lanes: Vec<(Uuid, LaneEffect)>) -> sqlx::Result<()> {
    lanes.sort_by_key(|(lane_id, _)| *lane_id);
    let mut succeeded = Vec::new();
    for (lane_id, effect) in lanes {
        match effect {
            LaneEffect::None => {}
            LaneEffect::Success => {
                if !succeeded.contains(&lane_id) {
                    breaker::record_success(conn, lane_id).await?;
                    succeeded.push(lane_id);
                }
            }
            LaneEffect::Failure => {
                breaker::record_failure(conn, lane_id, breaker::THRESHOLD).await?;
                succeeded.retain(|seen| *seen != lane_id);
            }
            LaneEffect::Pause(why) => {
                breaker::pause(conn, lane_id, &why).await?;
                metrics::counter!("leadrelay_network_paused_total").increment(1);
            }
        }
    }
    Ok(())
}
