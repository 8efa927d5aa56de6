//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::json::field_error;
use crate::http::error::Error;

/// The query as a fixed shape. Empty values count as absent; `api_key` is not part of it.
#[derive(Debug)]
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::parse(parts.uri.query().unwrap_or(""))
    }
}

impl<T: DeserializeOwned> QueryOf<T> {
    /// The same of a text.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, value)| name != "api_key" && !value.is_empty())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        // PostgreSQL has no text with NUL in it: nothing can be found by such a value.
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.contains('\0')) {
            return Err(Error::field(name.replace('\0', ""), "invalid", "must not contain NUL"));
        }
        let text =
            serde_urlencoded::to_string(&pairs).map_err(|_| Error::Malformed("the query cannot be read".into()))?;
        let de = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(de)
            .map(QueryOf)
            .map_err(|error| field_error(&error.path().to_string(), &error.into_inner().to_string()))
    }
}
