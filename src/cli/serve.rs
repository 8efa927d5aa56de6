//! `serve`: the listener, the workers, and what runs beside them, until a signal ends it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;

use super::set_up::{self, Database};
use crate::app::App;
use crate::base::secret;
use crate::config::Config;
use crate::db;
use crate::http::{listener, router};
use crate::lifecycle::Lifecycle;
use crate::workers;

/// How long a new connection to the database may take to be answered.
const PROBE: Duration = Duration::from_secs(5);
/// What is said to the database at the end may take so long.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Something to be done between set-up and serving.
pub(super) type Before = for<'a> fn(&'a App) -> BoxFuture<'a, anyhow::Result<()>>;

/// Runs the server to its end.
pub(super) async fn run(config: Config, before: Option<Before>) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let served = serve(config, &database, before).await;
    database.close().await;
    served
}

async fn serve(config: Config, database: &Database, before: Option<Before>) -> anyhow::Result<ExitCode> {
    database.migrate().await?;
    let address = config.server.listen;
    let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
    let app = set_up::app(config, database.pool.clone()).await?;
    let life = Lifecycle::new();
    workers::start(&app, &life);
    if let Some(before) = before {
        before(&app).await?;
    }
    greet(&app).await?;
    let limits = listener::Limits {
        max_connections: app.config.server.max_connections,
        header_timeout: app.config.server.header_timeout(),
    };
    life.spawn("listener", listener::serve(listener, router::router(app.clone()), limits, life.soft()));
    let code = tokio::select! {
        code = life.run() => code.context("wait for signals")?,
        () = revive(database) => ExitCode::FAILURE,
        () = silence(&app) => ExitCode::FAILURE,
    };
    // The database may be what is in trouble: the end must not wait for it.
    if tokio::time::timeout(LAST_WORDS, workers::flush(&app)).await.is_err() {
        tracing::warn!("the last use of tokens could not be noted");
    }
    Ok(code)
}

/// Ends when the connections to the database have said nothing for long although a new one is answered. Such a
/// connection never breaks by itself, and a pool cannot tell it from one that works. A database that is away
/// altogether is waited for.
async fn silence(app: &App) {
    let limit = app.config.database.silence();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if app.pulse.silence() <= limit || !db::is_answering(&app.db.connect_options(), PROBE).await {
            continue;
        }
        // A process that was itself frozen deserves a moment to go on.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let silent_for = app.pulse.silence();
        if silent_for > limit {
            tracing::error!(
                seconds = silent_for.as_secs(),
                "the connections to the database have fallen silent, new ones work; ending, to be started again"
            );
            return;
        }
    }
}

/// Where people find it; on an empty database the one-time link that makes the first admin.
#[expect(clippy::print_stdout, reason = "what the operator reads after a start")]
async fn greet(app: &App) -> anyhow::Result<()> {
    let base = app.public_url.as_str().trim_end_matches('/');
    println!("leadrelay {} is running: {base}/", env!("CARGO_PKG_VERSION"));
    let link = app.ids.secret(32);
    let mut conn = app.db.acquire().await?;
    if db::instance::open_setup(&mut conn, &secret::hash(&link)).await? {
        println!("Create the first admin here (the link works once): {base}/setup/{link}");
    }
    Ok(())
}

/// Brings a private cluster back that was killed under us, and keeps its log short. Never ends.
async fn revive(database: &Database) {
    let Some(cluster) = &database.cluster else { return std::future::pending().await };
    let mut rounds = 0_u64;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        if let Err(error) = cluster.revive().await {
            tracing::error!(%error, "the private PostgreSQL does not come back");
        }
        rounds += 1;
        if rounds.is_multiple_of(1800)
            && let Err(error) = cluster.trim_log().await
        {
            tracing::warn!(%error, "trim the log of the private PostgreSQL");
        }
    }
}
