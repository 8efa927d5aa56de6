//! The pool of connections, and what each connection is told once.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// A connection that has rested longer is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// How statements are planned: once, by index, row by row. Every statement of the pipeline has its index. Left to itself
/// PostgreSQL plans a batch anew each time, which costs more than running it, or keeps a plan that was made while the
/// tables were nearly empty and goes on scanning them while they grow.
const PLANNING: &str = "set plan_cache_mode = force_generic_plan; set jit = off; \
                        set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off";

/// Opens a pool and makes its first connection.
pub async fn open(options: PgConnectOptions, most: u32, acquire_timeout: Duration) -> sqlx::Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(acquire_timeout)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::raw_sql(PLANNING).execute(connection).await.map(drop) })
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
