//! Errors for people: what happened, what to do next, and the id of the request for whoever looks into it.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::layout::Shell;
use super::texts::{self, Text, say};
use crate::http::error::{Error, request_id};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    heading: Text,
    advice: Text,
    request_id: String,
}

/// The page of an error. Internal errors are logged here, once.
pub fn error_page(error: &Error) -> Response {
    error.log();
    let status = error.status();
    let (heading, advice) = words(error);
    let page = ErrorPage {
        shell: Shell::bare(heading.clone()),
        status: status.as_u16(),
        heading,
        advice,
        request_id: request_id(),
    };
    let Ok(html) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, Html(html)).into_response();
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// What happened, and what to do next.
fn words(error: &Error) -> (Text, Text) {
    let both = |what: &str| (say(format!("error-{what}")), say(format!("error-{what}-advice")));
    match error {
        Error::NotFound(_) => both("gone"),
        Error::MethodNotAllowed => both("method"),
        Error::Unauthorized => both("signed-out"),
        Error::Forbidden(why) => (say("error-forbidden"), say("error-forbidden-advice").with("why", sentence(why))),
        Error::TooMany { after } => {
            let seconds = after.as_secs().max(1);
            (say("error-too-many"), say("error-too-many-advice").count("seconds", seconds))
        }
        Error::Unavailable { .. } => both("unavailable"),
        Error::Internal(_) => both("internal"),
        Error::Invalid(errors) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
            (say("error-invalid"), say("error-invalid-advice").with("why", sentence(&said.join("; "))))
        }
        other => (say("error-other"), say("error-other-advice").with("why", sentence(&other.to_string()))),
    }
}

/// With a capital letter, without a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
