//! Leads as the AlterCPA-compatible calls list them: by numbers, by ids of the other side, by the time they came, by
//! change. Each filter is free; at least the owner is always set.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::domain::status::Status;

/// Whose leads they are.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    /// A webmaster's own.
    Webmaster(Uuid),
    /// Those that a network has taken.
    Network(Uuid),
    /// Those of an offer.
    Offer(Uuid),
}

/// Conditions; an empty or absent one holds always.
#[derive(Clone, Debug)]
pub struct Filter {
    pub owner: Owner,
    /// Our numbers.
    pub numbers: Vec<i64>,
    /// Ids of the caller: the webmaster's or the network's own.
    pub external_ids: Vec<String>,
    pub click_id: Option<String>,
    pub offer_id: Option<Uuid>,
    pub flow_id: Option<Uuid>,
    pub statuses: Vec<Status>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_to: Option<DateTime<Utc>>,
    pub changed_since: Option<DateTime<Utc>>,
    /// Only those with a greater number.
    pub after: Option<i64>,
}

impl Filter {
    /// Every lead of an owner.
    pub fn of(owner: Owner) -> Self {
        Self {
            owner,
            numbers: Vec::new(),
            external_ids: Vec::new(),
            click_id: None,
            offer_id: None,
            flow_id: None,
            statuses: Vec::new(),
            created_from: None,
            created_to: None,
            changed_since: None,
            after: None,
        }
    }
}

/// A lead with what these lists tell.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub lead_id: Uuid,
    pub number: i64,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub flow_id: Option<Uuid>,
    pub status: Status,
    pub reason_code: Option<i16>,
    pub reason: Option<String>,
    /// The network's or an admin's word.
    pub comment: Option<String>,
    pub country: Option<String>,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    pub tags: Value,
    pub price: Option<Decimal>,
    pub price_currency: Option<String>,
    pub quantity: Option<i32>,
    pub currency: String,
    pub payout: Decimal,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub ip: Option<String>,
    pub zip: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub address: Option<String>,
    /// The person's.
    pub note: Option<String>,
    pub meta: Value,
    /// Of a network's list: its own id of the lead, and its delivery.
    pub network_ref: Option<String>,
    pub delivery_id: Option<Uuid>,
}

/// A page in the order of the numbers.
pub async fn page(conn: &mut PgConnection, filter: &Filter, limit: i64) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select l.lead_id, l.number, l.webmaster_id, l.offer_id, l.flow_id, l.status, l.reason_code, l.reason, l.comment,
           l.country, l.external_id, l.click_id, l.tags, l.price, l.price_currency, l.quantity, l.currency, l.payout,
           l.created_at, l.changed_at, c.name, c.phone, c.email, host(c.ip) as ip, c.zip, c.region, c.city, c.address,
           c.comment as note, c.meta, ",
    );
    let taken = "d.accepted_at is not null and d.purpose = 'sale'";
    match filter.owner {
        Owner::Network(network_id) => {
            query.push(
                "d.external_id as network_ref, d.delivery_id from delivery d join lead l on l.lead_id = d.lead_id",
            );
            query.push(
                " join lead_contact c on c.lead_id = l.lead_id where d.accepted_at is not null and d.network_id = ",
            );
            query.push_bind(network_id);
            if !filter.external_ids.is_empty() {
                query.push(" and d.external_id = any(").push_bind(filter.external_ids.clone()).push(")");
            }
        }
        Owner::Webmaster(_) | Owner::Offer(_) => {
            query.push(
                "d.external_id as network_ref, d.delivery_id from lead l join lead_contact c on c.lead_id = l.lead_id",
            );
            query.push(" left join lateral (select d.external_id, d.delivery_id from delivery d where d.lead_id = l.lead_id and ");
            query.push(taken).push(" order by d.delivery_id desc limit 1) d on true where true");
            if !filter.external_ids.is_empty() {
                query.push(" and l.external_id = any(").push_bind(filter.external_ids.clone()).push(")");
            }
        }
    }
    match filter.owner {
        Owner::Webmaster(id) => query.push(" and l.webmaster_id = ").push_bind(id),
        Owner::Offer(id) => query.push(" and l.offer_id = ").push_bind(id),
        Owner::Network(_) => &mut query,
    };
    if !filter.numbers.is_empty() {
        query.push(" and l.number = any(").push_bind(filter.numbers.clone()).push(")");
    }
    if let Some(click_id) = &filter.click_id {
        query.push(" and l.click_id = ").push_bind(click_id.clone());
    }
    if let Some(offer_id) = filter.offer_id {
        query.push(" and l.offer_id = ").push_bind(offer_id);
    }
    if let Some(flow_id) = filter.flow_id {
        query.push(" and l.flow_id = ").push_bind(flow_id);
    }
    if !filter.statuses.is_empty() {
        let words: Vec<String> = filter.statuses.iter().map(ToString::to_string).collect();
        query.push(" and l.status = any(").push_bind(words).push(")");
    }
    if let Some(at) = filter.created_from {
        // Ids are in the order of time: the index on them is of use.
        query.push(" and l.created_at >= ").push_bind(at);
        query.push(" and l.lead_id >= ").push_bind(super::earliest_id(at));
    }
    if let Some(at) = filter.created_to {
        query.push(" and l.created_at < ").push_bind(at);
    }
    if let Some(at) = filter.changed_since {
        query.push(" and l.changed_at >= ").push_bind(at);
    }
    if let Some(number) = filter.after {
        query.push(" and l.number > ").push_bind(number);
    }
    query.push(" order by l.number limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}
