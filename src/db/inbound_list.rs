//! Calls of networks as operators list them, newest first: also those that changed nothing, with the reason.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Bodies are shown up to this many bytes.
pub const MOST_SHOWN: i32 = 16 * 1024;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub results: Vec<String>,
    pub network_id: Option<Uuid>,
    pub lead_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Received at or after.
    pub from: Option<DateTime<Utc>>,
    /// Received before.
    pub to: Option<DateTime<Utc>>,
}

/// One call.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub inbound_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub network_id: Uuid,
    pub network: Option<String>,
    pub method: String,
    pub query: String,
    pub content_type: Option<String>,
    /// At most [`MOST_SHOWN`] bytes of it.
    pub body: Vec<u8>,
    pub body_bytes: i32,
    pub remote_ip: Option<String>,
    pub result: Option<String>,
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
    pub lead_number: Option<i64>,
    pub delivery_id: Option<Uuid>,
    pub our_ref: Option<String>,
    pub external_id: Option<String>,
    pub processed_at: Option<DateTime<Utc>>,
    pub times: i32,
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
        "select i.inbound_id, i.received_at, i.network_id, n.slug as network, i.method, i.query, i.content_type,
           substring(i.body from 1 for ",
    );
    query.push_bind(MOST_SHOWN).push(
        ") as body, octet_length(i.body) as body_bytes, i.remote_ip, i.result, i.reason, i.lead_id,
           l.number as lead_number, i.delivery_id, i.our_ref, i.external_id, i.processed_at, i.times
         from inbound_postback i left join network n on n.network_id = i.network_id
           left join lead l on l.lead_id = i.lead_id
         where true",
    );
    if !filter.results.is_empty() {
        query.push(" and i.result = any (").push_bind(filter.results.clone()).push(")");
    }
    let ids = [
        (" and i.network_id = ", filter.network_id),
        (" and i.lead_id = ", filter.lead_id),
        (" and l.offer_id = ", filter.offer_id),
        (" and l.webmaster_id = ", filter.webmaster_id),
        (" and i.inbound_id >= ", filter.from.map(super::earliest_id)),
    ];
    for (condition, id) in ids {
        if let Some(id) = id {
            query.push(condition).push_bind(id);
        }
    }
    if let Some(external_id) = &filter.external_id {
        query.push(" and i.external_id = ").push_bind(external_id.clone());
    }
    for (condition, at) in [(" and i.received_at >= ", filter.from), (" and i.received_at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(after) = after {
        query.push(" and i.inbound_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by i.inbound_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

#[cfg(test)]
mod tests {
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
                (all(), vec![0x72, 0x71]),
                (Filter { results: vec!["applied".into()], ..all() }, vec![0x71]),
                (Filter { network_id: Some(id(0x22)), ..all() }, vec![0x72]),
                (Filter { lead_id: Some(id(0x31)), ..all() }, vec![0x71]),
                (Filter { offer_id: Some(id(0x11)), ..all() }, vec![0x71]),
                (Filter { webmaster_id: Some(id(0x01)), ..all() }, vec![0x71]),
                (Filter { external_id: Some("ext-9".into()), ..all() }, vec![0x72]),
                (Filter { from: Some(sample::at(2)), ..all() }, vec![0x72]),
                (Filter { to: Some(sample::at(2)), ..all() }, vec![0x71]),
            ];
            for (filter, expected) in cases {
                let rows = page(&mut conn, &filter, None, Direction::Newest, 100).await.unwrap();
                let rows: Vec<u128> = rows.iter().map(|row| row.inbound_id.as_u128() & 0xffff).collect();
                assert_eq!(rows, expected, "{filter:?}");
            }
            let next = page(&mut conn, &all(), Some(id(0x72)), Direction::Newest, 1).await.unwrap();
            assert_eq!((next[0].inbound_id, next[0].lead_number.is_some()), (id(0x71), true));
            let long = &page(&mut conn, &all(), None, Direction::Newest, 1).await.unwrap()[0];
            assert_eq!((long.body.len(), long.body_bytes), (16_384, 20_000));
        })
        .await;
    }
}
