//! What callers name things by: an id, a number or a slug. A slug is neither a UUID nor all digits, so the three
//! cannot be confused. Archived things are found too: filters over the past need them.

use sqlx::PgConnection;
use uuid::Uuid;

/// One reference as a caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// It is an id.
    pub id: Option<Uuid>,
    /// It is a number.
    pub number: Option<i64>,
    /// It is a slug or a code.
    pub slug: Option<String>,
}

impl Reference {
    /// Reads a reference.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let id = Uuid::parse_str(text).ok();
        let number = if id.is_none() { text.parse().ok() } else { None };
        let slug = (id.is_none() && number.is_none()).then(|| text.to_owned());
        Self { id, number, slug }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_of_three() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(Reference::parse(id).id, Uuid::parse_str(id).ok());
        assert_eq!(Reference::parse(id).number, None);
        assert_eq!(Reference::parse("42").number, Some(42));
        assert_eq!(Reference::parse("42").slug, None);
        assert_eq!(Reference::parse("offer-1").slug.as_deref(), Some("offer-1"));
        // Too long for a number: no id of ours, and a slug nobody can have.
        assert_eq!(Reference::parse("99999999999999999999").number, None);
    }
}
