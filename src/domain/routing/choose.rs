//! The waterfall: by position; among equal positions by a weighted draw that is the lead's own, so that a repeat
//! decides alike, shares follow the weights, and a route that goes away moves only the leads it had.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rule::{self, Judged};
use super::trace::{Line, Trace, Verdict};
use crate::domain::rules::{OnRefused, Route, Rules};
use crate::domain::status::Status;

/// The lead, as far as routing looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its id: the seed of the draw.
    pub lead_id: Uuid,
    /// ISO alpha-2; a lead without is not taken by a route that names countries.
    pub country: Option<&'a str>,
    /// Who posted it.
    pub webmaster_id: Uuid,
    /// When it came (for a fulfilment delivery: when it got to the status); `max_age_hours` counts from here.
    pub created_at: DateTime<Utc>,
    /// A test lead is routed like any other.
    pub test: bool,
}

/// Why a route that was tried has not taken the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The network said no for good.
    Refused,
    /// A cap or the network had no room in this round.
    NoCapacity,
}

/// A route that was tried before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The route.
    pub route_id: Uuid,
    /// Its network.
    pub network_id: Uuid,
    /// What came of it.
    pub why: Why,
}

/// What routing says.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The route to try now.
    pub picked: Option<Arc<Route>>,
    /// All that would be tried, in order; the first is `picked`.
    pub candidates: Vec<Arc<Route>>,
    /// What was decided about each route.
    pub trace: Trace,
    /// When the first closed route opens.
    pub wake_at: Option<DateTime<Utc>>,
    /// Some route would take the lead but has no room now: the lead waits, a refusal is not the last word.
    pub has_room_later: bool,
}

/// Judges the routes of an offer for a lead. `trigger` is none for a new lead, else the status it got to.
/// Paused or broken networks are picked all the same: the lead waits for its network.
pub fn choose(
    rules: &Rules,
    offer_id: Uuid,
    trigger: Option<Status>,
    subject: &Subject<'_>,
    tried: &[Tried],
    now: DateTime<Utc>,
) -> Decision {
    let mut routes: Vec<(&Arc<Route>, f64)> = rules
        .routes_of(offer_id)
        .iter()
        .filter(|route| route.trigger_status == trigger)
        .map(|route| (route, draw(subject.lead_id, route)))
        .collect();
    routes.sort_by(|(a, draw_a), (b, draw_b)| order(a, *draw_a, b, *draw_b));
    let is_stopped = routes.iter().any(|(route, _)| {
        route.on_refused == OnRefused::Stop
            && tried.iter().any(|tried| tried.why == Why::Refused && tried.route_id == route.route_id)
    });

    let mut decision = Decision::default();
    for (route, _) in routes {
        let network = rules.networks.get(&route.network_id);
        let judged = rule::judge(route, network.map(AsRef::as_ref), subject, tried, now);
        let (verdict, detail) = match judged {
            Judged::Not(verdict, detail) => (verdict, detail),
            Judged::Fits | Judged::NoRoom(..) if is_stopped => (Verdict::Stopped, None),
            Judged::NoRoom(verdict, opens_at) => {
                decision.has_room_later = true;
                decision.wake_at = [decision.wake_at, opens_at].into_iter().flatten().min();
                (verdict, opens_at.map(|at| format!("opens at {}", at.format("%FT%TZ"))))
            }
            Judged::Fits => {
                let verdict = if decision.candidates.is_empty() { Verdict::Taken } else { Verdict::Later };
                decision.candidates.push(Arc::clone(route));
                (verdict, None)
            }
        };
        decision.trace.0.push(Line {
            route_id: route.route_id,
            network: network.map_or_else(|| route.network_id.to_string(), |network| network.slug.clone()),
            position: route.position,
            verdict,
            detail,
        });
    }
    decision.picked = decision.candidates.first().cloned();
    decision
}

/// Position first; among siblings the weighted before the weightless, then the draw, then the id.
fn order(a: &Route, draw_a: f64, b: &Route, draw_b: f64) -> Ordering {
    a.position
        .cmp(&b.position)
        .then_with(|| (a.weight <= 0).cmp(&(b.weight <= 0)))
        .then_with(|| draw_a.total_cmp(&draw_b))
        .then_with(|| a.route_id.cmp(&b.route_id))
}

/// Weighted rendezvous hashing: an exponential draw with the weight as its rate; the smallest comes first.
fn draw(lead_id: Uuid, route: &Route) -> f64 {
    let mut hash = Sha256::new();
    hash.update(lead_id.as_bytes());
    hash.update(route.route_id.as_bytes());
    let bits = hash.finalize().iter().take(4).fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
    // Strictly between 0 and 1, so that the logarithm is finite and not zero.
    let uniform = (f64::from(bits) + 0.5) / (f64::from(u32::MAX) + 1.0);
    -uniform.ln() / f64::from(route.weight.max(1))
}
