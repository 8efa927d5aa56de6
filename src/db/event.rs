//! The timeline of leads.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// One entry. No personal data in `detail`.
#[derive(Clone, Debug)]
pub struct Event {
    pub event_id: Uuid,
    pub lead_id: Uuid,
    pub at: DateTime<Utc>,
    /// `received`, `routed`, `delivery`, `status`, `report`, `changed`, `redelivered` …
    pub kind: String,
    /// `intake`, `router`, `answer`, `postback`, `poll`, `import`, `admin`, `system`.
    pub source: String,
    /// Who, where a person or token did it.
    pub actor: Option<String>,
    pub detail: Value,
}

/// Adds entries.
pub async fn insert_many(conn: &mut PgConnection, events: &[Event]) -> sqlx::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into lead_event (event_id, lead_id, at, kind, source, actor, detail)
         select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::jsonb[])",
        &events.iter().map(|e| e.event_id).collect::<Vec<_>>(),
        &events.iter().map(|e| e.lead_id).collect::<Vec<_>>(),
        &events.iter().map(|e| e.at).collect::<Vec<_>>(),
        &events.iter().map(|e| e.kind.clone()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.source.clone()).collect::<Vec<_>>(),
        &events.iter().map(|e| e.actor.clone()).collect::<Vec<_>>() as &[Option<String>],
        &events.iter().map(|e| e.detail.clone()).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The timeline of one lead, oldest first.
pub async fn of_lead(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as!(
        Event,
        "select event_id, lead_id, at, kind, source, actor, detail from lead_event where lead_id = $1 order by at, event_id",
        lead_id
    )
    .fetch_all(conn)
    .await
}

/// The last report from this source on the timelines of these leads: lead and detail.
pub async fn last_reports(
    conn: &mut PgConnection,
    lead_ids: &[Uuid],
    source: &str,
) -> sqlx::Result<Vec<(Uuid, Value)>> {
    if lead_ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select asked.lead_id as "lead_id!", last.detail as "detail!" from unnest($1::uuid[]) asked (lead_id)
           cross join lateral (
             select detail from lead_event e where e.lead_id = asked.lead_id and e.kind = 'report' and e.source = $2
             order by e.at desc, e.event_id desc limit 1) last"#,
        lead_ids,
        source,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.lead_id, row.detail)).collect())
}
