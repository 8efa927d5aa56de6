//! A rule: whether a kind is watched, from which number on, and about which networks and offers.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Kind;

/// One kind's rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub enabled: bool,
    /// In the unit of the kind; 0 where it has none.
    pub threshold: i32,
    /// About these only; empty: all.
    pub networks: BTreeSet<Uuid>,
    pub offers: BTreeSet<Uuid>,
}

/// The rule of every kind.
pub type Rules = BTreeMap<Kind, Rule>;

impl Rule {
    /// As it is until somebody tunes it.
    pub fn usual(kind: Kind) -> Self {
        Self {
            enabled: true,
            threshold: kind.threshold().map_or(0, |threshold| threshold.usual),
            networks: BTreeSet::new(),
            offers: BTreeSet::new(),
        }
    }

    /// Whether it is about this network and this offer, as far as they are known.
    pub fn is_about(&self, network: Option<Uuid>, offer: Option<Uuid>) -> bool {
        let takes =
            |chosen: &BTreeSet<Uuid>, id: Option<Uuid>| chosen.is_empty() || id.is_none_or(|id| chosen.contains(&id));
        takes(&self.networks, network) && takes(&self.offers, offer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_about_all_until_some_are_chosen() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut rule = Rule::usual(Kind::CapFull);
        assert!(rule.is_about(Some(one), Some(two)));
        rule.networks.insert(one);
        assert!(rule.is_about(Some(one), Some(two)) && !rule.is_about(Some(two), Some(two)));
        assert!(rule.is_about(None, Some(two)), "what has no network is no other network's");
        rule.offers.insert(one);
        assert!(!rule.is_about(Some(one), Some(two)));
    }
}
