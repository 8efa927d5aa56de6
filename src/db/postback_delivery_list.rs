//! Calls to webmasters as operators list them, newest first.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub states: Vec<String>,
    /// The lead's statuses that were told.
    pub statuses: Vec<String>,
    pub postback_id: Option<Uuid>,
    pub lead_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    /// Leads that this network has or had.
    pub network_id: Option<Uuid>,
    /// Made at or after.
    pub from: Option<DateTime<Utc>>,
    /// Made before.
    pub to: Option<DateTime<Utc>>,
    /// By the rules of this webmaster: an admin's rule tells of his leads, too. Not together with an offer or a network.
    pub rules_of: Option<Uuid>,
}

/// One change of a lead, told to one URL.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct PostbackDeliveryRow {
    pub id: Uuid,
    pub postback_id: Uuid,
    /// `main` or `additional`.
    pub kind: String,
    pub lead_id: Uuid,
    pub lead_number: i64,
    /// Slug.
    pub webmaster: String,
    pub webmaster_id: Uuid,
    /// Slug.
    pub offer: String,
    pub offer_id: Uuid,
    /// Which change of the lead it tells.
    pub seq: i32,
    /// The lead's status that is told.
    pub status: String,
    pub method: String,
    /// As it is sent.
    pub url: String,
    pub content_type: Option<String>,
    pub body: Option<String>,
    /// `waiting`, `sending`, `retrying`, `delivered`, `dead`, `suppressed`, `superseded` or `cancelled`.
    pub state: String,
    pub attempts: i32,
    pub sending_at: Option<DateTime<Utc>>,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// Of the last answer.
    pub http_status: Option<i16>,
    /// Why it is in this state.
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

const COLUMNS: &str = "select d.postback_delivery_id as id, d.postback_id, p.kind, d.lead_id, l.number as lead_number,
    w.slug as webmaster, d.webmaster_id, o.slug as offer, l.offer_id, d.seq, d.status, d.method, d.url, d.content_type,
    d.body, d.state, d.attempts, d.sending_at, d.next_at, d.http_status, d.reason, d.created_at, d.updated_at from ";
const JOINS: &str = " join postback p on p.postback_id = d.postback_id join lead l on l.lead_id = d.lead_id
    join webmaster w on w.webmaster_id = d.webmaster_id join offer o on o.offer_id = l.offer_id where true";

/// Those that stand after `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<PostbackDeliveryRow>> {
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    match filter.rules_of {
        None => {
            query.push("postback_delivery d").push(JOINS);
            own_conditions(&mut query, filter, after, direction);
        }
        // As many of each rule as could be shown: whoever has few calls, or none, does not wait for those of all others
        // to be passed over.
        Some(webmaster_id) => {
            query.push("(select d.* from postback r cross join lateral (select * from postback_delivery d");
            query.push(" where d.postback_id = r.postback_id");
            own_conditions(&mut query, filter, after, direction);
            query.push(" order by d.postback_delivery_id").push(direction.order()).push(" limit ").push_bind(limit);
            query.push(") d where r.webmaster_id = ").push_bind(webmaster_id).push(") d").push(JOINS);
        }
    }
    if let Some(id) = filter.offer_id {
        query.push(" and l.offer_id = ").push_bind(id);
    }
    if let Some(id) = filter.network_id {
        query.push(" and exists (select from delivery s where s.lead_id = d.lead_id and s.network_id = ");
        query.push_bind(id).push(")");
    }
    query.push(" order by d.postback_delivery_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

/// The conditions on a call itself.
fn own_conditions(query: &mut QueryBuilder<Postgres>, filter: &Filter, after: Option<Uuid>, direction: Direction) {
    for (condition, words) in [(" and d.state = any (", &filter.states), (" and d.status = any (", &filter.statuses)] {
        if !words.is_empty() {
            query.push(condition).push_bind(words.clone()).push(")");
        }
    }
    let ids = [
        (" and d.postback_id = ", filter.postback_id),
        (" and d.lead_id = ", filter.lead_id),
        (" and d.webmaster_id = ", filter.webmaster_id),
        (" and d.postback_delivery_id >= ", filter.from.map(super::earliest_id)),
    ];
    for (condition, id) in ids {
        if let Some(id) = id {
            query.push(condition).push_bind(id);
        }
    }
    for (condition, at) in [(" and d.created_at >= ", filter.from), (" and d.created_at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(after) = after {
        query.push(" and d.postback_delivery_id").push(direction.beyond()).push_bind(after);
    }
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
                (all(), vec![0x62, 0x61]),
                (Filter { states: vec!["dead".into()], ..all() }, vec![0x62]),
                (Filter { statuses: vec!["pending".into()], ..all() }, vec![0x61]),
                (Filter { postback_id: Some(id(0x51)), ..all() }, vec![0x61]),
                (Filter { lead_id: Some(id(0x32)), ..all() }, vec![0x62]),
                (Filter { offer_id: Some(id(0x11)), ..all() }, vec![0x61]),
                (Filter { webmaster_id: Some(id(0x02)), ..all() }, vec![0x62]),
                (Filter { network_id: Some(id(0x22)), ..all() }, vec![0x62]),
                (Filter { rules_of: Some(id(0x01)), ..all() }, vec![0x61]),
                (Filter { from: Some(sample::at(2)), ..all() }, vec![0x62]),
                (Filter { to: Some(sample::at(2)), ..all() }, vec![0x61]),
            ];
            for (filter, expected) in cases {
                let rows = page(&mut conn, &filter, None, Direction::Newest, 100).await.unwrap();
                let rows: Vec<u128> = rows.iter().map(|row| row.id.as_u128() & 0xffff).collect();
                assert_eq!(rows, expected, "{filter:?}");
            }
            let next = page(&mut conn, &all(), Some(id(0x62)), Direction::Newest, 1).await.unwrap();
            assert_eq!(next[0].id, id(0x61));
        })
        .await;
    }
}
