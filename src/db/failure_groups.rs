//! What fails lately, by network and cause: "N1: HTTP 502, 214 times since 11:40".

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Attempts looked at; the newest ones tell what is wrong now.
const ATTEMPTS: i64 = 5_000;
/// Groups shown.
const GROUPS: i64 = 8;

/// Attempts that failed alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Slug.
    pub network: String,
    /// `retry`, `unknown`, `misconfigured`, `lost` or `ours`.
    pub outcome: String,
    pub http_status: Option<i16>,
    pub error_kind: Option<String>,
    pub attempts: i64,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// Deliveries of the network that wait for a retry at this moment, up to a thousand.
    pub retrying: i64,
}

/// The groups of failures since a moment, the largest first.
pub async fn recent(
    conn: &mut PgConnection,
    network_id: Option<Uuid>,
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<Group>> {
    sqlx::query_as!(
        Group,
        r#"with recent as (
             select a.subject_id, a.started_at, a.outcome, a.http_status, a.error_kind from attempt a
             where a.kind <> 'postback' and a.started_at >= $1
               and a.outcome in ('retry', 'unknown', 'misconfigured', 'lost', 'ours')
             order by a.started_at desc limit $3)
           select n.slug as "network!", r.outcome as "outcome!", r.http_status, r.error_kind, count(*) as "attempts!",
             min(r.started_at) as "first_at!", max(r.started_at) as "last_at!",
             (select count(*) from (
                select from delivery w where w.network_id = n.network_id and w.state = 'retrying' limit 1000) w) as "retrying!"
           from recent r join delivery d on d.delivery_id = r.subject_id join network n on n.network_id = d.network_id
           where $2::uuid is null or n.network_id = $2
           group by n.network_id, n.slug, r.outcome, r.http_status, r.error_kind
           order by count(*) desc, n.slug, r.outcome limit $4"#,
        since,
        network_id,
        ATTEMPTS,
        GROUPS
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::db::sample::{self, at, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn failures_are_grouped_by_network_and_cause() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let now = at(1_000);
            for (n, delivery, outcome, status) in
                [(1, 0x41, "retry", 502), (2, 0x41, "retry", 502), (3, 0x43, "unknown", 504), (4, 0x43, "accepted", 200)]
            {
                sqlx::query(
                    "insert into attempt (attempt_id, subject_id, lead_id, kind, no, started_at, took_ms, outcome, http_status)
                     values ($1, $2, $3, 'send', 1, $4, 5, $5, $6)",
                )
                .bind(id(0xf0 + n))
                .bind(id(delivery))
                .bind(id(0x31))
                .bind(now - TimeDelta::minutes(i64::try_from(n).unwrap()))
                .bind(outcome)
                .bind(status)
                .execute(&mut *conn)
                .await
                .unwrap();
            }
            let groups = recent(&mut conn, None, now - TimeDelta::hours(1)).await.unwrap();
            let told: Vec<_> =
                groups.iter().map(|g| (g.network.as_str(), g.outcome.as_str(), g.http_status, g.attempts)).collect();
            assert_eq!(told, [("crm-1", "retry", Some(502), 2), ("crm-2", "unknown", Some(504), 1)]);
            assert_eq!(groups[0].last_at - groups[0].first_at, TimeDelta::minutes(1));
            let one = recent(&mut conn, Some(id(0x22)), now - TimeDelta::hours(1)).await.unwrap();
            assert_eq!(one.len(), 1);
            assert!(recent(&mut conn, None, now).await.unwrap().is_empty());
        })
        .await;
    }
}
