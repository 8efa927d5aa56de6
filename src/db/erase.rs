//! Taking the personal data of one lead out for good. What is left says that there was a lead and what became of it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Whether it has been done, and when.
pub async fn erased_at(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Option<DateTime<Utc>>> {
    let found = sqlx::query_scalar!("select erased_at from lead_contact where lead_id = $1", lead_id);
    Ok(found.fetch_optional(conn).await?.flatten())
}

/// Empties the contact. The first time stays the time it was done.
pub async fn contact(conn: &mut PgConnection, lead_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update lead_contact set name = null, first_name = null, last_name = null, phone = null, email = null, ip = null,
           user_agent = null, referer = null, landing_url = null, city = null, region = null, zip = null, address = null,
           comment = null, meta = '{}', erased_at = coalesce(erased_at, $2)
         where lead_id = $1",
        lead_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes requests and answers of its attempts.
pub async fn attempt_bodies(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from attempt_body b using attempt a
         where a.lead_id = $1 and b.attempt_id = a.attempt_id and b.started_at = a.started_at",
        lead_id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Empties the calls of networks about it.
pub async fn inbound_bodies(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update inbound_postback set query = '', body = '' where lead_id = $1 and (query <> '' or body <> '')",
        lead_id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Empties the bodies of calls to its webmaster that are over. Those still to be sent hold ids and amounts only.
pub async fn postback_bodies(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "update postback_delivery set body = null
         where lead_id = $1 and body is not null and state not in ('waiting', 'sending', 'retrying')",
        lead_id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
