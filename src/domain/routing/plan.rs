//! The routes of an offer as values: how a draft and the versions of the past are kept, and how they become the routes
//! that leads are judged by.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::rules::{Cap, CapCounts, CapPeriod, OnRefused, Route, Rules, Schedule};
use crate::domain::status::Status;

/// A route of a plan. Its fields mean what those of [`Route`] do; caps are sorted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The same from version to version.
    pub route_id: Uuid,
    pub network_id: Uuid,
    pub position: i32,
    pub weight: i32,
    pub countries: Vec<String>,
    pub webmasters: Vec<Uuid>,
    pub caps: Vec<PlannedCap>,
    pub schedule: Option<Schedule>,
    /// IANA name.
    pub timezone: String,
    pub on_refused: OnRefused,
    pub max_age_hours: i32,
    pub trigger_status: Option<Status>,
    pub enabled: bool,
}

/// A cap of a planned route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedCap {
    pub period: CapPeriod,
    pub counts: CapCounts,
    pub limit: i32,
}

/// The rules as they would be with this plan.
pub fn with(rules: &Rules, offer_id: Uuid, plan: &[Planned]) -> Rules {
    let mut routes: Vec<Arc<Route>> = plan.iter().map(|planned| Arc::new(route(offer_id, planned))).collect();
    routes.sort_by_key(|route| (route.position, route.route_id));
    let mut all: HashMap<Uuid, Vec<Arc<Route>>> = rules.routes.clone();
    all.insert(offer_id, routes);
    Rules {
        version: rules.version,
        webmasters: rules.webmasters.clone(),
        offers: rules.offers.clone(),
        networks: rules.networks.clone(),
        routes: all,
        ..Rules::default()
    }
}

fn route(offer_id: Uuid, planned: &Planned) -> Route {
    // A cap is told by what it counts: its id is the database's.
    let cap = |(at, cap): (u128, &PlannedCap)| Cap {
        cap_id: Uuid::from_u128(planned.route_id.as_u128().wrapping_add(at)),
        period: cap.period,
        limit: cap.limit,
        counts: cap.counts,
    };
    Route {
        route_id: planned.route_id,
        offer_id,
        network_id: planned.network_id,
        position: planned.position,
        weight: planned.weight,
        countries: planned.countries.clone(),
        webmasters: planned.webmasters.clone(),
        caps: (0..).zip(&planned.caps).map(cap).collect(),
        schedule: planned.schedule.clone(),
        timezone: planned.timezone.parse().unwrap_or(chrono_tz::Tz::UTC),
        on_refused: planned.on_refused,
        max_age_hours: planned.max_age_hours,
        trigger_status: planned.trigger_status,
        enabled: planned.enabled,
    }
}
