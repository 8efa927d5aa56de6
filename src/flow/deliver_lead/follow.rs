//! What follows from the end of a call: pure decisions over the locked lead and its deliveries.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::settle::{Settled, What};
use crate::app::App;
use crate::db::delivery::{Change, Delivery, NewDelivery};
use crate::db::event::Event;
use crate::db::lead::Lead;
use crate::domain::outcome::{Accepted, Outcome, Resend};
use crate::domain::report::StatusReport;
use crate::domain::retry;
use crate::domain::routing;
use crate::domain::rules::Rules;
use crate::domain::status::{Source, Status};
use crate::flow::{apply_status, route};
use crate::queue::{self, Kind, NewJob};

/// A network that has no room is asked again after this, unless it said when.
const NO_ROOM_WAIT: Duration = Duration::from_secs(300);
/// A look-up begins this long after the call has ended: the network may still be working on it.
const LOOK_UP_WAIT: Duration = Duration::from_secs(10);

/// What happens to the job.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fenced {
    Finish,
    Retry(Duration),
    Snooze(Duration),
}

/// What happens to the network's lane.
#[derive(Debug)]
pub(super) enum LaneEffect {
    None,
    Success,
    Failure,
    Pause(String),
}

/// Everything that settling one delivery does.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) job: Fenced,
    pub(super) delivery: Option<Change>,
    pub(super) deliveries: Vec<NewDelivery>,
    pub(super) jobs: Vec<NewJob>,
    pub(super) events: Vec<Event>,
    pub(super) reports: Vec<apply_status::Item>,
    pub(super) releases: bool,
    pub(super) is_unrouted: bool,
    pub(super) lane: LaneEffect,
}

impl Plan {
    /// Nothing to do but to end the job.
    pub(super) fn over() -> Self {
        Self {
            job: Fenced::Finish,
            delivery: None,
            deliveries: Vec::new(),
            jobs: Vec::new(),
            events: Vec::new(),
            reports: Vec::new(),
            releases: false,
            is_unrouted: false,
            lane: LaneEffect::None,
        }
    }
}

/// One delivery in its surroundings.
struct Case<'a> {
    app: &'a App,
    rules: &'a Rules,
    item: &'a Settled,
    lead: &'a Lead,
    delivery: &'a Delivery,
    siblings: &'a [Delivery],
    now: DateTime<Utc>,
}

/// Decides what follows.
pub(super) fn plan(
    app: &App,
    rules: &Arc<Rules>,
    item: &Settled,
    lead: &Lead,
    siblings: &[Delivery],
    now: DateTime<Utc>,
) -> Plan {
    let Some(delivery) = siblings.iter().find(|delivery| delivery.delivery_id == item.delivery_id) else {
        return Plan::over();
    };
    if !matches!(delivery.state.as_str(), "sending" | "retrying" | "waiting") {
        return Plan::over();
    }
    let case = Case { app, rules, item, lead, delivery, siblings, now };
    let proved = delivery.accepted_at.is_some();
    let plan = match &item.what {
        What::Outcome(Outcome::Accepted(accepted)) => case.accepted(accepted),
        // A report has told meanwhile that the network has it.
        _ if proved => case.accepted(&Accepted::default()),
        What::Outcome(Outcome::Refused { reason, is_trash }) => case.refused(reason, *is_trash),
        What::Outcome(Outcome::NoCapacity { reason, after }) => case.no_capacity(reason, *after),
        What::Outcome(Outcome::Retry { reason, after }) => case.retry(reason, *after),
        What::Outcome(Outcome::Unknown { reason }) => case.unknown(reason, LaneEffect::Failure),
        What::Outcome(Outcome::Misconfigured { reason }) => case.misconfigured(reason),
        What::NotThere => case.not_there(),
        What::Unclear(reason) => case.unclear(reason),
        What::CannotLookUp => case.review("the outcome is unknown and the network cannot be asked"),
        What::Lost => case.unknown("the worker was lost while it was sending", LaneEffect::None),
        What::NotSent(reason) => case.not_sent(reason),
    };
    tracing::info!(
        lead = lead.number,
        delivery_id = %delivery.delivery_id,
        network = rules.networks.get(&delivery.network_id).map(|network| network.slug.as_str()),
        outcome = item.what.word(),
        state = plan.delivery.as_ref().map(|change| change.state),
        attempt = delivery.attempts,
        "delivery"
    );
    plan
}

/// An answer whose lease is gone: if it says accepted or refused, it ends a review.
pub(super) fn late(
    app: &App,
    item: &Settled,
    lead: Option<&Lead>,
    siblings: Option<&Vec<Delivery>>,
    now: DateTime<Utc>,
) -> Option<Plan> {
    let delivery = siblings?.iter().find(|delivery| delivery.delivery_id == item.delivery_id)?;
    let rules = app.rules.load();
    let case = Case { app, rules: &rules, item, lead: lead?, delivery, siblings: siblings?, now };
    if delivery.state != "needs_review" {
        return None;
    }
    let plan = match &item.what {
        What::Outcome(Outcome::Accepted(accepted)) => case.accepted(accepted),
        What::Outcome(Outcome::Refused { reason, is_trash }) => case.refused(reason, *is_trash),
        _ => return None,
    };
    Some(Plan { lane: LaneEffect::None, ..plan })
}

impl Case<'_> {
    fn change(&self, state: &'static str, reason: Option<&str>) -> Change {
        Change {
            delivery_id: self.delivery.delivery_id,
            state,
            next_at: None,
            external_id: None,
            redirect_url: None,
            message: None,
            reason: reason.map(str::to_owned),
            is_duplicate: false,
            accepted_at: None,
        }
    }

    fn event(&self, kind: &str, detail: serde_json::Value) -> Event {
        Event {
            event_id: self.app.ids.next(),
            lead_id: self.lead.lead_id,
            at: self.now,
            kind: kind.to_owned(),
            source: "system".into(),
            actor: None,
            detail,
        }
    }

    /// The delivery's new state on the timeline.
    fn told(&self, state: &str, reason: Option<&str>) -> Event {
        let detail = json!({
            "delivery_id": self.delivery.delivery_id,
            "network_id": self.delivery.network_id,
            "state": state,
            "outcome": self.item.what.word(),
            "reason": reason,
            "attempt": self.delivery.attempts,
        });
        self.event("delivery", detail)
    }

    fn report(&self, report: StatusReport, is_unsold: bool) -> apply_status::Item {
        apply_status::Item {
            lead_id: self.lead.lead_id,
            delivery_id: self.delivery.delivery_id,
            source: Source::Answer,
            actor: None,
            report,
            is_unsold,
            origin: None,
        }
    }

    fn accepted(&self, accepted: &Accepted) -> Plan {
        let mut reports = Vec::new();
        if self.delivery.accepted_at.is_none() {
            reports.push(self.report(StatusReport { mapped: Some(Status::Pending), ..StatusReport::default() }, false));
        }
        if accepted.status.is_some() || accepted.payout.is_some() {
            let report = StatusReport {
                status: accepted.status.clone(),
                revenue: accepted.payout,
                currency: accepted.currency.clone(),
                external_id: accepted.external_id.clone(),
                ..StatusReport::default()
            };
            reports.push(self.report(report, false));
        }
        let change = Change {
            external_id: accepted.external_id.clone(),
            redirect_url: accepted.redirect_url.clone(),
            message: accepted.message.clone(),
            accepted_at: Some(self.now),
            ..self.change("accepted", None)
        };
        Plan {
            delivery: Some(change),
            reports,
            events: vec![self.told("accepted", accepted.message.as_deref())],
            lane: LaneEffect::Success,
            ..Plan::over()
        }
    }

    /// The deliveries as they are once this one has the given state.
    fn as_if(&self, state: &str, reason: &str) -> Vec<Delivery> {
        let mut all = self.siblings.to_vec();
        if let Some(own) = all.iter_mut().find(|delivery| delivery.delivery_id == self.delivery.delivery_id) {
            own.state = state.to_owned();
            own.reason = Some(reason.to_owned());
        }
        all
    }

    fn choose(&self, tried: &[routing::Tried]) -> routing::Decision {
        let question = if self.delivery.purpose == "sale" {
            route::subject(self.lead)
        } else {
            routing::Subject { created_at: self.delivery.created_at, ..route::subject(self.lead) }
        };
        let trigger = (self.delivery.purpose != "sale").then_some(self.lead.status);
        routing::choose(self.rules, self.lead.offer_id, trigger, &question, tried, self.now)
    }

    fn refused(&self, reason: &str, is_trash: bool) -> Plan {
        let change =
            Change { is_duplicate: is_trash, message: Some(reason.to_owned()), ..self.change("refused", Some(reason)) };
        let mut plan = Plan {
            delivery: Some(change),
            events: vec![self.told("refused", Some(reason))],
            releases: true,
            lane: LaneEffect::Success,
            ..Plan::over()
        };
        self.cascade(&mut plan, &self.as_if("refused", reason), reason, is_trash);
        plan
    }

    /// After a refusal: the next route; else wait for one that had no room; else the refusal is the last word.
    fn cascade(&self, plan: &mut Plan, deliveries: &[Delivery], reason: &str, is_trash: bool) {
        let by_hand = self.delivery.route_id.is_none();
        if !by_hand {
            let tried = route::tried(deliveries, &self.delivery.purpose);
            let decision = self.choose(&tried);
            plan.events.push(route::event(self.app, self.lead.lead_id, &decision, self.now));
            if let Some(next) = &decision.picked {
                self.next_delivery(plan, next, None);
                return;
            }
            if decision.has_room_later {
                let refusals: Vec<_> = tried.into_iter().filter(|tried| tried.why == routing::Why::Refused).collect();
                match self.choose(&refusals).picked {
                    Some(next) => self.next_delivery(plan, &next, Some(NO_ROOM_WAIT)),
                    // Closed hours: the sweep routes it when a route opens.
                    None => plan.is_unrouted = true,
                }
                return;
            }
        }
        let is_open = |delivery: &Delivery| {
            delivery.delivery_id != self.delivery.delivery_id
                && delivery.purpose == "sale"
                && !matches!(delivery.state.as_str(), "refused" | "cancelled")
        };
        if self.delivery.purpose == "sale" && !deliveries.iter().any(is_open) && !self.lead.unrouted {
            let status = if is_trash { Status::Trash } else { Status::Rejected };
            let report = StatusReport {
                mapped: Some(status),
                reason: Some(reason.to_owned()),
                reason_code: is_trash.then_some(7),
                ..StatusReport::default()
            };
            plan.reports.push(self.report(report, true));
        }
    }

    fn next_delivery(&self, plan: &mut Plan, next: &crate::domain::rules::Route, wait: Option<Duration>) {
        let since = if self.delivery.purpose == "sale" { self.lead.created_at } else { self.delivery.created_at };
        let mut delivery = route::delivery(self.app, (self.lead.lead_id, since), next, &self.delivery.purpose);
        let mut job = NewJob::now(self.app.ids.next(), next.network_id, Kind::DeliverLead, delivery.delivery_id);
        if let Some(wait) = wait {
            delivery.reason = Some(format!("{}: every route was asked", route::NO_CAPACITY));
            delivery.next_at = Some(self.after(wait));
            job.run_in = wait;
        }
        plan.deliveries.push(delivery);
        plan.jobs.push(job);
    }

    fn after(&self, wait: Duration) -> DateTime<Utc> {
        self.now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX)
    }

    fn no_capacity(&self, reason: &str, after: Option<Duration>) -> Plan {
        let reason = format!("{}: {reason}", route::NO_CAPACITY);
        let mut plan = Plan { releases: true, lane: LaneEffect::Success, ..Plan::over() };
        let deliveries = self.as_if("cancelled", &reason);
        let decision = self.choose(&route::tried(&deliveries, &self.delivery.purpose));
        if let Some(next) = decision.picked.as_ref().filter(|_| self.delivery.route_id.is_some()) {
            plan.events.push(self.told("cancelled", Some(&reason)));
            plan.events.push(route::event(self.app, self.lead.lead_id, &decision, self.now));
            plan.delivery = Some(self.change("cancelled", Some(&reason)));
            self.next_delivery(&mut plan, next, None);
            return plan;
        }
        let wait = after.unwrap_or(NO_ROOM_WAIT);
        plan.events.push(self.told("waiting", Some(&reason)));
        plan.delivery = Some(Change { next_at: Some(self.after(wait)), ..self.change("waiting", Some(&reason)) });
        plan.job = Fenced::Snooze(wait);
        plan
    }

    fn wait_of(&self, after: Option<Duration>) -> Option<Duration> {
        let attempt = u32::try_from(self.item.job.attempt).unwrap_or(1).max(1);
        let jitter = retry::jitter_of(self.delivery.delivery_id, attempt);
        let wait = retry::next_wait(&self.app.config.retries.leads(), attempt, after, jitter)?;
        (self.after(wait) < self.delivery.expires_at).then_some(wait)
    }

    fn retry(&self, reason: &str, after: Option<Duration>) -> Plan {
        match self.wait_of(after) {
            Some(wait) => Plan {
                job: Fenced::Retry(wait),
                delivery: Some(Change { next_at: Some(self.after(wait)), ..self.change("retrying", Some(reason)) }),
                events: vec![self.told("retrying", Some(reason))],
                lane: LaneEffect::Failure,
                ..Plan::over()
            },
            None => self.dead(reason),
        }
    }

    fn dead(&self, reason: &str) -> Plan {
        let reason = format!("gave up after {} attempts: {reason}", self.delivery.attempts);
        Plan {
            delivery: Some(self.change("dead", Some(&reason))),
            events: vec![self.told("dead", Some(&reason))],
            releases: true,
            lane: LaneEffect::Failure,
            ..Plan::over()
        }
    }

    /// Nobody knows whether it arrived: the resend rule decides, never a blind second send.
    fn unknown(&self, reason: &str, lane: LaneEffect) -> Plan {
        let plan = match self.item.resend {
            Resend::Idempotent => self.retry(reason, None),
            Resend::Checkable if self.item.can_look_up => {
                let mut job = NewJob::now(
                    self.app.ids.next(),
                    self.delivery.network_id,
                    Kind::LookUpLead,
                    self.delivery.delivery_id,
                );
                job.run_in = LOOK_UP_WAIT;
                job.priority = queue::RETRY;
                Plan {
                    delivery: Some(Change {
                        next_at: Some(self.after(LOOK_UP_WAIT)),
                        ..self.change("retrying", Some(reason))
                    }),
                    events: vec![self.told("retrying", Some(reason))],
                    jobs: vec![job],
                    ..Plan::over()
                }
            }
            Resend::Checkable | Resend::Once => self.review(reason),
        };
        Plan { lane, ..plan }
    }

    fn review(&self, reason: &str) -> Plan {
        Plan {
            delivery: Some(self.change("needs_review", Some(reason))),
            events: vec![self.told("needs_review", Some(reason))],
            ..Plan::over()
        }
    }

    fn not_there(&self) -> Plan {
        let reason = "the network was asked and does not have the lead";
        let most = self.app.config.retries.leads().len() + 1;
        if usize::try_from(self.delivery.attempts).unwrap_or(usize::MAX) > most || self.delivery.expires_at <= self.now
        {
            return self.dead(reason);
        }
        let mut job =
            NewJob::now(self.app.ids.next(), self.delivery.network_id, Kind::DeliverLead, self.delivery.delivery_id);
        job.priority = queue::RETRY;
        Plan {
            delivery: Some(self.change("waiting", Some(reason))),
            events: vec![self.told("waiting", Some(reason))],
            jobs: vec![job],
            lane: LaneEffect::Success,
            ..Plan::over()
        }
    }

    fn unclear(&self, reason: &str) -> Plan {
        let reason = format!("the look-up told nothing: {reason}");
        match self.wait_of(None) {
            Some(wait) => Plan {
                job: Fenced::Retry(wait),
                delivery: Some(Change { next_at: Some(self.after(wait)), ..self.change("retrying", Some(&reason)) }),
                lane: LaneEffect::Failure,
                ..Plan::over()
            },
            None => self.review(&reason),
        }
    }

    fn misconfigured(&self, reason: &str) -> Plan {
        Plan {
            job: Fenced::Snooze(Duration::ZERO),
            delivery: Some(self.change("waiting", Some(&format!("the network is paused: {reason}")))),
            events: vec![self.told("waiting", Some(reason))],
            releases: true,
            lane: LaneEffect::Pause(reason.to_owned()),
            ..Plan::over()
        }
    }

    fn not_sent(&self, reason: &str) -> Plan {
        let state = if self.delivery.attempts > 1 { "retrying" } else { "waiting" };
        Plan {
            job: Fenced::Snooze(Duration::from_secs(1)),
            delivery: Some(self.change(state, Some(reason))),
            ..Plan::over()
        }
    }
}
