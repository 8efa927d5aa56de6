//! Why a lead went where it went, one line per route: what the timeline and the operator are shown.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::text_enum! {
    /// What was decided about one route.
    pub enum Verdict {
        /// It is tried now.
        Taken = "taken",
        /// It comes next, should the ones before not take the lead.
        Later = "later",
        /// Another country.
        Country = "country",
        /// Another webmaster.
        Webmaster = "webmaster",
        /// The route is off.
        Disabled = "disabled",
        /// The network is off or archived.
        NetworkDisabled = "network_disabled",
        /// Outside its opening hours.
        Closed = "closed",
        /// The lead is older than the route takes.
        TooOld = "too_old",
        /// This network has refused the lead.
        RefusedBefore = "refused_before",
        /// No capacity in this round.
        Full = "full",
        /// A refusal that ends the waterfall came before.
        Stopped = "stopped",
    }
}

/// One route and what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Line {
    /// The route.
    pub route_id: Uuid,
    /// Slug of its network; its id when the network is archived.
    pub network: String,
    /// Position of the route.
    pub position: i32,
    /// What was decided.
    pub verdict: Verdict,
    /// A few words more, where they help. No personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// All lines, in the order the routes are judged. Empty only when the offer has no route for this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Trace(pub Vec<Line>);
