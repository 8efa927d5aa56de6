//! Ids of what callers name. Archived things are found too, flows apart: filters over the past need them.

use sqlx::PgConnection;
use uuid::Uuid;

use super::reference::Reference;

/// The id of a network.
pub async fn network_id(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select network_id from network where network_id = $1 or number = $2 or slug = $3",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// The id of an offer.
pub async fn offer_id(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select offer_id from offer where offer_id = $1 or number = $2 or slug = $3",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// The id of a webmaster.
pub async fn webmaster_id(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select webmaster_id from webmaster where webmaster_id = $1 or number = $2 or slug = $3",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}

/// The id of a lead, by id or number.
pub async fn lead_id(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("select lead_id from lead where lead_id = $1 or number = $2", of.id, of.number)
        .fetch_optional(conn)
        .await
}

/// A flow, with the webmaster and the offer it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowIds {
    pub flow_id: Uuid,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
}

/// A flow by id, number or code; archived ones are gone.
pub async fn flow(conn: &mut PgConnection, of: &Reference) -> sqlx::Result<Option<FlowIds>> {
    sqlx::query_as!(
        FlowIds,
        "select flow_id, webmaster_id, offer_id from flow
         where (flow_id = $1 or number = $2 or code = $3) and archived_at is null",
        of.id,
        of.number,
        of.slug
    )
    .fetch_optional(conn)
    .await
}
