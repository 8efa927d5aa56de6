//! The pages of the portal, in the order of its bar.

use crate::http::dashboard::places::{Place, place};

/// All of them.
pub const PLACES: &[Place] = &[
    place("/portal", "portal-today", "home", 't'),
    place("/portal/leads", "portal-leads", "person", 'l'),
    place("/portal/stats", "portal-stats", "chart", 's'),
    place("/portal/offers", "portal-offers", "box", 'o'),
    place("/portal/postbacks", "portal-postbacks", "bell", 'p'),
    place("/portal/api", "portal-api", "send", 'a'),
    place("/portal/tokens", "portal-tokens", "key", 'k'),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::http::rights::{self, Right};

    #[test]
    fn every_place_has_its_own_key_and_is_a_webmasters() {
        let keys: HashSet<char> = PLACES.iter().map(|place| place.key).collect();
        assert_eq!(keys.len(), PLACES.len());
        for place in PLACES {
            assert_eq!(rights::of("GET", place.path), Some(Right::Portal), "{}", place.path);
            assert!(!place.title().to_string().is_empty());
        }
    }
}
