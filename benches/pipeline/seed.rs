//! Millions of plausible leads, quickly: set-based statements, with the indexes that are no constraints made afterwards
//! and without the checks of foreign keys. The result is what the program would have written over a year and a half.

use chrono::{DateTime, TimeDelta, Utc};
use leadrelay::base::clock::Clock;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use crate::rig::postgres::{DATABASE, Postgres};

const TABLES: &str =
    "'lead', 'lead_change', 'lead_contact', 'lead_event', 'delivery', 'attempt', 'conversion', 'conversion_entry',
  'inbound_postback', 'postback_delivery'";
/// Leads in one transaction.
const CHUNK: u64 = 50_000;

/// A webmaster, and the last of the offers with its network and route.
#[derive(Clone, Debug)]
pub struct Belongings {
    pub webmaster: String,
    pub offer: String,
    pub network: String,
    pub route: String,
}

impl Belongings {
    /// Reads the ids of what the set-up has made.
    pub async fn read(postgres: &Postgres) -> Self {
        let pool = postgres.pool().await;
        let row = sqlx::query(
            "select webmaster_id::text, offer.offer_id::text, route.network_id::text, route_id::text
             from webmaster, offer, route where route.offer_id = offer.offer_id order by offer.slug desc limit 1",
        )
        .fetch_one(&pool)
        .await
        .expect("a webmaster, an offer and a route");
        Self { webmaster: row.get(0), offer: row.get(1), network: row.get(2), route: row.get(3) }
    }
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// Numbers of the leads: from this one …
    pub from: u64,
    /// … to below this one.
    pub to: u64,
    /// The share that is over, 0 to 1; the rest is pending.
    pub over: f64,
    /// The days, up to now, over which they came.
    pub over_days: i64,
}

/// Writes them with two connections. `is_bulk`: without indexes, which are made again afterwards.
pub async fn run(postgres: &Postgres, seed: Seed, is_bulk: bool) {
    let now = Clock::system().now();
    let mut connection = postgres.options(DATABASE).connect().await.expect("connect");
    months(&mut connection, now, seed.over_days).await;
    let indexes = if is_bulk { drop_indexes(&mut connection).await } else { Vec::new() };
    let chunks: Vec<(u64, u64)> =
        (seed.from..seed.to).step_by(CHUNK as usize).map(|from| (from, (from + CHUNK).min(seed.to))).collect();
    let halves: Vec<_> = (0..2)
        .map(|half| {
            let own: Vec<_> = chunks.iter().copied().skip(half).step_by(2).collect();
            let options = postgres.options(DATABASE);
            tokio::spawn(async move {
                let mut connection = options.connect().await.expect("connect");
                for (from, to) in own {
                    chunk(&mut connection, (from, to), seed, now).await;
                }
            })
        })
        .collect();
    for half in halves {
        half.await.expect("write leads");
    }
    remake(postgres, indexes).await;
    sqlx::raw_sql("vacuum (analyze)").execute(&mut connection).await.expect("vacuum");
    connection.close().await.expect("close");
}

async fn chunk(connection: &mut sqlx::PgConnection, (from, to): (u64, u64), seed: Seed, now: DateTime<Utc>) {
    let sql = include_str!("seed.sql")
        .replace("{from}", &from.to_string())
        .replace("{to}", &to.to_string())
        .replace("{total}", &seed.to.to_string())
        .replace("{share}", &seed.over.to_string())
        .replace("{seconds}", &(seed.over_days * 86_400).to_string())
        .replace("{now}", &now.to_rfc3339());
    let all = format!(
        "begin; set local session_replication_role = replica; set local synchronous_commit = off; {sql} commit;"
    );
    sqlx::raw_sql(AssertSqlSafe(all)).execute(connection).await.expect("write leads");
}

/// The partitions of the past.
async fn months(connection: &mut sqlx::PgConnection, now: DateTime<Utc>, days: i64) {
    for table in ["lead_event", "attempt", "inbound_postback"] {
        let mut at = now - TimeDelta::days(days);
        while at < now {
            sqlx::query("select ensure_partitions($1, $2)")
                .bind(table)
                .bind(at)
                .execute(&mut *connection)
                .await
                .expect("make partitions");
            at += TimeDelta::days(28);
        }
    }
}

async fn drop_indexes(connection: &mut sqlx::PgConnection) -> Vec<String> {
    let sql = format!(
        "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename in ({TABLES})
         and indexname not in (select conname from pg_constraint)"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *connection).await.expect("list indexes");
    let mut made = Vec::new();
    for row in rows {
        let (name, definition): (String, String) = (row.get(0), row.get(1));
        // Of a partitioned table: what comes back covers its partitions too.
        sqlx::raw_sql(AssertSqlSafe(format!("drop index \"{name}\"")))
            .execute(&mut *connection)
            .await
            .expect("drop an index");
        made.push(definition.replace(" ON ONLY ", " ON "));
    }
    made
}

async fn remake(postgres: &Postgres, indexes: Vec<String>) {
    let halves: Vec<_> = (0..2)
        .map(|half| {
            let own: Vec<String> = indexes.iter().skip(half).step_by(2).cloned().collect();
            let options = postgres.options(DATABASE);
            tokio::spawn(async move {
                let mut connection = options.connect().await.expect("connect");
                sqlx::raw_sql("set maintenance_work_mem = '1GB'").execute(&mut connection).await.expect("set");
                for index in own {
                    sqlx::raw_sql(AssertSqlSafe(index)).execute(&mut connection).await.expect("make an index");
                }
            })
        })
        .collect();
    for half in halves {
        half.await.expect("make indexes");
    }
}
