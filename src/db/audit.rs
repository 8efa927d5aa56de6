//! Who changed what.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// One line of the audit log; secrets are left out by the writer.
#[derive(Debug)]
pub struct Entry {
    pub audit_id: Uuid,
    pub at: DateTime<Utc>,
    /// `user:<email>`, `token:<id>`, `command-line` …
    pub actor: String,
    /// `network.create`, `route.update` …
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Adds a line.
pub async fn insert(conn: &mut PgConnection, entry: &Entry) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit (audit_id, at, actor, action, object_kind, object_id, before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.audit_id,
        entry.at,
        entry.actor,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before,
        entry.after,
    )
    .execute(conn)
    .await?;
    Ok(())
}
