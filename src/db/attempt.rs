//! Attempts: one exchange (or one lost lease) each, append-only, with their bodies apart.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// One attempt to be kept.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    pub attempt_id: Uuid,
    /// The delivery or the postback delivery.
    pub subject_id: Uuid,
    pub lead_id: Uuid,
    /// `send`, `lookup`, `postback`.
    pub kind: &'static str,
    pub no: i32,
    pub started_at: DateTime<Utc>,
    pub took_ms: i32,
    /// See the table's comment for the words.
    pub outcome: String,
    pub http_status: Option<i16>,
    pub error_kind: Option<String>,
    pub remote_ip: Option<String>,
    pub detail: Option<String>,
    pub is_late: bool,
    /// Masked and cut.
    pub request: Option<String>,
    pub response: Option<String>,
}

/// Adds attempts and their bodies. Those that are there already stay: the answer of an earlier commit may have been lost.
pub async fn insert_many(conn: &mut PgConnection, rows: &[NewAttempt]) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let with_body: Vec<&NewAttempt> = rows.iter().filter(|row| row.request.is_some()).collect();
    sqlx::query!(
        "with body as (
           insert into attempt_body (attempt_id, started_at, request, response)
           select * from unnest($14::uuid[], $15::timestamptz[], $16::text[], $17::text[])
           on conflict do nothing)
         insert into attempt (attempt_id, subject_id, lead_id, kind, no, started_at, took_ms, outcome, http_status, error_kind,
           remote_ip, detail, is_late)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::timestamptz[], $7::int[], $8::text[],
           $9::smallint[], $10::text[], $11::text[], $12::text[], $13::bool[])
         on conflict do nothing",
        &rows.iter().map(|r| r.attempt_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.subject_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.lead_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.kind.to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.no).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.started_at).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.took_ms).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.outcome.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.http_status).collect::<Vec<_>>() as &[Option<i16>],
        &rows.iter().map(|r| r.error_kind.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.remote_ip.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.detail.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.is_late).collect::<Vec<_>>(),
        &with_body.iter().map(|r| r.attempt_id).collect::<Vec<_>>(),
        &with_body.iter().map(|r| r.started_at).collect::<Vec<_>>(),
        &with_body.iter().map(|r| r.request.clone()).collect::<Vec<_>>() as &[Option<String>],
        &with_body.iter().map(|r| r.response.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(conn)
    .await?;
    Ok(())
}
