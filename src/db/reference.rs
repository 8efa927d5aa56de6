//! How callers name an object: by id, by number or by slug. A slug is neither a UUID nor all digits, so the three
//! cannot be confused.

use sqlx::PgConnection;
use uuid::Uuid;

/// One of the three, the others empty: a query asks for whichever is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// UUID.
    pub id: Option<Uuid>,
    /// Number.
    pub number: Option<i64>,
    /// Slug or code.
    pub slug: Option<String>,
}

impl Reference {
    /// Reads what the caller wrote. A text that can name nothing gives a reference that finds nothing.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Ok(id) = Uuid::parse_str(text) {
            Self { id: Some(id), ..Self::default() }
        } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self { number: text.parse().ok(), ..Self::default() }
        } else {
            // PostgreSQL refuses NUL in any text.
            Self { slug: (!text.contains('\0')).then(|| text.to_owned()), ..Self::default() }
        }
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
    fn the_three_ways_are_told_apart() {
        assert_eq!(Reference::parse("17").number, Some(17));
        assert_eq!(Reference::parse("offer-1").slug.as_deref(), Some("offer-1"));
        assert!(Reference::parse("01890a5d-ac96-774b-bcce-b302099a8057").id.is_some());
        assert!(Reference::parse("01890a5dac96774bbcceb302099a8057").id.is_some());
        assert_eq!(Reference::parse("99999999999999999999999"), Reference::default());
        assert_eq!(Reference::parse("a\0"), Reference::default());
    }
}
