//! Deliveries that are not sent now: over, lost, too old, to be routed anew, or waiting for room. One transaction each.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::load::{self, Why};
use super::settle::{self, Settled, What};
use crate::app::App;
use crate::db;
use crate::db::delivery::{Change, Delivery};
use crate::domain::outcome::Resend;
use crate::domain::routing;
use crate::flow::{room, route, settings};
use crate::queue::{self, Job, Kind, NewJob};

/// Deals with one delivery.
pub(super) async fn run(app: &App, job: &Job, delivery_id: Uuid, why: Why) -> anyhow::Result<()> {
    let mut tx = app.db.begin().await?;
    let Some(delivery) = db::delivery::find(&mut tx, delivery_id).await? else {
        queue::settle::finish(&mut tx, &[job.fence()]).await?;
        tx.commit().await?;
        return Ok(());
    };
    match why {
        Why::Over => {
            queue::settle::finish(&mut tx, &[job.fence()]).await?;
        }
        Why::Lost => {
            tx.rollback().await?;
            return lost(app, job, &delivery).await;
        }
        Why::NetworkOff => {
            snooze(&mut tx, job, &delivery, "the network is switched off", load::NETWORK_OFF_WAIT, app.clock.now())
                .await?
        }
        Why::Expired => {
            end(app, &mut tx, job, &delivery, ("dead", "the lead has become too old for its route")).await?
        }
        Why::Erased => {
            end(app, &mut tx, job, &delivery, ("cancelled", "the data of the lead's person has been erased")).await?
        }
        Why::Reroute => reroute(app, &mut tx, job, &delivery, None).await?,
        Why::Full(until) => reroute(app, &mut tx, job, &delivery, Some(until)).await?,
    }
    tx.commit().await?;
    app.wake.jobs();
    app.waiters.wake(delivery.lead_id);
    Ok(())
}

/// A worker disappeared after the sending stamp: the resend rule of the integration decides.
async fn lost(app: &App, job: &Job, delivery: &Delivery) -> anyhow::Result<()> {
    let rules = app.rules.load();
    let network = rules.networks.get(&delivery.network_id);
    let adapter = network.and_then(|network| app.adapters.get(&network.integration));
    let (mut resend, mut can_look_up) = (Resend::Once, false);
    if let (Some(network), Some(adapter)) = (network, adapter)
        && let Ok(settings) = settings::settings_of(&app.seal, network, adapter.about())
    {
        resend = adapter.resend(&settings);
        can_look_up = resend == Resend::Checkable;
    }
    let now = app.clock.now();
    let started_at = delivery.sending_at.unwrap_or(now);
    let what = What::Lost;
    let attempt = db::attempt::NewAttempt {
        attempt_id: app.ids.next(),
        subject_id: delivery.delivery_id,
        lead_id: delivery.lead_id,
        kind: "send",
        no: delivery.attempts,
        started_at,
        took_ms: 0,
        outcome: what.word().into(),
        http_status: None,
        error_kind: None,
        remote_ip: None,
        detail: what.reason().map(str::to_owned),
        is_late: false,
        request: None,
        response: None,
    };
    let settled = Settled {
        job: job.clone(),
        delivery_id: delivery.delivery_id,
        lead_id: delivery.lead_id,
        network_id: delivery.network_id,
        resend,
        can_look_up,
        integration: network.map(|network| network.integration.clone()).unwrap_or_default(),
        what,
        attempts: vec![attempt],
    };
    settle::run(app, &[Arc::new(settled)]).await;
    app.waiters.wake(delivery.lead_id);
    Ok(())
}

async fn snooze(
    conn: &mut PgConnection,
    job: &Job,
    delivery: &Delivery,
    reason: &str,
    wait: Duration,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if queue::settle::snooze(conn, &[(job.fence(), wait)]).await?.is_empty() {
        return Ok(());
    }
    let state = if delivery.attempts > 0 { "retrying" } else { "waiting" };
    let next_at = Some(now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX));
    db::delivery::update_many(conn, &[change(delivery, state, next_at, Some(reason))]).await
}

fn change(delivery: &Delivery, state: &'static str, next_at: Option<DateTime<Utc>>, reason: Option<&str>) -> Change {
    Change {
        delivery_id: delivery.delivery_id,
        state,
        next_at,
        external_id: None,
        redirect_url: None,
        message: None,
        reason: reason.map(str::to_owned),
        is_duplicate: false,
        accepted_at: None,
    }
}

/// Ends a delivery that is never sent: its state, and why.
async fn end(
    app: &App,
    conn: &mut PgConnection,
    job: &Job,
    delivery: &Delivery,
    (state, reason): (&'static str, &str),
) -> anyhow::Result<()> {
    let now = app.clock.now();
    db::lead::lock(conn, &[delivery.lead_id]).await?;
    if queue::settle::finish(conn, &[job.fence()]).await?.is_empty() {
        return Ok(());
    }
    db::delivery::update_many(conn, &[change(delivery, state, None, Some(reason))]).await?;
    room::give_back(conn, &[delivery.delivery_id]).await?;
    let event = db::event::Event {
        event_id: app.ids.next(),
        lead_id: delivery.lead_id,
        at: now,
        kind: "delivery".into(),
        source: "system".into(),
        actor: None,
        detail: json!({ "delivery_id": delivery.delivery_id, "network_id": delivery.network_id, "state": state, "reason": reason }),
    };
    db::event::insert_many(conn, &[event]).await?;
    Ok(())
}

/// Routes a delivery anew that was never sent. `full`: its route has no room until then.
async fn reroute(
    app: &App,
    conn: &mut PgConnection,
    job: &Job,
    delivery: &Delivery,
    full: Option<Option<DateTime<Utc>>>,
) -> anyhow::Result<()> {
    let rules = app.rules.load();
    let now = app.clock.now();
    let Some(lead) = db::lead::lock(conn, &[delivery.lead_id]).await?.into_iter().next() else { return Ok(()) };
    let siblings = db::delivery::of_leads(conn, &[delivery.lead_id]).await?;
    let mut tried = route::tried(&siblings, &delivery.purpose);
    if let (Some(_), Some(route_id)) = (full, delivery.route_id) {
        tried.push(routing::Tried { route_id, network_id: delivery.network_id, why: routing::Why::NoCapacity });
    }
    let trigger = (delivery.purpose != "sale").then_some(lead.status);
    let mut question = route::subject(&lead);
    if trigger.is_some() {
        question.created_at = delivery.created_at;
    }
    let decision = routing::choose(&rules, lead.offer_id, trigger, &question, &tried, now);
    match (&decision.picked, full) {
        (Some(next), _) => {
            if queue::settle::finish(conn, &[job.fence()]).await?.is_empty() {
                return Ok(());
            }
            let expires_at = question.created_at + TimeDelta::hours(next.max_age_hours.into());
            db::delivery::reroute(conn, delivery.delivery_id, next.network_id, next.route_id, expires_at).await?;
            db::event::insert_many(conn, &[route::event(app, lead.lead_id, &decision, now)]).await?;
            let moved = NewJob::now(app.ids.next(), next.network_id, Kind::DeliverLead, delivery.delivery_id);
            queue::enqueue(conn, &[moved]).await?;
        }
        (None, Some(until)) => {
            // Everything is full: wait for the window's end; a release wakes it earlier.
            let wait = until.and_then(|until| (until - now).to_std().ok()).unwrap_or(Duration::from_secs(300));
            snooze(conn, job, delivery, &load::full_reason(), wait.min(Duration::from_secs(3600)), now).await?;
        }
        (None, None) => {
            if queue::settle::finish(conn, &[job.fence()]).await?.is_empty() {
                return Ok(());
            }
            let reason = "its route is closed or gone and no other takes the lead";
            db::delivery::update_many(conn, &[change(delivery, "cancelled", None, Some(reason))]).await?;
            db::event::insert_many(conn, &[route::event(app, lead.lead_id, &decision, now)]).await?;
            if delivery.purpose == "sale" {
                db::lead::set_unrouted(conn, &[lead.lead_id], true).await?;
            }
        }
    }
    Ok(())
}
