//! The audit log as people read it, newest first.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which lines; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of who it was.
    pub actor: Option<String>,
    /// Beginning of what was done, such as `network.` or `network.update`.
    pub action: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<Uuid>,
    /// Done at or after.
    pub from: Option<DateTime<Utc>>,
    /// Done before.
    pub to: Option<DateTime<Utc>>,
}

/// One line.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub audit_id: Uuid,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<Uuid>,
    pub before: Option<Value>,
    pub after: Option<Value>,
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
        "select audit_id, at, actor, action, object_kind, object_id, before, after from audit where true",
    );
    if let Some(actor) = &filter.actor {
        query.push(" and position(lower(").push_bind(actor.clone()).push(") in lower(actor)) > 0");
    }
    if let Some(action) = &filter.action {
        query.push(" and starts_with(action, ").push_bind(action.clone()).push(")");
    }
    if let Some(kind) = &filter.object_kind {
        query.push(" and object_kind = ").push_bind(kind.clone());
    }
    if let Some(id) = filter.object_id {
        query.push(" and object_id = ").push_bind(id);
    }
    if let Some(from) = filter.from {
        query.push(" and at >= ").push_bind(from).push(" and audit_id >= ").push_bind(super::earliest_id(from));
    }
    if let Some(to) = filter.to {
        query.push(" and at < ").push_bind(to);
    }
    if let Some(after) = after {
        query.push(" and audit_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by audit_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::audit::{self, Entry};
    use crate::db::sample::{at, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn each_filter_narrows_the_log() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            for (n, actor, action, kind, hour) in [
                (1, "user:ann@example.com", "network.update", "network", 1),
                (2, "token:7", "network.create", "network", 2),
                (3, "user:bob@example.com", "lead.reveal", "lead", 3),
            ] {
                let entry = Entry {
                    audit_id: id(n),
                    at: at(hour),
                    actor: actor.into(),
                    action: action.into(),
                    object_kind: kind.into(),
                    object_id: Some(id(0x20 + n)),
                    before: None,
                    after: Some(json!({ "n": 1 })),
                };
                audit::insert(&mut conn, &entry).await.unwrap();
            }
            let all = Filter::default;
            let text = |text: &str| Some(text.to_owned());
            let cases = [
                (all(), vec![3, 2, 1]),
                (Filter { actor: text("ANN@"), ..all() }, vec![1]),
                (Filter { action: text("network."), ..all() }, vec![2, 1]),
                (Filter { object_kind: text("lead"), ..all() }, vec![3]),
                (Filter { object_id: Some(id(0x22)), ..all() }, vec![2]),
                (Filter { from: Some(at(2)), ..all() }, vec![3, 2]),
                (Filter { to: Some(at(2)), ..all() }, vec![1]),
            ];
            for (filter, expected) in cases {
                let rows = page(&mut conn, &filter, None, Direction::Newest, 100).await.unwrap();
                let rows: Vec<u128> = rows.iter().map(|row| row.audit_id.as_u128() & 0xff).collect();
                assert_eq!(rows, expected, "{filter:?}");
            }
            let next = page(&mut conn, &all(), Some(id(1)), Direction::Oldest, 1).await.unwrap();
            assert_eq!(next[0].audit_id, id(2));
        })
        .await;
    }
}
