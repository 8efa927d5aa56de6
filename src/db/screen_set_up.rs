//! Offers and webmasters as people list them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which ones; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the slug or the name, in any case.
    pub text: Option<String>,
    /// Number of the object.
    pub number: Option<i64>,
    pub enabled: Option<bool>,
    /// The archived ones instead of those in use.
    pub archived: bool,
}

/// One offer.
#[derive(Clone, Debug, FromRow)]
pub struct OfferRow {
    pub offer_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub countries: Vec<String>,
    pub payout: Option<Decimal>,
    pub revenue: Option<Decimal>,
    pub currency: String,
    pub enabled: bool,
    pub goals: i32,
    /// Routes in use.
    pub routes: i64,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// Offers that stand after a number in this direction.
pub async fn offers(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<i64>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<OfferRow>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select t.offer_id, t.number, t.slug, t.name, t.countries, t.payout, t.revenue, t.currency, t.enabled,
           jsonb_array_length(t.goals) as goals,
           (select count(*) from route r where r.offer_id = t.offer_id and r.archived_at is null) as routes,
           t.updated_at, t.archived_at
         from offer t where true",
    );
    push(&mut query, filter, after, direction, limit);
    query.build_query_as().fetch_all(conn).await
}

/// One webmaster.
#[derive(Clone, Debug, FromRow)]
pub struct WebmasterRow {
    pub webmaster_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub enabled: bool,
    /// Tokens that are not revoked.
    pub tokens: i64,
    pub flows: i64,
    /// Postbacks in use.
    pub postbacks: i64,
    pub last_used_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// Webmasters that stand after a number in this direction.
pub async fn webmasters(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<i64>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<WebmasterRow>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select t.webmaster_id, t.number, t.slug, t.name, t.enabled,
           (select count(*) from token k where k.webmaster_id = t.webmaster_id and k.revoked_at is null) as tokens,
           (select count(*) from flow f where f.webmaster_id = t.webmaster_id and f.archived_at is null) as flows,
           (select count(*) from postback p where p.webmaster_id = t.webmaster_id and p.archived_at is null) as postbacks,
           (select max(k.last_used_at) from token k where k.webmaster_id = t.webmaster_id) as last_used_at,
           t.created_at, t.archived_at
         from webmaster t where true",
    );
    push(&mut query, filter, after, direction, limit);
    query.build_query_as().fetch_all(conn).await
}

fn push(query: &mut QueryBuilder<Postgres>, filter: &Filter, after: Option<i64>, direction: Direction, limit: i64) {
    query.push(if filter.archived { " and t.archived_at is not null" } else { " and t.archived_at is null" });
    if let Some(text) = &filter.text {
        query.push(" and (position(lower(").push_bind(text.clone()).push(") in t.slug) > 0");
        query.push(" or position(lower(").push_bind(text.clone()).push(") in lower(t.name)) > 0");
        if let Some(number) = filter.number {
            query.push(" or t.number = ").push_bind(number);
        }
        query.push(")");
    }
    if let Some(enabled) = filter.enabled {
        query.push(" and t.enabled = ").push_bind(enabled);
    }
    if let Some(after) = after {
        query.push(" and t.number").push(direction.beyond()).push_bind(after);
    }
    query.push(" order by t.number").push(direction.order()).push(" limit ").push_bind(limit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{sample, scratch};

    #[tokio::test]
    async fn each_filter_narrows_both_lists() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            for sql in [
                "update offer set name = 'Slim Tea', enabled = false where slug = 'offer-1'",
                "update webmaster set archived_at = now() where slug = 'wm-2'",
            ] {
                sqlx::raw_sql(sql).execute(&mut *conn).await.unwrap();
            }
            let all = Filter::default;
            let text = |text: &str| Filter { text: Some(text.into()), number: text.parse().ok(), ..all() };
            for (filter, expected) in [
                (all(), vec!["offer-2", "offer-1"]),
                (text("TEA"), vec!["offer-1"]),
                (text("offer-2"), vec!["offer-2"]),
                (text("1"), vec!["offer-1"]),
                (Filter { enabled: Some(true), ..all() }, vec!["offer-2"]),
                (Filter { archived: true, ..all() }, vec![]),
            ] {
                let rows = offers(&mut conn, &filter, None, Direction::Newest, 10).await.unwrap();
                let slugs: Vec<&str> = rows.iter().map(|row| row.slug.as_str()).collect();
                assert_eq!(slugs, expected, "{filter:?}");
            }
            let first = offers(&mut conn, &all(), None, Direction::Oldest, 1).await.unwrap();
            let next = offers(&mut conn, &all(), Some(first[0].number), Direction::Oldest, 9).await.unwrap();
            assert_eq!((first[0].slug.as_str(), next[0].slug.as_str(), next.len()), ("offer-1", "offer-2", 1));
            let used = webmasters(&mut conn, &all(), None, Direction::Newest, 10).await.unwrap();
            assert_eq!((used.len(), used[0].slug.as_str(), used[0].postbacks, used[0].tokens), (1, "wm-1", 1, 0));
            let gone = webmasters(&mut conn, &Filter { archived: true, ..all() }, None, Direction::Newest, 10).await;
            assert_eq!(gone.unwrap()[0].slug, "wm-2");
        })
        .await;
    }
}
