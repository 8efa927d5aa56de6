//! Filters that the lists share: references become ids, words are checked, the cursor is read. A filter that names
//! nothing there is is refused: an empty list would look like an answer.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::base::page;
use crate::db::reference::{self, Reference};
use crate::http::error::Error;

/// The id that a page begins after.
pub fn cursor(text: Option<&str>) -> Result<Option<Uuid>, Error> {
    let read = |text| page::decode::<(Uuid,)>(text).map(|(id,)| id);
    text.map(read).transpose().map_err(|error| Error::field("cursor", "invalid", error.to_string()))
}

/// Words separated by commas, each of `known`.
pub fn words(field: &str, text: Option<&str>, known: &[&str]) -> Result<Vec<String>, Error> {
    let words: Vec<String> =
        text.unwrap_or("").split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.iter().all(|word| known.contains(&word.as_str())) {
        Ok(words)
    } else {
        Err(Error::field(field, "invalid", format!("must be of {}", known.join(", "))))
    }
}

/// A text to compare with. PostgreSQL keeps no NUL, so nothing can match one.
pub fn text(field: &str, text: Option<String>) -> Result<Option<String>, Error> {
    match text {
        Some(text) if text.contains('\0') => Err(Error::field(field, "invalid", "must not hold NUL")),
        text => Ok(text),
    }
}

/// The filter names nothing.
pub fn unknown(field: &str) -> Error {
    Error::field(field, "unknown", format!("there is no such {field}"))
}

/// A network by slug, id or number.
pub async fn network(conn: &mut PgConnection, text: Option<&str>) -> Result<Option<Uuid>, Error> {
    let Some(text) = text else { return Ok(None) };
    reference::network_id(conn, &Reference::parse(text)).await?.map(Some).ok_or_else(|| unknown("network"))
}

/// An offer by slug, id or number.
pub async fn offer(conn: &mut PgConnection, text: Option<&str>) -> Result<Option<Uuid>, Error> {
    let Some(text) = text else { return Ok(None) };
    reference::offer_id(conn, &Reference::parse(text)).await?.map(Some).ok_or_else(|| unknown("offer"))
}

/// A webmaster by slug, id or number.
pub async fn webmaster(conn: &mut PgConnection, text: Option<&str>) -> Result<Option<Uuid>, Error> {
    let Some(text) = text else { return Ok(None) };
    reference::webmaster_id(conn, &Reference::parse(text)).await?.map(Some).ok_or_else(|| unknown("webmaster"))
}

/// A lead by id or number.
pub async fn lead(conn: &mut PgConnection, text: Option<&str>) -> Result<Option<Uuid>, Error> {
    let Some(text) = text else { return Ok(None) };
    reference::lead_id(conn, &Reference::parse(text)).await?.map(Some).ok_or_else(|| unknown("lead"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_of_the_known_ones() {
        assert_eq!(words("state", Some("dead, retrying"), &["dead", "retrying"]).unwrap(), ["dead", "retrying"]);
        assert!(words("state", None, &["dead"]).unwrap().is_empty());
        assert_eq!(words("state", Some("dead,gone"), &["dead"]).unwrap_err().code(), "invalid");
    }

    #[test]
    fn foreign_cursors_are_refused() {
        let id = Uuid::from_u128(9);
        assert_eq!(cursor(Some(&page::encode(&(id,)))).unwrap(), Some(id));
        assert_eq!(cursor(Some("x")).unwrap_err().code(), "invalid");
    }
}
