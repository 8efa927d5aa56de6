//! Routes the leads that no route has taken: when rules change, and now and then for routes that open by the clock.

use uuid::Uuid;

use super::route;
use crate::app::App;
use crate::db;
use crate::domain::routing;
use crate::queue::{self, Kind, NewJob};

/// Leads looked at in one transaction.
const BATCH: i64 = 500;

/// Looks at every unrouted lead of an offer that has routes. Answers how many were routed.
pub async fn run(app: &App) -> anyhow::Result<usize> {
    let rules = app.rules.load();
    let offers: Vec<Uuid> = rules
        .routes
        .iter()
        .filter(|(_, routes)| routes.iter().any(|route| route.enabled && route.trigger_status.is_none()))
        .map(|(offer_id, _)| *offer_id)
        .collect();
    let mut routed = 0;
    let mut after = None;
    while !offers.is_empty() {
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let lead_ids = db::lead::unrouted(&mut tx, &offers, after, BATCH).await?;
        let Some(last) = lead_ids.last().copied() else { break };
        let leads = db::lead::lock(&mut tx, &lead_ids).await?;
        let siblings = db::delivery::of_leads(&mut tx, &lead_ids).await?;
        let (mut deliveries, mut events, mut jobs, mut done) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for lead in leads.iter().filter(|lead| lead.unrouted) {
            let own: Vec<_> = siblings.iter().filter(|delivery| delivery.lead_id == lead.lead_id).cloned().collect();
            let tried = route::tried(&own, "sale");
            let decision = routing::choose(&rules, lead.offer_id, None, &route::subject(lead), &tried, now);
            let Some(picked) = &decision.picked else { continue };
            let delivery = route::delivery(app, (lead.lead_id, lead.created_at), picked, "sale");
            jobs.push(NewJob::now(app.ids.next(), picked.network_id, Kind::DeliverLead, delivery.delivery_id));
            events.push(route::event(app, lead.lead_id, &decision, now));
            deliveries.push(delivery);
            done.push(lead.lead_id);
        }
        db::lead::set_unrouted(&mut tx, &done, false).await?;
        db::delivery::insert_many(&mut tx, &deliveries).await?;
        db::event::insert_many(&mut tx, &events).await?;
        queue::enqueue(&mut tx, &jobs).await?;
        tx.commit().await?;
        routed += done.len();
        after = Some(last);
    }
    if routed > 0 {
        tracing::info!(leads = routed, "routed leads that had no route before");
        app.wake.jobs();
    }
    Ok(routed)
}
