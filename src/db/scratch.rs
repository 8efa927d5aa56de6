//! Throw-away databases for the tests beside the code: the same as those of `tests/it/kit`.

use sqlx::PgPool;

#[path = "../../tests/it/kit/cluster.rs"]
mod cluster;
#[path = "../../tests/it/kit/database.rs"]
#[expect(dead_code, reason = "the kit has more than is used here")]
mod database;

/// Runs `test` on a database of its own, with all migrations applied.
pub async fn with(test: impl AsyncFnOnce(PgPool)) {
    test(database::database().await.pool).await;
}
