//! The path of a rendered URL: a value that is `.` or `..` stays a name in its place.

use crate::base::dots;

/// Follows a URL while it is written, part of the path by part.
#[derive(Debug, Default)]
pub(super) struct Path {
    /// Where the present part begins.
    begins: usize,
    /// Whether a value stands in it; what the template itself says is left as it is.
    has_value: bool,
    /// The query or the fragment has begun.
    is_over: bool,
}

impl Path {
    pub(super) fn text(&mut self, out: &mut String, text: &str) {
        for c in text.chars() {
            let ends = !self.is_over && matches!(c, '/' | '\\' | '?' | '#');
            if ends {
                self.end(out);
                self.is_over = matches!(c, '?' | '#');
            }
            out.push(c);
            if ends {
                (self.begins, self.has_value) = (out.len(), false);
            }
        }
    }

    pub(super) fn value(&mut self) {
        self.has_value = true;
    }

    /// Ends the present part.
    pub(super) fn end(&self, out: &mut String) {
        if !self.is_over
            && self.has_value
            && let Some(name) = out.get(self.begins..).and_then(dots::as_name)
        {
            out.truncate(self.begins);
            out.push_str(name);
        }
    }
}
