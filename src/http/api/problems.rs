//! The problem answers of the API as the OpenAPI document lists them.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

const UNAUTHORIZED: (u16, &str) = (401, "No token, or one that is not valid");
const FORBIDDEN: (u16, &str) = (403, "The token may not do this");
const NOT_FOUND: (u16, &str) = (404, "There is no such object");
const CONFLICT: (u16, &str) = (409, "What is stored does not allow it; `code` says why");
const TOO_LARGE: (u16, &str) = (413, "The body is too large");
const MEDIA_TYPE: (u16, &str) = (415, "The body has another content type than the one expected");
const MALFORMED: (u16, &str) = (400, "The body or the query cannot be read");
const INVALID: (u16, &str) = (422, "Some fields are not valid; `errors` names them");
const TOO_MANY: (u16, &str) = (429, "Too many requests; see `Retry-After`");
const UNAVAILABLE: (u16, &str) = (503, "Temporarily unavailable, nothing was stored; see `Retry-After`");

fn responses(list: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    list.iter()
        .map(|(status, description)| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response =
                ResponseBuilder::new().description(*description).content("application/problem+json", content).build();
            (status.to_string(), RefOr::T(response))
        })
        .collect()
}

/// Of a list.
pub struct ListProblems;
/// Of reading one object.
pub struct ReadProblems;
/// Of making an object.
pub struct CreateProblems;
/// Of changing an object or acting on it.
pub struct ChangeProblems;
/// Of removing an object.
pub struct DeleteProblems;

impl IntoResponses for ListProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[UNAUTHORIZED, FORBIDDEN, INVALID, TOO_MANY, UNAVAILABLE])
    }
}

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY, UNAVAILABLE])
    }
}

impl IntoResponses for CreateProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[
            MALFORMED,
            UNAUTHORIZED,
            FORBIDDEN,
            CONFLICT,
            TOO_LARGE,
            MEDIA_TYPE,
            INVALID,
            TOO_MANY,
            UNAVAILABLE,
        ])
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[
            MALFORMED,
            UNAUTHORIZED,
            FORBIDDEN,
            NOT_FOUND,
            CONFLICT,
            TOO_LARGE,
            MEDIA_TYPE,
            INVALID,
            TOO_MANY,
            UNAVAILABLE,
        ])
    }
}

impl IntoResponses for DeleteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&[UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY, UNAVAILABLE])
    }
}
