//! A database of its own for each test, copied from a template that has all migrations applied.

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor};

use super::cluster;

/// The migrations, as the server has them compiled in.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// One database. It is not dropped at the end: that would cost more than it frees.
pub struct TestDb {
    /// For processes and pools of your own.
    pub url: String,
    /// Five connections.
    pub pool: PgPool,
}

/// A new database with all tables and no rows but those of the migrations.
pub async fn database() -> TestDb {
    let server = cluster::server().await;
    let mut connection = server.connect().await.expect("connect to the tests' PostgreSQL");
    let template = template(&server, &mut connection).await;
    let name = new_name();
    create(&mut connection, &name, Some(&template)).await;
    connection.close().await.expect("close");
    open(&server, &name).await
}

/// A new database without anything in it.
pub async fn empty_database() -> TestDb {
    let server = cluster::server().await;
    let mut connection = server.connect().await.expect("connect to the tests' PostgreSQL");
    let name = new_name();
    create(&mut connection, &name, None).await;
    open(&server, &name).await
}

async fn open(server: &PgConnectOptions, name: &str) -> TestDb {
    let options = server.clone().database(name);
    let url = options.to_url_lossy().to_string();
    let pool = PgPoolOptions::new().max_connections(5).connect_with(options).await.expect("open the database");
    TestDb { url, pool }
}

/// Makes the template once per set of migrations, whoever comes first; the others wait.
async fn template(server: &PgConnectOptions, connection: &mut PgConnection) -> String {
    let name = template_name();
    if exists(connection, &name).await {
        return name;
    }
    sqlx::query("select pg_advisory_lock(7101)").execute(&mut *connection).await.expect("lock");
    if !exists(connection, &name).await {
        let building = new_name();
        create(connection, &building, None).await;
        let mut inside = server.clone().database(&building).connect().await.expect("connect");
        MIGRATIONS.run_direct(None, &mut inside, false).await.expect("the migrations run");
        inside.close().await.expect("close");
        execute(connection, format!("alter database \"{building}\" rename to \"{name}\"")).await;
    }
    sqlx::query("select pg_advisory_unlock(7101)").execute(&mut *connection).await.expect("unlock");
    name
}

fn template_name() -> String {
    let sums: String = MIGRATIONS.iter().map(|migration| hex::encode(&migration.checksum)).collect();
    let mut hash = hex::encode(leadrelay::base::secret::hash(&sums));
    hash.truncate(20);
    format!("template_{hash}")
}

/// The time in it tells later runs how old it is.
fn new_name() -> String {
    let now = leadrelay::base::clock::Clock::system().now().timestamp();
    format!("test_{now}_{}", leadrelay::base::ids::Ids.next().simple())
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(connection)
        .await
        .expect("look for the template")
}

async fn create(connection: &mut PgConnection, name: &str, template: Option<&str>) {
    let template = template.map_or_else(String::new, |template| format!(" template \"{template}\""));
    execute(connection, format!("create database \"{name}\"{template}")).await;
}

async fn execute(connection: &mut PgConnection, sql: String) {
    connection.execute(sqlx::AssertSqlSafe(sql)).await.expect("create a database");
}
