//! Integrations by group, a card each. The gallery and the first step of connecting a network show the same.

use std::collections::BTreeMap;

use askama::Template;

use crate::adapters::{About, Adapter, Registry, Tell, case, with_defaults};
use crate::http::dashboard::texts::{self, Text, say};

/// Where the cards lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To the details.
    Details,
    /// To the form of a new network.
    Use,
}

/// An integration.
pub struct Card {
    pub about: About,
    pub abilities: Vec<Text>,
}

/// The integrations of a group.
pub struct Group {
    pub name: String,
    pub members: Vec<Card>,
}

impl Group {
    /// Its heading; a group of somebody else's file has none of ours.
    pub fn title(&self) -> Option<String> {
        title(&self.name)
    }
}

/// The heading of a group.
pub fn title(group: &str) -> Option<String> {
    texts::find(&format!("network-group-{group}"))
}

/// The cards.
#[derive(Template)]
#[template(path = "parts/gallery.html")]
pub struct Gallery {
    groups: Vec<Group>,
    to: To,
    /// What was searched for.
    query: String,
}

impl Gallery {
    /// Those that the search finds, each leading to its details.
    pub fn found(registry: &Registry, query: &str) -> Self {
        Self { groups: groups(registry, query), to: To::Details, query: query.to_owned() }
    }

    /// All of them, each leading to the form of a new network.
    pub fn to_use(registry: &Registry) -> Self {
        Self { groups: groups(registry, ""), to: To::Use, query: String::new() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.groups.iter().map(|group| group.members.len()).sum()
    }

    fn href(&self, about: &About) -> String {
        match self.to {
            To::Details => format!("/integrations/{}", about.id),
            To::Use => format!("/networks/new?integration={}", about.id),
        }
    }
}

/// How sure we are of an integration; the words of somebody else's file are not ours.
pub fn sure(confidence: &str) -> Option<String> {
    texts::find(&format!("network-sure-{}", confidence.replace(' ', "-")))
}

/// Practice first: it needs nothing. Then by name.
fn groups(registry: &Registry, query: &str) -> Vec<Group> {
    let query = query.trim().to_lowercase();
    let mut groups: BTreeMap<(bool, String), Vec<Card>> = BTreeMap::new();
    for adapter in registry.iter().filter(|adapter| is_found(adapter.about(), &query)) {
        let about = adapter.about().clone();
        let abilities = abilities(adapter.as_ref());
        groups.entry((about.group != "practice", about.group.clone())).or_default().push(Card { about, abilities });
    }
    groups.into_iter().map(|((_, name), members)| Group { name, members }).collect()
}

fn is_found(about: &About, query: &str) -> bool {
    let group = title(&about.group).unwrap_or_default();
    let texts = [&about.title, &about.id, &about.help, &about.group, &group];
    query.split_whitespace().all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
}

/// What it can do when all its settings are given.
pub fn abilities(adapter: &dyn Adapter) -> Vec<Text> {
    let about = adapter.about();
    let settings = with_defaults(about, &case::all_settings(about), &serde_json::Map::new());
    let (lead, params) = (case::sample_lead(), case::sample_params(about));
    let looks_up = adapter.lookup(&case::send_cx(&lead, &settings, &params)).is_some();
    let all = [
        ("can-send", true),
        ("can-poll", about.has_poll),
        ("can-inbound", about.group != "practice"),
        ("can-look-up", looks_up),
        ("can-hear-changes", adapter.tells(Tell::Change)),
        ("can-hear-verdicts", adapter.tells(Tell::Verdict)),
        ("can-test", about.has_test_flag),
        ("can-plans", adapter.shop().is_some()),
        ("can-records", adapter.records().is_some()),
    ];
    all.into_iter().filter(|(_, can)| *can).map(|(key, _)| say(key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dashboard::html;

    #[test]
    fn every_integration_is_there_and_practice_comes_first() {
        let registry = Registry::load(None).unwrap();
        let gallery = Gallery::to_use(&registry);
        assert_eq!(gallery.groups[0].name, "practice");
        assert!(gallery.groups.iter().all(|group| group.title().is_some()), "a group of ours has no heading");
        assert_eq!(gallery.count(), registry.iter().count());
        let text = html::check("gallery-cards", &gallery);
        assert!(registry.iter().all(|adapter| text.contains(&format!("integration={}", adapter.about().id))));
    }

    #[test]
    fn a_search_takes_every_word_wherever_it_stands() {
        let registry = Registry::load(None).unwrap();
        let ids = |query: &str| -> Vec<String> {
            groups(&registry, query).into_iter().flat_map(|group| group.members).map(|card| card.about.id).collect()
        };
        assert_eq!(ids("  DUOMAI "), ["duomai"]);
        assert!(ids("altercpa").len() > 1 && ids("duomai zzz").is_empty());
        html::check("gallery-none", &Gallery::found(&registry, "<zzz>"));
    }

    #[test]
    fn abilities_are_those_of_the_integration() {
        let registry = Registry::load(None).unwrap();
        let of = |id: &str| -> Vec<String> {
            abilities(registry.get(id).unwrap().as_ref()).iter().map(ToString::to_string).collect()
        };
        assert!(of("duomai").contains(&say("can-plans").to_string()));
        assert!(of("http-json").contains(&say("can-look-up").to_string()));
        assert!(!of("sandbox").contains(&say("can-plans").to_string()));
    }
}
