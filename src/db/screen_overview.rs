//! What the overview counts. Everything is bounded by an index or a limit: the page must stay quick with ten million
//! leads, so lists are cut and counts stop at [`MOST`], which then means "or more".

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::earliest_id;

/// Counts stop here.
pub const MOST: i64 = 10_000;

/// Sales that are not over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Waiting, in flight or retrying.
    pub waiting: i64,
    /// Given up, or with an outcome nobody knows.
    pub broken: i64,
}

/// Counts them.
pub async fn open(conn: &mut PgConnection) -> sqlx::Result<Open> {
    sqlx::query_as!(
        Open,
        r#"select
             (select count(*) from (
                select from delivery where state in ('waiting', 'sending', 'retrying') limit $1) d) as "waiting!",
             (select count(*) from (select from delivery where state in ('dead', 'needs_review') limit $1) d) as "broken!""#,
        MOST,
    )
    .fetch_one(conn)
    .await
}

/// What waits for a person, as counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Deliveries whose outcome nobody knows.
    pub in_review: i64,
    /// Deliveries that gave up, while the lead still has no buyer.
    pub dead: i64,
    /// Leads no route takes.
    pub unrouted: i64,
    /// Calls to webmasters that gave up within a day.
    pub untold: i64,
}

/// Counts what waits for a person.
pub async fn waiting(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Waiting> {
    let a_day_ago = now - TimeDelta::days(1);
    sqlx::query_as!(
        Waiting,
        r#"select
             (select count(*) from (select from delivery where state = 'needs_review' limit $1) r) as "in_review!",
             (select count(*) from (
                select from delivery d join lead l on l.lead_id = d.lead_id
                where d.state = 'dead' and d.purpose = 'sale' and l.status = 'new' and not exists (
                  select from delivery later where later.lead_id = d.lead_id and later.delivery_id > d.delivery_id)
                limit $1) g) as "dead!",
             (select count(*) from (select from lead where unrouted limit $1) u) as "unrouted!",
             (select count(*) from (
                select from postback_delivery
                where state = 'dead' and updated_at >= $2 and postback_delivery_id >= $3 limit $1) p) as "untold!""#,
        MOST,
        a_day_ago,
        // Calls are given up after at most two days of retries.
        earliest_id(now - TimeDelta::days(3)),
    )
    .fetch_one(conn)
    .await
}

/// Status words of a network that nobody has mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    pub network: String,
    pub words: i64,
    pub reports: i64,
}

/// Unmapped words by network.
pub async fn unmapped(conn: &mut PgConnection) -> sqlx::Result<Vec<Unmapped>> {
    sqlx::query_as!(
        Unmapped,
        r#"select n.slug as network, count(*) as "words!", coalesce(sum(r.reports), 0)::bigint as "reports!"
           from unmapped_status u join network n on n.network_id = u.network_id
           cross join lateral (select count(*) as reports from (
             select from unmapped_report r where r.unmapped_id = u.unmapped_id and r.applied_at is null limit $1) open) r
           where u.mapped_to is null and n.archived_at is null
           group by n.slug order by n.slug limit 20"#,
        MOST,
    )
    .fetch_all(conn)
    .await
}

/// A network that does not get its leads as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Troubled {
    pub network: String,
    pub enabled: bool,
    pub paused_at: Option<DateTime<Utc>>,
    pub paused_why: Option<String>,
    pub open_until: Option<DateTime<Utc>>,
    pub failures_in_row: i32,
}

/// Networks that are paused or whose breaker is open or half open.
pub async fn troubled(conn: &mut PgConnection) -> sqlx::Result<Vec<Troubled>> {
    sqlx::query_as!(
        Troubled,
        "select n.slug as network, n.enabled, l.paused_at, l.paused_why, l.open_until, l.failures_in_row
         from lane l join network n on n.network_id = l.lane_id
         where n.archived_at is null and (l.paused_at is not null or l.open_until is not null)
         order by n.slug limit 50"
    )
    .fetch_all(conn)
    .await
}

/// A lane whose oldest due job has waited too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// `network`, `endpoint` or `own`.
    pub kind: String,
    /// Slug of the network; none for others.
    pub network: Option<String>,
    pub due_at: DateTime<Utc>,
}

/// Lanes that may run and yet have a job due since before `since`, the worst first. Paused lanes and open breakers are
/// told elsewhere.
pub async fn late(conn: &mut PgConnection, since: DateTime<Utc>) -> sqlx::Result<Vec<Late>> {
    sqlx::query_as!(
        Late,
        r#"select l.kind, n.slug as "network?", first.run_at as "due_at!"
           from lane l left join network n on n.network_id = l.lane_id
           cross join lateral (
             select min(j.run_at) as run_at from unnest('{0,1,2}'::smallint[]) as level (priority)
             cross join lateral (
               select run_at from job where lane_id = l.lane_id and state = 'ready' and priority = level.priority
                 and run_at < $1 order by run_at limit 1) j) first
           where l.paused_at is null and l.open_until is null and first.run_at is not null
           order by first.run_at limit 10"#,
        since,
    )
    .fetch_all(conn)
    .await
}

/// What of a working installation exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    pub network: bool,
    pub offer: bool,
    /// One who has a token.
    pub webmaster: bool,
    pub route: bool,
    pub lead: bool,
    /// A network has taken a lead.
    pub accepted: bool,
}

/// What of a working installation exists.
pub async fn steps(conn: &mut PgConnection) -> sqlx::Result<Steps> {
    sqlx::query_as!(
        Steps,
        r#"select exists (select from network where archived_at is null) as "network!",
             exists (select from offer where archived_at is null) as "offer!",
             exists (select from webmaster join token using (webmaster_id)
               where webmaster.archived_at is null and token.revoked_at is null) as "webmaster!",
             exists (select from route where archived_at is null) as "route!",
             exists (select from lead) as "lead!",
             exists (select from delivery where accepted_at is not null) as "accepted!""#
    )
    .fetch_one(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample;
    use crate::db::scratch;

    #[tokio::test]
    async fn an_empty_instance_has_nothing_to_count() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            let now = sample::at(3);
            assert_eq!(open(&mut conn).await.unwrap(), Open::default());
            assert_eq!(waiting(&mut conn, now).await.unwrap(), Waiting::default());
            assert!(unmapped(&mut conn).await.unwrap().is_empty());
            assert!(late(&mut conn, now).await.unwrap().is_empty());
            assert_eq!(steps(&mut conn).await.unwrap(), Steps::default());
        })
        .await;
    }

    #[tokio::test]
    async fn each_number_counts_what_it_says() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            for sql in [
                "update delivery set accepted_at = created_at, updated_at = created_at where state = 'accepted'",
                "update delivery set updated_at = created_at where state = 'refused'",
                "update delivery set state = 'needs_review' where state = 'retrying'",
                "update postback_delivery set updated_at = created_at",
                "update lead set unrouted = true where lead_id = (select max(lead_id::text)::uuid from lead)",
                "insert into lane (lane_id, kind, paused_at, paused_why)
                   select network_id, 'network', now(), 'wrong key' from network where slug = 'crm-1'",
                "insert into lane (lane_id, kind) select network_id, 'network' from network where slug = 'crm-2'",
                "insert into job (job_id, lane_id, kind, subject_id, run_at)
                   select gen_random_uuid(), lane_id, 'poll', lane_id, '2020-01-01' from lane where kind = 'network'",
            ] {
                sqlx::raw_sql(sql).execute(&mut *conn).await.unwrap();
            }
            let now = sample::at(3);
            assert_eq!(open(&mut conn).await.unwrap(), Open { waiting: 0, broken: 1 });
            let expected = Waiting { in_review: 1, dead: 0, unrouted: 1, untold: 1 };
            assert_eq!(waiting(&mut conn, now).await.unwrap(), expected);
            let words = unmapped(&mut conn).await.unwrap();
            assert_eq!(words, [Unmapped { network: "crm-1".into(), words: 1, reports: 4 }]);
            let lanes = troubled(&mut conn).await.unwrap();
            assert_eq!((lanes.len(), lanes[0].paused_why.as_deref()), (1, Some("wrong key")));
            let queue = late(&mut conn, now).await.unwrap();
            assert_eq!(
                (queue.len(), queue[0].network.as_deref()),
                (1, Some("crm-2")),
                "a paused lane is told elsewhere"
            );
            let steps = steps(&mut conn).await.unwrap();
            assert!(steps.network && steps.lead && steps.accepted && !steps.route);
        })
        .await;
    }
}
