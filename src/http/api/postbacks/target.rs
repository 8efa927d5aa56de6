//! Where a postback may go and what its templates may hold. Checked when it is saved, so that a change of a lead
//! never meets a template that does not render; the address guard judges again before each call.

use serde_json::Value;
use url::Url;

use super::input::CallMethod;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::domain::macros::{Audience, Encoding, Template, TemplateError};

/// Longest URL and body template.
const MAX_URL: usize = 4096;
const MAX_BODY: usize = 64 * 1024;

/// The URL as a template.
pub fn check_url(url: &str, audience: Audience) -> Result<(), FieldError> {
    if url.is_empty() {
        return Err(FieldError::required("url"));
    }
    if url.len() > MAX_URL {
        return Err(FieldError::new("url", "too_long", format!("is longer than {MAX_URL} bytes")));
    }
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(FieldError::invalid("url", "must not hold spaces or control characters"));
    }
    Template::parse(url, Encoding::Url, audience).map(drop).map_err(|error| complaint("url", &error))
}

/// Where the URL leads. Macros stand behind the host only, so any text in their places gives the same target.
pub fn check_target(app: &App, url: &str) -> Result<(), FieldError> {
    let filled = url.replace(['{', '}', '|'], "x");
    let parsed = Url::parse(&filled)
        .map_err(|_| FieldError::invalid("url", "must be a URL such as https://tracker.example/postback?id={id}"))?;
    if parsed.scheme() == "sandbox" {
        return Ok(());
    }
    app.net.check_url(&parsed).map_err(|refusal| FieldError::invalid("url", refusal.to_string()))
}

/// A body: `form`, or a JSON template given as text or as JSON. Stored as text; nothing to keep of an empty one.
pub fn check_body(body: &Value, method: CallMethod, audience: Audience) -> Result<Option<String>, FieldError> {
    let text = match body {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Object(_) | Value::Array(_) => body.to_string(),
        _ => return Err(FieldError::invalid("body", "must be form or a JSON template")),
    };
    if method != CallMethod::Post {
        return Err(FieldError::invalid("body", "is sent with method POST only"));
    }
    if text == "form" {
        return Ok(Some(text));
    }
    if text.len() > MAX_BODY {
        return Err(FieldError::new("body", "too_long", format!("is longer than {MAX_BODY} bytes")));
    }
    if text.contains('\0') || !text.starts_with(['{', '[']) {
        return Err(FieldError::invalid("body", "must be form or a JSON template"));
    }
    match Template::parse(&text, Encoding::Json, audience) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(complaint("body", &error)),
    }
}

fn complaint(field: &str, error: &TemplateError) -> FieldError {
    let code = match error {
        TemplateError::UnknownMacro { .. } => "unknown_macro",
        TemplateError::AdminOnly { .. } => "admin_only",
        _ => "invalid",
    };
    FieldError::new(field, code, error.to_string())
}
