//! The first beat: reads a batch of deliveries with all a call needs, takes slots in caps, and commits the sending
//! stamp. What is not to be sent now is set aside with the reason.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::db::cap::Slot;
use crate::domain::rules::{CapCounts, Network, Route, Rules};
use crate::domain::{cap, routing};
use crate::flow::route;
use crate::queue::{Job, Kind};

/// What the load made of a job.
pub(super) enum Loaded {
    Call(Box<Ready>),
    Aside(Job, Uuid, Why),
}

impl Loaded {
    pub(super) fn job(&self) -> &Job {
        match self {
            Self::Call(ready) => &ready.job,
            Self::Aside(job, _, _) => job,
        }
    }
}

/// A delivery that may be sent (or looked up) now.
pub(super) struct Ready {
    pub(super) job: Job,
    pub(super) delivery: db::delivery::Delivery,
    pub(super) lead: db::lead::Lead,
    pub(super) contact: db::lead::Contact,
    pub(super) network: Arc<Network>,
    pub(super) rules: Arc<Rules>,
}

/// Why a delivery is not sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It is decided already; the job is over.
    Over,
    /// Its lease was lost after the sending stamp: nobody knows whether it arrived.
    Lost,
    /// Too old for its route.
    Expired,
    /// Its route or network is gone, off or closed: it is routed anew.
    Reroute,
    /// A cap of its route is full until then (for ever: none).
    Full(Option<DateTime<Utc>>),
    /// Its network is off; it waits.
    NetworkOff,
}

/// Loads a batch.
pub(super) async fn run(app: &App, jobs: &[Job]) -> sqlx::Result<Vec<Loaded>> {
    loop {
        match once(app, jobs).await {
            // Two nodes took slots of the same caps in different orders.
            Err(error) if db::is_retryable(&error) => {}
            other => return other,
        }
    }
}

async fn once(app: &App, jobs: &[Job]) -> sqlx::Result<Vec<Loaded>> {
    let rules = app.rules.load();
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut deliveries =
        by_id(db::delivery::find_many(&mut tx, &ids(jobs.iter().map(|job| job.subject_id))).await?, |d| d.delivery_id);
    let lead_ids = ids(deliveries.values().map(|delivery| delivery.lead_id));
    let leads = by_id(db::lead::find_many(&mut tx, &lead_ids).await?, |lead| lead.lead_id);
    let mut contacts = by_id(db::lead::contacts(&mut tx, &lead_ids).await?, |contact| contact.lead_id);

    let mut loaded = Vec::with_capacity(jobs.len());
    let mut ready = Vec::new();
    for job in jobs {
        let Some(delivery) = deliveries.remove(&job.subject_id) else {
            loaded.push(Loaded::Aside(job.clone(), job.subject_id, Why::Over));
            continue;
        };
        let Some(lead) = leads.get(&delivery.lead_id) else {
            loaded.push(Loaded::Aside(job.clone(), delivery.delivery_id, Why::Over));
            continue;
        };
        match judge(&rules, job, &delivery, lead, now) {
            Ok(network) => ready.push(Ready {
                job: job.clone(),
                contact: contacts.remove(&delivery.lead_id).unwrap_or_default(),
                delivery,
                lead: lead.clone(),
                network,
                rules: Arc::clone(&rules),
            }),
            Err(why) => loaded.push(Loaded::Aside(job.clone(), delivery.delivery_id, why)),
        }
    }
    ready.sort_by_key(|ready| ready.delivery.delivery_id);
    let mut sends = Vec::new();
    for one in ready {
        if one.job.kind == Kind::LookUpLead {
            loaded.push(Loaded::Call(Box::new(one)));
            continue;
        }
        match reserve(&mut tx, &rules, &one, now).await? {
            Some(why) => loaded.push(Loaded::Aside(one.job, one.delivery.delivery_id, why)),
            None => sends.push(one),
        }
    }
    let stamps: Vec<_> = sends
        .iter()
        .map(|one| db::delivery::Stamp {
            delivery_id: one.delivery.delivery_id,
            settings_version: one.network.settings_version,
            job_id: one.job.job_id,
            lease_token: one.job.lease_token,
        })
        .collect();
    let stamped = db::delivery::stamp_sending(&mut tx, &stamps).await?;
    tx.commit().await?;
    for one in sends {
        let is_stamped = stamped.contains(&one.delivery.delivery_id);
        loaded.push(if is_stamped {
            Loaded::Call(Box::new(one))
        } else {
            Loaded::Aside(one.job, one.delivery.delivery_id, Why::Over)
        });
    }
    Ok(loaded)
}

/// Whether a delivery may be sent by its plan: routing at intake is a plan, not a verdict.
fn judge(
    rules: &Arc<Rules>,
    job: &Job,
    delivery: &db::delivery::Delivery,
    lead: &db::lead::Lead,
    now: DateTime<Utc>,
) -> Result<Arc<Network>, Why> {
    let is_open = matches!(delivery.state.as_str(), "waiting" | "sending" | "retrying");
    if !is_open || (delivery.accepted_at.is_some() && delivery.state != "sending") {
        return Err(Why::Over);
    }
    if job.kind == Kind::DeliverLead && delivery.sending_at.is_some() {
        return Err(Why::Lost);
    }
    let network = rules.networks.get(&delivery.network_id);
    if job.kind == Kind::LookUpLead {
        return network.cloned().ok_or(Why::NetworkOff);
    }
    let is_fresh = delivery.attempts == 0;
    if delivery.expires_at <= now {
        return Err(if is_fresh { Why::Reroute } else { Why::Expired });
    }
    let Some(network) = network.filter(|network| network.enabled) else {
        // Sent there by hand, or tried there already: it waits for that network.
        return Err(if is_fresh && delivery.route_id.is_some() { Why::Reroute } else { Why::NetworkOff });
    };
    if is_fresh
        && let Some(route_id) = delivery.route_id
        && !still_fits(rules, route_id, delivery, lead, now)
    {
        return Err(Why::Reroute);
    }
    Ok(Arc::clone(network))
}

fn still_fits(
    rules: &Arc<Rules>,
    route_id: Uuid,
    delivery: &db::delivery::Delivery,
    lead: &db::lead::Lead,
    now: DateTime<Utc>,
) -> bool {
    let Some(route) = rules.route(route_id) else { return false };
    let is_it = route.enabled && route.network_id == delivery.network_id && route.offer_id == lead.offer_id;
    let fits_lead = (route.countries.is_empty()
        || lead.country.as_ref().is_some_and(|country| route.countries.contains(country)))
        && (route.webmasters.is_empty() || route.webmasters.contains(&lead.webmaster_id));
    is_it && fits_lead && routing::is_open(route.schedule.as_ref(), route.timezone, now)
}

/// Takes a slot in every cap of the route, or tells which is full. Test leads count in no cap.
async fn reserve(conn: &mut PgConnection, rules: &Rules, one: &Ready, now: DateTime<Utc>) -> sqlx::Result<Option<Why>> {
    let route: Option<&Arc<Route>> = one.delivery.route_id.and_then(|route_id| rules.route(route_id));
    let Some(route) = route.filter(|route| !route.caps.is_empty() && !one.lead.test) else { return Ok(None) };
    let mut caps: Vec<_> = route.caps.iter().collect();
    caps.sort_by_key(|cap| cap.cap_id);
    let mut full_until = None;
    let mut is_full = false;
    for limit in caps {
        let window = cap::window(limit.period, route.timezone, now);
        let has_room = match limit.counts {
            CapCounts::Approved => db::cap::used(conn, limit.cap_id, window.starts_at).await? < limit.limit,
            CapCounts::Accepted => {
                let slot = (limit.cap_id, window.starts_at, window.ends_at);
                db::cap::reserve(conn, one.delivery.delivery_id, slot.0, slot.1, slot.2, limit.limit).await?
                    == Slot::Held
            }
        };
        if !has_room {
            is_full = true;
            full_until = window.ends_at;
            break;
        }
    }
    if !is_full {
        return Ok(None);
    }
    // All or none: what was taken before the full one is given back.
    db::cap::release(conn, &[one.delivery.delivery_id]).await?;
    Ok(Some(Why::Full(full_until)))
}

fn ids(all: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> HashMap<Uuid, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

/// How long a delivery sleeps that waits for a network to come back: it is also woken when rules change.
pub(super) const NETWORK_OFF_WAIT: Duration = Duration::from_secs(60);

/// The reason shown while a delivery waits for room.
pub(super) fn full_reason() -> String {
    format!("{}: the cap of the route is full", route::NO_CAPACITY)
}
