//! Leads as the flow room works with them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::status::Status;

/// A lead without its personal data.
#[derive(Clone, Debug)]
pub struct Lead {
    pub lead_id: Uuid,
    pub number: i64,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub flow_id: Option<Uuid>,
    /// The network that has it.
    pub network_id: Option<Uuid>,
    pub status: Status,
    pub reason_code: Option<i16>,
    pub reason: Option<String>,
    pub comment: Option<String>,
    pub country: Option<String>,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    pub goal: Option<String>,
    pub tags: Value,
    pub price: Option<Decimal>,
    pub price_currency: Option<String>,
    pub quantity: Option<i32>,
    pub currency: String,
    pub payout_due: Decimal,
    pub payout: Decimal,
    pub revenue: Decimal,
    pub revenue_currency: Option<String>,
    pub test: bool,
    pub unrouted: bool,
    pub seq: i32,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

/// These leads, locked against other writers in the order of their ids: the first lock of every business act.
pub async fn lock(conn: &mut PgConnection, lead_ids: &[Uuid]) -> sqlx::Result<Vec<Lead>> {
    sqlx::query_as!(
        Lead,
        r#"select lead_id, number, webmaster_id, offer_id, flow_id, network_id, status as "status: Status", reason_code, reason, comment, country,
             external_id, click_id, goal, tags, price, price_currency, quantity, currency, payout_due, payout, revenue, revenue_currency, test,
             unrouted, seq, created_at, changed_at
           from lead where lead_id = any($1) order by lead_id for no key update"#,
        lead_ids
    )
    .fetch_all(conn)
    .await
}

/// These leads, as they are.
pub async fn find_many(conn: &mut PgConnection, lead_ids: &[Uuid]) -> sqlx::Result<Vec<Lead>> {
    sqlx::query_as!(
        Lead,
        r#"select lead_id, number, webmaster_id, offer_id, flow_id, network_id, status as "status: Status", reason_code, reason, comment, country,
             external_id, click_id, goal, tags, price, price_currency, quantity, currency, payout_due, payout, revenue, revenue_currency, test,
             unrouted, seq, created_at, changed_at
           from lead where lead_id = any($1)"#,
        lead_ids
    )
    .fetch_all(conn)
    .await
}

/// The id of a lead by its number.
pub async fn id_of_number(conn: &mut PgConnection, number: i64) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("select lead_id from lead where number = $1", number).fetch_optional(conn).await
}

/// The personal data of a lead, and the webmaster's own fields.
#[derive(Clone, Default)]
pub struct Contact {
    pub lead_id: Uuid,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    pub landing_url: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub zip: Option<String>,
    pub address: Option<String>,
    pub comment: Option<String>,
    pub meta: Value,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact of {}", self.lead_id)
    }
}

/// The contacts of leads.
pub async fn contacts(conn: &mut PgConnection, lead_ids: &[Uuid]) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as!(
        Contact,
        r#"select lead_id, name, first_name, last_name, phone, email, host(ip) as ip, user_agent, referer, landing_url, city, region,
             zip, address, comment, meta
           from lead_contact where lead_id = any($1)"#,
        lead_ids
    )
    .fetch_all(conn)
    .await
}

/// What a change of status or money writes.
#[derive(Clone, Debug)]
pub struct Change {
    pub lead_id: Uuid,
    pub network_id: Option<Uuid>,
    pub status: Status,
    pub reason_code: Option<i16>,
    pub reason: Option<String>,
    pub comment: Option<String>,
    pub payout: Decimal,
    pub revenue: Decimal,
    pub revenue_currency: Option<String>,
    pub seq: i32,
}

/// Writes changes of status and money, and moves the leads to the end of the change order.
pub async fn update_many(conn: &mut PgConnection, changes: &[Change], now: DateTime<Utc>) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update lead l set status = new.status, reason_code = new.reason_code, reason = new.reason, comment = new.comment,
           payout = new.payout, revenue = new.revenue, revenue_currency = new.revenue_currency, seq = new.seq,
           network_id = new.network_id, changed_at = $11, changed_xid = pg_current_xact_id()
         from unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::text[], $9::int[], $10::uuid[])
           new(lead_id, status, reason_code, reason, comment, payout, revenue, revenue_currency, seq, network_id)
         where l.lead_id = new.lead_id",
        &changes.iter().map(|c| c.lead_id).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.status.to_string()).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.reason_code).collect::<Vec<_>>() as &[Option<i16>],
        &changes.iter().map(|c| c.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.comment.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.payout).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.revenue).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.revenue_currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.seq).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.network_id).collect::<Vec<_>>() as &[Option<Uuid>],
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks whether leads wait for a route.
pub async fn set_unrouted(conn: &mut PgConnection, lead_ids: &[Uuid], unrouted: bool) -> sqlx::Result<()> {
    if lead_ids.is_empty() {
        return Ok(());
    }
    sqlx::query!("update lead set unrouted = $2 where lead_id = any($1) and unrouted <> $2", lead_ids, unrouted)
        .execute(conn)
        .await?;
    Ok(())
}

/// Leads of these offers that no route has taken, after a lead, oldest first.
pub async fn unrouted(
    conn: &mut PgConnection,
    offer_ids: &[Uuid],
    after: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "select lead_id from lead where unrouted and offer_id = any($1) and ($2::uuid is null or lead_id > $2)
         order by lead_id limit $3",
        offer_ids,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}

/// A change of a lead by its webmaster: the contact, and what the price is about.
#[derive(Clone, Debug)]
pub struct Edit {
    pub contact: Contact,
    pub price: Option<Decimal>,
    pub price_currency: Option<String>,
    pub quantity: Option<i32>,
}

/// Writes a change by the webmaster, and moves the lead to the end of the change order.
pub async fn edit(conn: &mut PgConnection, edit: &Edit, now: DateTime<Utc>) -> sqlx::Result<()> {
    let contact = &edit.contact;
    sqlx::query!(
        "update lead_contact set name = $2, first_name = $3, last_name = $4, email = $5, city = $6, region = $7, zip = $8,
           address = $9, comment = $10, meta = $11
         where lead_id = $1",
        contact.lead_id,
        contact.name,
        contact.first_name,
        contact.last_name,
        contact.email,
        contact.city,
        contact.region,
        contact.zip,
        contact.address,
        contact.comment,
        contact.meta,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update lead set price = $2, price_currency = $3, quantity = $4, changed_at = $5, changed_xid = pg_current_xact_id()
         where lead_id = $1",
        contact.lead_id,
        edit.price,
        edit.price_currency,
        edit.quantity,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
