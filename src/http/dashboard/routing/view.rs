//! Routes as people read them: from top to bottom, with shares, conditions and how full their caps are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::hours;
use crate::db;
use crate::domain::cap;
use crate::domain::routing::plan::{Planned, PlannedCap};
use crate::domain::rules::{CapCounts, CapPeriod, OnRefused, Rules};
use crate::http::dashboard::texts::{Text, say};
use crate::http::dashboard::words;

/// Slots used at this moment, by route and what a cap counts.
pub(super) type Used = HashMap<(Uuid, CapPeriod, CapCounts), i32>;

/// How full the caps of the live routes are.
pub(super) async fn used(
    conn: &mut PgConnection,
    rules: &Rules,
    offer_id: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<Used> {
    let mut windows = HashMap::new();
    for route in rules.routes_of(offer_id) {
        for limit in &route.caps {
            let window = cap::window(limit.period, route.timezone, now);
            windows.insert((limit.cap_id, window.starts_at), (route.route_id, limit.period, limit.counts));
        }
    }
    let asked: Vec<(Uuid, DateTime<Utc>)> = windows.keys().copied().collect();
    let rows = db::routing::used(conn, &asked).await?;
    Ok(rows.into_iter().filter_map(|(cap_id, at, used)| Some((*windows.get(&(cap_id, at))?, used))).collect())
}

/// What became of a route since the draft was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Same,
    New,
    Changed,
}

/// A route.
#[derive(Clone, Debug)]
pub(super) struct RouteView {
    pub(super) route_id: Uuid,
    pub(super) network: String,
    /// Slug, for links; none when it is archived.
    pub(super) slug: Option<String>,
    pub(super) network_off: bool,
    /// Of equal positions, when there are several.
    pub(super) share: Option<String>,
    pub(super) conditions: Vec<Text>,
    pub(super) caps: Vec<CapView>,
    pub(super) enabled: bool,
    pub(super) difference: Difference,
}

/// A cap.
#[derive(Clone, Debug)]
pub(super) struct CapView {
    pub(super) label: Text,
    pub(super) used: i32,
    pub(super) limit: i32,
}

impl CapView {
    /// From here on it is shown as one that will soon be full.
    pub(super) fn nearly_full(&self) -> i32 {
        self.limit - self.limit / 5
    }
}

/// Routes that are tried at the same place, and when: for new leads, or for those that got to a status.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) position: i32,
    pub(super) trigger: Option<String>,
    pub(super) routes: Vec<RouteView>,
}

/// A plan in steps. `base`: what it is compared with.
pub(super) fn steps(plan: &[Planned], base: Option<&[Planned]>, used: &Used, rules: &Rules) -> Vec<Step> {
    let mut sorted: Vec<&Planned> = plan.iter().collect();
    sorted.sort_by_key(|route| (route.trigger_status, route.position, route.weight == 0, route.route_id));
    let groups = sorted.chunk_by(|a, b| (a.trigger_status, a.position) == (b.trigger_status, b.position));
    groups
        .filter_map(|group| {
            let first = group.first()?;
            Some(Step {
                position: first.position,
                trigger: first.trigger_status.map(|status| words::state(status.as_str())),
                routes: group.iter().map(|route| view(route, group, base, used, rules)).collect(),
            })
        })
        .collect()
}

fn view(route: &Planned, group: &[&Planned], base: Option<&[Planned]>, used: &Used, rules: &Rules) -> RouteView {
    let network = rules.networks.get(&route.network_id);
    let difference = match base {
        None => Difference::Same,
        Some(base) => match base.iter().find(|old| old.route_id == route.route_id) {
            None => Difference::New,
            Some(old) if old == route => Difference::Same,
            Some(_) => Difference::Changed,
        },
    };
    RouteView {
        route_id: route.route_id,
        network: network.map_or_else(|| say("routing-network-gone").into(), |network| network.name.clone()),
        slug: network.map(|network| network.slug.clone()),
        network_off: network.is_some_and(|network| !network.enabled),
        share: share(route, group),
        conditions: conditions(route, rules),
        caps: route.caps.iter().map(|cap| cap_view(route, cap, used)).collect(),
        enabled: route.enabled,
        difference,
    }
}

/// In a hundred of the leads that reach this step, while all its routes are open.
fn share(route: &Planned, group: &[&Planned]) -> Option<String> {
    let weights = group.iter().filter(|route| route.enabled).map(|route| i64::from(route.weight));
    let (all, count) = (weights.clone().sum::<i64>(), weights.count());
    if count < 2 || !route.enabled {
        return None;
    }
    if route.weight == 0 || all == 0 {
        return Some(say("routing-rest").into());
    }
    let tenths = (i64::from(route.weight) * 1000 + all / 2) / all;
    let percent = if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    Some(say("routing-share").with("percent", percent).into())
}

fn conditions(route: &Planned, rules: &Rules) -> Vec<Text> {
    let mut said = Vec::new();
    if !route.countries.is_empty() {
        said.push(say("routing-only-countries").with("countries", route.countries.join(", ")));
    }
    if !route.webmasters.is_empty() {
        let name = |id: &Uuid| rules.webmasters.get(id).map_or_else(|| id.to_string(), |one| one.slug.clone());
        let names: Vec<String> = route.webmasters.iter().map(name).collect();
        said.push(say("routing-only-webmasters").with("webmasters", names.join(", ")));
    }
    if let Some(schedule) = &route.schedule {
        let hours = hours::write(schedule).replace('\n', "; ");
        said.push(say("routing-open").with("hours", hours).with("zone", &route.timezone));
    }
    if route.on_refused == OnRefused::Stop {
        said.push(say("routing-stops"));
    }
    if route.max_age_hours != 24 {
        said.push(say("routing-fresh").count("hours", route.max_age_hours));
    }
    said
}

fn cap_view(route: &Planned, cap: &PlannedCap, used: &Used) -> CapView {
    let label = match cap.counts {
        CapCounts::Accepted => say(format!("routing-cap-{}", cap.period)),
        CapCounts::Approved => say(format!("routing-cap-approved-{}", cap.period)),
    };
    CapView {
        label,
        used: used.get(&(route.route_id, cap.period, cap.counts)).copied().unwrap_or_default(),
        limit: cap.limit,
    }
}
