//! What is wrong with one field of an input.

use serde::Serialize;

/// One complaint about one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field as the caller wrote it, such as `phone` or `caps[0].limit`.
    pub field: String,
    /// Closed word for programs: `required`, `invalid`, `too_long`, `unknown`, `taken` …
    pub code: &'static str,
    /// One sentence for people; never repeats personal data.
    pub message: String,
}

impl FieldError {
    /// A complaint.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    /// The field is missing.
    pub fn required(field: impl Into<String>) -> Self {
        Self::new(field, "required", "is required")
    }

    /// The field's value cannot be used; `message` says what it must be.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(field, "invalid", message)
    }
}
