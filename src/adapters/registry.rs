//! The integrations there are.

use std::collections::BTreeMap;

use super::SharedAdapter;

/// All integrations by id.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    all: BTreeMap<String, SharedAdapter>,
}

impl Registry {
    /// The integration of this id.
    pub fn get(&self, id: &str) -> Option<&SharedAdapter> {
        self.all.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &SharedAdapter> {
        self.all.values()
    }
}
