//! The filters of a list: how they are asked for, what may be chosen, and the chips of those that are set.

use super::super::texts::{Text, say};
use super::super::words;
use super::Asked;
use crate::base::text;
use crate::domain::rules::Rules;
use crate::domain::status::Status;

/// A filter.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its word in the URL.
    pub name: &'static str,
    /// Key of its label.
    pub label: &'static str,
    pub kind: Kind,
}

/// How a filter is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The search of the list, with the key of what may be typed.
    Search(&'static str),
    /// One of some.
    Select(fn(&Rules) -> Vec<Choice>),
    /// A short word.
    Short,
    /// A day.
    Day,
    /// Not asked for: links lead here with it.
    Linked,
}

/// One of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    /// A state or a status, by its word.
    pub fn word(word: &str) -> Self {
        Self { value: word.to_owned(), label: words::state(word) }
    }

    /// Words in their order.
    pub fn words(words: &[&str]) -> Vec<Self> {
        words.iter().map(|word| Self::word(word)).collect()
    }

    fn named(named: impl Iterator<Item = (String, String)>) -> Vec<Self> {
        let mut choices: Vec<Self> = named.map(|(value, label)| Self { value, label }).collect();
        choices.sort_by_cached_key(|choice| choice.label.to_lowercase());
        choices
    }
}

/// Networks by name.
pub fn networks(rules: &Rules) -> Vec<Choice> {
    Choice::named(rules.networks.values().map(|network| (network.slug.clone(), network.name.clone())))
}

/// Offers by name.
pub fn offers(rules: &Rules) -> Vec<Choice> {
    Choice::named(rules.offers.values().map(|offer| (offer.slug.clone(), offer.name.clone())))
}

/// Webmasters by slug.
pub fn webmasters(rules: &Rules) -> Vec<Choice> {
    Choice::named(rules.webmasters.values().map(|webmaster| (webmaster.slug.clone(), webmaster.slug.clone())))
}

/// Statuses of a lead.
pub fn statuses(_: &Rules) -> Vec<Choice> {
    Status::ALL.iter().map(|status| Choice::word(status.as_str())).collect()
}

/// A filter as the page shows it.
#[derive(Clone, Debug)]
pub struct FieldView {
    pub name: &'static str,
    pub label: Text,
    pub value: String,
    pub input: Input,
}

/// The control of a filter.
#[derive(Clone, Debug)]
pub enum Input {
    Search { hint: Text },
    Select { choices: Vec<Choice> },
    Short,
    Day,
    Hidden,
}

impl FieldView {
    /// With what the URL says.
    pub fn of(field: &Field, asked: &Asked, rules: &Rules) -> Self {
        let input = match field.kind {
            Kind::Search(hint) => Input::Search { hint: say(hint) },
            Kind::Select(choices) => Input::Select { choices: choices(rules) },
            Kind::Short => Input::Short,
            Kind::Day => Input::Day,
            Kind::Linked => Input::Hidden,
        };
        let value = asked.given(field.name).unwrap_or_default().to_owned();
        Self { name: field.name, label: say(field.label), value, input }
    }
}

/// A filter that is set.
#[derive(Clone, Debug)]
pub struct Chip {
    pub label: Text,
    pub value: String,
    /// The list without it.
    pub without: String,
}

/// What is set, in words.
pub fn chips(fields: &[FieldView], asked: &Asked) -> Vec<Chip> {
    let set = fields.iter().filter(|field| !field.value.is_empty());
    set.map(|field| {
        let chosen = match &field.input {
            Input::Select { choices } => choices.iter().find(|choice| choice.value == field.value),
            _ => None,
        };
        let value = chosen.map_or(field.value.as_str(), |choice| choice.label.as_str());
        Chip { label: field.label.clone(), value: text::cut(value, 40).to_owned(), without: asked.without(field.name) }
    })
    .collect()
}
