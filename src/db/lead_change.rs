//! The ledger that reports count: one row for each change of a lead's status, network, reason or money. The row of its
//! coming is written with the lead (`db::intake`).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use super::lead::Lead;
use crate::domain::status::Status;

/// Where a lead stands, as far as reports are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    status: Status,
    network_id: Option<Uuid>,
    reason_code: Option<i16>,
    payout: Decimal,
    revenue: Decimal,
    revenue_currency: Option<String>,
}

impl Place {
    fn of(lead: &Lead) -> Self {
        Self {
            status: lead.status,
            network_id: lead.network_id,
            reason_code: lead.reason_code,
            payout: lead.payout,
            revenue: lead.revenue,
            revenue_currency: lead.revenue_currency.clone(),
        }
    }
}

/// A lead's way from one place to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    lead_id: Uuid,
    from: Place,
    to: Place,
}

/// What the ledger is told when a lead becomes another; nothing when reports see no difference.
pub fn step(before: &Lead, after: &Lead) -> Option<Step> {
    let (from, to) = (Place::of(before), Place::of(after));
    (from != to).then_some(Step { lead_id: after.lead_id, from, to })
}

/// Adds rows. Test leads are the caller's to leave out.
pub async fn insert_many(conn: &mut PgConnection, steps: &[Step], now: DateTime<Utc>) -> sqlx::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into lead_change (lead_id, at, was_status, was_network_id, was_reason_code, was_payout, was_revenue,
           was_revenue_currency, status, network_id, reason_code, payout, revenue, revenue_currency)
         select lead_id, $14, was_status, was_network_id, was_reason_code, was_payout, was_revenue, was_revenue_currency,
           status, network_id, reason_code, payout, revenue, revenue_currency
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::smallint[], $5::numeric[], $6::numeric[], $7::text[],
           $8::text[], $9::uuid[], $10::smallint[], $11::numeric[], $12::numeric[], $13::text[])
           new(lead_id, was_status, was_network_id, was_reason_code, was_payout, was_revenue, was_revenue_currency,
             status, network_id, reason_code, payout, revenue, revenue_currency)",
        &steps.iter().map(|step| step.lead_id).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.from.status.to_string()).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.from.network_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &steps.iter().map(|step| step.from.reason_code).collect::<Vec<_>>() as &[Option<i16>],
        &steps.iter().map(|step| step.from.payout).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.from.revenue).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.from.revenue_currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        &steps.iter().map(|step| step.to.status.to_string()).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.to.network_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &steps.iter().map(|step| step.to.reason_code).collect::<Vec<_>>() as &[Option<i16>],
        &steps.iter().map(|step| step.to.payout).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.to.revenue).collect::<Vec<_>>(),
        &steps.iter().map(|step| step.to.revenue_currency.clone()).collect::<Vec<_>>() as &[Option<String>],
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
