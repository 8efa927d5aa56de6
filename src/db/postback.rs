//! Postbacks as the admin API reads and writes them, and how their endpoints have been lately.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// One postback as stored, with the names of what it belongs to; the secrets stay sealed.
#[derive(Clone, Debug)]
pub struct Row {
    pub postback_id: Uuid,
    pub webmaster_id: Option<Uuid>,
    pub webmaster: Option<String>,
    pub flow_id: Option<Uuid>,
    pub flow: Option<String>,
    pub offer_id: Option<Uuid>,
    pub offer: Option<String>,
    pub url: String,
    pub method: String,
    pub body: Option<String>,
    pub statuses: Vec<String>,
    pub kind: String,
    pub secret: Option<Vec<u8>>,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Written {
    pub postback_id: Uuid,
    pub webmaster_id: Option<Uuid>,
    pub flow_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub url: String,
    pub method: String,
    pub body: Option<String>,
    pub statuses: Vec<String>,
    pub kind: String,
    /// Sealed JSON array, newest first.
    pub secret: Option<Vec<u8>>,
    pub enabled: bool,
}

/// Which ones are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The archived ones or the others.
    pub archived: bool,
    pub webmaster_id: Option<Uuid>,
    pub flow_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
}

/// By id, archived or not.
pub async fn find(conn: &mut PgConnection, postback_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        r#"select p.postback_id, p.webmaster_id, w.slug as "webmaster?", p.flow_id, f.code as "flow?", p.offer_id,
             o.slug as "offer?", p.url, p.method, p.body, p.statuses, p.kind, p.secret, p.enabled, p.created_at,
             p.updated_at, p.archived_at
           from postback p left join webmaster w using (webmaster_id) left join flow f on f.flow_id = p.flow_id
             left join offer o on o.offer_id = p.offer_id
           where p.postback_id = $1"#,
        postback_id
    )
    .fetch_optional(conn)
    .await
}

/// The same, kept from being changed by others until the transaction ends.
pub async fn lock(conn: &mut PgConnection, postback_id: Uuid) -> sqlx::Result<Option<Row>> {
    sqlx::query_scalar!("select postback_id from postback where postback_id = $1 for update", postback_id)
        .fetch_optional(&mut *conn)
        .await?;
    find(conn, postback_id).await
}

/// Those after `after`, in the order they were made.
pub async fn list(conn: &mut PgConnection, filter: &Filter, after: Option<Uuid>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select p.postback_id, p.webmaster_id, w.slug as "webmaster?", p.flow_id, f.code as "flow?", p.offer_id,
             o.slug as "offer?", p.url, p.method, p.body, p.statuses, p.kind, p.secret, p.enabled, p.created_at,
             p.updated_at, p.archived_at
           from postback p left join webmaster w using (webmaster_id) left join flow f on f.flow_id = p.flow_id
             left join offer o on o.offer_id = p.offer_id
           where (p.archived_at is not null) = $6
             and ($1::uuid is null or p.webmaster_id = $1)
             and ($2::uuid is null or p.flow_id = $2)
             and ($3::uuid is null or p.offer_id = $3)
             and ($4::uuid is null or p.postback_id > $4)
           order by p.postback_id limit $5"#,
        filter.webmaster_id,
        filter.flow_id,
        filter.offer_id,
        after,
        limit,
        filter.archived
    )
    .fetch_all(conn)
    .await
}

/// Adds one; `postback_main_uq` refuses a second main one of a flow or webmaster.
pub async fn insert(conn: &mut PgConnection, new: &Written) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into postback (postback_id, webmaster_id, flow_id, offer_id, url, method, body, statuses, kind, secret,
           enabled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.postback_id,
        new.webmaster_id,
        new.flow_id,
        new.offer_id,
        new.url,
        new.method,
        new.body,
        &new.statuses,
        new.kind,
        new.secret,
        new.enabled,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one; `postback_main_uq` as for [`insert`].
pub async fn update(conn: &mut PgConnection, new: &Written) -> sqlx::Result<()> {
    sqlx::query!(
        "update postback set webmaster_id = $2, flow_id = $3, offer_id = $4, url = $5, method = $6, body = $7,
           statuses = $8, kind = $9, secret = $10, enabled = $11, updated_at = now()
         where postback_id = $1",
        new.postback_id,
        new.webmaster_id,
        new.flow_id,
        new.offer_id,
        new.url,
        new.method,
        new.body,
        &new.statuses,
        new.kind,
        new.secret,
        new.enabled,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts it away.
pub async fn archive(conn: &mut PgConnection, postback_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("update postback set archived_at = now(), updated_at = now() where postback_id = $1", postback_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// The id of a live webmaster.
pub async fn live_webmaster(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select webmaster_id from webmaster
         where (webmaster_id = $1 or number = $2 or slug = $3) and archived_at is null",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// The id of a live offer.
pub async fn live_offer(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select offer_id from offer where (offer_id = $1 or number = $2 or slug = $3) and archived_at is null",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// What became of the postbacks made since a time.
#[derive(Clone, Debug)]
pub struct Health {
    pub postback_id: Uuid,
    /// The endpoint took them.
    pub delivered: i64,
    /// Given up.
    pub failed: i64,
    /// Refused or not reached so far, tried again.
    pub retrying: i64,
    /// Not tried yet.
    pub waiting: i64,
    pub last_delivered_at: Option<DateTime<Utc>>,
    pub last_failed_at: Option<DateTime<Utc>>,
}

/// The health of these endpoints; those without a delivery since then are left out.
pub async fn health(conn: &mut PgConnection, postbacks: &[Uuid], since: DateTime<Utc>) -> sqlx::Result<Vec<Health>> {
    sqlx::query_as!(
        Health,
        r#"select postback_id,
             count(*) filter (where state = 'delivered') as "delivered!",
             count(*) filter (where state = 'dead') as "failed!",
             count(*) filter (where state = 'retrying') as "retrying!",
             count(*) filter (where state in ('waiting', 'sending')) as "waiting!",
             max(updated_at) filter (where state = 'delivered') as last_delivered_at,
             max(updated_at) filter (where state in ('dead', 'retrying')) as last_failed_at
           from postback_delivery
           where postback_id = any ($1) and postback_delivery_id >= $2 and created_at >= $3
           group by postback_id"#,
        postbacks,
        super::earliest_id(since),
        since
    )
    .fetch_all(conn)
    .await
}
