//! Tells a network that has a lead what is new about it: that its fields have changed, or what became of it. What is said
//! is the lead as it is when the call is made; when it has changed again meanwhile, it is said once more.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::deliver_lead::{self, Ready};
use super::exchange::{self, Limits};
use crate::adapters::{SendCx, SharedAdapter, Tell, TellCx};
use crate::app::App;
use crate::base::exchange::Exchange;
use crate::db;
use crate::db::attempt::NewAttempt;
use crate::db::delivery::Delivery;
use crate::domain::outcome::{Outcome, Resend};
use crate::domain::retry;
use crate::domain::rules::Rules;
use crate::domain::status::{Source, Status};
use crate::net::record;
use crate::queue::{self, Job, Kind, NewJob, breaker};

/// Several changes in a row are sent as one.
const GATHER: Duration = Duration::from_secs(2);
/// A delivery that is still under way is looked at again after this.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// The jobs that send the changes of a lead to those of its deliveries whose networks can be told.
pub(super) fn changes(app: &App, rules: &Rules, deliveries: &[Delivery]) -> Vec<NewJob> {
    let is_or_may_be_there = |delivery: &&Delivery| {
        delivery.accepted_at.is_some() || matches!(delivery.state.as_str(), "sending" | "retrying" | "needs_review")
    };
    let told = deliveries.iter().filter(is_or_may_be_there).filter(|delivery| {
        adapter_of(app, rules, delivery.network_id).is_some_and(|adapter| adapter.tells(Tell::Change))
    });
    told.map(|delivery| NewJob { run_in: GATHER, ..job(app, Kind::SendChange, delivery) }).collect()
}

/// The jobs that tell a lead's new status to those networks that did not say it themselves. `movers`: the deliveries that
/// were reported about, and by whom.
pub(super) fn verdicts(
    app: &App,
    rules: &Rules,
    (status, is_test): (Status, bool),
    deliveries: &[Delivery],
    movers: &[(Uuid, Source)],
) -> Vec<NewJob> {
    if is_test || matches!(status, Status::New | Status::Pending) {
        return Vec::new();
    }
    let is_told = |delivery: &&Delivery| {
        delivery.accepted_at.is_some()
            && adapter_of(app, rules, delivery.network_id).is_some_and(|adapter| {
                let is_news = |(by, source): &(Uuid, Source)| *by != delivery.delivery_id || adapter.is_news(*source);
                adapter.tells(Tell::Verdict) && movers.iter().any(is_news)
            })
    };
    deliveries.iter().filter(is_told).map(|delivery| job(app, Kind::TellVerdict, delivery)).collect()
}

fn adapter_of<'a>(app: &'a App, rules: &Rules, network_id: Uuid) -> Option<&'a SharedAdapter> {
    app.adapters.get(&rules.networks.get(&network_id)?.integration)
}

fn job(app: &App, kind: Kind, delivery: &Delivery) -> NewJob {
    NewJob {
        // While one waits or runs, another is not needed: it says what is true when it speaks.
        dedupe_key: Some(format!("{kind}:{}", delivery.delivery_id)),
        ..NewJob::now(app.ids.next(), delivery.network_id, kind, delivery.delivery_id)
    }
}

/// Runs one job.
pub async fn run(app: App, job: Job) {
    if let Err(error) = tell(&app, &job).await.context("tell a network") {
        // The lease runs out and it is told again; telling twice does no harm.
        tracing::warn!(error = format!("{error:#}"), delivery_id = %job.subject_id, kind = %job.kind, "a network was not told");
    }
}

async fn tell(app: &App, job: &Job) -> anyhow::Result<()> {
    let rules = app.rules.load();
    let order = {
        let mut conn = app.db.acquire().await?;
        db::order::find_many(&mut conn, &[job.subject_id]).await?.into_iter().next()
    };
    let what = if job.kind == Kind::SendChange { Tell::Change } else { Tell::Verdict };
    let Some(order) = order else { return over(app, job).await };
    let network = rules.networks.get(&order.delivery.network_id).filter(|network| network.enabled).cloned();
    let adapter = network.as_ref().and_then(|network| app.adapters.get(&network.integration).cloned());
    let (Some(network), Some(adapter)) = (network, adapter.filter(|adapter| adapter.tells(what))) else {
        return over(app, job).await;
    };
    if order.lead.test && !adapter.about().has_test_flag {
        // It went to the sandbox.
        return over(app, job).await;
    }
    if order.is_erased && what == Tell::Change {
        // Nothing of the person is left to be told.
        return over(app, job).await;
    }
    if order.delivery.accepted_at.is_none() {
        return match order.delivery.state.as_str() {
            "sending" | "retrying" | "needs_review" => later(app, job).await,
            // What is sent later is sent as it is then.
            _ => over(app, job).await,
        };
    }
    let ready = Ready {
        job: job.clone(),
        delivery: order.delivery,
        lead: order.lead,
        contact: order.contact,
        network,
        rules: Arc::clone(&rules),
    };
    let started_at = app.clock.now();
    let (outcome, exchanges) = match deliver_lead::prepare(app, &ready.source(), adapter.as_ref()) {
        Err(reason) => (Outcome::Misconfigured { reason }, Vec::new()),
        Ok(made) => {
            let cx = TellCx {
                send: SendCx {
                    lead: &made.lead,
                    settings: &made.settings,
                    params: &made.params,
                    postback_url: &made.postback_url,
                    delivery_id: ready.delivery.delivery_id,
                    now: started_at,
                },
                what,
                external_id: ready.delivery.external_id.as_deref(),
                status: ready.lead.status,
                reason: ready.lead.reason.as_deref(),
                reason_code: ready.lead.reason_code,
                payout: ready.lead.payout,
                currency: &ready.lead.currency,
            };
            let limits = Limits {
                deadline: Duration::from_secs(u64::try_from(ready.network.timeout_seconds).unwrap_or(30)),
                connect_timeout: app.config.http.connect_timeout(),
                resend: Resend::Idempotent,
            };
            exchange::tell(&app.net, adapter.as_ref(), &cx, limits).await
        }
    };
    settle(app, job, &ready, what, &outcome, &exchanges, started_at).await
}

async fn over(app: &App, job: &Job) -> anyhow::Result<()> {
    queue::settle::finish(&mut *app.db.acquire().await?, &[job.fence()]).await?;
    Ok(())
}

/// Nobody knows yet whether the network has the lead.
async fn later(app: &App, job: &Job) -> anyhow::Result<()> {
    queue::settle::snooze(&mut *app.db.acquire().await?, &[(job.fence(), UNDER_WAY)]).await?;
    Ok(())
}

async fn settle(
    app: &App,
    job: &Job,
    ready: &Ready,
    what: Tell,
    outcome: &Outcome,
    exchanges: &[Exchange],
    started_at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    // Whoever changes the lead waits here, and then finds no job in its way.
    let lead = db::lead::lock(&mut tx, &[ready.lead.lead_id]).await?.into_iter().next();
    let has_changed = lead.is_some_and(|lead| lead.changed_at != ready.lead.changed_at);
    let wait = match outcome {
        Outcome::Retry { after, .. } | Outcome::NoCapacity { after, .. } => again(app, job, *after),
        Outcome::Unknown { .. } => again(app, job, None),
        _ => None,
    };
    let held = match (wait, has_changed) {
        (Some(wait), _) => queue::settle::retry(&mut tx, &[(job.fence(), wait, queue::RETRY)]).await?,
        (None, true) => queue::settle::snooze(&mut tx, &[(job.fence(), Duration::ZERO)]).await?,
        (None, false) => queue::settle::finish(&mut tx, &[job.fence()]).await?,
    };
    if held.is_empty() {
        return Ok(());
    }
    let attempts = attempts(app, ready, what, outcome, exchanges, (job.attempt, started_at));
    db::attempt::insert_many(&mut tx, &attempts).await?;
    let event = db::event::Event {
        event_id: app.ids.next(),
        lead_id: ready.lead.lead_id,
        at: now,
        kind: "told".into(),
        source: "system".into(),
        actor: None,
        detail: json!({
            "what": what,
            "status": (what == Tell::Verdict).then_some(ready.lead.status),
            "network_id": ready.network.network_id,
            "delivery_id": ready.delivery.delivery_id,
            "outcome": outcome.word(),
            "reason": outcome.reason(),
            "again": wait.is_some(),
        }),
    };
    db::event::insert_many(&mut tx, &[event]).await?;
    lane(&mut tx, job, outcome).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(())
}

/// The wait before the next try; `None`: it is given up.
fn again(app: &App, job: &Job, after: Option<Duration>) -> Option<Duration> {
    let attempt = u32::try_from(job.attempt).unwrap_or(1).max(1);
    retry::next_wait(&app.config.retries.leads(), attempt, after, retry::jitter_of(job.subject_id, attempt))
}

/// Only whether the other side works counts; a wrong setting of this call does not stop the leads.
async fn lane(conn: &mut PgConnection, job: &Job, outcome: &Outcome) -> sqlx::Result<()> {
    match outcome {
        Outcome::Retry { .. } | Outcome::Unknown { .. } => {
            breaker::record_failure(conn, job.lane_id, breaker::THRESHOLD).await.map(drop)
        }
        Outcome::Accepted(_) | Outcome::Refused { .. } => breaker::record_success(conn, job.lane_id).await,
        Outcome::NoCapacity { .. } | Outcome::Misconfigured { .. } => Ok(()),
    }
}

fn attempts(
    app: &App,
    ready: &Ready,
    what: Tell,
    outcome: &Outcome,
    exchanges: &[Exchange],
    (no, started_at): (i32, DateTime<Utc>),
) -> Vec<NewAttempt> {
    let last = exchanges.len().saturating_sub(1);
    let made = exchanges.iter().enumerate().map(|(index, exchange)| {
        let shown = record::record(exchange);
        let is_last = index == last;
        NewAttempt {
            attempt_id: app.ids.next(),
            subject_id: ready.delivery.delivery_id,
            lead_id: ready.lead.lead_id,
            kind: what.as_str(),
            no,
            started_at,
            took_ms: i32::try_from(exchange.took.as_millis()).unwrap_or(i32::MAX),
            outcome: if is_last { outcome.word().into() } else { "step".into() },
            http_status: exchange.answer.as_ref().ok().and_then(|answer| i16::try_from(answer.status).ok()),
            error_kind: exchange.answer.as_ref().err().map(|error| error.kind.to_string()),
            remote_ip: exchange.remote_ip.map(|ip| ip.to_string()),
            detail: if is_last { outcome.reason().map(str::to_owned) } else { None },
            is_late: false,
            request: Some(shown.request),
            response: Some(shown.response),
        }
    });
    made.collect()
}
