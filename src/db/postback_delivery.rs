//! What webmasters are told: one rendered call per change and URL.
//!
//! Where rows are named by their keys or their lead, the statements keep the planner from other indexes: while little is open,
//! or little stored, it likes to read one of those whole, and goes on with that plan when there is much. `coalesce(state, '')`
//! hides the index of what is open, `postback_id is not distinct from` the index by postback.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A call to be made, or one that need not be made (suppressed).
#[derive(Clone, Debug)]
pub struct NewPostbackDelivery {
    pub postback_delivery_id: Uuid,
    pub postback_id: Uuid,
    pub lead_id: Uuid,
    pub webmaster_id: Uuid,
    pub seq: i32,
    pub status: String,
    pub method: String,
    pub url: String,
    pub content_type: Option<String>,
    pub body: Option<String>,
    /// `waiting`, `suppressed`, or `sending` when it is made as soon as this is committed.
    pub state: &'static str,
    pub reason: Option<String>,
}

impl NewPostbackDelivery {
    /// The call as the sender works with it, when it is made at once.
    pub fn sending(&self) -> PostbackDelivery {
        PostbackDelivery {
            postback_delivery_id: self.postback_delivery_id,
            postback_id: self.postback_id,
            lead_id: self.lead_id,
            method: self.method.clone(),
            url: self.url.clone(),
            content_type: self.content_type.clone(),
            body: self.body.clone(),
            attempts: 0,
            is_removed: false,
            earlier_at: None,
        }
    }
}

/// Adds calls: those that are made at once with their sending stamps.
pub async fn insert_many(
    conn: &mut PgConnection,
    rows: &[NewPostbackDelivery],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into postback_delivery (postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url,
           content_type, body, state, reason, created_at, updated_at, sending_at, attempts)
         select postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url, content_type, body, state,
           reason, $13, $13, case when state = 'sending' then now() end, (state = 'sending')::int
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
           $10::text[], $11::text[], $12::text[])
           new(postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url, content_type, body, state, reason)",
        &rows.iter().map(|r| r.postback_delivery_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.postback_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.lead_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.webmaster_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.seq).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.status.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.method.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.url.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.content_type.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.body.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.state.to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The last call of each of these leads and postbacks: what it said, and whether it or an earlier one is not over yet.
#[derive(Clone, Debug)]
pub struct Last {
    pub postback_id: Uuid,
    pub lead_id: Uuid,
    pub url: String,
    pub body: Option<String>,
    pub is_open: bool,
}

/// The newest call of each pair of lead and postback that was or will be made (suppressed and superseded ones do not count).
pub async fn last_of(conn: &mut PgConnection, lead_ids: &[Uuid], postback_ids: &[Uuid]) -> sqlx::Result<Vec<Last>> {
    sqlx::query_as!(
        Last,
        r#"select said.postback_id, said.lead_id, said.url, said.body, exists (
             select from postback_delivery o
             where o.lead_id = pair.lead_id and o.postback_id is not distinct from pair.postback_id and coalesce(o.state, '') in ('waiting', 'sending', 'retrying')
           ) as "is_open!"
         from unnest($1::uuid[], $2::uuid[]) pair(lead_id, postback_id)
         cross join lateral (
           select d.postback_id, d.lead_id, d.url, d.body from postback_delivery d
           where d.lead_id = pair.lead_id and d.postback_id is not distinct from pair.postback_id and d.state not in ('suppressed', 'superseded', 'cancelled')
           order by d.seq desc, d.postback_delivery_id desc limit 1
         ) said"#,
        lead_ids,
        postback_ids
    )
    .fetch_all(conn)
    .await
}

/// Drops what waits to be told of these leads by these (main) postbacks: a newer call overtakes it.
pub async fn supersede(conn: &mut PgConnection, pairs: &[(Uuid, Uuid)], now: DateTime<Utc>) -> sqlx::Result<Vec<Uuid>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let (leads, postbacks): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().copied().unzip();
    sqlx::query_scalar!(
        "update postback_delivery d set state = 'superseded', next_at = null, reason = 'a newer status overtook it', updated_at = $3
         from unnest($1::uuid[], $2::uuid[]) pair(lead_id, postback_id)
         where d.lead_id = pair.lead_id and d.postback_id is not distinct from pair.postback_id and coalesce(d.state, '') in ('waiting', 'retrying')
         returning d.postback_delivery_id",
        &leads,
        &postbacks,
        now
    )
    .fetch_all(conn)
    .await
}

/// A call as the sender works with it.
#[derive(Clone, Debug)]
pub struct PostbackDelivery {
    pub postback_delivery_id: Uuid,
    pub postback_id: Uuid,
    pub lead_id: Uuid,
    pub method: String,
    pub url: String,
    pub content_type: Option<String>,
    pub body: Option<String>,
    /// Before this one.
    pub attempts: i32,
    /// The postback was removed: nothing more is sent.
    pub is_removed: bool,
    /// When an earlier call about the same lead to the same URL is due, if one is not over yet.
    pub earlier_at: Option<DateTime<Utc>>,
}

/// Gives calls that are to be made with what must come before them, and stamps those as being sent for which nothing
/// must. Calls that are over are left out.
///
/// A call of a main postback drops older ones that it has overtaken: they could not be dropped when it was made, because
/// they were being sent then and have failed since.
pub async fn start(conn: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<Vec<PostbackDelivery>> {
    sqlx::query_as!(
        PostbackDelivery,
        r#"with open as materialized (
             select d.*, p.archived_at is not null as is_removed, p.kind = 'main' and d.state in ('waiting', 'retrying') as overtakes
             from unnest($1::uuid[]) asked(id) join postback_delivery d on d.postback_delivery_id = asked.id
             join postback p on p.postback_id = d.postback_id
             where coalesce(d.state, '') in ('waiting', 'sending', 'retrying')),
           overtaken as (
             update postback_delivery old set state = 'superseded', next_at = null, reason = 'a newer status overtook it', updated_at = $2
             from open
             where open.overtakes and old.lead_id = open.lead_id and old.postback_id is not distinct from open.postback_id and old.seq < open.seq
               and coalesce(old.state, '') = 'retrying'),
           call as materialized (
             select *, (select coalesce(max(e.next_at), now()) from postback_delivery e
                where e.lead_id = open.lead_id and e.postback_id is not distinct from open.postback_id and e.seq < open.seq
                  and (e.state in ('waiting', 'sending') or e.state = 'retrying' and not open.overtakes)
                having count(*) > 0) as earlier_at
             from open
             where open.state <> 'retrying' or not exists (select from open newer
               where newer.overtakes and newer.lead_id = open.lead_id and newer.postback_id = open.postback_id and newer.seq > open.seq)),
           sent as (
             update postback_delivery d set state = 'sending', sending_at = now(), attempts = d.attempts + 1, next_at = null, updated_at = now()
             from call where d.postback_delivery_id = call.postback_delivery_id and call.earlier_at is null and not call.is_removed)
           select postback_delivery_id as "postback_delivery_id!", postback_id as "postback_id!", lead_id as "lead_id!", method as "method!",
             url as "url!", content_type, body, attempts as "attempts!", is_removed as "is_removed!", earlier_at
           from call order by postback_delivery_id"#,
        ids,
        now
    )
    .fetch_all(conn)
    .await
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Change {
    pub postback_delivery_id: Uuid,
    pub state: &'static str,
    pub next_at: Option<DateTime<Utc>>,
    pub http_status: Option<i16>,
    pub reason: Option<String>,
}

/// Writes what came of calls; those that were decided meanwhile (superseded, cancelled) stay so. Answers the calls whose
/// turn comes when these are over.
pub async fn update_many(conn: &mut PgConnection, changes: &[Change]) -> sqlx::Result<Vec<Uuid>> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        "with changed as (
           update postback_delivery d set state = new.state, next_at = new.next_at, sending_at = null,
             http_status = coalesce(new.http_status, d.http_status), reason = new.reason, updated_at = now()
           from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::smallint[], $5::text[])
             new(postback_delivery_id, state, next_at, http_status, reason)
           where d.postback_delivery_id = new.postback_delivery_id and coalesce(d.state, '') in ('waiting', 'sending', 'retrying')
           returning d.lead_id, d.postback_id, d.seq, d.state)
         select next.postback_delivery_id
         from changed
         join postback_delivery next
           on next.lead_id = changed.lead_id and next.postback_id is not distinct from changed.postback_id and next.seq > changed.seq
         where changed.state <> 'retrying' and coalesce(next.state, '') = 'waiting'",
        &changes.iter().map(|c| c.postback_delivery_id).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.state.to_owned()).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.next_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &changes.iter().map(|c| c.http_status).collect::<Vec<_>>() as &[Option<i16>],
        &changes.iter().map(|c| c.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
    )
    .fetch_all(conn)
    .await
}

/// The newest call of each postback about a lead: its id and the postback.
pub async fn latest_of_lead(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    let rows = sqlx::query!(
        "select distinct on (postback_id) postback_delivery_id, postback_id from postback_delivery
         where lead_id = $1 and state not in ('suppressed', 'superseded', 'cancelled')
         order by postback_id, seq desc, postback_delivery_id desc",
        lead_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.postback_delivery_id, row.postback_id)).collect())
}

/// The postback that a call belongs to.
pub async fn postback_of(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("select postback_id from postback_delivery where postback_delivery_id = $1", id)
        .fetch_optional(conn)
        .await
}

/// Opens a call again that was over. `false` when it is under way.
pub async fn reopen(conn: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update postback_delivery set state = 'waiting', next_at = null, reason = null, updated_at = now()
         where postback_delivery_id = $1 and state in ('delivered', 'dead', 'cancelled', 'superseded')",
        id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
