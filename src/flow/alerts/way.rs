//! The way a channel is told: its settings and its secrets, opened, and as typed values.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::base::secret::{Seal, SealError};
use crate::db::alert_channel::Row;
use crate::net::mail::{MailServer, Security};

/// The Bot API of Telegram; a server of one's own may stand in its place.
pub const TELEGRAM: &str = "https://api.telegram.org";

crate::text_enum! {
    /// Kinds of channels.
    pub enum ChannelKind {
        /// SMTP.
        Email = "email",
        /// A bot of Telegram.
        Telegram = "telegram",
        /// JSON to a URL, signed.
        Webhook = "webhook",
    }
}

/// Settings of a channel for mail; the password is a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    #[serde(default)]
    pub user: Option<String>,
    pub from: String,
    pub to: Vec<String>,
}

/// Settings of a bot; its token is a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TelegramSettings {
    pub chat: String,
    /// Where the Bot API is.
    pub api: Url,
}

/// Settings of a webhook; what it signs with is a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebhookSettings {
    pub url: Url,
}

/// The secrets of a channel; each kind has one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Secrets {
    /// Of the mail server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Of the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// That webhooks are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// How a channel is told.
#[derive(Clone)]
pub enum Way {
    Email { server: MailServer, from: String, to: Vec<String> },
    Telegram { api: Url, token: String, chat: String },
    Webhook { url: Url, secret: String },
}

/// What is stored of a channel cannot be used. Says nothing of what is stored.
#[derive(Debug, thiserror::Error)]
pub enum WayError {
    /// With another instance key, or damaged.
    #[error("the secrets of the channel do not open")]
    Sealed(#[from] SealError),
    /// Not as this version writes it.
    #[error("the settings of the channel cannot be read")]
    Unreadable,
    /// Without its secret.
    #[error("the channel has no {0}")]
    Missing(&'static str),
}

fn label(channel_id: Uuid) -> String {
    format!("alert_channel:{channel_id}:secrets")
}

impl Secrets {
    /// Seals them; none: there is nothing to keep.
    pub fn seal(&self, seal: &Seal, channel_id: Uuid) -> Result<Option<Vec<u8>>, WayError> {
        if self.password.is_none() && self.token.is_none() && self.secret.is_none() {
            return Ok(None);
        }
        let plain = serde_json::to_vec(self).map_err(|_| WayError::Unreadable)?;
        Ok(Some(seal.seal(&label(channel_id), &plain)?))
    }

    /// Opens what is stored.
    pub fn open(seal: &Seal, row: &Row) -> Result<Self, WayError> {
        let Some(sealed) = &row.secrets else { return Ok(Self::default()) };
        let plain = seal.open(&label(row.alert_channel_id), sealed)?;
        // The error of the parser would quote the secret.
        serde_json::from_slice(&plain).map_err(|_| WayError::Unreadable)
    }
}

impl Way {
    /// The way of a stored channel.
    pub fn open(seal: &Seal, row: &Row) -> Result<Self, WayError> {
        let secrets = Secrets::open(seal, row)?;
        let kind: ChannelKind = row.kind.parse().map_err(|_| WayError::Unreadable)?;
        match kind {
            ChannelKind::Email => {
                let EmailSettings { host, port, security, user, from, to } = read(&row.settings)?;
                let login = user.map(|user| (user, secrets.password.unwrap_or_default()));
                Ok(Self::Email { server: MailServer { host, port, security, login }, from, to })
            }
            ChannelKind::Telegram => {
                let TelegramSettings { chat, api } = read(&row.settings)?;
                Ok(Self::Telegram { api, token: secrets.token.ok_or(WayError::Missing("token"))?, chat })
            }
            ChannelKind::Webhook => {
                let WebhookSettings { url } = read(&row.settings)?;
                Ok(Self::Webhook { url, secret: secrets.secret.ok_or(WayError::Missing("secret"))? })
            }
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(settings: &Value) -> Result<T, WayError> {
    serde_json::from_value(settings.clone()).map_err(|_| WayError::Unreadable)
}
