//! Alerts, what channels have heard of them, and what they are still to be told.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An alert as stored.
#[derive(Clone, Debug)]
pub struct Row {
    pub alert_id: Uuid,
    pub kind: String,
    /// What it is about, among alerts of its kind.
    pub subject: String,
    pub facts: Value,
    pub size: i64,
    pub opened_at: DateTime<Utc>,
    /// Its condition does not hold since.
    pub calm_since: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// Those that are open, the oldest first.
pub async fn open(conn: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_id, kind, subject, facts, size, opened_at, calm_since, closed_at from alert
         where closed_at is null order by opened_at, alert_id"
    )
    .fetch_all(conn)
    .await
}

/// Those that are over and were opened since, the newest first.
pub async fn closed(conn: &mut PgConnection, since: DateTime<Utc>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_id, kind, subject, facts, size, opened_at, calm_since, closed_at from alert
         where closed_at is not null and opened_at >= $1 order by opened_at desc, alert_id desc limit $2",
        since,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Opens one.
pub async fn insert(conn: &mut PgConnection, row: &Row) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into alert (alert_id, kind, subject, facts, size, opened_at) values ($1, $2, $3, $4, $5, $6)",
        row.alert_id,
        row.kind,
        row.subject,
        row.facts,
        row.size,
        row.opened_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Its condition holds: these are the facts now.
pub async fn keep(conn: &mut PgConnection, alert_id: Uuid, facts: &Value, size: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "update alert set facts = $2, size = $3, calm_since = null
         where alert_id = $1 and (facts <> $2 or size <> $3 or calm_since is not null)",
        alert_id,
        facts,
        size,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Its condition does not hold any more.
pub async fn calm(conn: &mut PgConnection, alert_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update alert set calm_since = $2 where alert_id = $1", alert_id, now).execute(conn).await?;
    Ok(())
}

/// It is over.
pub async fn close(conn: &mut PgConnection, alert_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update alert set closed_at = $2 where alert_id = $1", alert_id, now).execute(conn).await?;
    Ok(())
}

/// What a channel has heard of an alert.
#[derive(Clone, Debug)]
pub struct Heard {
    pub alert_id: Uuid,
    pub alert_channel_id: Uuid,
    pub last_at: DateTime<Utc>,
    pub is_pending: bool,
}

/// What all channels have heard of these alerts.
pub async fn heard(conn: &mut PgConnection, alerts: &[Uuid]) -> sqlx::Result<Vec<Heard>> {
    sqlx::query_as!(
        Heard,
        r#"select alert_id, alert_channel_id, max(at) as "last_at!", bool_or(alert_message_id is null) as "is_pending!"
           from alert_notice where alert_id = any($1) group by alert_id, alert_channel_id"#,
        alerts
    )
    .fetch_all(conn)
    .await
}

/// Something to tell a channel.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub alert_notice_id: Uuid,
    pub alert_id: Uuid,
    pub alert_channel_id: Uuid,
    /// `opened`, `worse`, `again` or `over`.
    pub what: &'static str,
    pub facts: Value,
}

/// Keeps it to be told. A beginning and an end that a channel has got are not kept twice.
pub async fn add_notice(conn: &mut PgConnection, new: &NewNotice, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into alert_notice (alert_notice_id, alert_id, alert_channel_id, what, facts, at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        new.alert_notice_id,
        new.alert_id,
        new.alert_channel_id,
        new.what,
        new.facts,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A notice that waits, with its alert.
#[derive(Clone, Debug)]
pub struct Pending {
    pub alert_notice_id: Uuid,
    pub alert_id: Uuid,
    pub what: String,
    pub facts: Value,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// What a channel is still to be told, the oldest first.
pub async fn pending(conn: &mut PgConnection, alert_channel_id: Uuid) -> sqlx::Result<Vec<Pending>> {
    sqlx::query_as!(
        Pending,
        "select n.alert_notice_id, n.alert_id, n.what, n.facts, n.at, a.kind, a.opened_at, a.closed_at
         from alert_notice n join alert a on a.alert_id = n.alert_id
         where n.alert_channel_id = $1 and n.alert_message_id is null order by n.at, n.alert_notice_id limit 500",
        alert_channel_id
    )
    .fetch_all(conn)
    .await
}

/// Removes what ended before, with what was told of it.
pub async fn purge(conn: &mut PgConnection, before: DateTime<Utc>, step: i64) -> sqlx::Result<u64> {
    let alerts = sqlx::query!(
        "delete from alert where alert_id in (
           select alert_id from alert where opened_at < $1 and closed_at < $1 limit $2)",
        before,
        step
    )
    .execute(&mut *conn)
    .await?;
    let messages = sqlx::query!(
        "delete from alert_message where alert_message_id in (
           select m.alert_message_id from alert_message m where m.created_at < $1 and m.state <> 'waiting'
             and not exists (select from alert_notice n where n.alert_message_id = m.alert_message_id) limit $2)",
        before,
        step
    )
    .execute(conn)
    .await?;
    Ok(alerts.rows_affected() + messages.rows_affected())
}
