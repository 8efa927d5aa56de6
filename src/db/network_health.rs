//! How networks have been doing lately. Only the newest deliveries of each are looked at, so that the answer
//! comes quickly however many leads there are.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{earliest_id, first_id};

/// Most deliveries of a network that are looked at for its health: many networks stand on one page.
pub const SAMPLE: i64 = 250;
/// The same for its last answers. It stands in the statements themselves: a limit that is not known when a statement is
/// planned is taken to be a tenth of all deliveries.
pub const ANSWERS: i64 = 1000;

/// Most deliveries of one hour that are looked at.
const HOUR_SAMPLE: i64 = 200;

/// One network since the time asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    pub network_id: Uuid,
    /// Deliveries made, up to [`SAMPLE`].
    pub deliveries: i64,
    /// Of them accepted.
    pub accepted: i64,
    /// Of them refused.
    pub refused: i64,
    /// Sends that neither were accepted nor refused: broken, lost, misconfigured.
    pub errors: i64,
    /// Milliseconds of a send, in the middle.
    pub p50: Option<i32>,
    /// Milliseconds that 95 of 100 sends stay below.
    pub p95: Option<i32>,
    /// Status words that nobody has mapped.
    pub unmapped: i64,
}

/// The health of these networks, in no order.
pub async fn of(conn: &mut PgConnection, networks: &[Uuid], since: DateTime<Utc>) -> sqlx::Result<Vec<Health>> {
    sqlx::query_as!(
        Health,
        r#"with recent as materialized (
             select n.id as network_id, d.delivery_id, d.state
             from unnest($1::uuid[]) n (id)
             cross join lateral (
               select delivery_id, state from delivery
               where network_id = n.id and delivery_id >= $2 and created_at >= $3
               order by delivery_id desc limit $4) d),
           sent as materialized (
             select r.network_id, a.outcome, a.took_ms
             from recent r join attempt a on a.subject_id = r.delivery_id and a.started_at >= $3
             where a.kind = 'send')
           select n.id as "network_id!",
             (select count(*) from recent r where r.network_id = n.id) as "deliveries!",
             (select count(*) from recent r where r.network_id = n.id and r.state = 'accepted') as "accepted!",
             (select count(*) from recent r where r.network_id = n.id and r.state = 'refused') as "refused!",
             (select count(*) from sent s where s.network_id = n.id
                and s.outcome in ('retry', 'unknown', 'misconfigured', 'lost', 'ours')) as "errors!",
             (select percentile_disc(0.5) within group (order by s.took_ms) from sent s where s.network_id = n.id) as p50,
             (select percentile_disc(0.95) within group (order by s.took_ms) from sent s where s.network_id = n.id) as p95,
             (select count(*) from unmapped_status u where u.network_id = n.id and u.mapped_to is null) as "unmapped!"
           from unnest($1::uuid[]) n (id)"#,
        networks,
        earliest_id(since),
        since,
        SAMPLE,
    )
    .fetch_all(conn)
    .await
}

/// How long a network took to answer what was sent in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Where the hour begins.
    pub at: DateTime<Utc>,
    /// Sends that were looked at.
    pub sends: i64,
    /// Milliseconds that 50, 95 and 99 of 100 sends stay below.
    pub p50: i32,
    pub p95: i32,
    pub p99: i32,
}

/// The pace of these hours; those without sends are left out. Of each hour, its first [`HOUR_SAMPLE`] deliveries are
/// looked at.
pub async fn pace(conn: &mut PgConnection, network_id: Uuid, hours: &[DateTime<Utc>]) -> sqlx::Result<Vec<Pace>> {
    let begins: Vec<Uuid> = hours.iter().map(|at| first_id(*at)).collect();
    let ends: Vec<Uuid> = hours.iter().map(|at| first_id(*at + TimeDelta::hours(1))).collect();
    sqlx::query_as!(
        Pace,
        r#"select hour.at as "at!", count(*) as "sends!",
             percentile_disc(0.5) within group (order by a.took_ms) as "p50!",
             percentile_disc(0.95) within group (order by a.took_ms) as "p95!",
             percentile_disc(0.99) within group (order by a.took_ms) as "p99!"
           from unnest($2::timestamptz[], $3::uuid[], $4::uuid[]) hour (at, first, until)
           cross join lateral (
             select delivery_id from delivery
             where network_id = $1 and delivery_id >= hour.first and delivery_id < hour.until
             order by delivery_id limit $5) d
           join attempt a on a.subject_id = d.delivery_id and a.started_at >= hour.at
             and a.started_at < hour.at + interval '1 hour'
           -- Known before the hours are: only the months of these days are looked into.
           where a.kind = 'send' and a.started_at >= $6
           group by hour.at order by hour.at"#,
        network_id,
        hours,
        &begins,
        &ends,
        HOUR_SAMPLE,
        hours.iter().min().copied().unwrap_or_default(),
    )
    .fetch_all(conn)
    .await
}

/// One attempt at a network.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub lead_id: Uuid,
    pub lead_number: i64,
    pub started_at: DateTime<Utc>,
    pub kind: String,
    pub outcome: String,
    pub http_status: Option<i16>,
    pub took_ms: i32,
    /// Why, without personal data.
    pub detail: Option<String>,
}

/// The last attempts at a network, newest first: of its newest [`ANSWERS`] deliveries, with this outcome if one is named.
pub async fn attempts(
    conn: &mut PgConnection,
    network_id: Uuid,
    since: DateTime<Utc>,
    outcome: Option<&str>,
    limit: i64,
) -> sqlx::Result<Vec<Attempt>> {
    sqlx::query_as!(
        Attempt,
        "select d.lead_id, l.number as lead_number, a.started_at, a.kind, a.outcome, a.http_status, a.took_ms, a.detail
         from (select delivery_id, lead_id from delivery where network_id = $1 order by delivery_id desc limit 1000) d
         join attempt a on a.subject_id = d.delivery_id and a.started_at >= $2
         join lead l on l.lead_id = d.lead_id
         where $4::text is null or a.outcome = $4
         order by a.started_at desc, a.attempt_id desc limit $3",
        network_id,
        since,
        limit,
        outcome,
    )
    .fetch_all(conn)
    .await
}

/// How many attempts of the same deliveries had which outcome, the most frequent first.
pub async fn outcomes(
    conn: &mut PgConnection,
    network_id: Uuid,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select a.outcome, count(*) as "count!"
           from (select delivery_id from delivery where network_id = $1 order by delivery_id desc limit 1000) d
           join attempt a on a.subject_id = d.delivery_id and a.started_at >= $2
           group by a.outcome order by 2 desc, 1"#,
        network_id,
        since,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.outcome, row.count)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn each_network_is_told_apart_and_old_ones_are_left_out() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let networks = [id(0x21), id(0x22), id(0x7777)];
            let found = of(&mut conn, &networks, sample::at(0) - TimeDelta::days(1)).await.unwrap();
            assert_eq!(found.len(), 3);
            let total: i64 = found.iter().map(|one| one.deliveries).sum();
            let stored = sqlx::query_scalar!(
                r#"select count(*) as "n!" from delivery where network_id = any($1)"#,
                &networks[..]
            );
            assert_eq!(total, stored.fetch_one(&mut *conn).await.unwrap());
            assert!(total > 0 && found.iter().all(|one| one.accepted + one.refused <= one.deliveries));
            let stranger = found.iter().find(|one| one.network_id == id(0x7777)).unwrap();
            assert_eq!(*stranger, Health { network_id: id(0x7777), ..Health::default() });
            let later = of(&mut conn, &networks, sample::at(0) + TimeDelta::days(400)).await.unwrap();
            assert!(later.iter().all(|one| one.deliveries == 0 && one.p50.is_none()));
        })
        .await;
    }

    #[tokio::test]
    async fn the_newest_attempt_comes_first() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let since = sample::at(0) - TimeDelta::days(1);
            for network in [id(0x21), id(0x22)] {
                let rows = attempts(&mut conn, network, since, None, 20).await.unwrap();
                assert!(rows.is_sorted_by(|a, b| a.started_at >= b.started_at));
                assert!(attempts(&mut conn, network, since, None, 1).await.unwrap().len() <= 1);
                for (outcome, count) in outcomes(&mut conn, network, since).await.unwrap() {
                    let of_it = attempts(&mut conn, network, since, Some(&outcome), 20).await.unwrap();
                    assert!(of_it.iter().all(|one| one.outcome == outcome) && of_it.len() as i64 == count);
                }
            }
        })
        .await;
    }

    #[tokio::test]
    async fn the_pace_is_told_of_the_hours_that_had_sends() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let moved = "update attempt set took_ms = no * 100, started_at = '2026-09-21T14:15:00Z'";
            sqlx::raw_sql(moved).execute(&mut *conn).await.unwrap();
            let network = sqlx::query_scalar!("select network_id from delivery where delivery_id = $1", id(0x41));
            let network = network.fetch_one(&mut *conn).await.unwrap();
            let sends =
                sqlx::query_scalar!(r#"select count(*) as "n!" from attempt"#).fetch_one(&mut *conn).await.unwrap();
            let hours = [-1, 0, 1].map(sample::at);
            let most = i32::try_from(sends).unwrap() * 100;
            let found = pace(&mut conn, network, &hours).await.unwrap();
            let expected = Pace { at: hours[1], sends, p50: (most + 100) / 200 * 100, p95: most, p99: most };
            assert_eq!(found, [expected]);
            assert_eq!(pace(&mut conn, id(0x7777), &hours).await.unwrap(), []);
        })
        .await;
    }
}
