//! Polls: pulls of statuses from networks, by schedule or by request, with their counts.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A poll.
#[derive(Clone, Debug)]
pub struct Poll {
    pub poll_id: Uuid,
    pub network_id: Uuid,
    pub feed: String,
    pub from_at: Option<DateTime<Utc>>,
    pub to_at: Option<DateTime<Utc>>,
    /// `waiting`, `running`, `done`, `failed`.
    pub state: String,
    /// Who asked for it; `None`: the schedule.
    pub actor: Option<String>,
    /// Of a time somebody named.
    pub is_period: bool,
    /// See `domain::polling::Progress`.
    pub progress: Value,
    /// Pages asked for.
    pub calls: i32,
    /// Leads asked about by id.
    pub asked: i32,
    pub reports: i32,
    pub applied: i32,
    pub unchanged: i32,
    pub unmapped: i32,
    pub unmatched: i32,
    /// Stale, or without a status.
    pub ignored: i32,
    /// Failures since the last page that was read.
    pub attempts: i32,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A poll to be made.
#[derive(Clone, Debug)]
pub struct NewPoll {
    pub poll_id: Uuid,
    pub network_id: Uuid,
    pub feed: String,
    pub from_at: Option<DateTime<Utc>>,
    pub to_at: DateTime<Utc>,
    pub actor: Option<String>,
    pub is_period: bool,
}

/// Adds polls, waiting. One of the schedule beside another that still runs is left out; answers those that were added.
pub async fn insert_many(conn: &mut PgConnection, polls: &[NewPoll], now: DateTime<Utc>) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "insert into poll (poll_id, network_id, feed, from_at, to_at, actor, is_period, created_at)
         select poll_id, network_id, feed, from_at, to_at, actor, is_period, $8
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::bool[])
           new (poll_id, network_id, feed, from_at, to_at, actor, is_period)
         on conflict (network_id, feed) where actor is null and state in ('waiting', 'running') do nothing
         returning poll_id",
        &polls.iter().map(|poll| poll.poll_id).collect::<Vec<_>>(),
        &polls.iter().map(|poll| poll.network_id).collect::<Vec<_>>(),
        &polls.iter().map(|poll| poll.feed.clone()).collect::<Vec<_>>(),
        &polls.iter().map(|poll| poll.from_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &polls.iter().map(|poll| poll.to_at).collect::<Vec<_>>(),
        &polls.iter().map(|poll| poll.actor.clone()).collect::<Vec<_>>() as &[Option<String>],
        &polls.iter().map(|poll| poll.is_period).collect::<Vec<_>>(),
        now,
    )
    .fetch_all(conn)
    .await
}

/// One by id.
pub async fn find(conn: &mut PgConnection, poll_id: Uuid) -> sqlx::Result<Option<Poll>> {
    sqlx::query_as!(
        Poll,
        "select poll_id, network_id, feed, from_at, to_at, state, actor, is_period, progress, calls, asked, reports, applied,
           unchanged, unmapped, unmatched, ignored, attempts, error, created_at, ended_at
         from poll where poll_id = $1",
        poll_id
    )
    .fetch_optional(conn)
    .await
}

/// Writes how far a poll has got.
pub async fn update(conn: &mut PgConnection, poll: &Poll) -> sqlx::Result<()> {
    sqlx::query!(
        "update poll set state = $2, progress = $3, calls = $4, asked = $5, reports = $6, applied = $7, unchanged = $8,
           unmapped = $9, unmatched = $10, ignored = $11, attempts = $12, error = $13, ended_at = $14
         where poll_id = $1",
        poll.poll_id,
        poll.state,
        poll.progress,
        poll.calls,
        poll.asked,
        poll.reports,
        poll.applied,
        poll.unchanged,
        poll.unmapped,
        poll.unmatched,
        poll.ignored,
        poll.attempts,
        poll.error,
        poll.ended_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a list of polls is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub network_id: Option<Uuid>,
    pub feed: Option<String>,
    pub states: Option<Vec<String>>,
    /// Only those that changed, or could not match or map, something, or failed.
    pub is_telling: bool,
}

/// The newest first, those before `before`.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    before: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<Poll>> {
    sqlx::query_as!(
        Poll,
        "select poll_id, network_id, feed, from_at, to_at, state, actor, is_period, progress, calls, asked, reports, applied,
           unchanged, unmapped, unmatched, ignored, attempts, error, created_at, ended_at
         from poll where ($1::uuid is null or network_id = $1) and ($2::text is null or feed = $2)
           and ($3::text[] is null or state = any($3))
           and (not $4 or applied > 0 or unmapped > 0 or unmatched > 0 or state = 'failed')
           and ($5::uuid is null or poll_id < $5)
         order by poll_id desc limit $6",
        filter.network_id,
        filter.feed,
        filter.states.as_deref(),
        filter.is_telling,
        before,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// When a network was last asked and answered.
pub async fn touch_network(conn: &mut PgConnection, network_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update network set last_poll_at = $2 where network_id = $1", network_id, now).execute(conn).await?;
    Ok(())
}

/// A delivery that its network is asked about.
#[derive(Clone, Debug)]
pub struct AskedDelivery {
    pub delivery_id: Uuid,
    pub lead_id: Uuid,
    pub number: i64,
    pub external_id: Option<String>,
}

/// Which deliveries of a network are meant.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    pub network_id: Uuid,
    /// Spans of delivery ids: from (included), to (excluded).
    pub spans: &'a [(Uuid, Uuid)],
    /// Only those after this one.
    pub after: Uuid,
    /// Leads in these statuses.
    pub statuses: &'a [String],
    /// Also deliveries in review.
    pub has_review: bool,
    /// Only those whose id at the network is known.
    pub by_external_id: bool,
}

/// The first deliveries that a network has (or may have) of the leads in question, in the order of their ids.
pub async fn to_ask(conn: &mut PgConnection, asking: &Asking<'_>, limit: i64) -> sqlx::Result<Vec<AskedDelivery>> {
    let (from, to): (Vec<Uuid>, Vec<Uuid>) = asking.spans.iter().copied().unzip();
    sqlx::query_as!(
        AskedDelivery,
        r#"select found.delivery_id as "delivery_id!", found.lead_id as "lead_id!", found.number as "number!", found.external_id
           from unnest($2::uuid[], $3::uuid[]) span (low, high)
           cross join lateral (
             select d.delivery_id, d.lead_id, l.number, d.external_id from delivery d join lead l on l.lead_id = d.lead_id
             where d.network_id = $1 and d.delivery_id >= span.low and d.delivery_id < span.high and d.delivery_id > $4
               and ((d.accepted_at is not null and l.status = any($5)) or ($6 and d.state = 'needs_review'))
               and (not $7 or d.external_id is not null)
             order by d.delivery_id limit $8) found
           order by found.delivery_id limit $8"#,
        asking.network_id,
        &from,
        &to,
        asking.after,
        asking.statuses,
        asking.has_review,
        asking.by_external_id,
        limit,
    )
    .fetch_all(conn)
    .await
}
