//! The one error of the HTTP room and how it is answered: problem JSON for programs (RFC 9457); pages render it
//! themselves. Internal errors are logged once, here, and answered with the request id only.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::base::field_error::FieldError;

tokio::task_local! {
    /// The id of the request being answered; set by the outermost layer.
    pub static REQUEST_ID: String;
}

/// The id of the request being answered.
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 400: the body or the query cannot be read at all.
    #[error("{0}")]
    Malformed(String),
    /// 401: no token, or one that does not exist.
    #[error("a valid token is required")]
    Unauthorized,
    /// 403: known, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// 404.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// 405.
    #[error("this path has no such method")]
    MethodNotAllowed,
    /// 409 with a code.
    #[error("{detail}")]
    Conflict {
        /// `idempotency_conflict`, `duplicate`, `in_use`, `taken` …
        code: &'static str,
        /// For people.
        detail: String,
        /// The earlier lead, when it is the caller's own.
        lead_id: Option<Uuid>,
    },
    /// 413.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// 415.
    #[error("the content type must be {0}")]
    UnsupportedMediaType(&'static str),
    /// 422 with the fields named.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// 429.
    #[error("too many requests")]
    TooMany {
        /// Retry-After.
        after: Duration,
    },
    /// 503: the database is away or overloaded; nothing was stored.
    #[error("temporarily unavailable")]
    Unavailable {
        /// Retry-After.
        after: Duration,
    },
    /// 500: our fault. The text goes to the log only.
    #[error("internal error")]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// One field is wrong.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The closed word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict { code, .. } => code,
            Self::TooLarge { .. } => "too_large",
            Self::UnsupportedMediaType(_) => "unsupported_media_type",
            Self::Invalid(_) => "invalid",
            Self::TooMany { .. } => "too_many_requests",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// The problem as it is answered.
    pub fn problem(&self) -> Problem {
        let status = self.status();
        Problem {
            kind: format!("/api/docs#error-{}", self.code()),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            code: self.code().to_owned(),
            request_id: request_id(),
            errors: match self {
                Self::Invalid(errors) => errors.clone(),
                _ => Vec::new(),
            },
            lead_id: match self {
                Self::Conflict { lead_id, .. } => *lead_id,
                _ => None,
            },
        }
    }

    /// Writes an internal error to the log, once; its text is for nobody else.
    pub fn log(&self) {
        if let Self::Internal(error) = self {
            tracing::error!(error = format!("{error:#}"), request_id = request_id(), "request failed");
        }
    }

    /// Seconds for Retry-After.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { after } | Self::Unavailable { after } => Some(after.as_secs().max(1)),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if crate::db::is_unavailable(&error) {
            tracing::warn!(error = crate::db::describe(&error), "database unavailable");
            Self::Unavailable { after: Duration::from_secs(2) }
        } else if crate::db::is_out_of_range(&error) {
            Self::field("time", "invalid", "is beyond what can be stored")
        } else {
            Self::Internal(anyhow::Error::msg(crate::db::describe(&error)))
        }
    }
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// One sentence for people.
    pub detail: String,
    /// Closed word for programs.
    pub code: String,
    /// Also in the `x-request-id` header and the log.
    pub request_id: String,
    /// With 422: what is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// With `duplicate`: the earlier lead, when it is the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<Uuid>,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(self.problem())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if matches!(self, Self::Unauthorized) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
