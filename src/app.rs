//! What every request and every job can reach: built once, cloned cheaply.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use governor::DefaultKeyedRateLimiter;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::adapters::Registry;
use crate::base::clock::Clock;
use crate::base::heartbeat::Heartbeat;
use crate::base::ids::Ids;
use crate::base::secret::Seal;
use crate::domain::rules::Rules;

/// The application's shared state.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// The parts of [`App`].
pub struct Inner {
    /// Connections to PostgreSQL.
    pub db: PgPool,
    /// The time.
    pub clock: Clock,
    /// New ids and secrets.
    pub ids: Ids,
    /// Seals secrets at rest.
    pub seal: Seal,
    /// The operator's set-up, always a whole snapshot.
    pub rules: RulesCell,
    /// The integrations there are.
    pub adapters: Registry,
    /// Outgoing HTTP.
    pub net: crate::net::Client,
    /// Where partners and people reach us, without a trailing slash in `as_str().trim_end_matches('/')`.
    pub public_url: Url,
    /// SHA-256 of the automation token from the environment, if one was set.
    pub admin_token_hash: Option<Vec<u8>>,
    /// Failed authentications per address.
    pub failures: DefaultKeyedRateLimiter<IpAddr>,
    /// When tokens were last used.
    pub tokens_used: crate::http::token_use::TokensUsed,
    /// Requests per token with a limit of its own: enforced by `http::rights`.
    pub token_limits: crate::http::rights::TokenLimits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Beaten by the workers in each round; asked by `/readyz`.
    pub heartbeat: Heartbeat,
    /// What `/metrics` prints; none when no recorder is installed (tests).
    pub metrics: Option<PrometheusHandle>,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl App {
    /// Shares the parts.
    pub fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The full URL a network calls us back at.
    pub fn postback_url(&self, secret: &str) -> String {
        format!("{}/postback/{secret}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The label that a network's sealed values are bound to.
    pub fn network_label(network_id: Uuid, what: &str) -> String {
        format!("network:{network_id}:{what}")
    }
}

/// The current snapshot of the rules.
#[derive(Default)]
pub struct RulesCell {
    current: ArcSwap<Rules>,
}

impl RulesCell {
    /// The snapshot to use for one decision from beginning to end.
    pub fn load(&self) -> Arc<Rules> {
        self.current.load_full()
    }

    /// Reads the rules anew when the database has another version. Called after every write that changes them,
    /// before it is answered; by NOTIFY on other nodes; and each second.
    pub async fn refresh(&self, db: &PgPool) -> sqlx::Result<()> {
        let mut conn = db.acquire().await?;
        if crate::db::rules::version(&mut conn).await? != self.current.load().version {
            let fresh = crate::db::rules::load(&mut conn).await?;
            // Two refreshes may cross: the newer snapshot stays.
            self.current.rcu(|old| if old.version > fresh.version { Arc::clone(old) } else { Arc::clone(&fresh) });
        }
        Ok(())
    }
}
