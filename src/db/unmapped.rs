//! Status words that nobody has mapped yet, with what waits behind them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// True: mapped ones only; false: open ones only.
    pub is_mapped: Option<bool>,
    pub network_id: Option<Uuid>,
    /// Those that hold a report on this lead.
    pub lead_id: Option<Uuid>,
    /// Last seen at or after.
    pub from: Option<DateTime<Utc>>,
    /// Last seen before.
    pub to: Option<DateTime<Utc>>,
}

/// One word of one network.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub unmapped_id: Uuid,
    pub network_id: Uuid,
    pub network: String,
    pub raw: String,
    /// Leads whose reports wait.
    pub leads: i64,
    /// Sum of what these reports pay, as an object of currency to amount in text.
    pub revenue: Value,
    /// Up to three of the leads, the newest first.
    pub example_lead_ids: Vec<Uuid>,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub mapped_to: Option<String>,
    pub mapped_at: Option<DateTime<Utc>>,
}

/// Those that stand after `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select u.unmapped_id, u.network_id, n.slug as network, u.raw, u.first_seen_at, u.last_seen_at, u.mapped_to,
           u.mapped_at,
           (select count(distinct r.lead_id) from unmapped_report r
             where r.unmapped_id = u.unmapped_id and r.applied_at is null) as leads,
           coalesce((select jsonb_object_agg(s.currency, s.amount::text) from (
               select coalesce(r.currency, '') as currency, sum(r.revenue) as amount from unmapped_report r
               where r.unmapped_id = u.unmapped_id and r.applied_at is null and r.revenue is not null group by 1) s),
             '{}') as revenue,
           array(select e.lead_id from (select r.lead_id, max(r.at) as at from unmapped_report r
               where r.unmapped_id = u.unmapped_id and r.applied_at is null group by r.lead_id) e
             order by e.at desc, e.lead_id limit 3) as example_lead_ids
         from unmapped_status u join network n on n.network_id = u.network_id
         where true",
    );
    match filter.is_mapped {
        Some(true) => drop(query.push(" and u.mapped_to is not null")),
        Some(false) => drop(query.push(" and u.mapped_to is null")),
        None => {}
    }
    if let Some(id) = filter.network_id {
        query.push(" and u.network_id = ").push_bind(id);
    }
    if let Some(id) = filter.lead_id {
        query.push(" and exists (select from unmapped_report r where r.unmapped_id = u.unmapped_id and r.lead_id = ");
        query.push_bind(id).push(")");
    }
    for (condition, at) in [(" and u.last_seen_at >= ", filter.from), (" and u.last_seen_at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(after) = after {
        query.push(" and u.unmapped_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by u.unmapped_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::sample::{self, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn each_filter_narrows_the_list() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let all = Filter::default;
            let cases = [
                (all(), vec![0x82, 0x81]),
                (Filter { is_mapped: Some(false), ..all() }, vec![0x81]),
                (Filter { is_mapped: Some(true), ..all() }, vec![0x82]),
                (Filter { network_id: Some(id(0x22)), ..all() }, vec![0x82]),
                (Filter { lead_id: Some(id(0x31)), ..all() }, vec![0x81]),
                (Filter { from: Some(sample::at(2)), ..all() }, vec![0x82]),
                (Filter { to: Some(sample::at(2)), ..all() }, vec![0x81]),
            ];
            for (filter, expected) in cases {
                let rows = page(&mut conn, &filter, None, Direction::Newest, 100).await.unwrap();
                let rows: Vec<u128> = rows.iter().map(|row| row.unmapped_id.as_u128() & 0xffff).collect();
                assert_eq!(rows, expected, "{filter:?}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_word_tells_the_leads_and_the_money_behind_it() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let rows = page(&mut conn, &Filter::default(), None, Direction::Newest, 100).await.unwrap();
            let open = rows.iter().find(|row| row.unmapped_id == id(0x81)).unwrap();
            assert_eq!((open.raw.as_str(), open.leads), ("later", 2));
            assert_eq!(open.revenue, json!({"USD": "12.500000", "EUR": "3.000000"}));
            assert_eq!(open.example_lead_ids, [id(0x32), id(0x31)]);
            let mapped = rows.iter().find(|row| row.unmapped_id == id(0x82)).unwrap();
            assert_eq!((mapped.leads, &mapped.revenue, mapped.mapped_to.as_deref()), (0, &json!({}), Some("hold")));
        })
        .await;
    }
}
