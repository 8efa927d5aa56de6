//! The leads of one webmaster as he lists them: never the network, never the revenue. Ordered by id, which is by time.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which of his leads; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose they are.
    pub webmaster_id: Uuid,
    pub status: Option<String>,
    pub offer_id: Option<Uuid>,
    pub country: Option<String>,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    /// Names such as `sub1`, each with what it must be.
    pub tags: Vec<(&'static str, String)>,
    /// Came at or after.
    pub from: Option<DateTime<Utc>>,
    /// Came before.
    pub to: Option<DateTime<Utc>>,
    /// A number, one of our ids, an external id or a click id.
    pub word: Option<String>,
}

/// One line of the list. The caller masks the contacts.
#[derive(Clone, FromRow)]
pub struct Row {
    pub lead_id: Uuid,
    pub number: i64,
    pub created_at: DateTime<Utc>,
    /// Name.
    pub offer: String,
    /// Code.
    pub flow: Option<String>,
    pub country: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub status: String,
    pub reason: Option<String>,
    pub comment: Option<String>,
    /// Promised while it waits, then what is owed.
    pub payout: Decimal,
    pub currency: String,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    /// `sub1` …
    pub tags: Value,
    pub test: bool,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "lead {}", self.number)
    }
}

const SELECT: &str =
    "select l.lead_id, l.number, l.created_at, o.name as offer, w.code as flow, l.country, c.phone, c.email, l.status,
    l.reason, l.comment, case when l.status in ('new', 'pending') then l.payout_due else l.payout end as payout,
    l.currency, l.external_id, l.click_id, l.tags, l.test
  from lead l join offer o on o.offer_id = l.offer_id left join flow w on w.flow_id = l.flow_id
    left join lead_contact c on c.lead_id = l.lead_id
  where l.webmaster_id = ";

/// Those that stand after the lead `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Uuid>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(filter.webmaster_id);
    if let Some(after) = after {
        query.push(" and l.lead_id").push(direction.beyond()).push_bind(after);
    }
    if let Some(offer_id) = filter.offer_id {
        query.push(" and l.offer_id = ").push_bind(offer_id);
    }
    let words = [
        (" and l.status = ", &filter.status),
        (" and l.country = ", &filter.country),
        (" and l.external_id = ", &filter.external_id),
        (" and l.click_id = ", &filter.click_id),
    ];
    for (condition, word) in words {
        if let Some(word) = word {
            query.push(condition).push_bind(word.clone());
        }
    }
    for (name, value) in &filter.tags {
        query.push(" and l.tags ->> ").push_bind(*name).push(" = ").push_bind(value.clone());
    }
    if let Some(from) = filter.from {
        query.push(" and l.lead_id >= ").push_bind(super::earliest_id(from));
        query.push(" and l.created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" and l.created_at < ").push_bind(to);
    }
    if let Some(word) = &filter.word {
        push_word(&mut query, filter.webmaster_id, word);
    }
    query.push(" order by l.lead_id").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

/// Each meaning is looked up by its own index.
fn push_word(query: &mut QueryBuilder<Postgres>, webmaster_id: Uuid, word: &str) {
    query.push(" and l.lead_id in (select lead_id from lead where click_id = ").push_bind(word.to_owned());
    query.push(" union select lead_id from lead where webmaster_id = ").push_bind(webmaster_id);
    query.push(" and external_id = ").push_bind(word.to_owned());
    if let Ok(lead_id) = Uuid::parse_str(word) {
        query.push(" union select lead_id from lead where lead_id = ").push_bind(lead_id);
    }
    if let Ok(number) = word.parse::<i64>() {
        query.push(" union select lead_id from lead where number = ").push_bind(number);
    }
    query.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, at, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn each_filter_narrows_the_list_and_none_shows_anothers_lead() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            // A lead of another webmaster that reads the same.
            for sql in [
                "insert into lead (lead_id, webmaster_id, offer_id, currency, request_hash, tags, external_id, click_id)
                   select overlay(lead_id::text placing 'ff' from 35)::uuid, (select webmaster_id from webmaster where slug = 'wm-2'),
                     offer_id, currency, request_hash, '{\"sub1\": \"fb\"}', 'x-1', 'click-x'
                   from lead where webmaster_id = (select webmaster_id from webmaster where slug = 'wm-1')",
                "update lead set tags = '{\"sub1\": \"fb\"}', external_id = 'x-1', click_id = 'click-x'
                   where webmaster_id = (select webmaster_id from webmaster where slug = 'wm-1')",
            ] {
                sqlx::raw_sql(sql).execute(&mut *conn).await.unwrap();
            }
            let all = || Filter { webmaster_id: id(0x01), ..Filter::default() };
            let own = page(&mut conn, &all(), None, Direction::Newest, 10).await.unwrap();
            assert_eq!(own.len(), 1);
            let (lead_id, number) = (own[0].lead_id, own[0].number);
            let word = |word: &str| Filter { word: Some(word.into()), ..all() };
            for (filter, found) in [
                (word("x-1"), 1),
                (word("click-x"), 1),
                (word(&lead_id.to_string()), 1),
                (word(&number.to_string()), 1),
                (word(&(number + 1).to_string()), 0),
                (Filter { tags: vec![("sub1", "fb".into())], ..all() }, 1),
                (Filter { tags: vec![("sub1", "fb".into()), ("sub2", "y".into())], ..all() }, 0),
                (Filter { external_id: Some("x-1".into()), ..all() }, 1),
                (Filter { click_id: Some("other".into()), ..all() }, 0),
                (Filter { offer_id: Some(id(0x12)), ..all() }, 0),
                (Filter { status: Some("trash".into()), ..all() }, 0),
                (Filter { country: Some("FR".into()), ..all() }, 0),
                (Filter { from: Some(at(20)), ..all() }, 0),
                (Filter { to: Some(at(0)), ..all() }, 0),
            ] {
                let rows = page(&mut conn, &filter, None, Direction::Newest, 10).await.unwrap();
                assert_eq!(rows.len(), found, "{filter:?}");
            }
            assert!(page(&mut conn, &all(), Some(lead_id), Direction::Newest, 10).await.unwrap().is_empty());
        })
        .await;
    }
}
