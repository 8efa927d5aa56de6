//! Throw-away databases for tests: made from the migrations, dropped when the test has passed.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};

/// Runs `test` on a database of its own. A test that fails leaves its database behind to be looked at.
pub async fn with(test: impl AsyncFnOnce(PgPool)) {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let url =
        std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5599/postgres".to_owned());
    let server: PgConnectOptions = url.parse().unwrap();
    let name = format!("scratch_{}", crate::base::ids::Ids.next().simple());
    let mut admin = server.clone().connect().await.unwrap();
    // The name is made of our own hex digits.
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
    let pool = PgPoolOptions::new().max_connections(5).connect_with(server.database(&name)).await.unwrap();
    sqlx::migrate!().run(&pool).await.unwrap();
    test(pool.clone()).await;
    pool.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&mut admin).await.unwrap();
}
