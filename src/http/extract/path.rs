//! The one path parameter of most routes.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::http::error::Error;

/// The first parameter of the path as text: an id, a number, a slug or a secret.
#[derive(Debug)]
pub struct PathId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound("path"))?;
        params.iter().next().map(|(_, value)| Self(value.to_owned())).ok_or(Error::NotFound("path"))
    }
}

/// The first two parameters of the path: an object, and one that belongs to it.
#[derive(Debug)]
pub struct PathIds(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathIds {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Error::NotFound("path"))?;
        let mut params = params.iter().map(|(_, value)| value.to_owned());
        match (params.next(), params.next()) {
            (Some(first), Some(second)) => Ok(Self(first, second)),
            _ => Err(Error::NotFound("path")),
        }
    }
}
