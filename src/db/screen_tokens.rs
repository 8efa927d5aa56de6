//! Tokens of everybody, as admins list them.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or the beginning of the token, in any case.
    pub text: Option<String>,
    pub role: Option<String>,
    pub webmaster_id: Option<Uuid>,
    /// Those that work no more instead of those that do.
    pub revoked: bool,
}

/// One token; its text is nowhere to be read.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub token_id: Uuid,
    pub prefix: String,
    pub role: String,
    pub name: String,
    /// Slug of the owner, by its kind.
    pub webmaster: Option<String>,
    pub network: Option<String>,
    pub offer: Option<String>,
    pub scopes: Vec<String>,
    pub rate_per_minute: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Tokens that stand after this one in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select t.token_id, t.prefix, t.role, t.name, w.slug as webmaster, n.slug as network, o.slug as offer, t.scopes,
           t.rate_per_minute, t.created_at, t.last_used_at, t.revoked_at
         from token t
         left join webmaster w on w.webmaster_id = t.webmaster_id
         left join network n on n.network_id = t.network_id
         left join offer o on o.offer_id = t.offer_id
         where ",
    );
    query.push(if filter.revoked { "t.revoked_at is not null" } else { "t.revoked_at is null" });
    if let Some(text) = &filter.text {
        let begin = text.strip_prefix("lr_").unwrap_or(text).to_lowercase();
        query.push(" and (starts_with(t.prefix, ").push_bind(begin.chars().take(8).collect::<String>()).push(")");
        query.push(" or position(lower(").push_bind(text.clone()).push(") in lower(t.name)) > 0)");
    }
    if let Some(role) = &filter.role {
        query.push(" and t.role = ").push_bind(role.clone());
    }
    if let Some(webmaster_id) = filter.webmaster_id {
        query.push(" and t.webmaster_id = ").push_bind(webmaster_id);
    }
    if let Some(after) = after {
        query.push(" and t.token_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by t.token_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}
