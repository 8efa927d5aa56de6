//! Calls of networks to our postback URLs, raw and judged.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A call as it came.
#[derive(Clone, Debug)]
pub struct Raw {
    pub inbound_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub network_id: Uuid,
    pub method: String,
    pub query: String,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
    pub remote_ip: Option<String>,
    /// How it is to be read; `None`: in the integration's own way.
    pub dialect: Option<String>,
}

/// Stores calls before they are judged.
pub async fn insert_raw(conn: &mut PgConnection, rows: &[Raw]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into inbound_postback (inbound_id, received_at, network_id, method, query, content_type, body, remote_ip, dialect)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[])",
        &rows.iter().map(|r| r.inbound_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.received_at).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.network_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.method.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.query.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.content_type.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.body.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.remote_ip.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.dialect.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The judgement of a call.
#[derive(Clone, Debug)]
pub struct Judged {
    pub inbound_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub result: String,
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
    pub delivery_id: Option<Uuid>,
    pub our_ref: Option<String>,
    pub external_id: Option<String>,
}

/// Writes judgements beside the raw calls.
pub async fn judge_many(conn: &mut PgConnection, rows: &[Judged], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update inbound_postback i set result = new.result, reason = new.reason, lead_id = new.lead_id, delivery_id = new.delivery_id,
           our_ref = new.our_ref, external_id = new.external_id, processed_at = $9, times = i.times + 1
         from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[])
           new(inbound_id, received_at, result, reason, lead_id, delivery_id, our_ref, external_id)
         where i.inbound_id = new.inbound_id and i.received_at = new.received_at",
        &rows.iter().map(|r| r.inbound_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.received_at).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.result.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.lead_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &rows.iter().map(|r| r.delivery_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &rows.iter().map(|r| r.our_ref.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.external_id.clone()).collect::<Vec<_>>() as &[Option<String>],
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When networks last called.
pub async fn touch_networks(conn: &mut PgConnection, network_ids: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    // Once a second is enough, and keeps a busy network's row cool.
    sqlx::query!(
        "update network set last_inbound_at = $2
         where network_id = any($1) and (last_inbound_at is null or last_inbound_at < $2::timestamptz - interval '1 second')",
        network_ids,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A stored call by id.
pub async fn find(conn: &mut PgConnection, inbound_id: Uuid) -> sqlx::Result<Option<Raw>> {
    sqlx::query_as!(
        Raw,
        "select inbound_id, received_at, network_id, method, query, content_type, body, remote_ip, dialect
         from inbound_postback where inbound_id = $1",
        inbound_id
    )
    .fetch_optional(conn)
    .await
}

/// Unmatched or failed calls of a network about these external ids.
pub async fn waiting_for(conn: &mut PgConnection, pairs: &[(Uuid, String)]) -> sqlx::Result<Vec<Raw>> {
    let (networks, external_ids): (Vec<Uuid>, Vec<String>) = pairs.iter().cloned().unzip();
    sqlx::query_as!(
        Raw,
        "select i.inbound_id, i.received_at, i.network_id, i.method, i.query, i.content_type, i.body, i.remote_ip, i.dialect
         from unnest($1::uuid[], $2::text[]) pair(network_id, external_id)
         cross join lateral (
           select * from inbound_postback i
           where i.network_id = pair.network_id and i.external_id = pair.external_id and i.result in ('unmatched', 'failed')
           limit 100
         ) i
         order by i.received_at, i.inbound_id limit 100",
        &networks,
        &external_ids
    )
    .fetch_all(conn)
    .await
}

/// Which delivery of a network is meant.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub network_id: Uuid,
    pub lead_id: Option<Uuid>,
    pub number: Option<i64>,
    pub external_id: Option<String>,
}

/// Finds the delivery each reference means: by our lead first, else by their id; the accepted one before others,
/// the newest before older ones. Answers index, delivery and lead.
pub async fn resolve(conn: &mut PgConnection, references: &[Reference]) -> sqlx::Result<Vec<(usize, Uuid, Uuid)>> {
    let rows = sqlx::query!(
        r#"select asked.index as "index!", found.delivery_id as "delivery_id!", found.lead_id as "lead_id!"
           from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) with ordinality
             asked(network_id, lead_id, number, external_id, index)
           cross join lateral (
             select d.delivery_id, d.lead_id from (
               select d.delivery_id, d.lead_id, d.accepted_at, 1 as how from delivery d
               where d.lead_id = asked.lead_id and d.network_id is not distinct from asked.network_id
               union all
               select d.delivery_id, d.lead_id, d.accepted_at, 1 from lead l join delivery d on d.lead_id = l.lead_id
               where l.number = asked.number and d.network_id is not distinct from asked.network_id
               union all
               select d.delivery_id, d.lead_id, d.accepted_at, 2 from delivery d
               where d.network_id = asked.network_id and d.external_id = asked.external_id
             ) d
             order by d.how, (d.accepted_at is null), d.delivery_id desc limit 1
           ) found"#,
        &references.iter().map(|r| r.network_id).collect::<Vec<_>>(),
        &references.iter().map(|r| r.lead_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &references.iter().map(|r| r.number).collect::<Vec<_>>() as &[Option<i64>],
        &references.iter().map(|r| r.external_id.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (usize::try_from(row.index - 1).unwrap_or_default(), row.delivery_id, row.lead_id))
        .collect())
}

/// A report whose word nobody has mapped yet.
#[derive(Clone, Debug)]
pub struct Unmapped {
    pub report_id: Uuid,
    pub unmapped_id: Uuid,
    pub network_id: Uuid,
    pub raw: String,
    pub delivery_id: Uuid,
    pub lead_id: Uuid,
    pub revenue: Option<Decimal>,
    pub currency: Option<String>,
    pub report: Value,
}

/// Keeps reports until their word is mapped. `raw` is folded by the caller; one row per network and word. One that says
/// the same as another that waits is not kept again.
pub async fn keep_unmapped(conn: &mut PgConnection, rows: &[Unmapped], now: DateTime<Utc>) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut words: Vec<&Unmapped> = rows.iter().collect();
    words.sort_by(|a, b| (a.network_id, &a.raw).cmp(&(b.network_id, &b.raw)));
    words.dedup_by(|a, b| (a.network_id, &a.raw) == (b.network_id, &b.raw));
    sqlx::query!(
        "insert into unmapped_status (unmapped_id, network_id, raw, first_seen_at, last_seen_at)
         select unmapped_id, network_id, raw, $4, $4 from unnest($1::uuid[], $2::uuid[], $3::text[]) new(unmapped_id, network_id, raw)
         on conflict (network_id, raw) do update set last_seen_at = excluded.last_seen_at, mapped_to = null, mapped_at = null",
        &words.iter().map(|r| r.unmapped_id).collect::<Vec<_>>(),
        &words.iter().map(|r| r.network_id).collect::<Vec<_>>(),
        &words.iter().map(|r| r.raw.clone()).collect::<Vec<_>>(),
        now,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into unmapped_report (report_id, unmapped_id, delivery_id, lead_id, at, revenue, currency, report)
         select new.report_id, s.unmapped_id, new.delivery_id, new.lead_id, $9, new.revenue, new.currency, new.report
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::numeric[], $7::text[], $8::jsonb[])
           new(report_id, network_id, raw, delivery_id, lead_id, revenue, currency, report)
         join unmapped_status s on s.network_id = new.network_id and s.raw = new.raw
         where not exists (
           select from unmapped_report r where r.delivery_id = new.delivery_id and r.unmapped_id = s.unmapped_id
             and r.applied_at is null and r.report = new.report)",
        &rows.iter().map(|r| r.report_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.network_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.raw.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.delivery_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.lead_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.revenue).collect::<Vec<_>>() as &[Option<Decimal>],
        &rows.iter().map(|r| r.currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.report.clone()).collect::<Vec<_>>(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Kept reports of a word that wait to be applied, oldest first: id, delivery, lead, when, report.
#[derive(Clone, Debug)]
pub struct Kept {
    pub report_id: Uuid,
    pub delivery_id: Uuid,
    pub lead_id: Uuid,
    pub at: DateTime<Utc>,
    pub report: Value,
}

/// Takes kept reports of a word; they count as applied from now on.
pub async fn take_kept(
    conn: &mut PgConnection,
    unmapped_id: Uuid,
    limit: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Kept>> {
    let mut rows = sqlx::query_as!(
        Kept,
        "update unmapped_report r set applied_at = $3
         from (select report_id from unmapped_report where unmapped_id = $1 and applied_at is null order by at, report_id limit $2) o
         where r.report_id = o.report_id
         returning r.report_id, r.delivery_id, r.lead_id, r.at, r.report",
        unmapped_id,
        limit,
        now
    )
    .fetch_all(conn)
    .await?;
    rows.sort_by_key(|row| (row.at, row.report_id));
    Ok(rows)
}

/// A word that waits for its meaning.
#[derive(Clone, Debug)]
pub struct Word {
    pub unmapped_id: Uuid,
    pub network_id: Uuid,
    pub raw: String,
}

/// The word of this id.
pub async fn word(conn: &mut PgConnection, unmapped_id: Uuid) -> sqlx::Result<Option<Word>> {
    sqlx::query_as!(
        Word,
        "select unmapped_id, network_id, raw from unmapped_status where unmapped_id = $1",
        unmapped_id
    )
    .fetch_optional(conn)
    .await
}

/// Notes what a word means and puts it into the network's map.
pub async fn map_word(conn: &mut PgConnection, word: &Word, status: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update unmapped_status set mapped_to = $2, mapped_at = $3 where unmapped_id = $1",
        word.unmapped_id,
        status,
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update network set status_map = status_map || jsonb_build_object($2::text, $3::text), updated_at = $4 where network_id = $1",
        word.network_id,
        word.raw,
        status,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
