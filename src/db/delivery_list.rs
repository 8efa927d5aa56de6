//! Deliveries as operators list them, newest first, and one with its attempts.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub states: Vec<String>,
    pub network_id: Option<Uuid>,
    pub lead_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    pub route_id: Option<Uuid>,
    pub purpose: Option<String>,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Made at or after.
    pub from: Option<DateTime<Utc>>,
    /// Made before.
    pub to: Option<DateTime<Utc>>,
}

/// One delivery.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct DeliveryRow {
    pub id: Uuid,
    pub lead_id: Uuid,
    pub lead_number: i64,
    /// Where the lead stands.
    pub lead_status: String,
    pub test: bool,
    /// Slug.
    pub network: String,
    pub network_id: Uuid,
    /// Slug.
    pub offer: String,
    pub offer_id: Uuid,
    /// Slug.
    pub webmaster: String,
    pub webmaster_id: Uuid,
    /// Null: somebody sent it there by hand.
    pub route_id: Option<Uuid>,
    /// `sale` or `fulfilment`.
    pub purpose: String,
    /// `waiting`, `sending`, `retrying`, `accepted`, `refused`, `needs_review`, `dead` or `cancelled`.
    pub state: String,
    pub attempts: i32,
    pub sending_at: Option<DateTime<Utc>>,
    /// When it is tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    pub redirect_url: Option<String>,
    /// The network's words.
    pub message: Option<String>,
    /// Why it is in this state.
    pub reason: Option<String>,
    /// Refused as a duplicate or as invalid.
    pub is_duplicate: bool,
    pub settings_version: Option<i32>,
    /// Not sent any more after this.
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

const SELECT: &str = "select d.delivery_id as id, d.lead_id, l.number as lead_number, l.status as lead_status, l.test,
    n.slug as network, d.network_id, o.slug as offer, l.offer_id, w.slug as webmaster, l.webmaster_id, d.route_id,
    d.purpose, d.state, d.attempts, d.sending_at, d.next_at, d.external_id, d.redirect_url, d.message, d.reason,
    d.is_duplicate, d.settings_version, d.expires_at, d.accepted_at, d.created_at, d.updated_at
  from delivery d join lead l on l.lead_id = d.lead_id join network n on n.network_id = d.network_id
    join offer o on o.offer_id = l.offer_id join webmaster w on w.webmaster_id = l.webmaster_id
  where true";

/// Those that stand after `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<DeliveryRow>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    if !filter.states.is_empty() {
        query.push(" and d.state = any (").push_bind(filter.states.clone()).push(")");
    }
    let ids = [
        (" and d.network_id = ", filter.network_id),
        (" and d.lead_id = ", filter.lead_id),
        (" and l.offer_id = ", filter.offer_id),
        (" and l.webmaster_id = ", filter.webmaster_id),
        (" and d.route_id = ", filter.route_id),
        (" and d.delivery_id >= ", filter.from.map(super::earliest_id)),
    ];
    for (condition, id) in ids {
        if let Some(id) = id {
            query.push(condition).push_bind(id);
        }
    }
    for (condition, text) in [(" and d.purpose = ", &filter.purpose), (" and d.external_id = ", &filter.external_id)] {
        if let Some(text) = text {
            query.push(condition).push_bind(text.clone());
        }
    }
    for (condition, at) in [(" and d.created_at >= ", filter.from), (" and d.created_at < ", filter.to)] {
        if let Some(at) = at {
            query.push(condition).push_bind(at);
        }
    }
    if let Some(after) = after {
        query.push(" and d.delivery_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by d.delivery_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

/// One by its id.
pub async fn find(conn: &mut PgConnection, delivery_id: Uuid) -> sqlx::Result<Option<DeliveryRow>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push(" and d.delivery_id = ").push_bind(delivery_id);
    query.build_query_as().fetch_optional(conn).await
}

/// One exchange of a delivery, as it was kept: secrets masked, bodies cut and purged early.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AttemptRow {
    pub id: Uuid,
    /// `send` or `lookup`.
    pub kind: String,
    /// From 1.
    pub no: i32,
    pub started_at: DateTime<Utc>,
    pub took_ms: i32,
    /// `accepted`, `refused`, `no_capacity`, `retry`, `unknown`, `misconfigured`, `lost` or `ours`.
    pub outcome: String,
    pub http_status: Option<i16>,
    pub error_kind: Option<String>,
    pub remote_ip: Option<String>,
    pub detail: Option<String>,
    /// The answer came after somebody else had taken over.
    pub is_late: bool,
    /// Null when it has been purged.
    pub request: Option<String>,
    pub response: Option<String>,
}

/// The attempts of a delivery, in the order they were made.
pub async fn attempts(conn: &mut PgConnection, delivery_id: Uuid) -> sqlx::Result<Vec<AttemptRow>> {
    sqlx::query_as!(
        AttemptRow,
        r#"select a.attempt_id as id, a.kind, a.no, a.started_at, a.took_ms, a.outcome, a.http_status, a.error_kind,
             a.remote_ip, a.detail, a.is_late, b.request as "request?", b.response as "response?"
           from attempt a
           left join attempt_body b on b.attempt_id = a.attempt_id and b.started_at = a.started_at
           where a.subject_id = $1 order by a.started_at, a.attempt_id"#,
        delivery_id
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, id};
    use crate::db::scratch;

    async fn found(conn: &mut PgConnection, filter: Filter) -> Vec<u128> {
        page(conn, &filter, None, Direction::Newest, 100)
            .await
            .unwrap()
            .iter()
            .map(|row| row.id.as_u128() & 0xffff)
            .collect()
    }

    #[tokio::test]
    async fn each_filter_narrows_the_list() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let all = Filter::default;
            assert_eq!(found(&mut conn, all()).await, [0x43, 0x42, 0x41], "newest first");
            let cases = [
                (Filter { states: vec!["dead".into(), "refused".into()], ..all() }, vec![0x42]),
                (Filter { network_id: Some(id(0x22)), ..all() }, vec![0x43]),
                (Filter { lead_id: Some(id(0x31)), ..all() }, vec![0x42, 0x41]),
                (Filter { offer_id: Some(id(0x12)), ..all() }, vec![0x43]),
                (Filter { webmaster_id: Some(id(0x01)), ..all() }, vec![0x42, 0x41]),
                (Filter { route_id: Some(id(0x99)), ..all() }, vec![]),
                (Filter { purpose: Some("fulfilment".into()), ..all() }, vec![0x43]),
                (Filter { external_id: Some("ext-1".into()), ..all() }, vec![0x41]),
                (Filter { from: Some(sample::at(2)), ..all() }, vec![0x43, 0x42]),
                (Filter { to: Some(sample::at(2)), ..all() }, vec![0x41]),
                (Filter { from: Some(sample::at(2)), to: Some(sample::at(3)), ..all() }, vec![0x42]),
            ];
            for (filter, expected) in cases {
                assert_eq!(found(&mut conn, filter.clone()).await, expected, "{filter:?}");
            }
            let first = page(&mut conn, &all(), None, Direction::Newest, 2).await.unwrap();
            let next = page(&mut conn, &all(), first.last().map(|row| row.id), Direction::Newest, 2).await.unwrap();
            assert_eq!((first.len(), next.len(), next[0].id), (2, 1, id(0x41)));
        })
        .await;
    }

    #[tokio::test]
    async fn a_delivery_shows_its_attempts_in_order_with_their_bodies() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let row = find(&mut conn, id(0x41)).await.unwrap().unwrap();
            assert_eq!((row.network.as_str(), row.lead_number > 0, row.state.as_str()), ("crm-1", true, "accepted"));
            let attempts = attempts(&mut conn, id(0x41)).await.unwrap();
            assert_eq!(attempts.iter().map(|a| a.no).collect::<Vec<_>>(), [1, 2]);
            assert_eq!(attempts[0].request, None);
            assert_eq!(attempts[1].response.as_deref(), Some("HTTP 200"));
            assert!(find(&mut conn, id(0x99)).await.unwrap().is_none());
        })
        .await;
    }
}
