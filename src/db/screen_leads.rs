//! The list of leads as people read it: newest first by number, with free filters. The caller masks the contacts.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::base::page::Direction;

/// Which leads; all conditions must hold, empty ones do.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<String>,
    pub offer_id: Option<Uuid>,
    /// Some delivery of the lead went (or is to go) there.
    pub network_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    pub country: Option<String>,
    /// Some delivery of the lead is in this state.
    pub delivery: Option<String>,
    /// No route takes it.
    pub unrouted: bool,
    /// Some call to its webmaster is in this state.
    pub postback: Option<String>,
    /// Came at or after.
    pub from: Option<DateTime<Utc>>,
    /// Came before.
    pub to: Option<DateTime<Utc>>,
    pub search: Option<Search>,
}

/// What a search text may mean: a lead that fits any of these is found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub lead_id: Option<Uuid>,
    pub number: Option<i64>,
    /// E.164.
    pub phones: Vec<String>,
    /// Lower case.
    pub email: Option<String>,
    /// A click id, the webmaster's id or a network's id of the lead.
    pub word: Option<String>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

/// One line of the list.
#[derive(Clone, FromRow)]
pub struct Row {
    pub lead_id: Uuid,
    pub number: i64,
    pub created_at: DateTime<Utc>,
    /// Slug.
    pub webmaster: String,
    /// Name.
    pub offer: String,
    pub country: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Slug of the network that has it, else of the last one tried.
    pub network: Option<String>,
    pub delivery: Option<String>,
    pub unrouted: bool,
    pub status: String,
    pub payout: Decimal,
    pub currency: String,
    pub test: bool,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "lead {}", self.number)
    }
}

const SELECT: &str =
    "select l.lead_id, l.number, l.created_at, w.slug as webmaster, o.name as offer, l.country, c.phone, c.email,
    n.slug as network, d.state as delivery, l.unrouted, l.status, l.payout, l.currency, l.test
  from lead l join webmaster w on w.webmaster_id = l.webmaster_id join offer o on o.offer_id = l.offer_id
    left join lead_contact c on c.lead_id = l.lead_id
    left join lateral (
      select network_id, state from delivery where lead_id = l.lead_id and purpose = 'sale'
      order by (accepted_at is not null) desc, delivery_id desc limit 1) d on true
    left join network n on n.network_id = d.network_id
  where true";

/// Those that stand after the number `after` in this direction.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<i64>,
    direction: Direction,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    if let Some(after) = after {
        query.push(" and l.number").push(direction.beyond()).push_bind(after);
    }
    for (condition, id) in [(" and l.offer_id = ", filter.offer_id), (" and l.webmaster_id = ", filter.webmaster_id)] {
        if let Some(id) = id {
            query.push(condition).push_bind(id);
        }
    }
    for (condition, text) in [(" and l.status = ", &filter.status), (" and l.country = ", &filter.country)] {
        if let Some(text) = text {
            query.push(condition).push_bind(text.clone());
        }
    }
    if filter.unrouted {
        query.push(" and l.unrouted");
    }
    push_deliveries(&mut query, filter);
    if let Some(state) = &filter.postback {
        query.push(" and exists (select from postback_delivery p where p.lead_id = l.lead_id and p.state = ");
        query.push_bind(state.clone()).push(")");
    }
    push_period(&mut query, filter.from, filter.to);
    if let Some(search) = &filter.search {
        push_search(&mut query, search);
    }
    query.push(" order by l.number").push(direction.order()).push(" limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}

fn push_deliveries(query: &mut QueryBuilder<Postgres>, filter: &Filter) {
    if filter.network_id.is_none() && filter.delivery.is_none() {
        return;
    }
    // One delivery must answer both: "refused by this network", not "refused, and once at this network".
    query.push(" and exists (select from delivery f where f.lead_id = l.lead_id");
    if let Some(network_id) = filter.network_id {
        query.push(" and f.network_id = ").push_bind(network_id);
    }
    if let Some(state) = &filter.delivery {
        query.push(" and f.state = ").push_bind(state.clone());
    }
    query.push(")");
}

/// Ids carry their time and numbers rise with them: a period becomes a range of numbers (with a day to spare on both
/// sides), so that old months are found without walking over the newer ones.
fn push_period(query: &mut QueryBuilder<Postgres>, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) {
    if let Some(from) = from {
        query.push(" and l.created_at >= ").push_bind(from);
        query.push(" and l.number >= (select number from lead where lead_id >= ").push_bind(super::earliest_id(from));
        query.push(" order by lead_id limit 1)");
    }
    if let Some(to) = to {
        query.push(" and l.created_at < ").push_bind(to);
        query.push(" and l.number <= coalesce((select number from lead where lead_id >= ");
        query.push_bind(super::earliest_id(to + TimeDelta::days(2)));
        query.push(" order by lead_id limit 1), 9223372036854775807)");
    }
}

/// Each meaning is looked up by its own index; the lookup by a webmaster's or network's id goes through all of them.
fn push_search(query: &mut QueryBuilder<Postgres>, search: &Search) {
    query.push(" and l.lead_id in (select lead_id from lead where lead_id = ").push_bind(search.lead_id);
    if let Some(number) = search.number {
        query.push(" union select lead_id from lead where number = ").push_bind(number);
    }
    if !search.phones.is_empty() {
        query
            .push(" union select lead_id from lead_contact where phone = any (")
            .push_bind(search.phones.clone())
            .push(")");
    }
    if let Some(email) = &search.email {
        query.push(" union select lead_id from lead_contact where email = ").push_bind(email.clone());
    }
    if let Some(word) = &search.word {
        query.push(" union select lead_id from lead where click_id = ").push_bind(word.clone());
        query.push(
            " union select x.lead_id from webmaster m join lead x on x.webmaster_id = m.webmaster_id where x.external_id = ",
        );
        query.push_bind(word.clone());
        query.push(" union select x.lead_id from network m join delivery x on x.network_id = m.network_id where x.external_id = ");
        query.push_bind(word.clone());
    }
    query.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, at, id};
    use crate::db::scratch;

    async fn found(conn: &mut PgConnection, filter: &Filter) -> Vec<u128> {
        page(conn, filter, None, Direction::Newest, 100)
            .await
            .unwrap()
            .iter()
            .map(|row| row.lead_id.as_u128() & 0xff)
            .collect()
    }

    async fn fill(conn: &mut PgConnection) {
        sample::fill(conn).await;
        for sql in [
            "insert into lead_contact (lead_id, phone, email)
               select lead_id, case number when 1 then '+4915112345678' else '+14155552671' end,
                 case number when 1 then 'ann@example.com' else 'bob@example.com' end from lead",
            "update lead set country = 'DE', click_id = 'click-1', status = 'hold' where number = 1",
            "update lead set external_id = 'order-2', unrouted = true where number = 2",
        ] {
            sqlx::raw_sql(sql).execute(&mut *conn).await.unwrap();
        }
    }

    #[tokio::test]
    async fn each_filter_narrows_the_list() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            fill(&mut conn).await;
            let all = Filter::default;
            let text = |text: &str| Some(text.to_owned());
            let cases = [
                (all(), vec![0x32, 0x31]),
                (Filter { status: text("hold"), ..all() }, vec![0x31]),
                (Filter { offer_id: Some(id(0x12)), ..all() }, vec![0x32]),
                (Filter { webmaster_id: Some(id(1)), ..all() }, vec![0x31]),
                (Filter { network_id: Some(id(0x22)), ..all() }, vec![0x32]),
                (Filter { country: text("DE"), ..all() }, vec![0x31]),
                (Filter { delivery: text("refused"), ..all() }, vec![0x31]),
                (Filter { delivery: text("retrying"), ..all() }, vec![0x32]),
                (Filter { delivery: text("refused"), network_id: Some(id(0x22)), ..all() }, vec![]),
                (Filter { unrouted: true, ..all() }, vec![0x32]),
                (Filter { postback: text("dead"), ..all() }, vec![0x32]),
                (Filter { from: Some(at(2)), ..all() }, vec![0x32]),
                (Filter { to: Some(at(2)), ..all() }, vec![0x31]),
                (Filter { from: Some(at(1)), to: Some(at(3)), ..all() }, vec![0x32, 0x31]),
                (Filter { from: Some(at(200)), ..all() }, vec![]),
                (Filter { to: Some(at(-200)), ..all() }, vec![]),
            ];
            for (filter, expected) in cases {
                assert_eq!(found(&mut conn, &filter).await, expected, "{filter:?}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_search_finds_by_each_of_its_meanings() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            fill(&mut conn).await;
            let nothing = Search::default;
            let cases = [
                ("id", Search { lead_id: Some(id(0x31)), ..nothing() }, vec![0x31]),
                ("number", Search { number: Some(2), ..nothing() }, vec![0x32]),
                ("phone", Search { phones: vec!["+1".into(), "+4915112345678".into()], ..nothing() }, vec![0x31]),
                ("email", Search { email: Some("bob@example.com".into()), ..nothing() }, vec![0x32]),
                ("click id", Search { word: Some("click-1".into()), ..nothing() }, vec![0x31]),
                ("webmaster's id", Search { word: Some("order-2".into()), ..nothing() }, vec![0x32]),
                ("network's id", Search { word: Some("ext-1".into()), ..nothing() }, vec![0x31]),
                ("nothing", nothing(), vec![]),
                (
                    "two meanings",
                    Search { number: Some(2), word: Some("click-1".into()), ..nothing() },
                    vec![0x32, 0x31],
                ),
            ];
            for (name, search, expected) in cases {
                let filter = Filter { search: Some(search), ..Filter::default() };
                assert_eq!(found(&mut conn, &filter).await, expected, "{name}");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_line_shows_the_delivery_that_matters_and_pages_follow_each_other() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            fill(&mut conn).await;
            let first = page(&mut conn, &Filter::default(), None, Direction::Newest, 1).await.unwrap();
            let next = page(&mut conn, &Filter::default(), Some(first[0].number), Direction::Newest, 1).await.unwrap();
            assert_eq!((first[0].number, next[0].number), (2, 1));
            // A fulfilment is not what the list is about.
            assert_eq!(first[0].delivery, None);
            assert_eq!(next[0].delivery.as_deref(), Some("refused"), "the last one while nobody has it");
            sqlx::raw_sql("update delivery set accepted_at = now() where state = 'accepted'")
                .execute(&mut *conn)
                .await
                .unwrap();
            let row = page(&mut conn, &Filter::default(), Some(2), Direction::Newest, 1).await.unwrap().remove(0);
            assert_eq!((row.delivery.as_deref(), row.network.as_deref()), (Some("accepted"), Some("crm-1")));
        })
        .await;
    }
}
