//! What a call to a network needs: the delivery, its lead and the person, read at once.

use sqlx::PgConnection;
use uuid::Uuid;

use super::delivery::Delivery;
use super::lead::{Contact, Lead};
use crate::domain::status::Status;

/// A delivery with its lead.
#[derive(Debug)]
pub struct Order {
    pub delivery: Delivery,
    pub lead: Lead,
    pub contact: Contact,
    /// The contact has been emptied for good.
    pub is_erased: bool,
}

/// These deliveries, as they are.
pub async fn find_many(conn: &mut PgConnection, delivery_ids: &[Uuid]) -> sqlx::Result<Vec<Order>> {
    let rows = sqlx::query!(
        r#"select
             d.delivery_id, d.lead_id, d.network_id, d.route_id, d.purpose, d.state, d.attempts, d.sending_at,
             d.next_at, d.external_id, d.redirect_url, d.message, d.reason, d.is_duplicate, d.expires_at,
             d.accepted_at, d.created_at, l.number, l.webmaster_id, l.offer_id, l.flow_id, l.network_id as lead_network_id,
             l.status as "lead_status: Status", l.reason_code, l.reason as lead_reason, l.comment as lead_comment,
             l.country, l.external_id as lead_external_id, l.click_id, l.goal, l.tags, l.price, l.price_currency,
             l.quantity, l.currency, l.payout_due, l.payout, l.revenue, l.revenue_currency, l.test, l.unrouted,
             l.seq, l.created_at as lead_created_at, l.changed_at, c.name, c.first_name, c.last_name, c.phone,
             c.email, host(c.ip) as ip, c.user_agent, c.referer, c.landing_url, c.city, c.region, c.zip, c.address,
             c.comment as contact_comment, c.meta,
             c.erased_at is not null as "is_erased!"
           from delivery d
           join lead l on l.lead_id = d.lead_id
           join lead_contact c on c.lead_id = d.lead_id
           where d.delivery_id = any($1)"#,
        delivery_ids
    )
    .fetch_all(conn)
    .await?;
    let orders = rows.into_iter().map(|row| Order {
        is_erased: row.is_erased,
        delivery: Delivery {
            delivery_id: row.delivery_id,
            lead_id: row.lead_id,
            network_id: row.network_id,
            route_id: row.route_id,
            purpose: row.purpose,
            state: row.state,
            attempts: row.attempts,
            sending_at: row.sending_at,
            next_at: row.next_at,
            external_id: row.external_id,
            redirect_url: row.redirect_url,
            message: row.message,
            reason: row.reason,
            is_duplicate: row.is_duplicate,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            created_at: row.created_at,
        },
        lead: Lead {
            lead_id: row.lead_id,
            number: row.number,
            webmaster_id: row.webmaster_id,
            offer_id: row.offer_id,
            flow_id: row.flow_id,
            network_id: row.lead_network_id,
            status: row.lead_status,
            reason_code: row.reason_code,
            reason: row.lead_reason,
            comment: row.lead_comment,
            country: row.country,
            external_id: row.lead_external_id,
            click_id: row.click_id,
            goal: row.goal,
            tags: row.tags,
            price: row.price,
            price_currency: row.price_currency,
            quantity: row.quantity,
            currency: row.currency,
            payout_due: row.payout_due,
            payout: row.payout,
            revenue: row.revenue,
            revenue_currency: row.revenue_currency,
            test: row.test,
            unrouted: row.unrouted,
            seq: row.seq,
            created_at: row.lead_created_at,
            changed_at: row.changed_at,
        },
        contact: Contact {
            lead_id: row.lead_id,
            name: row.name,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            email: row.email,
            ip: row.ip,
            user_agent: row.user_agent,
            referer: row.referer,
            landing_url: row.landing_url,
            city: row.city,
            region: row.region,
            zip: row.zip,
            address: row.address,
            comment: row.contact_comment,
            meta: row.meta,
        },
    });
    Ok(orders.collect())
}
