//! The screens there are, in the order of the menu. The menu, the keys and the search read this table; who may open
//! what is asked of the rights table, so that nobody is shown a place he may not enter.

use super::texts::{Text, say};
use crate::http::principal::UserRole;
use crate::http::rights::{self, Right};

/// A group of the menu.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Key of its heading.
    title: &'static str,
    places: &'static [Place],
}

/// One screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: &'static str,
    /// Key of its name, and its own name in `Shell::active`.
    pub name: &'static str,
    /// Symbol of `icons.svg`.
    pub icon: &'static str,
    /// Pressed after `g`.
    pub key: char,
}

/// A screen.
pub const fn place(path: &'static str, name: &'static str, icon: &'static str, key: char) -> Place {
    Place { path, name, icon, key }
}

/// All of them.
pub const GROUPS: &[Group] = &[
    Group {
        title: "menu-work",
        places: &[
            place("/", "place-overview", "home", 'o'),
            place("/leads", "place-leads", "person", 'l'),
            place("/deliveries", "place-deliveries", "send", 'd'),
            place("/inbound", "place-inbound", "inbox", 'i'),
            place("/postbacks", "place-postbacks", "bell", 'p'),
            place("/unmapped", "place-unmapped", "tag", 'u'),
            place("/orphans", "place-orphans", "link", 'b'),
            place("/imports", "place-imports", "upload", 'm'),
        ],
    },
    Group {
        title: "menu-set-up",
        places: &[
            place("/networks", "place-networks", "network", 'n'),
            place("/integrations", "place-integrations", "grid", 'c'),
            place("/offers", "place-offers", "box", 'f'),
            place("/webmasters", "place-webmasters", "users", 'w'),
        ],
    },
    Group {
        title: "menu-know",
        places: &[
            place("/reports", "place-reports", "chart", 'r'),
            place("/alerts", "place-alerts", "alert", 'v'),
            place("/health", "place-health", "pulse", 'h'),
            place("/audit", "place-audit", "log", 'a'),
            place("/users", "place-users", "lock", 'e'),
            place("/tokens", "place-tokens", "key", 't'),
            place("/settings", "place-settings", "gear", 's'),
        ],
    },
];

/// The place with this path.
pub fn at(path: &str) -> Option<Place> {
    GROUPS.iter().flat_map(|group| group.places).copied().find(|place| place.path == path)
}

impl Place {
    /// Its name.
    pub fn title(&self) -> Text {
        say(self.name)
    }

    fn is_open_to(&self, role: UserRole) -> bool {
        matches!(rights::of("GET", self.path), Some(Right::Page(roles)) if roles.contains(&role))
    }
}

impl Group {
    /// Its heading.
    pub fn title(&self) -> Text {
        say(self.title)
    }

    /// Those this role may open.
    pub fn open_to(&self, role: UserRole) -> Vec<Place> {
        self.places.iter().copied().filter(|place| place.is_open_to(role)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_place_has_its_own_key_and_leads_somewhere() {
        let all: Vec<Place> = GROUPS.iter().flat_map(|group| group.places).copied().collect();
        let keys: HashSet<char> = all.iter().map(|place| place.key).collect();
        assert_eq!(keys.len(), all.len());
        for place in all {
            assert!(place.is_open_to(UserRole::Admin), "{}", place.path);
            assert!(!place.title().to_string().is_empty());
        }
    }
}
