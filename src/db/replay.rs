//! Which rows a replay picks.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Conditions; an absent one holds always.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    pub network_id: Option<Uuid>,
    pub postback_id: Option<Uuid>,
    pub state: Option<&'a str>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Deliveries that gave up, or are in the named state (`dead`, `needs_review`, `retrying`, `waiting`).
pub async fn deliveries(conn: &mut PgConnection, filter: Filter<'_>, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select delivery_id from delivery
         where state = coalesce($1, 'dead') and state in ('dead', 'needs_review', 'retrying', 'waiting')
           and ($2::uuid is null or network_id = $2)
           and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
         order by delivery_id limit $5",
        filter.state,
        filter.network_id,
        filter.from,
        filter.to,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Calls to webmasters of a state (any that was or should have been sent, when none is named).
pub async fn postbacks(conn: &mut PgConnection, filter: Filter<'_>, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select postback_delivery_id from postback_delivery
         where ($1::text is null and state in ('delivered', 'dead', 'retrying', 'waiting') or state = $1)
           and state not in ('suppressed', 'superseded', 'sending')
           and ($2::uuid is null or postback_id = $2)
           and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
         order by postback_delivery_id limit $5",
        filter.state,
        filter.postback_id,
        filter.from,
        filter.to,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Stored calls of a result (those that changed nothing for want of a match or by a failure, when none is named).
pub async fn inbound(conn: &mut PgConnection, filter: Filter<'_>, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select inbound_id from inbound_postback
         where ($1::text is null and result in ('unmatched', 'failed', 'ignored') or result = $1)
           and ($2::uuid is null or network_id = $2)
           and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or received_at < $4)
         order by inbound_id limit $5",
        filter.state,
        filter.network_id,
        filter.from,
        filter.to,
        limit
    )
    .fetch_all(conn)
    .await
}
