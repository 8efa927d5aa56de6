//! Stats: leads and money grouped by what was asked for, exact at the moment of the question.
//!
//! Sums by day answer what knows days and objects only, with what the ledger has that is not summed yet. Hours and the
//! webmasters' subs are counted from the leads themselves (by the day of the lead) or from the ledger (by the day of the
//! event), and so is every time zone that nobody uses.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::cap::first_instant;
use crate::domain::stats::{Basis, Counts, Dimension, MOST_DIMENSIONS, Money};

/// More rows than this are not read for one answer.
pub const MOST_ROWS: i64 = 200_000;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    pub basis: Basis,
    /// Days begin here.
    pub zone: Tz,
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    /// At most [`MOST_DIMENSIONS`], each once.
    pub by: Vec<Dimension>,
    pub only: Only,
}

/// Which leads count. Empty means all; a `None` among them those that have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    pub webmasters: Vec<Uuid>,
    pub offers: Vec<Uuid>,
    pub networks: Vec<Option<Uuid>>,
    pub countries: Vec<Option<String>>,
    pub statuses: Vec<String>,
    pub reasons: Vec<Option<i16>>,
    pub hours: Vec<i32>,
    /// `sub1` … with its value.
    pub subs: Vec<(Dimension, Option<String>)>,
}

/// What a group has of one dimension. Ordered as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Day(NaiveDate),
    Hour(i32),
    /// An offer, a webmaster, a network.
    Object {
        name: String,
        slug: String,
        id: Uuid,
    },
    /// A country, a status, a sub.
    Word(String),
    /// A reason code.
    Code(i16),
    /// The leads have none.
    None,
}

/// Groups by their values, in the order of the dimensions asked for.
pub type Groups = BTreeMap<Vec<Value>, Counts>;

/// There is more than can be told in one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Counts. The groups' sum is the total, whatever they are grouped by.
pub async fn count(conn: &mut PgConnection, ask: &Ask) -> sqlx::Result<Result<Groups, TooMany>> {
    let origin = origin(conn, ask).await?;
    let rows = rows(conn, ask, origin).await?;
    if i64::try_from(rows.len()).is_ok_and(|rows| rows > MOST_ROWS) {
        return Ok(Err(TooMany));
    }
    let mut groups = Groups::new();
    for row in rows {
        let values = ask.by.iter().map(|dimension| row.value(*dimension, &ask.by)).collect();
        *groups.entry(values).or_default() += &row.counts();
    }
    // By the day of the event a place can be left as it was found.
    groups.retain(|_, counts| *counts != Counts::default());
    Ok(Ok(groups))
}

/// Where it is counted.
#[derive(Clone, Copy)]
enum Origin {
    /// The sums by day, and what is not summed yet.
    Days,
    /// The leads as they stand.
    Leads,
    /// The ledger.
    Moves,
}

impl Origin {
    const fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Leads => "leads",
            Self::Moves => "moves",
        }
    }
}

async fn origin(conn: &mut PgConnection, ask: &Ask) -> sqlx::Result<Origin> {
    let is_fine =
        ask.by.iter().any(|dimension| dimension.is_fine()) || !ask.only.subs.is_empty() || !ask.only.hours.is_empty();
    let is_summed = !is_fine
        && sqlx::query_scalar!(
            r#"select exists (select from stats_zone where name = $1) as "exists!""#,
            ask.zone.name()
        )
        .fetch_one(conn)
        .await?;
    Ok(match (is_summed, ask.basis) {
        (true, _) => Origin::Days,
        (false, Basis::Lead) => Origin::Leads,
        (false, Basis::Event) => Origin::Moves,
    })
}

/// Sums of one group in one pair of currencies.
#[derive(Debug)]
struct Row {
    day: Option<NaiveDate>,
    hour: Option<i32>,
    webmaster_id: Option<Uuid>,
    webmaster: Option<String>,
    webmaster_name: Option<String>,
    offer_id: Option<Uuid>,
    offer: Option<String>,
    offer_name: Option<String>,
    network_id: Option<Uuid>,
    network: Option<String>,
    network_name: Option<String>,
    country: Option<String>,
    status: Option<String>,
    reason_code: Option<i16>,
    first_sub: Option<String>,
    second_sub: Option<String>,
    third_sub: Option<String>,
    fourth_sub: Option<String>,
    fifth_sub: Option<String>,
    currency: String,
    revenue_currency: Option<String>,
    leads: i64,
    delivered: i64,
    hold: i64,
    approved: i64,
    rejected: i64,
    trash: i64,
    hold_payout: Decimal,
    payout: Decimal,
    hold_revenue: Decimal,
    revenue: Decimal,
}

impl Row {
    fn value(&self, dimension: Dimension, by: &[Dimension]) -> Value {
        let word = |word: &Option<String>| word.clone().map_or(Value::None, Value::Word);
        match dimension {
            Dimension::Day => self.day.map_or(Value::None, Value::Day),
            Dimension::Hour => self.hour.map_or(Value::None, Value::Hour),
            Dimension::Webmaster => object(self.webmaster_id, &self.webmaster, &self.webmaster_name),
            Dimension::Offer => object(self.offer_id, &self.offer, &self.offer_name),
            Dimension::Network => object(self.network_id, &self.network, &self.network_name),
            Dimension::Country => word(&self.country),
            Dimension::Status => word(&self.status),
            Dimension::Reason => self.reason_code.map_or(Value::None, Value::Code),
            sub => match by.iter().filter(|other| other.is_sub()).position(|other| *other == sub) {
                Some(0) => word(&self.first_sub),
                Some(1) => word(&self.second_sub),
                Some(2) => word(&self.third_sub),
                Some(3) => word(&self.fourth_sub),
                _ => word(&self.fifth_sub),
            },
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts {
            leads: self.leads,
            delivered: self.delivered,
            hold: self.hold,
            approved: self.approved,
            rejected: self.rejected,
            trash: self.trash,
            money: BTreeMap::new(),
        };
        let both = Money {
            hold: self.hold_payout,
            payout: self.payout,
            hold_revenue: self.hold_revenue,
            revenue: self.revenue,
        };
        counts.add_both(&self.currency, self.revenue_currency.as_deref(), both);
        counts
    }
}

fn object(id: Option<Uuid>, slug: &Option<String>, name: &Option<String>) -> Value {
    match (id, slug, name) {
        (Some(id), Some(slug), Some(name)) => Value::Object { name: name.clone(), slug: slug.clone(), id },
        _ => Value::None,
    }
}

/// Sums of all webmasters are read as the days lie; of those that are named, by the key of each day.
async fn rows(conn: &mut PgConnection, ask: &Ask, origin: Origin) -> sqlx::Result<Vec<Row>> {
    let subs: Vec<&str> = ask.by.iter().filter(|by| by.is_sub()).take(MOST_DIMENSIONS).map(|by| by.as_str()).collect();
    let (from, until) = instants(ask);
    let has = |dimension: Dimension| ask.by.contains(&dimension);
    let only = &ask.only;
    sqlx::query_as!(
        Row,
        r#"with move as (
             select day, null::int as hour, webmaster_id, offer_id, network_id, country, status, reason_code, null::jsonb as tags,
               currency, revenue_currency, leads, payout, revenue
             from stats_day
             where $1::text = 'days' and $21::uuid[] = '{}' and zone = $2 and basis = $3 and day between $4 and $5
             union all
             select own.day, null, own.webmaster_id, own.offer_id, own.network_id, own.country, own.status, own.reason_code, null,
               own.currency, own.revenue_currency, own.leads, own.payout, own.revenue
             from (
               select day::date from generate_series($4::date, $5::date, interval '1 day') day
               where $1::text = 'days' and $21::uuid[] <> '{}') asked
             cross join lateral (
               select * from stats_day
               where zone = $2 and basis = $3 and day = asked.day and webmaster_id = any($21) offset 0) own
             union all
             select (own.instant at time zone $2)::date, null, webmaster_id, offer_id, network_id, country, status, reason_code,
               null, currency, revenue_currency, leads, payout, revenue
             from stats_move move
             cross join lateral (select case $3 when 'lead' then move.created_at else move.at end) own (instant)
             where $1::text = 'days' and xid >= (select below from stats_fold) and own.instant >= $6 and own.instant < $7
             union all
             select (created_at at time zone $2)::date, extract(hour from created_at at time zone $2)::int, webmaster_id, offer_id,
               network_id, country, status, reason_code, tags, currency, revenue_currency, 1, payout, revenue
             from lead
             where $1::text = 'leads' and created_at >= $6 and created_at < $7 and not test
             union all
             select (at at time zone $2)::date, extract(hour from at at time zone $2)::int, webmaster_id, offer_id,
               network_id, country, status, reason_code, tags, currency, revenue_currency, leads, payout, revenue
             from stats_move
             where $1::text = 'moves' and at >= $6 and at < $7),
           sums as (
             select case when $8 then day end as day, case when $9 then hour end as hour,
               case when $10 then webmaster_id end as webmaster_id, case when $11 then offer_id end as offer_id,
               case when $12 then network_id end as network_id, case when $13 then country end as country,
               case when $14 then status end as status, case when $15 then reason_code end as reason_code,
               tags->>$16 as first_sub, tags->>$17 as second_sub, tags->>$18 as third_sub, tags->>$19 as fourth_sub,
               tags->>$20 as fifth_sub, currency, revenue_currency,
               sum(leads) as leads, sum(leads) filter (where network_id is not null) as delivered,
               sum(leads) filter (where status = 'hold') as hold,
               sum(leads) filter (where status in ('approved', 'paid')) as approved,
               sum(leads) filter (where status = 'rejected') as rejected, sum(leads) filter (where status = 'trash') as trash,
               sum(payout) filter (where status = 'hold') as hold_payout,
               sum(payout) filter (where status in ('approved', 'paid')) as payout,
               sum(revenue) filter (where status = 'hold') as hold_revenue,
               sum(revenue) filter (where status in ('approved', 'paid')) as revenue
             from move
             where ($21::uuid[] = '{}' or webmaster_id = any($21))
               and ($22::uuid[] = '{}' or offer_id = any($22))
               and ($23::uuid[] = '{}' or coalesce(network_id, '00000000-0000-0000-0000-000000000000') = any($23))
               and ($24::text[] = '{}' or coalesce(country, '') = any($24))
               and ($25::text[] = '{}' or status = any($25))
               and ($26::smallint[] = '{}' or coalesce(reason_code, -1) = any($26))
               and ($27::int[] = '{}' or hour = any($27))
               and ($28::text[] = '{}' or not exists (
                 select from unnest($28::text[], $29::text[]) asked (name, value)
                 where coalesce(tags->>asked.name, '') <> asked.value))
             group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, currency, revenue_currency
             limit $30)
           select day, hour, sums.webmaster_id, webmaster.slug as "webmaster?", webmaster.name as "webmaster_name?",
             sums.offer_id, offer.slug as "offer?", offer.name as "offer_name?",
             sums.network_id, network.slug as "network?", network.name as "network_name?",
             country, status, reason_code, first_sub, second_sub, third_sub, fourth_sub, fifth_sub,
             sums.currency as "currency!", revenue_currency,
             coalesce(leads, 0)::bigint as "leads!", coalesce(delivered, 0)::bigint as "delivered!",
             coalesce(hold, 0)::bigint as "hold!", coalesce(approved, 0)::bigint as "approved!",
             coalesce(rejected, 0)::bigint as "rejected!", coalesce(trash, 0)::bigint as "trash!",
             coalesce(hold_payout, 0) as "hold_payout!", coalesce(sums.payout, 0) as "payout!",
             coalesce(hold_revenue, 0) as "hold_revenue!", coalesce(sums.revenue, 0) as "revenue!"
           from sums
           left join webmaster on webmaster.webmaster_id = sums.webmaster_id
           left join offer on offer.offer_id = sums.offer_id
           left join network on network.network_id = sums.network_id"#,
        origin.word(),
        ask.zone.name(),
        ask.basis.as_str(),
        ask.from,
        ask.to,
        from,
        until,
        has(Dimension::Day),
        has(Dimension::Hour),
        has(Dimension::Webmaster),
        has(Dimension::Offer),
        has(Dimension::Network),
        has(Dimension::Country),
        has(Dimension::Status),
        has(Dimension::Reason),
        subs.first().copied(),
        subs.get(1).copied(),
        subs.get(2).copied(),
        subs.get(3).copied(),
        subs.get(4).copied(),
        &only.webmasters,
        &only.offers,
        &only.networks.iter().map(|id| id.unwrap_or_default()).collect::<Vec<_>>(),
        &only.countries.iter().map(|country| country.clone().unwrap_or_default()).collect::<Vec<_>>(),
        &only.statuses,
        &only.reasons.iter().map(|code| code.unwrap_or(-1)).collect::<Vec<_>>(),
        &only.hours,
        &only.subs.iter().map(|(sub, _)| sub.to_string()).collect::<Vec<_>>(),
        &only.subs.iter().map(|(_, value)| value.clone().unwrap_or_default()).collect::<Vec<_>>(),
        MOST_ROWS + 1,
    )
    .fetch_all(conn)
    .await
}

/// The first instant of the first day and of the day after the last.
fn instants(ask: &Ask) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = |day: NaiveDate| first_instant(ask.zone, day.and_time(chrono::NaiveTime::MIN));
    (start(ask.from), start(ask.to.succ_opt().unwrap_or(ask.to)))
}
