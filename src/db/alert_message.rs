//! Messages about alerts: written once, tried until they are through or given up.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// When the messages of a channel were made since `since`, and whether one is not through yet.
#[derive(Clone, Debug)]
pub struct Lately {
    pub made_at: Vec<DateTime<Utc>>,
    pub is_waiting: bool,
}

/// What a channel was told lately.
pub async fn lately(conn: &mut PgConnection, alert_channel_id: Uuid, since: DateTime<Utc>) -> sqlx::Result<Lately> {
    sqlx::query_as!(
        Lately,
        r#"select coalesce(array_agg(created_at) filter (where created_at >= $2), '{}') as "made_at!",
             coalesce(bool_or(state = 'waiting'), false) as "is_waiting!"
           from alert_message where alert_channel_id = $1 and (created_at >= $2 or state = 'waiting')"#,
        alert_channel_id,
        since,
    )
    .fetch_one(conn)
    .await
}

/// Makes one message out of notices.
pub async fn insert(
    conn: &mut PgConnection,
    alert_message_id: Uuid,
    alert_channel_id: Uuid,
    content: &Value,
    notices: &[Uuid],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into alert_message (alert_message_id, alert_channel_id, content, next_at, created_at)
         values ($1, $2, $3, $4, $4)",
        alert_message_id,
        alert_channel_id,
        content,
        now,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update alert_notice set alert_message_id = $1 where alert_notice_id = any($2) and alert_message_id is null",
        alert_message_id,
        notices
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct Due {
    pub alert_message_id: Uuid,
    pub alert_channel_id: Uuid,
    pub content: Value,
    /// Tries, this one included.
    pub attempts: i32,
}

/// Takes a message that is due, of a channel that is in use; until `lost_at` it is nobody else's.
pub async fn take(conn: &mut PgConnection, now: DateTime<Utc>, lost_at: DateTime<Utc>) -> sqlx::Result<Option<Due>> {
    sqlx::query_as!(
        Due,
        "update alert_message set next_at = $2, attempts = attempts + 1
         where alert_message_id = (
           select alert_message_id from alert_message where state = 'waiting' and next_at <= $1
           order by next_at limit 1 for update skip locked)
         returning alert_message_id, alert_channel_id, content, attempts",
        now,
        lost_at,
    )
    .fetch_optional(conn)
    .await
}

/// Notes how a try ended. `again_at`: it failed and is tried again; neither that nor a reason: it is through.
pub async fn settle(
    conn: &mut PgConnection,
    due: &Due,
    reason: Option<&str>,
    again_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let state = match (reason, again_at) {
        (None, _) => "sent",
        (Some(_), Some(_)) => "waiting",
        (Some(_), None) => "dead",
    };
    // A channel that was switched off meanwhile has ended it.
    sqlx::query!(
        "update alert_message set state = $2, reason = $3, next_at = coalesce($4, next_at),
           sent_at = case when $2 = 'sent' then $5 else sent_at end
         where alert_message_id = $1 and (state = 'waiting' or $2 = 'sent') and attempts = $6",
        due.alert_message_id,
        state,
        reason,
        again_at,
        now,
        due.attempts,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A message as the page shows it.
#[derive(Clone, Debug)]
pub struct Row {
    pub channel: String,
    pub content: Value,
    pub state: String,
    pub attempts: i32,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The newest messages.
pub async fn newest(conn: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select c.name as channel, m.content, m.state, m.attempts, m.reason, m.created_at
         from alert_message m join alert_channel c on c.alert_channel_id = m.alert_channel_id
         order by m.created_at desc, m.alert_message_id desc limit $1",
        limit
    )
    .fetch_all(conn)
    .await
}
