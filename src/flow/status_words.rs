//! What a network's status word means, and who says so.

use crate::app::App;
use crate::domain::rules::Network;
use crate::domain::status::Status;

/// Who says what a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The network's own table, written by an operator.
    Own,
    /// Its integration.
    Integration,
}

/// The operator's own table first, then the integration's; case and outer spaces do not matter.
pub fn meaning(app: &App, network: &Network, raw: &str) -> Option<(Status, Origin)> {
    let word = fold(raw);
    let own = network.status_map.iter().find(|(key, _)| fold(key) == word).map(|(_, status)| *status);
    match own {
        Some(status) => Some((status, Origin::Own)),
        None => Some((app.adapters.get(&network.integration)?.status_of(raw)?, Origin::Integration)),
    }
}

/// A status word as it is compared and stored among the unmapped.
pub fn fold(raw: &str) -> String {
    raw.trim().to_lowercase()
}
