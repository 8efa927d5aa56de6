//! Settings: the embedded `config/default.toml`, then the file named by `LEADRELAY_CONFIG`, then the environment.
//!
//! For everyone who starts a process. The environment is handed in, so that precedence can be tested. An unknown
//! key, in a file or in the environment, is refused by name: a misspelt setting must never be silently ignored.
//! No error repeats the value of a secret.

mod check;
mod list;
mod load;
mod options;
pub mod secret_key;
mod sections;

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

pub use load::{ConfigError, DEFAULTS, load};
pub use options::{Origin, Setting};
pub use sections::{Database, Http, Intake, Log, LogFormat, Queue, Retention, Retries, Server};

/// All settings. Made by [`load`] only, so whoever holds one holds checked values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The listener.
    pub server: Server,
    /// Folder for the private cluster and the secret key.
    pub data_dir: PathBuf,
    /// The instance key as given (base64); [`secret_key::load`] turns it into bytes or finds the generated one.
    pub secret_key: Option<SecretString>,
    /// Admin token for automation; at least 20 characters.
    pub admin_token: Option<SecretString>,
    /// Folder with further integration files.
    pub integrations_dir: Option<PathBuf>,
    /// A file whose age is that of the last backup.
    pub backup_file: Option<PathBuf>,
    /// PostgreSQL.
    pub database: Database,
    /// Taking leads.
    pub intake: Intake,
    /// Working on jobs.
    pub queue: Queue,
    /// Outgoing calls.
    pub http: Http,
    /// Waits between tries.
    pub retries: Retries,
    /// How long things are kept.
    pub retention: Retention,
    /// Log lines.
    pub log: Log,
    /// Every setting with where it came from, to be shown.
    #[serde(skip)]
    pub settings: Arc<[Setting]>,
}
