//! Layers the three sources and checks the result.

use std::collections::HashMap;

use config::{Environment, File, FileFormat};

use super::options::{self, Given};
use super::{Config, check};

/// `config/default.toml`: the defaults and the reference of every setting.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

const PREFIX: &str = "LEADRELAY__";

/// A setting cannot be used. Says which one; never repeats a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named by `LEADRELAY_CONFIG` is not there or not TOML.
    #[error("settings file {path}: {reason}")]
    File {
        /// As it was named.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key is unknown or its value is of the wrong kind.
    #[error("setting {key}: {reason}")]
    Key {
        /// Dotted path, such as `server.listen`.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ConfigError {
    pub(super) fn key(key: &str, reason: impl Into<String>) -> Self {
        Self::Key { key: key.to_owned(), reason: reason.into() }
    }
}

/// Reads all settings; `env` is the process's environment. Blocking: reads one file when `LEADRELAY_CONFIG` is set.
pub fn load(env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut file = None;
    let mut variables = HashMap::new();
    let mut short = Vec::new();
    for (name, value) in env.into_iter().filter(|(_, value)| !value.is_empty()) {
        match name.as_str() {
            "LEADRELAY_CONFIG" => file = Some(value),
            // The two short names give way to the long ones.
            "DATABASE_URL" => short.push(("DATABASE_URL", "LEADRELAY__DATABASE__URL", value)),
            "LEADRELAY_ADMIN_TOKEN" => short.push(("LEADRELAY_ADMIN_TOKEN", "LEADRELAY__ADMIN_TOKEN", value)),
            _ if name.starts_with(PREFIX) => {
                variables.insert(name, value);
            }
            _ => {}
        }
    }
    let key_of = |name: &str| name.get(PREFIX.len()..).unwrap_or_default().to_ascii_lowercase().replace("__", ".");
    let mut set_by: HashMap<String, String> = variables.keys().map(|name| (key_of(name), name.clone())).collect();
    for (name, long, value) in short {
        if !variables.contains_key(long) {
            set_by.insert(key_of(long), name.to_owned());
            variables.insert(long.to_owned(), value);
        }
    }

    let mut builder = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    let mut given = Given { file: None, variables: set_by };
    if let Some(path) = file {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| ConfigError::File { path: path.clone(), reason: error.to_string() })?;
        let table = text
            .parse::<toml::Table>()
            .map_err(|error| ConfigError::File { path: path.clone(), reason: position(&text, &error) })?;
        given.file = Some((path.into(), table));
        builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
    }
    // No `try_parsing`: it would make the secret "007" a number.
    let environment = Environment::with_prefix("LEADRELAY").prefix_separator("__").separator("__");
    builder = builder.add_source(environment.source(Some(variables)));
    let layered = builder.build().map_err(|error| ConfigError::key("(all)", error.to_string()))?;

    let settings = options::settings(&layered, &given);
    let mut config: Config = serde_path_to_error::deserialize(layered).map_err(|error| {
        let path = error.path().to_string();
        ConfigError::key(&path, reason(error.into_inner()))
    })?;
    check::check(&config)?;
    config.settings = settings.into();
    Ok(config)
}

/// Where a TOML text breaks, without the text: it may hold secrets.
fn position(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

/// The innermost complaint, without the library's own key path.
fn reason(error: config::ConfigError) -> String {
    match error {
        config::ConfigError::At { error, .. } => reason(*error),
        // The value itself is left out: it may be a secret in the wrong place.
        config::ConfigError::Type { expected, .. } => format!("expected {expected}"),
        other => other.to_string(),
    }
}
