//! People with a login, as admins list them.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the e-mail or the name, in any case.
    pub text: Option<String>,
    pub role: Option<String>,
    /// The closed accounts instead of the open ones.
    pub archived: bool,
}

/// One person.
#[derive(Clone, Debug, FromRow)]
pub struct Row {
    pub user_id: Uuid,
    pub email: String,
    pub name: String,
    pub role: String,
    pub language: Option<String>,
    pub has_password: bool,
    pub has_second_factor: bool,
    pub last_login_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// People who stand after this one in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select user_id, email, name, role, language, password_hash is not null as has_password,
           totp_secret is not null as has_second_factor, last_login_at, created_at, archived_at
         from app_user where role <> 'webmaster' and ",
    );
    query.push(if filter.archived { "archived_at is not null" } else { "archived_at is null" });
    if let Some(text) = &filter.text {
        query.push(" and (position(lower(").push_bind(text.clone()).push(") in email) > 0");
        query.push(" or position(lower(").push_bind(text.clone()).push(") in lower(name)) > 0)");
    }
    if let Some(role) = &filter.role {
        query.push(" and role = ").push_bind(role.clone());
    }
    if let Some(after) = after {
        query.push(" and user_id").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by user_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}
