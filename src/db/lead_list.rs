//! The list of leads in the order of their changes. A reader that follows the cursor misses no change: only rows
//! below the oldest running transaction are listed, in the order of the transactions that wrote them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::domain::status::Status;

/// Conditions; an absent one holds always.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub webmaster_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub status: Option<Status>,
    pub external_id: Option<String>,
    pub changed_since: Option<DateTime<Utc>>,
    pub created_from: Option<DateTime<Utc>>,
    pub created_to: Option<DateTime<Utc>>,
    /// Only this lead, whatever runs beside.
    pub lead_id: Option<Uuid>,
}

/// Where a page ended: the transaction of the last change, and the lead.
pub type Position = (i64, Uuid);

/// A lead as its webmaster may see it.
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
    pub xid: i64,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub redirect_url: Option<String>,
}

/// A page after a position, oldest change first.
pub async fn page(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<Position>,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select l.lead_id, l.number, l.webmaster_id, l.offer_id, l.flow_id, l.status, l.reason_code, l.reason, l.comment, l.country,
           l.external_id, l.click_id, l.goal, l.tags, l.price, l.price_currency, l.quantity, l.currency, l.payout_due, l.payout,
           l.revenue, l.revenue_currency, l.test, l.unrouted, l.seq, l.created_at, l.changed_at,
           l.changed_xid::text::bigint as xid, c.name, c.first_name, c.last_name, c.phone, c.email,
           (select d.redirect_url from delivery d where d.lead_id = l.lead_id and d.accepted_at is not null and d.purpose = 'sale'
            order by d.delivery_id desc limit 1) as redirect_url
         from lead l join lead_contact c on c.lead_id = l.lead_id where true",
    );
    if let Some(lead_id) = filter.lead_id {
        query.push(" and l.lead_id = ").push_bind(lead_id);
    } else {
        query.push(" and l.changed_xid < pg_snapshot_xmin(pg_current_snapshot())");
    }
    if let Some(webmaster_id) = filter.webmaster_id {
        query.push(" and l.webmaster_id = ").push_bind(webmaster_id);
    }
    if let Some(offer_id) = filter.offer_id {
        query.push(" and l.offer_id = ").push_bind(offer_id);
    }
    if let Some(status) = filter.status {
        query.push(" and l.status = ").push_bind(status.as_str());
    }
    if let Some(external_id) = &filter.external_id {
        query.push(" and l.external_id = ").push_bind(external_id.clone());
    }
    if let Some(at) = filter.changed_since {
        query.push(" and l.changed_at >= ").push_bind(at);
    }
    if let Some(at) = filter.created_from {
        query.push(" and l.created_at >= ").push_bind(at);
    }
    if let Some(at) = filter.created_to {
        query.push(" and l.created_at < ").push_bind(at);
    }
    if let Some((xid, lead_id)) = after {
        query.push(" and (l.changed_xid, l.lead_id) > (").push_bind(xid.to_string());
        query.push("::text::xid8, ").push_bind(lead_id).push(")");
    }
    query.push(" order by l.changed_xid, l.lead_id limit ").push_bind(limit);
    query.build_query_as().fetch_all(conn).await
}
