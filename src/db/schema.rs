//! The migrations this program was built with, and whether the database has them.

use sqlx::PgConnection;
use sqlx::migrate::{Migrate, Migrator};

/// All migrations, embedded.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Whether every migration of this program has been applied, and none half.
pub async fn is_current(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let is_missing = sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is null as "missing!""#)
        .fetch_one(&mut *conn)
        .await?;
    if is_missing {
        return Ok(false);
    }
    let broken =
        conn.dirty_version(&MIGRATOR.table_name).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    let applied = conn
        .list_applied_migrations(&MIGRATOR.table_name)
        .await
        .map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    let is_applied = |version: i64| applied.iter().any(|done| done.version == version);
    Ok(broken.is_none()
        && MIGRATOR
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration())
            .all(|migration| is_applied(migration.version)))
}

/// The number of the newest migration of this program.
pub fn newest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The number of the newest migration the database has.
pub async fn applied(conn: &mut PgConnection) -> sqlx::Result<i64> {
    let applied = conn
        .list_applied_migrations(&MIGRATOR.table_name)
        .await
        .map_err(|error| sqlx::Error::Migrate(Box::new(error)))?;
    Ok(applied.iter().map(|done| done.version).max().unwrap_or_default())
}

/// Whether the database answers.
pub async fn ping(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query_scalar!(r#"select 1 as "one!""#).fetch_one(conn).await?;
    Ok(())
}
