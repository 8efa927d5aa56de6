//! Imports as people read them, newest first.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which imports; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the file's name.
    pub text: Option<String>,
    pub kind: Option<String>,
    pub state: Option<String>,
    pub network_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
}

/// One line.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub import_id: Uuid,
    pub kind: String,
    pub state: String,
    pub file_name: String,
    /// Slugs.
    pub network: Option<String>,
    pub webmaster: Option<String>,
    pub offer: Option<String>,
    pub row_count: i32,
    pub counts: Value,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
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
        "select i.import_id, i.kind, i.state, i.file_name, n.slug as network, w.slug as webmaster, o.slug as offer,
           i.row_count, i.counts, i.created_by, i.created_at, i.ended_at
         from import i left join network n on n.network_id = i.network_id
         left join webmaster w on w.webmaster_id = i.webmaster_id left join offer o on o.offer_id = i.offer_id
         where true",
    );
    if let Some(text) = &filter.text {
        query.push(" and position(lower(").push_bind(text.clone()).push(") in lower(i.file_name)) > 0");
    }
    if let Some(kind) = &filter.kind {
        query.push(" and i.kind = ").push_bind(kind.clone());
    }
    if let Some(state) = &filter.state {
        query.push(" and i.state = ").push_bind(state.clone());
    }
    if let Some(network_id) = filter.network_id {
        query.push(" and i.network_id = ").push_bind(network_id);
    }
    if let Some(webmaster_id) = filter.webmaster_id {
        query.push(" and i.webmaster_id = ").push_bind(webmaster_id);
    }
    if let Some(after) = after {
        query.push(" and i.import_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by i.import_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}
