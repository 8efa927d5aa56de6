//! Flows: a webmaster's use of an offer.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// One flow as it is stored, with the names of what it refers to.
#[derive(Clone, Debug)]
pub struct Row {
    pub flow_id: Uuid,
    pub number: i64,
    pub code: String,
    pub webmaster_id: Uuid,
    pub webmaster: String,
    pub offer_id: Uuid,
    pub offer: String,
    pub params: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
}

/// What a person decides of a flow.
#[derive(Debug)]
pub struct Fields {
    pub code: String,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub params: Value,
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub struct Filter {
    pub archived: bool,
    pub webmaster_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
}

/// A page in the order of numbers.
pub async fn list(conn: &mut PgConnection, filter: &Filter, after: Option<i64>, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select f.flow_id, f.number, f.code, f.webmaster_id, w.slug as webmaster, f.offer_id, o.slug as offer, f.params,
           f.created_at, f.updated_at, f.archived_at
         from flow f join webmaster w on w.webmaster_id = f.webmaster_id join offer o on o.offer_id = f.offer_id
         where ($1::bigint is null or f.number > $1) and (f.archived_at is not null) = $2
           and ($3::uuid is null or f.webmaster_id = $3) and ($4::uuid is null or f.offer_id = $4)
         order by f.number limit $5",
        after,
        filter.archived,
        filter.webmaster_id,
        filter.offer_id,
        limit
    )
    .fetch_all(conn)
    .await
}

/// One, archived or not.
pub async fn find(conn: &mut PgConnection, reference: &Reference) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        "select f.flow_id, f.number, f.code, f.webmaster_id, w.slug as webmaster, f.offer_id, o.slug as offer, f.params,
           f.created_at, f.updated_at, f.archived_at
         from flow f join webmaster w on w.webmaster_id = f.webmaster_id join offer o on o.offer_id = f.offer_id
         where f.flow_id = $1 or f.number = $2 or f.code = $3",
        reference.id,
        reference.number,
        reference.slug
    )
    .fetch_optional(conn)
    .await
}

/// Keeps the row from other writers until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, flow_id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("select flow_id from flow where flow_id = $1 for no key update", flow_id).fetch_optional(conn).await?;
    Ok(())
}

/// Adds one; `flow_code_uq` refuses a code that was ever used.
pub async fn insert(conn: &mut PgConnection, flow_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into flow (flow_id, code, webmaster_id, offer_id, params, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        flow_id,
        fields.code,
        fields.webmaster_id,
        fields.offer_id,
        fields.params,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes one.
pub async fn update(conn: &mut PgConnection, flow_id: Uuid, fields: &Fields, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update flow set code = $2, webmaster_id = $3, offer_id = $4, params = $5, updated_at = $6 where flow_id = $1",
        flow_id,
        fields.code,
        fields.webmaster_id,
        fields.offer_id,
        fields.params,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes it out of use. Its leads, its code and its number stay.
pub async fn archive(conn: &mut PgConnection, flow_id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update flow set archived_at = $2, updated_at = $2 where flow_id = $1 and archived_at is null",
        flow_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}
