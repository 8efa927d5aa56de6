//! Deliveries: one lead handed to one network.
//!
//! `coalesce(state, '')`: see `postback_delivery`; `= any(…)` beside a join: see `queue::settle`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A new delivery, waiting.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    pub delivery_id: Uuid,
    pub lead_id: Uuid,
    pub network_id: Uuid,
    pub route_id: Option<Uuid>,
    /// `sale` or `fulfilment`.
    pub purpose: String,
    /// When it is too late to send it.
    pub expires_at: DateTime<Utc>,
    pub next_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    /// The version of the network's settings it is sent with, when it is sent at once.
    pub sent_with: Option<i32>,
}

/// Adds deliveries: those that are sent at once with their sending stamps, the others waiting.
pub async fn insert_many(conn: &mut PgConnection, rows: &[NewDelivery]) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into delivery (delivery_id, lead_id, network_id, route_id, purpose, expires_at, next_at, reason, state, attempts,
           sending_at, settings_version)
         select delivery_id, lead_id, network_id, route_id, purpose, expires_at, next_at, reason,
           case when sent_with is null then 'waiting' else 'sending' end, (sent_with is not null)::int,
           case when sent_with is not null then now() end, sent_with
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::int[])
           new(delivery_id, lead_id, network_id, route_id, purpose, expires_at, next_at, reason, sent_with)",
        &rows.iter().map(|r| r.delivery_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.lead_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.network_id).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.route_id).collect::<Vec<_>>() as &[Option<Uuid>],
        &rows.iter().map(|r| r.purpose.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.expires_at).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.next_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &rows.iter().map(|r| r.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|r| r.sent_with).collect::<Vec<_>>() as &[Option<i32>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

impl NewDelivery {
    /// The delivery as its sender sees it, when it is sent at once.
    pub fn sending(&self, now: DateTime<Utc>) -> Delivery {
        Delivery {
            delivery_id: self.delivery_id,
            lead_id: self.lead_id,
            network_id: self.network_id,
            route_id: self.route_id,
            purpose: self.purpose.clone(),
            state: "waiting".into(),
            attempts: 0,
            sending_at: None,
            next_at: None,
            external_id: None,
            redirect_url: None,
            message: None,
            reason: None,
            is_duplicate: false,
            expires_at: self.expires_at,
            accepted_at: None,
            created_at: now,
        }
    }
}

/// A delivery as the flow room works with it.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub delivery_id: Uuid,
    pub lead_id: Uuid,
    pub network_id: Uuid,
    pub route_id: Option<Uuid>,
    pub purpose: String,
    /// As `api.md` names them: `waiting`, `sending`, `retrying`, `accepted`, `refused`, `needs_review`, `dead`, `cancelled`.
    pub state: String,
    pub attempts: i32,
    pub sending_at: Option<DateTime<Utc>>,
    pub next_at: Option<DateTime<Utc>>,
    pub external_id: Option<String>,
    pub redirect_url: Option<String>,
    pub message: Option<String>,
    pub reason: Option<String>,
    pub is_duplicate: bool,
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// These deliveries, locked against other writers, in the order of their ids.
pub async fn lock(conn: &mut PgConnection, delivery_ids: &[Uuid]) -> sqlx::Result<Vec<Delivery>> {
    sqlx::query_as!(
        Delivery,
        "select delivery_id, lead_id, network_id, route_id, purpose, state, attempts, sending_at, next_at, external_id,
           redirect_url, message, reason, is_duplicate, expires_at, accepted_at, created_at
         from delivery where delivery_id = any($1) order by delivery_id for no key update",
        delivery_ids
    )
    .fetch_all(conn)
    .await
}

/// All deliveries of these leads, oldest first; the caller has locked the leads.
pub async fn of_leads(conn: &mut PgConnection, lead_ids: &[Uuid]) -> sqlx::Result<Vec<Delivery>> {
    sqlx::query_as!(
        Delivery,
        "select delivery_id, lead_id, network_id, route_id, purpose, state, attempts, sending_at, next_at, external_id,
           redirect_url, message, reason, is_duplicate, expires_at, accepted_at, created_at
         from delivery where lead_id = any($1) order by delivery_id",
        lead_ids
    )
    .fetch_all(conn)
    .await
}

/// One delivery.
pub async fn find(conn: &mut PgConnection, delivery_id: Uuid) -> sqlx::Result<Option<Delivery>> {
    sqlx::query_as!(
        Delivery,
        "select delivery_id, lead_id, network_id, route_id, purpose, state, attempts, sending_at, next_at, external_id,
           redirect_url, message, reason, is_duplicate, expires_at, accepted_at, created_at
         from delivery where delivery_id = $1",
        delivery_id
    )
    .fetch_optional(conn)
    .await
}

/// A delivery that is about to be sent, and the holding of its job that allows it.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    pub delivery_id: Uuid,
    pub settings_version: i32,
    pub job_id: Uuid,
    pub lease_token: Uuid,
}

/// The sending stamp: committed just before the call. Gives the deliveries that may be sent; the others were
/// decided meanwhile, or the lease is gone: a stamp of a stale worker would look like a call that was lost.
pub async fn stamp_sending(conn: &mut PgConnection, stamps: &[Stamp]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "with held as materialized (
           select delivery_id, settings_version from unnest($1::uuid[], $2::int[], $3::uuid[]) new(delivery_id, settings_version, job_id)
           where job_id = any(array(select job_id from job where job_id = any($3) and lease_token = any($4))))
         update delivery d set state = 'sending', sending_at = now(), attempts = attempts + 1, next_at = null,
           settings_version = held.settings_version, updated_at = now()
         from held
         where d.delivery_id = held.delivery_id and d.delivery_id = any($1)
           and coalesce(d.state, '') in ('waiting', 'retrying', 'sending')
         returning d.delivery_id",
        &stamps.iter().map(|stamp| stamp.delivery_id).collect::<Vec<_>>(),
        &stamps.iter().map(|stamp| stamp.settings_version).collect::<Vec<_>>(),
        &stamps.iter().map(|stamp| stamp.job_id).collect::<Vec<_>>(),
        &stamps.iter().map(|stamp| stamp.lease_token).collect::<Vec<_>>(),
    )
    .fetch_all(conn)
    .await
}

/// How many wait for a person because nobody knows whether they arrived; counted up to `most`.
pub async fn in_review(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from delivery where state = 'needs_review' limit $1) review"#,
        most
    )
    .fetch_one(conn)
    .await
}

/// What changes when a delivery is settled.
#[derive(Clone, Debug)]
pub struct Change {
    pub delivery_id: Uuid,
    pub state: &'static str,
    pub next_at: Option<DateTime<Utc>>,
    /// Kept when `None`.
    pub external_id: Option<String>,
    /// Kept when `None`.
    pub redirect_url: Option<String>,
    pub message: Option<String>,
    pub reason: Option<String>,
    pub is_duplicate: bool,
    pub accepted_at: Option<DateTime<Utc>>,
}

/// Writes changes; the sending stamp is taken away.
pub async fn update_many(conn: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update delivery d set state = new.state, next_at = new.next_at, external_id = coalesce(new.external_id, d.external_id),
           redirect_url = coalesce(new.redirect_url, d.redirect_url), message = coalesce(new.message, d.message),
           reason = new.reason, is_duplicate = new.is_duplicate, accepted_at = coalesce(d.accepted_at, new.accepted_at),
           sending_at = case when new.state = 'sending' then d.sending_at end, updated_at = now()
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[], $9::timestamptz[])
           new(delivery_id, state, next_at, external_id, redirect_url, message, reason, is_duplicate, accepted_at)
         where d.delivery_id = new.delivery_id",
        &changes.iter().map(|c| c.delivery_id).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.state.to_owned()).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.next_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &changes.iter().map(|c| c.external_id.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.redirect_url.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.message.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.reason.clone()).collect::<Vec<_>>() as &[Option<String>],
        &changes.iter().map(|c| c.is_duplicate).collect::<Vec<_>>(),
        &changes.iter().map(|c| c.accepted_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves a delivery that was never sent to another route.
pub async fn reroute(
    conn: &mut PgConnection,
    delivery_id: Uuid,
    network_id: Uuid,
    route_id: Uuid,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update delivery set network_id = $2, route_id = $3, expires_at = $4, state = 'waiting', next_at = null, reason = null,
           updated_at = now()
         where delivery_id = $1",
        delivery_id,
        network_id,
        route_id,
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps the networks' ids of deliveries that have none yet.
pub async fn learn(conn: &mut PgConnection, told: &[(Uuid, String)]) -> sqlx::Result<()> {
    let (delivery_ids, external_ids): (Vec<Uuid>, Vec<String>) = told.iter().cloned().unzip();
    sqlx::query!(
        "update delivery d set external_id = new.external_id, updated_at = now()
         from unnest($1::uuid[], $2::text[]) new(delivery_id, external_id)
         where d.delivery_id = new.delivery_id and d.external_id is null",
        &delivery_ids,
        &external_ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Opens a delivery again that was over; its sending stamp is gone, its route's freshness begins anew.
pub async fn reopen(conn: &mut PgConnection, delivery_id: Uuid, expires_at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update delivery set state = 'waiting', sending_at = null, next_at = null, reason = null, expires_at = greatest(expires_at, $2),
           updated_at = now()
         where delivery_id = $1",
        delivery_id,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}
