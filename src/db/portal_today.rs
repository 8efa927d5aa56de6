//! What a webmaster's first page counts: his own leads, by one index, within a time.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::earliest_id;

/// Two spans of equal length: today so far, and yesterday up to the same time.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    pub today: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Spans {
    /// The spans that end at `now`; days are of UTC.
    pub fn at(now: DateTime<Utc>) -> Self {
        let today = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        Self { today, now }
    }

    /// Where yesterday's span begins.
    pub fn yesterday(&self) -> DateTime<Utc> {
        self.today - TimeDelta::days(1)
    }

    /// Where yesterday's span ends.
    pub fn then(&self) -> DateTime<Utc> {
        self.now - TimeDelta::days(1)
    }
}

/// Leads in one status, of those that came today and of those that came yesterday up to the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCount {
    pub status: String,
    pub today: i64,
    pub yesterday: i64,
}

/// The leads of both spans by their present status; test leads count nowhere.
pub async fn by_status(conn: &mut PgConnection, webmaster_id: Uuid, spans: Spans) -> sqlx::Result<Vec<StatusCount>> {
    sqlx::query_as!(
        StatusCount,
        r#"select status, count(*) filter (where created_at >= $3) as "today!", count(*) filter (where created_at < $4) as "yesterday!"
           from lead where webmaster_id = $1 and lead_id >= $6 and created_at >= $2 and created_at <= $5 and not test
           group by status"#,
        webmaster_id,
        spans.yesterday(),
        spans.today,
        spans.then(),
        spans.now,
        earliest_id(spans.yesterday()),
    )
    .fetch_all(conn)
    .await
}

/// A call to the webmaster that has failed.
#[derive(Clone, Debug)]
pub struct FailedCall {
    pub id: Uuid,
    pub lead_number: i64,
    /// What it was to tell.
    pub status: String,
    pub url: String,
    /// `dead` or `retrying`.
    pub state: String,
    pub reason: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// The newest calls by the webmaster's own rules since a time that gave up or are tried again.
pub async fn failed_calls(
    conn: &mut PgConnection,
    webmaster_id: Uuid,
    since: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<FailedCall>> {
    sqlx::query_as!(
        FailedCall,
        "select d.postback_delivery_id as id, l.number as lead_number, d.status, d.url, d.state, d.reason, d.updated_at
         from postback p join postback_delivery d on d.postback_id = p.postback_id join lead l on l.lead_id = d.lead_id
         where p.webmaster_id = $1 and d.postback_delivery_id >= $2 and d.state in ('dead', 'retrying')
         order by d.postback_delivery_id desc limit $3",
        webmaster_id,
        earliest_id(since),
        limit
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, at, id};
    use crate::db::scratch;

    #[test]
    fn spans_are_equally_long() {
        let now = DateTime::from_timestamp(1_790_050_000, 0).unwrap();
        let spans = Spans::at(now);
        assert_eq!(spans.now - spans.today, spans.then() - spans.yesterday());
        assert_eq!(spans.today - spans.yesterday(), TimeDelta::days(1));
    }

    #[tokio::test]
    async fn a_webmaster_counts_his_own() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let hold = "update lead set status = 'hold'";
            sqlx::raw_sql(hold).execute(&mut *conn).await.unwrap();
            let spans = Spans { today: at(0), now: at(3) };
            let count = |today| vec![StatusCount { status: "hold".into(), today, yesterday: 0 }];
            for webmaster in [id(0x01), id(0x02)] {
                assert_eq!(by_status(&mut conn, webmaster, spans).await.unwrap(), count(1));
            }
            let failed = failed_calls(&mut conn, id(0x02), at(0), 5).await.unwrap();
            assert_eq!((failed.len(), failed[0].state.as_str()), (1, "dead"));
            assert!(failed_calls(&mut conn, id(0x01), at(0), 5).await.unwrap().is_empty());
        })
        .await;
    }
}
