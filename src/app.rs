//! What every request and every job can reach: built once, cloned cheaply. Building it starts the batched writers.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use crate::adapters::Registry;
use crate::base::clock::Clock;
use crate::base::heartbeat::Heartbeat;
use crate::base::ids::Ids;
use crate::base::pulse::Pulse;
use crate::base::secret::{self, Seal};
use crate::config::Config;
use crate::domain::rules::Rules;
use crate::flow::batch::Batcher;
use crate::flow::waiters::Waiters;
use crate::flow::{accept_lead, deliver_lead, sandbox, send_postback, take_inbound};
use crate::http::rights::TokenLimits;
use crate::http::token_use::TokensUsed;
use crate::http::tries::Tries;
use crate::net::Client;
use crate::queue::express::Express;
use crate::queue::wake::Wake;

/// How long a busy writer gathers answers of networks, and of webmasters, before it settles them.
const SETTLE_GATHER: Duration = Duration::from_millis(10);
const TOLD_GATHER: Duration = Duration::from_millis(20);
/// Failed authentications an address may make in a minute.
pub const FAILURES_PER_MINUTE: u32 = 60;

/// The application's shared state.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// What an [`App`] is made of from outside.
pub struct Parts {
    /// Connections to PostgreSQL.
    pub db: PgPool,
    /// The time.
    pub clock: Clock,
    /// Seals secrets at rest.
    pub seal: Seal,
    /// Settings.
    pub config: Config,
    /// The integrations there are.
    pub adapters: Registry,
    /// Outgoing HTTP, without the sandbox.
    pub net: Client,
    /// Where partners and people reach us.
    pub public_url: Url,
    /// Renders `/metrics`.
    pub metrics: Option<PrometheusHandle>,
}

/// The shared parts.
pub struct Inner {
    /// Connections to PostgreSQL.
    pub db: PgPool,
    /// The time.
    pub clock: Clock,
    /// New ids and secrets.
    pub ids: Ids,
    /// Seals secrets at rest.
    pub seal: Seal,
    /// Settings.
    pub config: Config,
    /// The operator's set-up, always a whole snapshot.
    pub rules: RulesCell,
    /// The integrations there are.
    pub adapters: Registry,
    /// Outgoing HTTP.
    pub net: Client,
    /// Where partners and people reach us.
    pub public_url: Url,
    /// Wakes the runners, here and on other nodes.
    pub wake: Wake,
    /// Starts jobs without a claim.
    pub express: Express,
    /// Requests that wait for their lead's verdict.
    pub waiters: Waiters,
    /// The batched writers.
    pub writers: Writers,
    /// SHA-256 of the automation token from the environment, if one was set.
    pub admin_token_hash: Option<Vec<u8>>,
    /// Failed authentications per address.
    pub failures: DefaultKeyedRateLimiter<IpAddr>,
    /// When tokens were last used.
    pub tokens_used: TokensUsed,
    /// Requests per token with a limit of its own: enforced by `http::rights`.
    pub token_limits: TokenLimits,
    /// Passwords and codes that were tried.
    pub tries: Tries,
    /// The runner's sign of life.
    pub heartbeat: Heartbeat,
    /// Whether work on the database comes to an end.
    pub pulse: Pulse,
    /// Renders `/metrics`.
    pub metrics: Option<PrometheusHandle>,
}

/// The batched writers.
pub struct Writers {
    /// Leads.
    pub intake: Batcher<Arc<accept_lead::Intake>, accept_lead::Receipt>,
    /// Finished deliveries.
    pub deliveries: Batcher<Arc<deliver_lead::Settled>, deliver_lead::Settlement>,
    /// Finished calls to webmasters.
    pub postbacks: Batcher<Arc<send_postback::Told>, bool>,
    /// Calls of networks.
    pub inbound: Batcher<take_inbound::Call, take_inbound::Taken>,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl App {
    /// Builds the state and starts its writers. Call inside a tokio runtime.
    pub fn start(parts: Parts) -> Self {
        let limits = &parts.config.intake;
        let (intake, leads) = Batcher::new(limits.queue_max);
        let (inbound, calls) = Batcher::new(limits.queue_max);
        let (deliveries, delivered) = Batcher::new(limits.queue_max);
        let (postbacks, told) = Batcher::new(limits.queue_max);
        let (writers, batch_max) = (limits.writers, limits.batch_max);
        let (sandbox, promises) = sandbox::handler();
        let admin_token_hash = parts.config.admin_token.as_ref().map(|token| {
            use secrecy::ExposeSecret;
            secret::hash(token.expose_secret())
        });
        let app = Self {
            inner: Arc::new(Inner {
                db: parts.db,
                clock: parts.clock,
                ids: Ids,
                seal: parts.seal,
                config: parts.config,
                rules: RulesCell::default(),
                adapters: parts.adapters,
                net: parts.net.with_sandbox(sandbox),
                public_url: parts.public_url,
                wake: Wake::default(),
                express: Express::default(),
                waiters: Waiters::default(),
                writers: Writers { intake, deliveries, postbacks, inbound },
                admin_token_hash,
                failures: RateLimiter::keyed(Quota::per_minute(
                    NonZeroU32::new(FAILURES_PER_MINUTE).unwrap_or(NonZeroU32::MIN),
                )),
                tokens_used: TokensUsed::default(),
                token_limits: TokenLimits::default(),
                tries: Tries::default(),
                heartbeat: Heartbeat::default(),
                pulse: Pulse::default(),
                metrics: parts.metrics,
            }),
        };
        let own = app.clone();
        leads.start(writers, batch_max, Duration::ZERO, move |batch| {
            timed(&own, accept_lead::write(own.clone(), batch))
        });
        let own = app.clone();
        calls.start(1, batch_max, Duration::ZERO, move |batch| timed(&own, take_inbound::run(own.clone(), batch)));
        let own = app.clone();
        delivered
            .start(1, batch_max, SETTLE_GATHER, move |batch| timed(&own, deliver_lead::settle(own.clone(), batch)));
        let own = app.clone();
        told.start(1, batch_max, TOLD_GATHER, move |batch| timed(&own, send_postback::settle(own.clone(), batch)));
        tokio::spawn(sandbox::keep_promises(app.clone(), promises));
        app
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

/// A writer's batch, whose end is watched.
fn timed<F: Future>(app: &App, write: F) -> impl Future<Output = F::Output> + use<F> {
    let running = app.pulse.begin();
    async move {
        let written = write.await;
        drop(running);
        written
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
    /// before it is answered; by NOTIFY on other nodes; and each second. Answers whether they had changed.
    pub async fn refresh(&self, db: &PgPool) -> sqlx::Result<bool> {
        let mut conn = db.acquire().await?;
        if crate::db::rules::version(&mut conn).await? == self.current.load().version {
            return Ok(false);
        }
        let fresh = crate::db::rules::load(&mut conn).await?;
        // Two refreshes may cross: the newer snapshot stays.
        self.current.rcu(|old| if old.version > fresh.version { Arc::clone(old) } else { Arc::clone(&fresh) });
        #[expect(clippy::cast_precision_loss, reason = "a count of changes")]
        metrics::gauge!("leadrelay_rules_version").set(self.current.load().version as f64);
        Ok(true)
    }
}
