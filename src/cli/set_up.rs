//! From settings to an [`App`]: the database (our own cluster or the operator's), migrations, the key, the rules.

use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::adapters::Registry;
use crate::app::{App, Parts};
use crate::base::clock::Clock;
use crate::base::secret::{self, Seal};
use crate::config::{Config, secret_key};
use crate::db;
use crate::net::{Client, Limits, Policy};
use crate::postgres::Cluster;

/// A database that can be worked with.
pub(super) struct Database {
    pub(super) pool: PgPool,
    /// Our own cluster, when no URL is set; kept for as long as it is used.
    pub(super) cluster: Option<Cluster>,
}

impl Database {
    /// Connects, starting the private cluster if need be.
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        let (url, cluster) = match &config.database.url {
            Some(url) => (url.expose_secret().to_owned(), None),
            None => {
                let cluster = Cluster::start_or_attach(&config.data_dir).await?;
                if let Some(notice) = cluster.notice() {
                    tracing::warn!("{notice}");
                }
                (cluster.url(), Some(cluster))
            }
        };
        let options: PgConnectOptions = url.parse().context("read the database URL")?;
        let limits = &config.database;
        let pool = db::pool::open(options, limits.max_connections, limits.acquire_timeout(), limits.silence())
            .await
            .context("connect to the database")?;
        Ok(Self { pool, cluster })
    }

    /// Applies the migrations; several processes may try at once.
    pub(super) async fn migrate(&self) -> anyhow::Result<()> {
        db::schema::MIGRATOR.run(&self.pool).await.context("apply the migrations")
    }

    /// Gives everything back.
    pub(super) async fn close(self) {
        // A connection that has fallen silent never comes back to the pool.
        if tokio::time::timeout(Duration::from_secs(5), self.pool.close()).await.is_err() {
            tracing::warn!("not every connection to the database could be closed");
        }
        if let Some(cluster) = self.cluster
            && let Err(error) = cluster.release().await
        {
            tracing::warn!(%error, "release the private PostgreSQL");
        }
    }
}

/// The application on a migrated database.
pub(super) async fn app(config: Config, pool: PgPool) -> anyhow::Result<App> {
    let clock = Clock::system();
    let key = {
        let config = config.clone();
        tokio::task::spawn_blocking(move || secret_key::load(&config)).await.context("load the secret key")??
    };
    let seal = Seal::new(key);
    let mut conn = pool.acquire().await?;
    clock.follow(db::time(&mut conn).await.context("read the database's clock")?);
    db::housekeeping::ensure_partitions(&mut conn, clock.now()).await.context("make the partitions")?;
    db::instance::insert(&mut conn, &seal.fingerprint(), clock.now()).await?;
    let instance = db::instance::find(&mut conn).await?.context("the instance has no row")?;
    drop(conn);
    if !secret::same(&instance.key_fingerprint, &seal.fingerprint()) {
        bail!(
            "the database was made with another secret key; set LEADRELAY__SECRET_KEY to that one, or its secrets cannot be opened"
        );
    }
    let adapters = Registry::load(config.integrations_dir.as_deref()).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("integrations cannot be loaded:\n{}", lines.join("\n"))
    })?;
    let policy = Policy::parse(config.http.allow_private_targets, &config.http.allowed_targets)?;
    let limits = Limits {
        max_answer_bytes: config.http.max_answer_bytes,
        max_list_bytes: config.http.max_list_bytes,
        ..Limits::default()
    };
    let net = Client::new(policy, limits).context("make the HTTP client")?;
    let public_url = match &config.server.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{}", config.server.listen)).context("make the public URL")?,
    };
    let metrics = Some(crate::telemetry::install_metrics());
    let app = App::start(Parts { db: pool, clock, seal, config, adapters, net, public_url, metrics });
    app.rules.refresh(&app.db).await.context("read the rules")?;
    Ok(app)
}
