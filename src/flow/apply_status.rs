//! The only way a status or money changes. A batch of reports about leads is judged in memory, in order, against the
//! locked rows, and written in a handful of statements: conversions, money entries, leads, timeline, what the
//! webmasters are told, and the fulfilment deliveries a status triggers. The caller owns the transaction.
//!
//! Lock order: lead, delivery, conversion, job.

mod decide;
mod tell;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::db::postback_delivery::PostbackDelivery;
use crate::domain::report::StatusReport;
use crate::domain::rules::{CapCounts, Rules};
use crate::domain::status::{self, Source, Verdict};
use crate::domain::{cap, routing};
use crate::flow::{send_postback, tell_network};
use crate::queue::express::Departure;
use crate::queue::{self, Job, Kind, NewJob};

pub(super) use decide::map as status_of;

/// One report about one delivery.
#[derive(Clone, Debug)]
pub struct Item {
    /// The lead it is about.
    pub lead_id: Uuid,
    /// The delivery it is about.
    pub delivery_id: Uuid,
    /// Who said it.
    pub source: Source,
    /// The person or token behind it, if any.
    pub actor: Option<String>,
    /// What was said.
    pub report: StatusReport,
    /// Nobody took the lead: the report's status is the lead's own, no conversion comes of it.
    pub is_unsold: bool,
    /// The stored inbound call, the poll … it came with.
    pub origin: Option<Uuid>,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// In one word.
    pub verdict: Verdict,
    /// Why nothing changed, or what did.
    pub reason: Option<String>,
}

/// A lead in the middle of a batch.
pub(super) struct Subject {
    before: db::lead::Lead,
    lead: db::lead::Lead,
    deliveries: Vec<db::delivery::Delivery>,
    conversions: Vec<db::conversion::Conversion>,
    touched: Vec<Uuid>,
    goal: Option<String>,
    transaction_id: String,
    /// The deliveries whose reports were applied, and who made these.
    movers: Vec<(Uuid, Source)>,
}

impl Subject {
    fn has_moved(&self) -> bool {
        self.before.status != self.lead.status
    }
}

/// What the batch writes.
#[derive(Default)]
pub(super) struct Effects {
    entries: Vec<db::conversion::Entry>,
    events: Vec<db::event::Event>,
    deliveries: Vec<db::delivery::Change>,
    cancelled_jobs: Vec<Uuid>,
    unmapped: Vec<db::inbound::Unmapped>,
    /// Delivery, route, whether it has become (true) or stopped being (false) approved.
    approvals: Vec<(Uuid, Uuid, bool)>,
}

/// Calls to webmasters that start with the commit of the changes they tell of, past the queue.
pub struct AtOnce {
    departure: Departure,
    jobs: Vec<Job>,
    calls: Vec<PostbackDelivery>,
}

impl AtOnce {
    /// With slots for up to `most` calls. Before the transaction begins.
    pub fn take(app: &App, most: usize) -> Self {
        Self { departure: app.express.take(most), jobs: Vec::new(), calls: Vec::new() }
    }

    /// Commits the caller's transaction and makes the calls.
    pub async fn commit(self, app: &App, tx: Transaction<'_, Postgres>) -> sqlx::Result<()> {
        let (own, calls) = (app.clone(), self.calls);
        self.departure.commit(tx, &app.db, self.jobs, |held| send_postback::send_now(own, calls, held)).await
    }
}

/// Applies reports in their order. Answers one judgement per item.
pub async fn run(app: &App, conn: &mut PgConnection, items: &[Item]) -> anyhow::Result<Vec<Judged>> {
    apply(app, conn, items, None).await
}

/// The same for a caller that commits with [`AtOnce::commit`].
pub async fn run_at_once(
    app: &App,
    conn: &mut PgConnection,
    items: &[Item],
    at_once: &mut AtOnce,
) -> anyhow::Result<Vec<Judged>> {
    apply(app, conn, items, Some(at_once)).await
}

async fn apply(
    app: &App,
    conn: &mut PgConnection,
    items: &[Item],
    at_once: Option<&mut AtOnce>,
) -> anyhow::Result<Vec<Judged>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let rules = app.rules.load();
    let mut subjects = load(conn, items).await?;
    // Read while the leads are locked, so that the times of changes stand in the order of the changes.
    let now = app.clock.now();
    let mut effects = Effects::default();
    let mut judged = Vec::with_capacity(items.len());
    for item in items {
        let verdict = match subjects.get_mut(&item.lead_id) {
            Some(subject) => {
                let judged = decide::one(app, &rules, subject, item, &mut effects, now);
                if judged.verdict == Verdict::Applied {
                    subject.movers.push((item.delivery_id, item.source));
                }
                judged
            }
            None => Judged { verdict: Verdict::Unmatched, reason: Some("the lead is gone".into()) },
        };
        judged.push(verdict);
    }
    write(app, conn, &rules, subjects, effects, at_once, now).await?;
    Ok(judged)
}

async fn load(conn: &mut PgConnection, items: &[Item]) -> sqlx::Result<BTreeMap<Uuid, Subject>> {
    let mut lead_ids: Vec<Uuid> = items.iter().map(|item| item.lead_id).collect();
    lead_ids.sort_unstable();
    lead_ids.dedup();
    let leads = db::lead::lock(conn, &lead_ids).await?;
    let deliveries = db::delivery::of_leads(conn, &lead_ids).await?;
    let conversions = db::conversion::of_leads(conn, &lead_ids).await?;
    let mut subjects: BTreeMap<Uuid, Subject> = leads
        .into_iter()
        .map(|lead| {
            let subject = Subject {
                before: lead.clone(),
                goal: lead.goal.clone(),
                lead,
                deliveries: Vec::new(),
                conversions: Vec::new(),
                touched: Vec::new(),
                transaction_id: String::new(),
                movers: Vec::new(),
            };
            (subject.before.lead_id, subject)
        })
        .collect();
    for delivery in deliveries {
        if let Some(subject) = subjects.get_mut(&delivery.lead_id) {
            subject.deliveries.push(delivery);
        }
    }
    for conversion in conversions {
        if let Some(subject) = subjects.get_mut(&conversion.lead_id) {
            subject.conversions.push(conversion);
        }
    }
    Ok(subjects)
}

async fn write(
    app: &App,
    conn: &mut PgConnection,
    rules: &Arc<Rules>,
    mut subjects: BTreeMap<Uuid, Subject>,
    mut effects: Effects,
    at_once: Option<&mut AtOnce>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    // Stable order: two batches that touch the same rows take them alike.
    effects.deliveries.sort_by_key(|change| change.delivery_id);
    db::delivery::update_many(conn, &effects.deliveries).await?;
    let touched: Vec<db::conversion::Conversion> = subjects
        .values()
        .flat_map(|subject| subject.conversions.iter().filter(|c| subject.touched.contains(&c.conversion_id)).cloned())
        .collect();
    db::conversion::upsert_many(conn, &touched, now).await?;
    db::conversion::insert_entries(conn, &effects.entries, now).await?;
    db::inbound::keep_unmapped(conn, &effects.unmapped, now).await?;
    let (mut changes, mut counted, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for subject in subjects.values_mut() {
        let (before, lead) = (&subject.before, &mut subject.lead);
        let has_moved = before.status != lead.status;
        let step = db::lead_change::step(before, lead);
        if step.is_none() && before.reason == lead.reason && before.comment == lead.comment {
            continue;
        }
        counted.extend(step.filter(|_| !lead.test));
        lead.seq += 1;
        changes.push(db::lead::Change {
            lead_id: lead.lead_id,
            network_id: lead.network_id,
            status: lead.status,
            reason_code: lead.reason_code,
            reason: lead.reason.clone(),
            comment: lead.comment.clone(),
            payout: lead.payout,
            revenue: lead.revenue,
            revenue_currency: lead.revenue_currency.clone(),
            seq: lead.seq,
        });
        if has_moved || before.payout != lead.payout {
            changed.push(lead.lead_id);
        }
    }
    db::lead::update_many(conn, &changes, now).await?;
    db::lead_change::insert_many(conn, &counted, now).await?;
    let calls = tell::render(app, rules, changed.iter().filter_map(|lead_id| subjects.get(lead_id)), now);
    for subject in changed.iter().filter_map(|lead_id| subjects.get(lead_id)) {
        if subject.before.status != subject.lead.status {
            let told = calls.iter().filter(|call| call.lead_id() == subject.lead.lead_id).count();
            effects.events.push(status_event(app, subject, told, now));
        }
    }
    let moved = changed.iter().filter_map(|lead_id| subjects.get(lead_id)).filter(|subject| subject.has_moved());
    let verdicts: Vec<NewJob> = moved
        .flat_map(|subject| {
            let lead = (subject.lead.status, subject.lead.test);
            tell_network::verdicts(app, rules, lead, &subject.deliveries, &subject.movers)
        })
        .collect();
    let fulfilments = fulfil(app, rules, &subjects, &mut effects.events, now);
    db::delivery::insert_many(conn, &fulfilments).await?;
    drop_repeats(conn, &mut effects.events).await?;
    db::event::insert_many(conn, &effects.events).await?;
    count_approvals(conn, rules, &effects.approvals, now).await?;
    queue::cancel(conn, &effects.cancelled_jobs).await?;
    let jobs: Vec<NewJob> = fulfilments
        .iter()
        .map(|delivery| NewJob::now(app.ids.next(), delivery.network_id, Kind::DeliverLead, delivery.delivery_id))
        .chain(verdicts)
        .collect();
    queue::enqueue(conn, &jobs).await?;
    // The lanes of those that start at once are held from here to the commit.
    tell::queue(app, conn, calls, at_once, now).await
}

fn status_event(app: &App, subject: &Subject, told: usize, now: DateTime<Utc>) -> db::event::Event {
    let (before, lead) = (&subject.before, &subject.lead);
    db::event::Event {
        event_id: app.ids.next(),
        lead_id: lead.lead_id,
        at: now,
        kind: "status".into(),
        source: "system".into(),
        actor: None,
        detail: json!({
            "from": before.status,
            "to": lead.status,
            "move": status::move_name(before.status, lead.status),
            "reason": lead.reason,
            "payout": lead.payout,
            "currency": lead.currency,
            "revenue": lead.revenue,
            "postbacks": if told == 0 { json!("no rule") } else { json!(told) },
        }),
    }
}

/// A poll that says the same as the one before, to no effect, is told once.
async fn drop_repeats(conn: &mut PgConnection, events: &mut Vec<db::event::Event>) -> sqlx::Result<()> {
    let poll = Source::Poll.as_str();
    let is_idle = |event: &db::event::Event| {
        event.kind == "report" && event.source == poll && event.detail.get("result") != Some(&json!(Verdict::Applied))
    };
    let leads: Vec<Uuid> = events.iter().filter(|event| is_idle(event)).map(|event| event.lead_id).collect();
    let last = db::event::last_reports(conn, &leads, poll).await?;
    // Each poll has its own id, and why nothing follows may be put in other words.
    let said = |detail: &serde_json::Value| {
        let mut said = detail.clone();
        if let Some(said) = said.as_object_mut() {
            said.retain(|name, _| name != "origin" && name != "why");
        }
        said
    };
    events.retain(|event| {
        let is_last = |(lead_id, detail): &(Uuid, serde_json::Value)| {
            *lead_id == event.lead_id && said(detail) == said(&event.detail)
        };
        !is_idle(event) || !last.iter().any(is_last)
    });
    Ok(())
}

/// The second deliveries that routes with a trigger ask for when a lead reaches a status.
fn fulfil(
    app: &App,
    rules: &Arc<Rules>,
    subjects: &BTreeMap<Uuid, Subject>,
    events: &mut Vec<db::event::Event>,
    now: DateTime<Utc>,
) -> Vec<db::delivery::NewDelivery> {
    let mut new = Vec::new();
    for subject in subjects.values() {
        let lead = &subject.lead;
        let has_trigger = rules.routes_of(lead.offer_id).iter().any(|route| route.trigger_status == Some(lead.status));
        if subject.before.status == lead.status || !has_trigger {
            continue;
        }
        let tried = super::route::tried(&subject.deliveries, "fulfilment");
        // Once fulfilled is enough: a lead that is approved a second time is not shipped again.
        if subject
            .deliveries
            .iter()
            .any(|d| d.purpose == "fulfilment" && !matches!(d.state.as_str(), "refused" | "cancelled"))
        {
            continue;
        }
        // Its age counts from the moment it got here.
        let question = routing::Subject { created_at: now, ..super::route::subject(lead) };
        let decision = routing::choose(rules, lead.offer_id, Some(lead.status), &question, &tried, now);
        events.push(super::route::event(app, lead.lead_id, &decision, now));
        if let Some(route) = decision.picked {
            new.push(super::route::delivery(app, (lead.lead_id, now), &route, "fulfilment"));
        }
    }
    new
}

/// Caps on approved leads: a slot in the window of the approval, given back when it is reversed.
async fn count_approvals(
    conn: &mut PgConnection,
    rules: &Rules,
    approvals: &[(Uuid, Uuid, bool)],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (delivery_id, route_id, is_approved) in approvals {
        let Some(route) = rules.route(*route_id) else { continue };
        for limit in route.caps.iter().filter(|cap| cap.counts == CapCounts::Approved) {
            if *is_approved {
                let window = cap::window(limit.period, route.timezone, now);
                // It has happened, whatever the limit: the counter only stops new sends.
                db::cap::reserve(conn, *delivery_id, limit.cap_id, window.starts_at, window.ends_at, i32::MAX).await?;
            } else {
                db::cap::release_one(conn, *delivery_id, limit.cap_id).await?;
                super::room::wake(conn, &[*route_id]).await?;
            }
        }
    }
    Ok(())
}
