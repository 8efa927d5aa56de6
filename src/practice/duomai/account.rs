//! Media (accounts of publishers) that the network knows.

use serde::{Deserialize, Serialize};

/// AppKey of the account that is there from the start. It is the id of the media as well.
pub const DEFAULT_APP_KEY: &str = "100001";

/// AppSecret of the default account: it signs API calls and pushes.
pub const DEFAULT_SECRET: &str = "fake-duomai-secret-0123456789";

/// One media of a publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// AppKey; also the `site_id` of the media itself.
    pub app_key: String,
    /// AppSecret, which Duomai calls the hash of the media.
    pub secret: String,
    /// Further promotion positions: other `site_id`s which this account may use.
    #[serde(default)]
    pub positions: Vec<String>,
    /// Duomai's staff have reviewed the media. Without it no link is made (4002).
    #[serde(default = "yes")]
    pub reviewed: bool,
    /// Where its orders are pushed. None: no pushes.
    #[serde(default)]
    pub push_url: Option<String>,
}

impl Account {
    /// A reviewed media without a push URL.
    pub fn new(app_key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { app_key: app_key.into(), secret: secret.into(), positions: Vec::new(), reviewed: true, push_url: None }
    }

    /// Whether a `site_id` is the media or one of its positions.
    pub fn owns(&self, site_id: &str) -> bool {
        self.app_key == site_id || self.positions.iter().any(|position| position == site_id)
    }
}

const fn yes() -> bool {
    true
}
