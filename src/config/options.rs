//! Every setting as it is in effect: what it is for, what it is set to, and by whom. For the page that shows them. Secrets
//! are never among the values.

use std::collections::HashMap;
use std::path::PathBuf;

use config::ValueKind;

use super::load::DEFAULTS;

/// Settings whose value nobody is shown.
const SECRETS: [&str; 3] = ["secret_key", "admin_token", "database.url"];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `config/default.toml`.
    Default,
    /// The file named by `LEADRELAY_CONFIG`.
    File(PathBuf),
    /// This variable of the environment.
    Environment(String),
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted path, such as `server.listen`.
    pub key: String,
    /// What `config/default.toml` says about it.
    pub about: String,
    /// None: not set. Of a secret: empty.
    pub value: Option<String>,
    pub origin: Origin,
    pub is_secret: bool,
}

impl Setting {
    /// The part of its file it stands in; empty for the first.
    pub fn section(&self) -> &str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }

    /// The variable that sets it.
    pub fn variable(&self) -> String {
        variable(&self.key)
    }
}

/// The variable that sets a key.
pub(super) fn variable(key: &str) -> String {
    format!("LEADRELAY__{}", key.replace('.', "__").to_ascii_uppercase())
}

/// What was given beside the defaults.
pub(super) struct Given {
    /// The settings file, with what stands in it.
    pub file: Option<(PathBuf, toml::Table)>,
    /// The variable a key was set by.
    pub variables: HashMap<String, String>,
}

/// Every setting there is, in the order of `config/default.toml`.
pub(super) fn settings(layered: &config::Config, given: &Given) -> Vec<Setting> {
    let of = |(key, about): (String, String)| {
        let is_secret = SECRETS.contains(&key.as_str());
        let value = layered.get::<config::Value>(&key).ok().filter(|value| value.kind != ValueKind::Nil);
        let value = value.map(|value| if is_secret { String::new() } else { written(value) });
        let origin = origin(&key, given);
        Setting { key, about, value, origin, is_secret }
    };
    known().into_iter().map(of).collect()
}

fn origin(key: &str, given: &Given) -> Origin {
    if let Some(variable) = given.variables.get(key) {
        return Origin::Environment(variable.clone());
    }
    let stands_in = |table: &toml::Table| match key.split_once('.') {
        Some((section, name)) => {
            table.get(section).and_then(toml::Value::as_table).is_some_and(|table| table.contains_key(name))
        }
        None => table.contains_key(key),
    };
    match &given.file {
        Some((path, table)) if stands_in(table) => Origin::File(path.clone()),
        _ => Origin::Default,
    }
}

fn written(value: config::Value) -> String {
    match value.kind {
        ValueKind::Array(items) => items.into_iter().map(written).collect::<Vec<_>>().join(", "),
        kind => kind.to_string(),
    }
}

/// The keys of `config/default.toml`, those behind a `#` included, with the comment above each.
fn known() -> Vec<(String, String)> {
    let (mut found, mut section, mut about) = (Vec::new(), String::new(), Vec::new());
    for line in DEFAULTS.lines().map(str::trim) {
        let bare = line.trim_start_matches('#').trim();
        let name = bare
            .split_once(" = ")
            .map(|(name, _)| name)
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
        if line.is_empty() {
            about.clear();
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{name}.");
            about.clear();
        } else if let Some(name) = name {
            found.push((format!("{section}{name}"), about.join(" ")));
            about.clear();
        } else {
            about.push(bare);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_reference_is_known_with_its_comment() {
        let known = known();
        let table: toml::Table = DEFAULTS.parse().unwrap();
        let mut keys = Vec::new();
        for (name, value) in &table {
            match value {
                toml::Value::Table(inner) => keys.extend(inner.keys().map(|key| format!("{name}.{key}"))),
                _ => keys.push(name.clone()),
            }
        }
        assert!(keys.len() >= 30, "{keys:?}");
        for key in keys.iter().map(String::as_str).chain(SECRETS).chain(["server.public_url", "integrations_dir"]) {
            let (_, about) = known.iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("{key} is unknown"));
            assert!(about.ends_with('.') && about.len() > 10, "{key}: {about:?}");
        }
    }
}
