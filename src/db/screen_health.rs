//! What the health page asks the database about itself and about the queue.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::lane_view::MOST_COUNTED;

/// PostgreSQL as it stands.
#[derive(Clone, Debug)]
pub struct Server {
    pub version: String,
    /// Of our database, on its disk.
    pub bytes: i64,
    /// Sessions in our database, whoever has them.
    pub connections: i64,
    /// How many the server takes.
    pub most_connections: i32,
}

/// PostgreSQL as it stands.
pub async fn server(conn: &mut PgConnection) -> sqlx::Result<Server> {
    sqlx::query_as!(
        Server,
        r#"select current_setting('server_version') as "version!", pg_database_size(current_database()) as "bytes!",
             (select count(*) from pg_stat_activity where datname = current_database()) as "connections!",
             current_setting('max_connections')::int as "most_connections!""#
    )
    .fetch_one(conn)
    .await
}

/// A lane and what waits in it.
#[derive(Clone, Debug)]
pub struct Lane {
    pub lane_id: Uuid,
    /// `network`, `endpoint` or `own`.
    pub kind: String,
    /// Slug and name, for a network's.
    pub network: Option<String>,
    pub name: Option<String>,
    /// Slug, for an endpoint's.
    pub webmaster: Option<String>,
    pub paused_at: Option<DateTime<Utc>>,
    pub open_until: Option<DateTime<Utc>>,
    /// Jobs that wait, those for later included, up to [`MOST_COUNTED`].
    pub depth: i64,
    pub in_flight: i64,
    pub max_in_flight: i32,
    /// Since when the oldest due job could have run.
    pub oldest_due_at: Option<DateTime<Utc>>,
}

/// Lanes of networks, our own, and those endpoints that have jobs; the longest waiting first.
pub async fn lanes(conn: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Lane>> {
    sqlx::query_as!(
        Lane,
        r#"with shown as materialized (
             select l.lane_id, l.kind, n.slug, n.name, w.slug as webmaster, l.paused_at, l.open_until, l.max_in_flight,
               first.run_at
             from lane l
             left join network n on n.network_id = l.lane_id
             left join postback p on p.postback_id = l.lane_id
             left join webmaster w on w.webmaster_id = p.webmaster_id
             cross join lateral (
               select min(j.run_at) as run_at from unnest('{0,1,2}'::smallint[]) as level (priority)
               cross join lateral (
                 select run_at from job where lane_id = l.lane_id and state = 'ready' and priority = level.priority
                   and run_at <= now() order by run_at limit 1) j) first
             left join lateral (
               select true as is_so from job j where j.lane_id = l.lane_id and j.state = 'ready' limit 1) waits on true
             left join lateral (
               select true as is_so from job j where j.lane_id = l.lane_id and j.state = 'leased' limit 1) runs on true
             where l.kind = 'own' or (l.kind = 'network' and n.archived_at is null) or waits.is_so or runs.is_so
             order by first.run_at nulls last, l.kind desc, n.name, l.lane_id limit $1)
           select s.lane_id as "lane_id!", s.kind as "kind!", s.slug as "network?", s.name as "name?",
             s.webmaster as "webmaster?", s.paused_at, s.open_until, s.max_in_flight as "max_in_flight!",
             (select count(*) from (select from job j where j.lane_id = s.lane_id and j.state = 'ready' limit $2) r)
               as "depth!",
             (select count(*) from job j where j.lane_id = s.lane_id and j.state = 'leased') as "in_flight!",
             s.run_at as oldest_due_at
           from shown s order by s.run_at nulls last, s.kind desc, s.name, s.lane_id"#,
        limit,
        MOST_COUNTED,
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{sample, scratch};

    #[tokio::test]
    async fn networks_stand_there_even_when_nothing_waits() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let found = lanes(&mut conn, 50).await.unwrap();
            let networks = sqlx::query_scalar!(r#"select count(*) as "n!" from lane where kind = 'network'"#)
                .fetch_one(&mut *conn)
                .await
                .unwrap();
            assert_eq!(i64::try_from(found.iter().filter(|lane| lane.kind == "network").count()).unwrap(), networks);
            assert!(found.is_sorted_by_key(|lane| (lane.oldest_due_at.is_none(), lane.oldest_due_at)));
            assert!(lanes(&mut conn, 1).await.unwrap().len() <= 1);
            let server = server(&mut conn).await.unwrap();
            assert!(server.bytes > 0 && server.connections > 0 && server.most_connections > 1);
        })
        .await;
    }
}
