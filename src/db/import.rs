//! Files of statuses and leads: the import, its rows, and how such files are read.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// An import.
#[derive(Clone, Debug)]
pub struct Import {
    pub import_id: Uuid,
    /// `statuses` or `leads`.
    pub kind: String,
    /// `mapping`, `checking`, `checked`, `running` or `done`.
    pub state: String,
    pub file_name: String,
    /// Whose reports they are; `None`: of whichever network has the lead.
    pub network_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    /// Headings of the file.
    pub heads: Vec<String>,
    /// See `domain::import::Mapping`.
    pub mapping: Value,
    pub row_count: i32,
    /// Line of the last row that the present pass has handled.
    pub progress: i32,
    /// Rows by result, of the same pass.
    pub counts: Value,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// When what stood in the rows was removed.
    pub forgotten_at: Option<DateTime<Utc>>,
}

/// Adds an import.
pub async fn insert(conn: &mut PgConnection, import: &Import, file_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into import (import_id, kind, state, file_name, file_hash, network_id, webmaster_id, offer_id, heads, mapping,
           row_count, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        import.import_id,
        import.kind,
        import.state,
        import.file_name,
        file_hash,
        import.network_id,
        import.webmaster_id,
        import.offer_id,
        &import.heads,
        import.mapping,
        import.row_count,
        import.created_by,
        import.created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds rows: line and cells.
pub async fn insert_rows(conn: &mut PgConnection, import_id: Uuid, rows: &[(i32, Value)]) -> sqlx::Result<()> {
    let (lines, cells): (Vec<i32>, Vec<Value>) = rows.iter().cloned().unzip();
    sqlx::query!(
        "insert into import_row (import_id, line, cells)
         select $1, line, cells from unnest($2::int[], $3::jsonb[]) new (line, cells)",
        import_id,
        &lines,
        &cells
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One by id.
pub async fn find(conn: &mut PgConnection, import_id: Uuid) -> sqlx::Result<Option<Import>> {
    sqlx::query_as!(
        Import,
        "select import_id, kind, state, file_name, network_id, webmaster_id, offer_id, heads, mapping, row_count, progress,
           counts, created_by, created_at, started_at, ended_at, forgotten_at
         from import where import_id = $1",
        import_id
    )
    .fetch_optional(conn)
    .await
}

/// The same, kept from being changed by others until the transaction ends.
pub async fn lock(conn: &mut PgConnection, import_id: Uuid) -> sqlx::Result<Option<Import>> {
    sqlx::query_as!(
        Import,
        "select import_id, kind, state, file_name, network_id, webmaster_id, offer_id, heads, mapping, row_count, progress,
           counts, created_by, created_at, started_at, ended_at, forgotten_at
         from import where import_id = $1 for update",
        import_id
    )
    .fetch_optional(conn)
    .await
}

/// The last other import of the same file that was run: its id and when it began.
pub async fn same_file(conn: &mut PgConnection, import_id: Uuid) -> sqlx::Result<Option<(Uuid, DateTime<Utc>)>> {
    let row = sqlx::query!(
        r#"select other.import_id, other.started_at as "started_at!"
           from import own join import other on other.file_hash = own.file_hash and other.import_id <> own.import_id
           where own.import_id = $1 and other.started_at is not null order by other.started_at desc limit 1"#,
        import_id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.import_id, row.started_at)))
}

/// Says how the columns are read.
pub async fn set_mapping(conn: &mut PgConnection, import_id: Uuid, mapping: &Value) -> sqlx::Result<()> {
    sqlx::query!("update import set mapping = $2 where import_id = $1", import_id, mapping).execute(conn).await?;
    Ok(())
}

/// Begins a pass from the first row. `state`: `mapping`, `checking` or `running`.
pub async fn begin(conn: &mut PgConnection, import_id: Uuid, state: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update import set state = $2, progress = 0, counts = '{}',
           started_at = case when $2 = 'running' then $3 else started_at end
         where import_id = $1",
        import_id,
        state,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from import_key where import_id = $1", import_id).execute(conn).await?;
    Ok(())
}

/// Writes how far the present pass has got.
pub async fn advance(conn: &mut PgConnection, import: &Import) -> sqlx::Result<()> {
    sqlx::query!(
        "update import set state = $2, progress = $3, counts = $4, ended_at = $5 where import_id = $1",
        import.import_id,
        import.state,
        import.progress,
        import.counts,
        import.ended_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes an import with its rows.
pub async fn delete(conn: &mut PgConnection, import_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("delete from import where import_id = $1", import_id).execute(conn).await?;
    Ok(())
}

/// A row as it stands in the file.
#[derive(Clone, Debug)]
pub struct Line {
    pub line: i32,
    pub cells: Value,
}

/// The rows after a line.
pub async fn rows_after(conn: &mut PgConnection, import_id: Uuid, after: i32, limit: i64) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"select line, cells as "cells!" from import_row
           where import_id = $1 and line > $2 and cells is not null order by line limit $3"#,
        import_id,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Earlier rows about these leads, as far as the present pass has got.
pub async fn rows_of_leads(
    conn: &mut PgConnection,
    import_id: Uuid,
    leads: &[Uuid],
    until: i32,
    limit: i64,
) -> sqlx::Result<Vec<Line>> {
    let mut rows = sqlx::query_as!(
        Line,
        r#"select line, cells as "cells!" from import_row
           where import_id = $1 and lead_id = any($2) and line <= $3 and cells is not null order by line desc limit $4"#,
        import_id,
        leads,
        until,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub line: i32,
    /// In one word.
    pub result: &'static str,
    /// The field that is wrong.
    pub field: Option<String>,
    /// In words; never what stands in the row.
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
}

/// Writes what became of rows.
pub async fn judge_rows(conn: &mut PgConnection, import_id: Uuid, rows: &[Outcome]) -> sqlx::Result<()> {
    sqlx::query!(
        "update import_row r set result = new.result, field = new.field, reason = new.reason, lead_id = new.lead_id
         from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::uuid[]) new (line, result, field, reason, lead_id)
         where r.import_id = $1 and r.line = new.line",
        import_id,
        &rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.result.to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.field.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.lead_id).collect::<Vec<_>>() as &[Option<Uuid>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A row with what became of it.
#[derive(Clone, Debug)]
pub struct Judged {
    pub line: i32,
    pub cells: Option<Value>,
    pub result: String,
    pub field: Option<String>,
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
    /// The lead's number.
    pub number: Option<i64>,
}

/// The rows after a line that the present pass has handled; with one result when one is named.
pub async fn judged_rows(
    conn: &mut PgConnection,
    import: &Import,
    result: Option<&str>,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<Judged>> {
    sqlx::query_as!(
        Judged,
        r#"select r.line, r.cells, r.result as "result!", r.field, r.reason, r.lead_id, l.number as "number?"
           from import_row r left join lead l on l.lead_id = r.lead_id
           where r.import_id = $1 and r.line > $2 and r.line <= $3 and r.result is not null
             and ($4::text is null or r.result = $4)
           order by r.line limit $5"#,
        import.import_id,
        after,
        import.progress,
        result,
        limit
    )
    .fetch_all(conn)
    .await
}

/// The lines that have said these keys.
pub async fn keys(conn: &mut PgConnection, import_id: Uuid, keys: &[String]) -> sqlx::Result<Vec<(String, i32)>> {
    let rows = sqlx::query!("select key, line from import_key where import_id = $1 and key = any($2)", import_id, keys)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.line)).collect())
}

/// Notes which line has said a key.
pub async fn add_keys(conn: &mut PgConnection, import_id: Uuid, keys: &[(String, i32)]) -> sqlx::Result<()> {
    let (names, lines): (Vec<String>, Vec<i32>) = keys.iter().cloned().unzip();
    sqlx::query!(
        "insert into import_key (import_id, key, line)
         select $1, key, line from unnest($2::text[], $3::int[]) new (key, line) on conflict do nothing",
        import_id,
        &names,
        &lines
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The network that has each lead, by our id or number: index and network.
pub async fn owners(
    conn: &mut PgConnection,
    leads: &[(Option<Uuid>, Option<i64>)],
) -> sqlx::Result<Vec<(usize, Option<Uuid>)>> {
    let (ids, numbers): (Vec<Option<Uuid>>, Vec<Option<i64>>) = leads.iter().copied().unzip();
    let rows = sqlx::query!(
        r#"select asked.at as "at!", l.network_id from unnest($1::uuid[], $2::bigint[]) with ordinality asked (lead_id, number, at)
           cross join lateral (
             select network_id from lead where lead_id = asked.lead_id
             union all
             select network_id from lead where number = asked.number and asked.lead_id is null
           ) l"#,
        &ids as &[Option<Uuid>],
        &numbers as &[Option<i64>]
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (usize::try_from(row.at - 1).unwrap_or_default(), row.network_id)).collect())
}

/// The leads that these keys of a webmaster have made.
pub async fn leads_of_keys(
    conn: &mut PgConnection,
    webmaster_id: Uuid,
    keys: &[String],
) -> sqlx::Result<Vec<(String, Uuid)>> {
    let rows = sqlx::query!(
        "select key, lead_id from idempotency_key where webmaster_id = $1 and key = any($2)",
        webmaster_id,
        keys
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.lead_id)).collect())
}

/// How files of this kind and scope were read the last time.
pub async fn remembered(conn: &mut PgConnection, kind: &str, scope_id: Uuid) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!("select mapping from import_mapping where kind = $1 and scope_id = $2", kind, scope_id)
        .fetch_optional(conn)
        .await
}

/// Remembers it.
pub async fn remember(
    conn: &mut PgConnection,
    kind: &str,
    scope_id: Uuid,
    mapping: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into import_mapping (kind, scope_id, mapping, updated_at) values ($1, $2, $3, $4)
         on conflict (kind, scope_id) do update set mapping = excluded.mapping, updated_at = excluded.updated_at",
        kind,
        scope_id,
        mapping,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes what stands in the rows of imports from before, and imports from before that were never run. Those that are
/// at work keep theirs. One import in each step.
pub async fn forget(conn: &mut PgConnection, before: DateTime<Utc>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let dropped = sqlx::query!(
        "delete from import where import_id in (
           select import_id from import where created_at < $1 and started_at is null limit 1)",
        before
    )
    .execute(&mut *conn)
    .await?;
    let forgotten = sqlx::query_scalar!(
        "update import set forgotten_at = $2 where import_id in (
           select import_id from import where created_at < $1 and state = 'done' and forgotten_at is null limit 1)
         returning import_id",
        before,
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let rows = sqlx::query!("update import_row set cells = null where import_id = any($1)", &forgotten)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from import_key where import_id = any($1)", &forgotten).execute(conn).await?;
    Ok(dropped.rows_affected() + rows.rows_affected())
}
