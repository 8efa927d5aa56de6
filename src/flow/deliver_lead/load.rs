//! The first beat: reads a batch of deliveries with all a call needs, takes slots in caps, and commits the sending
//! stamp. What is not to be sent now is set aside with the reason.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::call::Source;
use crate::app::App;
use crate::db;
use crate::db::cap::Slot;
use crate::db::delivery::{Delivery, Stamp};
use crate::db::order::Order;
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
pub(in crate::flow) struct Ready {
    pub(in crate::flow) job: Job,
    pub(in crate::flow) delivery: Delivery,
    pub(in crate::flow) lead: db::lead::Lead,
    pub(in crate::flow) contact: db::lead::Contact,
    pub(in crate::flow) network: Arc<Network>,
    pub(in crate::flow) rules: Arc<Rules>,
}

impl Ready {
    /// What its call is made from.
    pub(in crate::flow) fn source(&self) -> Source<'_> {
        Source { lead: &self.lead, contact: &self.contact, network: &self.network, rules: &self.rules }
    }
}

/// The network that may take a new lead by this route at once: nothing has to be counted or looked at first.
pub(in crate::flow) fn at_once(rules: &Rules, route_id: Uuid, is_test: bool) -> Option<Arc<Network>> {
    let route = rules.route(route_id).filter(|route| route.enabled && (route.caps.is_empty() || is_test))?;
    rules.networks.get(&route.network_id).filter(|network| network.enabled).cloned()
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
    /// The data of its person is gone.
    Erased,
    /// Its route or network is gone, off or closed: it is routed anew.
    Reroute,
    /// A cap of its route is full until then (for ever: none).
    Full(Option<DateTime<Utc>>),
    /// Its network is off; it waits.
    NetworkOff,
}

/// Loads a batch.
pub(super) async fn run(app: &App, jobs: &[Job]) -> sqlx::Result<Vec<Loaded>> {
    let rules = app.rules.load();
    let now = app.clock.now();
    let mut orders: HashMap<Uuid, Order> = db::order::find_many(&mut *app.db.acquire().await?, &ids(jobs))
        .await?
        .into_iter()
        .map(|order| (order.delivery.delivery_id, order))
        .collect();
    let mut loaded = Vec::with_capacity(jobs.len());
    let mut sends = Vec::new();
    for job in jobs {
        let Some(order) = orders.remove(&job.subject_id) else {
            loaded.push(Loaded::Aside(job.clone(), job.subject_id, Why::Over));
            continue;
        };
        let judged = match judge(&rules, job, &order.delivery, &order.lead, now) {
            Err(why @ (Why::Over | Why::Lost)) => Err(why),
            _ if order.is_erased && job.kind == Kind::DeliverLead => Err(Why::Erased),
            judged => judged,
        };
        match judged {
            Ok(network) => {
                let Order { delivery, lead, contact, .. } = order;
                let rules = Arc::clone(&rules);
                let ready = Ready { job: job.clone(), delivery, lead, contact, network, rules };
                if job.kind == Kind::LookUpLead {
                    loaded.push(Loaded::Call(Box::new(ready)));
                } else {
                    sends.push(ready);
                }
            }
            Err(why) => loaded.push(Loaded::Aside(job.clone(), job.subject_id, why)),
        }
    }
    sends.sort_by_key(|one| one.delivery.delivery_id);
    loop {
        match stamp(app, &rules, &sends, now).await {
            // Two nodes took slots of the same caps in different orders.
            Err(error) if db::is_retryable(&error) => {}
            Err(error) => return Err(error),
            Ok(mut refused) => {
                loaded.extend(sends.into_iter().map(|one| match refused.remove(&one.delivery.delivery_id) {
                    None => Loaded::Call(Box::new(one)),
                    Some(why) => Loaded::Aside(one.job, one.delivery.delivery_id, why),
                }));
                return Ok(loaded);
            }
        }
    }
}

/// Takes slots in caps and commits the sending stamps. Answers what is not to be sent.
async fn stamp(app: &App, rules: &Rules, sends: &[Ready], now: DateTime<Utc>) -> sqlx::Result<HashMap<Uuid, Why>> {
    let mut refused = HashMap::new();
    let mut conn = app.db.acquire().await?;
    let stamped = if sends.iter().all(|one| capped_by(rules, one).is_none()) {
        // One statement is a transaction of its own.
        db::delivery::stamp_sending(&mut conn, &stamps(sends, &refused)).await?
    } else {
        let mut tx = conn.begin().await?;
        for one in sends {
            if let Some(why) = reserve(&mut tx, rules, one, now).await? {
                refused.insert(one.delivery.delivery_id, why);
            }
        }
        let stamped = db::delivery::stamp_sending(&mut tx, &stamps(sends, &refused)).await?;
        tx.commit().await?;
        stamped
    };
    for one in sends {
        let delivery_id = one.delivery.delivery_id;
        if !stamped.contains(&delivery_id) {
            refused.entry(delivery_id).or_insert(Why::Over);
        }
    }
    Ok(refused)
}

fn stamps(sends: &[Ready], refused: &HashMap<Uuid, Why>) -> Vec<Stamp> {
    let sent = sends.iter().filter(|one| !refused.contains_key(&one.delivery.delivery_id));
    sent.map(|one| Stamp {
        delivery_id: one.delivery.delivery_id,
        settings_version: one.network.settings_version,
        job_id: one.job.job_id,
        lease_token: one.job.lease_token,
    })
    .collect()
}

/// The route whose caps a delivery counts in. Test leads count in none.
fn capped_by<'a>(rules: &'a Rules, one: &Ready) -> Option<&'a Arc<Route>> {
    let route = rules.route(one.delivery.route_id?)?;
    (!route.caps.is_empty() && !one.lead.test).then_some(route)
}

/// Whether a delivery may be sent by its plan: routing at intake is a plan, not a verdict.
fn judge(
    rules: &Arc<Rules>,
    job: &Job,
    delivery: &Delivery,
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
    delivery: &Delivery,
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

/// Takes a slot in every cap of the route, or tells which is full.
async fn reserve(conn: &mut PgConnection, rules: &Rules, one: &Ready, now: DateTime<Utc>) -> sqlx::Result<Option<Why>> {
    let Some(route) = capped_by(rules, one) else { return Ok(None) };
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

fn ids(jobs: &[Job]) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// How long a delivery sleeps that waits for a network to come back: it is also woken when rules change.
pub(super) const NETWORK_OFF_WAIT: Duration = Duration::from_secs(60);

/// The reason shown while a delivery waits for room.
pub(super) fn full_reason() -> String {
    format!("{}: the cap of the route is full", route::NO_CAPACITY)
}
