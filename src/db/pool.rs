//! The pool of connections, and what each new session is told.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};

/// A connection that has rested longer is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// Opens a pool and makes its first connection. `silence`: a session whose client is silent for longer in the middle of a
/// transaction is ended.
pub async fn open(
    options: PgConnectOptions,
    most: u32,
    acquire_timeout: Duration,
    silence: Duration,
) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(acquire_timeout)
        .after_connect(move |conn, _| Box::pin(prepare(conn, silence)))
        .test_before_acquire(false)
        .before_acquire(|conn, state| {
            Box::pin(async move {
                if state.idle_for > RESTED {
                    conn.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options.application_name("leadrelay"))
        .await
}

/// Tells a new session three things.
///
/// That each statement sees what was committed before it: what is counted after a lock must not be older than the lock.
///
/// That its client may vanish: PostgreSQL then ends it, instead of keeping its locks for hours. None of our transactions
/// waits for anything but the database, so `silence` is never reached by one that lives.
///
/// And to plan each statement once, by index, row by row. Every statement of the pipeline has its index. Left to itself
/// PostgreSQL plans a batch anew each time, which costs more than running it, or keeps a plan that was made while the
/// tables were nearly empty and goes on scanning them while they grow.
async fn prepare(conn: &mut PgConnection, silence: Duration) -> sqlx::Result<()> {
    sqlx::query_scalar!(
        "select count(set_config(name, value, false)) from (values
           ('idle_in_transaction_session_timeout', $1::text),
           ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
           ('default_transaction_isolation', 'read committed'),
           ('plan_cache_mode', 'force_generic_plan'), ('jit', 'off'),
           ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off')) setting(name, value)",
        format!("{}ms", silence.as_millis())
    )
    .fetch_one(conn)
    .await
    .map(drop)
}
