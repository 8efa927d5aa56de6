//! Leads as they are answered.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::base::money;
use crate::db::delivery::Delivery;
use crate::db::lead_list::Row;
use crate::domain::rules::Rules;
use crate::domain::status::Status;
use crate::flow::accept_lead::Stored;

/// What a posted lead is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LeadAnswer {
    /// UUIDv7.
    pub id: Uuid,
    /// Increasing, for partners that need numbers.
    pub number: i64,
    /// `new`; with `wait` what it has become.
    pub status: Status,
    /// Whether an earlier request made this lead.
    pub duplicate: bool,
    /// Where to send the person, once a network has said so.
    pub redirect_url: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// With `wait`: how far its delivery is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryAnswer>,
}

/// How far a delivery is. Which network it is stays with the operator.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryAnswer {
    /// `waiting`, `sending`, `retrying`, `accepted`, `refused`, `needs_review`, `dead` or `cancelled`.
    pub state: String,
    /// The network's id of the lead.
    pub external_id: Option<String>,
    /// Where to send the person.
    pub redirect_url: Option<String>,
    /// The network's words.
    pub message: Option<String>,
}

impl LeadAnswer {
    /// Right after the commit.
    pub fn new(stored: &Stored, duplicate: bool) -> Self {
        Self {
            id: stored.lead_id,
            number: stored.number,
            status: Status::New,
            duplicate,
            redirect_url: None,
            created_at: stored.created_at,
            delivery: None,
        }
    }
}

impl From<&Delivery> for DeliveryAnswer {
    fn from(delivery: &Delivery) -> Self {
        Self {
            state: delivery.state.clone(),
            external_id: delivery.external_id.clone(),
            redirect_url: delivery.redirect_url.clone(),
            message: delivery.message.clone(),
        }
    }
}

/// A lead.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LeadView {
    pub id: Uuid,
    pub number: i64,
    /// Slug.
    pub offer: String,
    pub offer_id: Uuid,
    /// Code.
    pub flow: Option<String>,
    pub flow_id: Option<Uuid>,
    /// Slug.
    pub webmaster: String,
    pub webmaster_id: Uuid,
    pub status: Status,
    /// The AlterCPA word: `wait`, `hold`, `approve`, `cancel`, `trash`.
    pub stage: &'static str,
    pub reason_code: Option<i16>,
    pub reason: Option<String>,
    /// The network's comment.
    pub status_comment: Option<String>,
    /// To the webmaster: promised while it waits, then what is owed. A decimal string.
    pub payout: String,
    /// ISO 4217.
    pub currency: String,
    /// From the network; admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revenue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revenue_currency: Option<String>,
    pub external_id: Option<String>,
    pub click_id: Option<String>,
    pub goal: Option<String>,
    pub country: Option<String>,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub price: Option<String>,
    pub quantity: Option<i32>,
    pub redirect_url: Option<String>,
    pub test: bool,
    /// Changes of status or money so far.
    pub seq: i32,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// Whether no route takes it yet; admins only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrouted: Option<bool>,
    /// `sub1` … `sub12`, `utm_*`, `language`: those that were given.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub tags: Map<String, Value>,
    /// One lead only, admins only: its deliveries, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<Vec<DeliveryLine>>,
}

/// A delivery of a lead, as admins see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryLine {
    pub id: Uuid,
    /// Slug.
    pub network: String,
    pub network_id: Uuid,
    pub purpose: String,
    pub state: String,
    pub attempts: i32,
    pub next_at: Option<DateTime<Utc>>,
    pub external_id: Option<String>,
    pub redirect_url: Option<String>,
    pub message: Option<String>,
    pub reason: Option<String>,
}

/// A stored lead for who asks; `is_admin` sees the network's side too.
pub fn lead(rules: &Rules, row: Row, is_admin: bool) -> LeadView {
    let payout = match row.status {
        Status::New | Status::Pending => row.payout_due,
        _ => row.payout,
    };
    let revenue_currency = row.revenue_currency.clone().unwrap_or_else(|| row.currency.clone());
    LeadView {
        id: row.lead_id,
        number: row.number,
        offer: rules.offers.get(&row.offer_id).map(|offer| offer.slug.clone()).unwrap_or_default(),
        offer_id: row.offer_id,
        flow: row.flow_id.and_then(|id| rules.flows.get(&id)).map(|flow| flow.code.clone()),
        flow_id: row.flow_id,
        webmaster: rules.webmasters.get(&row.webmaster_id).map(|w| w.slug.clone()).unwrap_or_default(),
        webmaster_id: row.webmaster_id,
        status: row.status,
        stage: row.status.stage(),
        reason_code: row.reason_code,
        reason: row.reason,
        status_comment: row.comment,
        payout: money::print(payout, &row.currency),
        currency: row.currency.clone(),
        revenue: is_admin.then(|| money::print(row.revenue, &revenue_currency)),
        revenue_currency: is_admin.then_some(revenue_currency),
        external_id: row.external_id,
        click_id: row.click_id,
        goal: row.goal,
        country: row.country,
        name: row.name,
        first_name: row.first_name,
        last_name: row.last_name,
        phone: row.phone,
        email: row.email,
        price: row.price.map(|price| money::print(price, row.price_currency.as_deref().unwrap_or(&row.currency))),
        quantity: row.quantity,
        redirect_url: row.redirect_url,
        test: row.test,
        seq: row.seq,
        created_at: row.created_at,
        changed_at: row.changed_at,
        unrouted: is_admin.then_some(row.unrouted),
        tags: row.tags.as_object().cloned().unwrap_or_default(),
        deliveries: None,
    }
}

/// Deliveries as admins see them.
pub fn deliveries(rules: &Rules, deliveries: &[Delivery]) -> Vec<DeliveryLine> {
    deliveries
        .iter()
        .map(|delivery| DeliveryLine {
            id: delivery.delivery_id,
            network: rules.networks.get(&delivery.network_id).map(|network| network.slug.clone()).unwrap_or_default(),
            network_id: delivery.network_id,
            purpose: delivery.purpose.clone(),
            state: delivery.state.clone(),
            attempts: delivery.attempts,
            next_at: delivery.next_at,
            external_id: delivery.external_id.clone(),
            redirect_url: delivery.redirect_url.clone(),
            message: delivery.message.clone(),
            reason: delivery.reason.clone(),
        })
        .collect()
}
