//! Past leads routed once more, by other routes: how many would go where. A network that refused a lead refuses it again,
//! one that was not asked takes it; caps on accepted leads hold, caps on approved ones do not.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::choose::{Subject, Tried, Why, choose};
use crate::domain::cap;
use crate::domain::rules::{CapCounts, Route, Rules};

/// A lead of the past.
#[derive(Clone, Debug)]
pub struct Past {
    pub lead_id: Uuid,
    pub number: i64,
    pub country: Option<String>,
    pub webmaster_id: Uuid,
    pub created_at: DateTime<Utc>,
    /// The network that has it.
    pub network_id: Option<Uuid>,
    /// Networks that refused it.
    pub refused_by: Vec<Uuid>,
}

/// Networks (none: nobody) by the leads that go there: `(before, after)` to how many.
pub type Moves = BTreeMap<(Option<Uuid>, Option<Uuid>), u64>;

/// Routes leads in the order in which they came, which must be theirs.
pub fn simulate(rules: &Rules, offer_id: Uuid, leads: &[Past]) -> Moves {
    let mut windows = HashMap::new();
    let mut moves = Moves::new();
    for lead in leads {
        let network = place(rules, offer_id, lead, &mut windows);
        *moves.entry((lead.network_id, network)).or_default() += 1;
    }
    moves
}

/// Leads in each window of each cap.
type Windows = HashMap<(Uuid, DateTime<Utc>), i32>;

fn place(rules: &Rules, offer_id: Uuid, lead: &Past, windows: &mut Windows) -> Option<Uuid> {
    let subject = Subject {
        lead_id: lead.lead_id,
        country: lead.country.as_deref(),
        webmaster_id: lead.webmaster_id,
        created_at: lead.created_at,
        test: false,
    };
    let mut tried: Vec<Tried> = Vec::new();
    loop {
        // Each turn ends here or leaves one route less to try.
        let route = choose(rules, offer_id, None, &subject, &tried, lead.created_at).picked?;
        let (route_id, network_id) = (route.route_id, route.network_id);
        if lead.refused_by.contains(&network_id) {
            tried.push(Tried { route_id, network_id, why: Why::Refused });
        } else if take_slots(&route, lead.created_at, windows) {
            return Some(network_id);
        } else {
            tried.push(Tried { route_id, network_id, why: Why::NoCapacity });
        }
    }
}

fn take_slots(route: &Route, at: DateTime<Utc>, windows: &mut Windows) -> bool {
    let counted = route.caps.iter().filter(|cap| cap.counts == CapCounts::Accepted);
    let counted: Vec<_> = counted
        .map(|limit| ((limit.cap_id, cap::window(limit.period, route.timezone, at).starts_at), limit.limit))
        .collect();
    let has_room = counted.iter().all(|(window, limit)| windows.get(window).copied().unwrap_or(0) < *limit);
    if has_room {
        for (window, _) in counted {
            *windows.entry(window).or_default() += 1;
        }
    }
    has_room
}
