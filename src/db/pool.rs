//! The pool of connections, and what each connection is told once.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};

/// A connection that has rested longer is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// How statements are planned: once, by index, row by row. Every statement of the pipeline has its index. Left to itself
/// PostgreSQL plans a batch anew each time, which costs more than running it, or keeps a plan that was made while the
/// tables were nearly empty and goes on scanning them while they grow.
const PLANNING: &str = "set plan_cache_mode = force_generic_plan; set jit = off; \
                        set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";

/// Opens a pool and makes its first connection. PostgreSQL ends a transaction that has heard nothing for `silence`.
pub async fn open(
    options: PgConnectOptions,
    most: u32,
    acquire_timeout: Duration,
    silence: Duration,
) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(acquire_timeout)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(PLANNING).execute(&mut *connection).await?;
                prepare_session(connection, silence).await
            })
        })
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options.application_name("leadrelay"))
        .await
}

/// Tells a new session that its client may vanish: PostgreSQL then ends it, instead of keeping its locks for hours.
/// None of our transactions waits for anything but the database, so `idle` is never reached by one that lives.
async fn prepare_session(conn: &mut PgConnection, idle: Duration) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select count(set_config(name, value, false)) from (values
           ('idle_in_transaction_session_timeout', $1::text),
           ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) setting(name, value)",
        format!("{}ms", idle.as_millis())
    )
    .fetch_one(conn)
    .await
    .map(drop)
}
