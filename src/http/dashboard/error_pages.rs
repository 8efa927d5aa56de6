//! Errors for people: what happened, what to do next, and the id of the request for whoever looks into it.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::layout::Shell;
use crate::http::error::{Error, request_id};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    heading: &'static str,
    advice: String,
    request_id: String,
}

/// The page of an error. Internal errors are logged here, once.
pub fn error_page(error: &Error) -> Response {
    error.log();
    let status = error.status();
    let (heading, advice) = words(error);
    let page = ErrorPage { shell: Shell::bare(heading), status: status.as_u16(), heading, advice, request_id: request_id() };
    let Ok(html) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, Html(html)).into_response();
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// What happened, and what to do next.
fn words(error: &Error) -> (&'static str, String) {
    match error {
        Error::NotFound(_) => (
            "There is no such page",
            "The address may be old or mistyped, or what it showed has been put away.".to_owned(),
        ),
        Error::MethodNotAllowed => ("This cannot be done here", "Go back and use the form on the page.".to_owned()),
        Error::Unauthorized => ("Please sign in", "Your session has ended.".to_owned()),
        Error::Forbidden(why) => ("You may not do this", format!("{}. Ask an admin of this installation.", sentence(why))),
        Error::TooMany { after } => {
            ("Too many requests", format!("Wait {} seconds and try again.", after.as_secs().max(1)))
        }
        Error::Unavailable { .. } => (
            "Not available at the moment",
            "The database does not answer or the server is overloaded. Nothing was changed; try again in a few seconds."
                .to_owned(),
        ),
        Error::Internal(_) => (
            "Something went wrong",
            "It is not your fault. Try again; if it happens again, give the id below to whoever runs this server."
                .to_owned(),
        ),
        Error::Invalid(errors) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
            ("Some fields are not valid", format!("{}. Go back and correct them.", sentence(&said.join("; "))))
        }
        other => ("This cannot be done", format!("{}. Go back and look at the page anew.", sentence(&other.to_string()))),
    }
}

/// With a capital letter, without a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
