//! One small struct per concern. Units stand in the names of the fields; `Duration`s come from the methods.
//! What each setting means is said once, in `config/default.toml`.

use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::list;

/// The listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// Where people and networks reach us; `http` or `https`, no path.
    pub public_url: Option<Url>,
    /// Proxies whose forwarding headers are believed.
    #[serde(deserialize_with = "list::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Connections open at once.
    pub max_connections: usize,
    /// For the head of a request.
    pub header_timeout_seconds: u64,
    /// For a whole request.
    pub request_timeout_seconds: u64,
}

impl Server {
    /// How long a client may take to send the head of a request.
    pub fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_seconds)
    }

    /// How long a request may take altogether.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

/// PostgreSQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// An external server; absent: the private cluster.
    pub url: Option<SecretString>,
    /// Size of the pool.
    pub max_connections: u32,
    /// For a free connection.
    pub acquire_timeout_seconds: u64,
    /// Without an answer on its old connections before the process ends itself.
    pub silence_seconds: u64,
}

impl Database {
    /// How long to wait for a free connection.
    pub fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout_seconds)
    }

    /// How long the connections may stay silent while a new one is answered.
    pub fn silence(&self) -> Duration {
        Duration::from_secs(self.silence_seconds)
    }
}

/// Taking leads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Largest body of one lead.
    pub max_body_bytes: usize,
    /// Largest body of a batch.
    pub max_batch_body_bytes: usize,
    /// Writers at work.
    pub writers: usize,
    /// Most leads in one transaction.
    pub batch_max: usize,
    /// Leads waiting before 503.
    pub queue_max: usize,
}

/// Working on jobs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Jobs at once.
    pub slots: usize,
    /// A lease beyond its call's deadline.
    pub lease_slack_seconds: u64,
}

impl Queue {
    /// How much longer than its call's deadline a lease lasts.
    pub fn lease_slack(&self) -> Duration {
        Duration::from_secs(self.lease_slack_seconds)
    }
}

/// Outgoing calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Whether private addresses, plain http and any port are allowed.
    pub allow_private_targets: bool,
    /// Exceptions: host names, addresses, CIDR networks.
    #[serde(deserialize_with = "list::words")]
    pub allowed_targets: Vec<String>,
    /// Most decoded bytes read of an answer.
    pub max_answer_bytes: usize,
    /// The same of a list of statuses.
    pub max_list_bytes: usize,
    /// For a connection.
    pub connect_timeout_seconds: u64,
}

impl Http {
    /// How long to wait for a connection.
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_seconds)
    }
}

/// Waits between tries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retries {
    /// Of leads to networks.
    #[serde(deserialize_with = "list::numbers")]
    pub leads_seconds: Vec<u64>,
    /// Of postbacks to webmasters.
    #[serde(deserialize_with = "list::numbers")]
    pub postbacks_seconds: Vec<u64>,
}

impl Retries {
    /// Waits before each further try of a lead.
    pub fn leads(&self) -> Vec<Duration> {
        self.leads_seconds.iter().copied().map(Duration::from_secs).collect()
    }

    /// Waits before each further try of a postback.
    pub fn postbacks(&self) -> Vec<Duration> {
        self.postbacks_seconds.iter().copied().map(Duration::from_secs).collect()
    }
}

/// How long things are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Requests and answers.
    pub attempt_bodies_days: u32,
    /// The attempts themselves.
    pub attempts_days: u32,
    /// Raw inbound postbacks.
    pub inbound_days: u32,
    /// Polls, and reports that found no lead.
    pub polls_days: u32,
    /// What stands in the rows of imported files.
    pub imports_days: u32,
    /// Idempotency keys.
    pub idempotency_days: u32,
}

/// Log lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// Filter directives, such as `info` or `info,leadrelay::queue=debug`.
    pub level: String,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}
