//! JSON templates: which macros stand inside strings, how values are written, and the proof that a template
//! makes JSON.

use super::{Part, Template, TemplateError};

/// Follows a JSON text character by character, far enough to know where strings are.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    in_string: bool,
    /// Characters of an escape that are still to come.
    escape: u8,
}

impl Cursor {
    pub(super) fn advance(&mut self, c: char) {
        match (self.in_string, self.escape, c) {
            (true, 1, 'u') => self.escape = 5,
            (true, 1, _) => self.escape = 0,
            (true, 2, _) => self.escape = 0,
            (true, 3.., _) => self.escape -= 1,
            (true, 0, '\\') => self.escape = 1,
            (_, _, '"') => self.in_string = !self.in_string,
            _ => {}
        }
    }

    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// Whether what comes next belongs to an escape that has begun.
    pub(super) fn is_in_escape(&self) -> bool {
        self.escape > 0
    }
}

/// Writes a value inside a string without quotes, elsewhere as a number if it is one, `null` if it is empty,
/// and else as a string.
pub(super) fn write(out: &mut String, value: &str, in_string: bool) {
    if !in_string && value.is_empty() {
        out.push_str("null");
    } else if !in_string && is_plain_number(value) {
        out.push_str(value);
    } else {
        let quoted = serde_json::Value::from(value).to_string();
        let bare = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        out.push_str(if in_string { bare.unwrap_or_default() } else { &quoted });
    }
}

/// A decimal number in JSON's own spelling, short enough for any reader. A phone number or a leading zero is
/// text.
fn is_plain_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    value.len() <= 15 && is_digits(whole) && is_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Proves that a template makes JSON with any values: a value inside a string cannot end it, and elsewhere it
/// is one JSON value. Both probes are needed: an empty text between two halves of an escaped character joins
/// them, a letter shows that they were meant to be one.
pub(super) fn check(template: &Template) -> Result<(), TemplateError> {
    for probe in ["", "x"] {
        let text = template.render_with(|_| probe.to_owned());
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&text) {
            return Err(TemplateError::NotJson { position: position(template, &text, &error) });
        }
    }
    // A quoted text may be the name of a member, null and numbers may not.
    Ok(())
}

/// The character of the template at which the rendered probe breaks, as near as it can be told.
fn position(template: &Template, text: &str, error: &serde_json::Error) -> usize {
    let line = error.line().saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(line).map(|line| line.chars().count()).sum();
    let mut rendered = before + error.column().max(1);
    let mut written = 0;
    for part in &template.parts {
        let (here, there) = match part {
            Part::Text(text) => (text.chars().count(), text.chars().count()),
            Part::Macro(used) => (used.name.chars().count() + 2, usize::from(!used.in_string) * 4),
        };
        if rendered <= there {
            return written + rendered.min(here);
        }
        rendered -= there;
        written += here;
    }
    written.max(1)
}
