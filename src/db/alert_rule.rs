//! Rules of alerts that somebody has tuned, and the row that lets one node look at a time.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A rule as somebody has set it; a kind without one keeps its defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: String,
    pub enabled: bool,
    pub threshold: Option<i32>,
    /// About these only; empty: all.
    pub networks: Vec<Uuid>,
    pub offers: Vec<Uuid>,
}

/// All of them.
pub async fn all(conn: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(Row, "select kind, enabled, threshold, networks, offers from alert_rule order by kind")
        .fetch_all(conn)
        .await
}

/// Sets one; gives what it was before.
pub async fn set(conn: &mut PgConnection, row: &Row, now: DateTime<Utc>) -> sqlx::Result<Option<Row>> {
    // Two who save at once follow each other, so that the audit log tells both.
    sqlx::query!("select pg_advisory_xact_lock(hashtext('alert_rule'))").fetch_one(&mut *conn).await?;
    let before = sqlx::query_as!(
        Row,
        "select kind, enabled, threshold, networks, offers from alert_rule where kind = $1",
        row.kind
    )
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into alert_rule (kind, enabled, threshold, networks, offers, updated_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (kind) do update set enabled = excluded.enabled, threshold = excluded.threshold,
           networks = excluded.networks, offers = excluded.offers, updated_at = excluded.updated_at",
        row.kind,
        row.enabled,
        row.threshold,
        &row.networks,
        &row.offers,
        now,
    )
    .execute(conn)
    .await?;
    Ok(before)
}

/// When somebody has looked last.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    pub looked_at: Option<DateTime<Utc>>,
    pub rates_looked_at: Option<DateTime<Utc>>,
}

/// Takes the watch until the end of the transaction; none: another node has it, or has looked since `since`.
pub async fn take_watch(conn: &mut PgConnection, since: DateTime<Utc>) -> sqlx::Result<Option<Watch>> {
    sqlx::query_as!(
        Watch,
        "select looked_at, rates_looked_at from alert_watch where looked_at is null or looked_at <= $1
         for update skip locked",
        since
    )
    .fetch_optional(conn)
    .await
}

/// Notes that somebody has looked.
pub async fn note_watch(conn: &mut PgConnection, watch: Watch) -> sqlx::Result<()> {
    sqlx::query!("update alert_watch set looked_at = $1, rates_looked_at = $2", watch.looked_at, watch.rates_looked_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// An address of a webmaster that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub postback_id: Uuid,
    /// None: an admin's own postback.
    pub webmaster: Option<i64>,
    pub failures_in_row: i32,
}

/// Addresses in use that have failed at least so many times in a row.
pub async fn failing_endpoints(conn: &mut PgConnection, failures: i32) -> sqlx::Result<Vec<Endpoint>> {
    sqlx::query_as!(
        Endpoint,
        r#"select p.postback_id, w.number as "webmaster?", l.failures_in_row
           from lane l join postback p on p.postback_id = l.lane_id
           left join webmaster w on w.webmaster_id = p.webmaster_id
           where l.kind = 'endpoint' and l.failures_in_row >= $1 and p.archived_at is null and p.enabled
           order by p.postback_id limit 200"#,
        failures
    )
    .fetch_all(conn)
    .await
}
