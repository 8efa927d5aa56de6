//! Routing as the flow room uses it: a lead and its deliveries become the question, the answer becomes a delivery
//! and a line on the timeline.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::domain::routing::{Decision, Subject, Tried, Why};
use crate::domain::rules::Route;

/// How the reason of a delivery begins that waits for room.
pub(super) const NO_CAPACITY: &str = "no capacity";

/// The lead as routing sees it.
pub(super) fn subject(lead: &db::lead::Lead) -> Subject<'_> {
    Subject {
        lead_id: lead.lead_id,
        country: lead.country.as_deref(),
        webmaster_id: lead.webmaster_id,
        created_at: lead.created_at,
        test: lead.test,
    }
}

/// What earlier deliveries of this purpose came to.
pub(super) fn tried(deliveries: &[db::delivery::Delivery], purpose: &str) -> Vec<Tried> {
    deliveries
        .iter()
        .filter(|delivery| delivery.purpose == purpose)
        .filter_map(|delivery| {
            let no_capacity = || delivery.reason.as_deref().is_some_and(|reason| reason.starts_with(NO_CAPACITY));
            let why = match delivery.state.as_str() {
                "refused" => Why::Refused,
                "cancelled" if no_capacity() => Why::NoCapacity,
                _ => return None,
            };
            Some(Tried { route_id: delivery.route_id?, network_id: delivery.network_id, why })
        })
        .collect()
}

/// The decision on the lead's timeline, with the reason for every route.
pub(super) fn event(app: &App, lead_id: Uuid, decision: &Decision, now: DateTime<Utc>) -> db::event::Event {
    db::event::Event {
        event_id: app.ids.next(),
        lead_id,
        at: now,
        kind: "routed".into(),
        source: "router".into(),
        actor: None,
        detail: json!({
            "network_id": decision.picked.as_ref().map(|route| route.network_id),
            "route_id": decision.picked.as_ref().map(|route| route.route_id),
            "trace": decision.trace,
        }),
    }
}

/// A waiting delivery by a route.
pub(super) fn delivery(
    app: &App,
    lead: (Uuid, DateTime<Utc>),
    route: &Route,
    purpose: &str,
) -> db::delivery::NewDelivery {
    db::delivery::NewDelivery {
        delivery_id: app.ids.next(),
        lead_id: lead.0,
        network_id: route.network_id,
        route_id: Some(route.route_id),
        purpose: purpose.to_owned(),
        expires_at: lead.1 + TimeDelta::hours(route.max_age_hours.into()),
        next_at: None,
        reason: None,
        sent_with: None,
    }
}
