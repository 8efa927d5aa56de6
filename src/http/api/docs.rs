//! The documentation page: the operations by Swagger UI, below them every error code with an anchor that
//! `type` of a problem points at.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::openapi;
use crate::app::App;
use crate::http::assets;
use crate::http::error::Error;

/// One line of the table of errors.
pub struct ErrorLine {
    /// `code` of the problem.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What it means.
    pub means: &'static str,
    /// What the caller does.
    pub advice: &'static str,
}

const fn line(code: &'static str, status: u16, means: &'static str, advice: &'static str) -> ErrorLine {
    ErrorLine { code, status, means, advice }
}

/// Every code there is.
pub const ERRORS: &[ErrorLine] = &[
    line(
        "malformed",
        400,
        "The body or the query cannot be read at all.",
        "Correct the syntax; repeating does not help.",
    ),
    line("unauthorized", 401, "There is no token, or it is wrong or revoked.", "Check the token and how it is sent."),
    line(
        "forbidden",
        403,
        "The token is valid but may not do this, or its webmaster is blocked.",
        "Use a token with the scope named in the detail.",
    ),
    line("not_found", 404, "There is no such path or object, or it is not yours.", "Check the path and the id."),
    line("method_not_allowed", 405, "The path exists, but not with this method.", "See the operations above."),
    line(
        "duplicate",
        409,
        "The offer's duplicate rule matches an earlier lead.",
        "Do not repeat; lead_id names the earlier lead when it is yours.",
    ),
    line(
        "idempotency_conflict",
        409,
        "The same external_id or Idempotency-Key came before with other fields.",
        "Use a new key for a new lead.",
    ),
    line("archived", 409, "The object is archived or revoked.", "Make a new one."),
    line("in_use", 409, "Something else needs the object.", "Remove what the detail names first."),
    line("last_admin", 409, "Nobody would be left who may do everything.", "Make somebody else an admin first."),
    line("conflict", 409, "The object's state does not allow this now.", "Read the object and decide anew."),
    line("too_large", 413, "The body is larger than allowed.", "Send less, or in several requests."),
    line(
        "unsupported_media_type",
        415,
        "The content type is not one the operation reads.",
        "Send the content type named in the detail.",
    ),
    line(
        "invalid",
        422,
        "Some fields are not valid; errors names each.",
        "Correct the fields; repeating does not help.",
    ),
    line(
        "too_many_requests",
        429,
        "Too many requests with this token, or too many failed sign-ins from this address.",
        "Wait for the seconds in Retry-After.",
    ),
    line("internal", 500, "Our fault.", "Repeat later with the same Idempotency-Key; tell us the request_id."),
    line(
        "unavailable",
        503,
        "The database is away or the server is overloaded; nothing was stored unless it says otherwise.",
        "Repeat after the seconds in Retry-After, with the same Idempotency-Key.",
    ),
];

/// Codes of single fields.
const FIELD_CODES: &[(&str, &str)] = &[
    ("required", "The field is missing or empty."),
    ("invalid", "The value has the wrong form; the message says which is right."),
    ("unknown", "There is no such field, or the value names nothing that exists."),
    ("taken", "Another object has this value already."),
    ("too_long", "The value is longer than allowed."),
    ("too_short", "The value is shorter than allowed."),
];

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    base_url: String,
    document: &'static str,
    swagger_css: String,
    swagger_js: String,
    docs_css: String,
    docs_js: String,
    errors: &'static [ErrorLine],
    field_codes: &'static [(&'static str, &'static str)],
    version: &'static str,
}

/// `GET /api/docs`
pub async fn page(State(app): State<App>) -> Result<Html<String>, Error> {
    let page = DocsPage {
        base_url: app.public_url.as_str().trim_end_matches('/').to_owned(),
        document: "/api/v1/openapi.json",
        swagger_css: assets::url("vendor/swagger-ui/swagger-ui.css"),
        swagger_js: assets::url("vendor/swagger-ui/swagger-ui-bundle.js"),
        docs_css: assets::url("docs.css"),
        docs_js: assets::url("docs.js"),
        errors: ERRORS,
        field_codes: FIELD_CODES,
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(Html(page.render().map_err(|error| Error::Internal(error.into()))?))
}

/// `GET /api/v1/openapi.json`
pub async fn document() -> Response {
    ([(header::CACHE_CONTROL, "no-cache")], Json(openapi::shared())).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_error_is_explained_with_its_status() {
        let errors = [
            Error::Malformed(String::new()),
            Error::Unauthorized,
            Error::Forbidden(String::new()),
            Error::NotFound("x"),
            Error::MethodNotAllowed,
            Error::TooLarge { limit: 1 },
            Error::UnsupportedMediaType("x"),
            Error::Invalid(vec![]),
            Error::TooMany { after: Duration::ZERO },
            Error::Unavailable { after: Duration::ZERO },
            Error::Internal(anyhow::anyhow!("x")),
        ];
        for error in errors {
            let line = ERRORS.iter().find(|line| line.code == error.code());
            assert_eq!(line.map(|line| line.status), Some(error.status().as_u16()), "{}", error.code());
        }
        for code in ["duplicate", "idempotency_conflict", "in_use", "last_admin", "archived"] {
            assert!(ERRORS.iter().any(|line| line.code == code && line.status == 409), "{code}");
        }
    }
}
