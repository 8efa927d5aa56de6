//! A person's word about a lead: what became of a delivery in review, or which status a lead has.

use serde_json::json;
use uuid::Uuid;

use super::apply_status::{self, Item, Judged};
use super::replay::{self, Refused};
use super::room;
use crate::app::App;
use crate::db;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Status, Verdict};

/// What a person found out about a delivery whose outcome was unknown.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The network has it, perhaps under this id.
    Accepted(Option<String>),
    /// The network does not have it and does not want it.
    Refused(String),
    /// The network does not have it: send it again.
    NotThere,
}

/// Ends a review.
pub async fn delivery(app: &App, delivery_id: Uuid, finding: Finding, actor: &str) -> Result<(), Refused> {
    if matches!(finding, Finding::NotThere) {
        return replay::retry(app, delivery_id, actor).await;
    }
    let mut tx = app.db.begin().await?;
    let found = db::delivery::find(&mut tx, delivery_id).await?.ok_or(Refused::NotFound("delivery"))?;
    db::lead::lock(&mut tx, &[found.lead_id]).await?;
    let delivery =
        db::delivery::lock(&mut tx, &[delivery_id]).await?.into_iter().next().ok_or(Refused::NotFound("delivery"))?;
    if delivery.state != "needs_review" && delivery.state != "dead" {
        return Err(Refused::State(format!("the delivery is {}, not in review", delivery.state)));
    }
    let (report, is_unsold) = match &finding {
        Finding::Accepted(external_id) => {
            let report = StatusReport {
                mapped: Some(Status::Pending),
                external_id: external_id.clone(),
                ..StatusReport::default()
            };
            (report, false)
        }
        Finding::Refused(reason) => {
            let change = db::delivery::Change {
                delivery_id,
                state: "refused",
                next_at: None,
                external_id: None,
                redirect_url: None,
                message: None,
                reason: Some(reason.clone()),
                is_duplicate: false,
                accepted_at: None,
            };
            db::delivery::update_many(&mut tx, &[change]).await?;
            room::give_back(&mut tx, &[delivery_id]).await?;
            let report = StatusReport {
                mapped: Some(Status::Rejected),
                reason: Some(reason.clone()),
                ..StatusReport::default()
            };
            (report, delivery.purpose == "sale")
        }
        Finding::NotThere => return Err(Refused::State("nothing to write".into())),
    };
    if !matches!(finding, Finding::Refused(_)) || is_unsold {
        let item = Item {
            lead_id: delivery.lead_id,
            delivery_id,
            source: Source::Admin,
            actor: Some(actor.to_owned()),
            report,
            is_unsold,
            origin: None,
        };
        let judged = apply_status::run(app, &mut tx, &[item]).await?;
        if let Some(Judged { verdict: Verdict::Ignored, reason }) = judged.into_iter().next() {
            return Err(Refused::State(reason.unwrap_or_else(|| "another network has the lead".into())));
        }
    }
    tx.commit().await?;
    app.wake.jobs();
    app.waiters.wake(delivery.lead_id);
    Ok(())
}

/// A status, reason and money by an admin. A lead that no network has is given the status by itself.
pub async fn status(app: &App, lead_id: Uuid, report: StatusReport, actor: &str) -> Result<Judged, Refused> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::NotFound("lead"))?;
    let deliveries = db::delivery::of_leads(&mut tx, &[lead_id]).await?;
    let owner = deliveries.iter().find(|delivery| delivery.purpose == "sale" && delivery.accepted_at.is_some());
    let judged = match owner {
        Some(owner) => {
            let item = Item {
                lead_id,
                delivery_id: owner.delivery_id,
                source: Source::Admin,
                actor: Some(actor.to_owned()),
                report,
                is_unsold: false,
                origin: None,
            };
            apply_status::run(app, &mut tx, &[item]).await?.into_iter().next()
        }
        None if report.mapped.is_some_and(|status| !status.is_alive()) => {
            let open: Vec<Uuid> = deliveries
                .iter()
                .filter(|delivery| matches!(delivery.state.as_str(), "waiting" | "retrying"))
                .map(|delivery| delivery.delivery_id)
                .collect();
            replay::cancel_waiting(&mut tx, &open).await?;
            db::lead::set_unrouted(&mut tx, &[lead_id], false).await?;
            let item = Item {
                lead_id,
                delivery_id: Uuid::nil(),
                source: Source::Admin,
                actor: Some(actor.to_owned()),
                report,
                is_unsold: true,
                origin: None,
            };
            apply_status::run(app, &mut tx, &[item]).await?.into_iter().next()
        }
        None => {
            return Err(Refused::State("no network has accepted the lead; only rejected or trash can be set".into()));
        }
    };
    let judged = judged.unwrap_or(Judged { verdict: Verdict::Unmatched, reason: None });
    let event = db::event::Event {
        event_id: app.ids.next(),
        lead_id,
        at: now,
        kind: "status_by_hand".into(),
        source: "admin".into(),
        actor: Some(actor.to_owned()),
        detail: json!({ "result": judged.verdict }),
    };
    db::event::insert_many(&mut tx, &[event]).await?;
    tx.commit().await?;
    app.wake.jobs();
    app.waiters.wake(lead_id);
    Ok(judged)
}
