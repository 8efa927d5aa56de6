//! Feeds: in which ways networks are asked for statuses, when each is due, and how far it has got.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A feed that a network offers now.
#[derive(Clone, Debug)]
pub struct Offered {
    pub network_id: Uuid,
    pub name: String,
    pub every: Duration,
}

/// Makes the feeds that are not known yet, due within half a minute, and gives the known ones their pace. Those that
/// are not offered any more stay where they are: nothing asks for them.
pub async fn ensure(conn: &mut PgConnection, offered: &[Offered]) -> sqlx::Result<()> {
    let (networks, names, paces) = columns(offered);
    sqlx::query!(
        "insert into feed (network_id, name, every_seconds, next_at)
         select network_id, name, every, now() + random() * interval '30 seconds'
         from unnest($1::uuid[], $2::text[], $3::int[]) offered (network_id, name, every)
         order by network_id, name
         on conflict (network_id, name) do update set every_seconds = excluded.every_seconds,
           next_at = least(feed.next_at, now() + make_interval(secs => excluded.every_seconds))
         where feed.every_seconds <> excluded.every_seconds",
        &networks,
        &names,
        &paces,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A feed that is to be asked for.
#[derive(Clone, Debug)]
pub struct Due {
    pub network_id: Uuid,
    pub name: String,
    pub until: Option<DateTime<Utc>>,
}

/// Takes those of the offered feeds that are due, and sets when they are due again: after their pace, a tenth more or
/// less, so that networks connected together are not asked together for ever. A feed whose last poll still runs is left.
pub async fn take_due(conn: &mut PgConnection, offered: &[Offered]) -> sqlx::Result<Vec<Due>> {
    let (networks, names, _) = columns(offered);
    sqlx::query_as!(
        Due,
        "with due as (
           select f.network_id, f.name from unnest($1::uuid[], $2::text[]) offered (network_id, name)
           join feed f on f.network_id = offered.network_id and f.name = offered.name
           where f.next_at <= now() and not exists (
             select from poll p where p.network_id = f.network_id and p.feed = f.name and p.actor is null
               and p.state in ('waiting', 'running'))
           order by f.network_id, f.name for update of f skip locked)
         update feed f set next_at = now() + make_interval(secs => f.every_seconds * (0.9 + 0.2 * random()))
         from due where f.network_id = due.network_id and f.name = due.name
         returning f.network_id, f.name, f.until",
        &networks,
        &names,
    )
    .fetch_all(conn)
    .await
}

fn columns(offered: &[Offered]) -> (Vec<Uuid>, Vec<String>, Vec<i32>) {
    let seconds = |every: Duration| i32::try_from(every.as_secs()).unwrap_or(i32::MAX).max(1);
    (
        offered.iter().map(|feed| feed.network_id).collect(),
        offered.iter().map(|feed| feed.name.clone()).collect(),
        offered.iter().map(|feed| seconds(feed.every)).collect(),
    )
}

/// Everything that happened before `until` has been read or asked about. It moves forward only, and only when nothing
/// between is left out: `from` is not behind where the feed stands.
pub async fn advance(
    conn: &mut PgConnection,
    network_id: Uuid,
    name: &str,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update feed set until = $4 where network_id = $1 and name = $2
           and (until is null or (until < $4 and ($3::timestamptz is null or $3 <= until)))",
        network_id,
        name,
        from,
        until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How the last poll ended: `error` is why it failed.
pub async fn note_end(
    conn: &mut PgConnection,
    network_id: Uuid,
    name: &str,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update feed set last_error = $3, failures = case when $3::text is null then 0 else failures + 1 end,
           last_ok_at = case when $3::text is null then $4 else last_ok_at end
         where network_id = $1 and name = $2",
        network_id,
        name,
        error,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A feed as a screen shows it.
#[derive(Clone, Debug)]
pub struct Row {
    pub network_id: Uuid,
    pub name: String,
    pub every_seconds: i32,
    pub next_at: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub last_ok_at: Option<DateTime<Utc>>,
    pub failures: i32,
    pub last_error: Option<String>,
}

/// The feeds of these networks, by name.
pub async fn of(conn: &mut PgConnection, networks: &[Uuid]) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select network_id, name, every_seconds, next_at, until, last_ok_at, failures, last_error
         from feed where network_id = any($1) order by network_id, name",
        networks
    )
    .fetch_all(conn)
    .await
}
