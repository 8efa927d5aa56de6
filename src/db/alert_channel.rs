//! Channels that alerts are told through. Secrets stay sealed.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A channel as stored.
#[derive(Clone, Debug)]
pub struct Row {
    pub alert_channel_id: Uuid,
    pub name: String,
    /// `email`, `telegram` or `webhook`.
    pub kind: String,
    /// What its kind needs, without secrets.
    pub settings: Value,
    /// Sealed JSON object.
    pub secrets: Option<Vec<u8>>,
    pub enabled: bool,
    pub language: String,
    pub time_zone: String,
    /// Minutes of the day.
    pub quiet_from: Option<i16>,
    pub quiet_until: Option<i16>,
    pub critical_passes: bool,
    pub per_hour: i32,
    /// 0: what lasts is not told again.
    pub repeat_hours: i32,
    pub last_ok_at: Option<DateTime<Utc>>,
    /// Why the last try failed; none: it went well.
    pub last_error: Option<String>,
    pub last_error_at: Option<DateTime<Utc>>,
}

/// Those in use, by name.
pub async fn all(conn: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_channel_id, name, kind, settings, secrets, enabled, language, time_zone, quiet_from, quiet_until,
           critical_passes, per_hour, repeat_hours, last_ok_at, last_error, last_error_at
         from alert_channel where archived_at is null order by lower(name), alert_channel_id"
    )
    .fetch_all(conn)
    .await
}

/// One in use.
pub async fn find(conn: &mut PgConnection, alert_channel_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_channel_id, name, kind, settings, secrets, enabled, language, time_zone, quiet_from, quiet_until,
           critical_passes, per_hour, repeat_hours, last_ok_at, last_error, last_error_at
         from alert_channel where alert_channel_id = $1 and archived_at is null",
        alert_channel_id
    )
    .fetch_optional(conn)
    .await
}

/// One in use, kept from being changed by others until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, alert_channel_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_channel_id, name, kind, settings, secrets, enabled, language, time_zone, quiet_from, quiet_until,
           critical_passes, per_hour, repeat_hours, last_ok_at, last_error, last_error_at
         from alert_channel where alert_channel_id = $1 and archived_at is null for update",
        alert_channel_id
    )
    .fetch_optional(conn)
    .await
}

/// One in use that nobody else works for at this moment.
pub async fn take(conn: &mut PgConnection, alert_channel_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select alert_channel_id, name, kind, settings, secrets, enabled, language, time_zone, quiet_from, quiet_until,
           critical_passes, per_hour, repeat_hours, last_ok_at, last_error, last_error_at
         from alert_channel where alert_channel_id = $1 and archived_at is null and enabled for update skip locked",
        alert_channel_id
    )
    .fetch_optional(conn)
    .await
}

/// Adds one; `alert_channel_name_uq` refuses a name that is taken.
pub async fn insert(conn: &mut PgConnection, row: &Row, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into alert_channel (alert_channel_id, name, kind, settings, secrets, enabled, language, time_zone,
           quiet_from, quiet_until, critical_passes, per_hour, repeat_hours, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)",
        row.alert_channel_id,
        row.name,
        row.kind,
        row.settings,
        row.secrets,
        row.enabled,
        row.language,
        row.time_zone,
        row.quiet_from,
        row.quiet_until,
        row.critical_passes,
        row.per_hour,
        row.repeat_hours,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes what an operator sets; the kind stays.
pub async fn update(conn: &mut PgConnection, row: &Row, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update alert_channel set name = $2, settings = $3, secrets = $4, enabled = $5, language = $6, time_zone = $7,
           quiet_from = $8, quiet_until = $9, critical_passes = $10, per_hour = $11, repeat_hours = $12, updated_at = $13
         where alert_channel_id = $1",
        row.alert_channel_id,
        row.name,
        row.settings,
        row.secrets,
        row.enabled,
        row.language,
        row.time_zone,
        row.quiet_from,
        row.quiet_until,
        row.critical_passes,
        row.per_hour,
        row.repeat_hours,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes one out of use for ever; its secrets go.
pub async fn archive(conn: &mut PgConnection, alert_channel_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update alert_channel set archived_at = $2, secrets = null, enabled = false where alert_channel_id = $1",
        alert_channel_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what one was still to be told: it is switched off or archived.
pub async fn forget_waiting(conn: &mut PgConnection, alert_channel_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from alert_notice where alert_channel_id = $1 and alert_message_id is null", alert_channel_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "update alert_message set state = 'dead', reason = 'the channel was switched off'
         where alert_channel_id = $1 and state = 'waiting'",
        alert_channel_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes how a try ended: `error` is why it failed.
pub async fn note_try(
    conn: &mut PgConnection,
    alert_channel_id: Uuid,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update alert_channel set last_error = $2, last_error_at = case when $2::text is null then last_error_at else $3 end,
           last_ok_at = case when $2::text is null then $3 else last_ok_at end
         where alert_channel_id = $1",
        alert_channel_id,
        error,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
