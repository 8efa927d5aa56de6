//! Macros in the URLs and bodies of outgoing postbacks: `{status}`, `{payout}`, `{status:a|b|c|d|e}` and so on.
//!
//! A [`Template`] is parsed once, when it is saved, and refuses what it does not know. What must stay true: no
//! value can leave its place. In a URL and a form values are percent-encoded, none makes a path walk up, and no macro
//! may stand where it would choose the server; in a JSON template a value stays inside its string, and outside of strings it
//! becomes a whole JSON value, so that the rendered text is JSON whatever the values are.

mod json;
mod path;
mod scan;
mod values;

pub use values::Values;

use values::Macro;

/// Where a template stands: how its macros are found and how values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A URL: every `{…}` is a macro, values are percent-encoded.
    Url,
    /// A JSON text: only `{word}` and `{word:…}` are macros, values are escaped.
    Json,
    /// The body of a form: as in a URL.
    Form,
    /// Plain text: as in a URL, but values are written as they are.
    Raw,
}

/// Who has written a template: webmasters may not see the operator's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A webmaster.
    Webmaster,
    /// The operator.
    Admin,
}

/// Why a template is refused. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no such macro.
    #[error("{{{name}}} at character {position} is not a macro")]
    UnknownMacro {
        /// What stands between the braces, shortened.
        name: String,
        /// Where.
        position: usize,
    },
    /// It belongs to the operator's postbacks only.
    #[error("{{{name}}} at character {position} may be used by administrators only")]
    AdminOnly {
        /// The macro.
        name: String,
        /// Where.
        position: usize,
    },
    /// Own words must be five: for wait, hold, approve, cancel and trash.
    #[error(
        "{{{name}:…}} at character {position} needs five words separated by |, for wait, hold, approve, cancel and trash"
    )]
    Words {
        /// The macro.
        name: String,
        /// Where.
        position: usize,
    },
    /// A brace is opened and not closed.
    #[error("the brace at character {position} is not closed")]
    Unclosed {
        /// Where.
        position: usize,
    },
    /// A macro stands in the scheme, host or port of a URL.
    #[error("the macro at character {position} would choose the server; use macros after the host only")]
    InAddress {
        /// Where.
        position: usize,
    },
    /// A macro stands behind a percent escape that is not finished.
    #[error("the macro at character {position} would become part of the percent escape before it")]
    InEscape {
        /// Where.
        position: usize,
    },
    /// The JSON template does not make JSON.
    #[error("the template does not make valid JSON near character {position}")]
    NotJson {
        /// Where.
        position: usize,
    },
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    encoding: Encoding,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Macro(Use),
}

/// A macro where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Use {
    /// As it was written.
    name: String,
    what: Macro,
    /// For wait, hold, approve, cancel and trash.
    words: Option<[String; 5]>,
    /// In a JSON template: inside a string, so that no quotes are added.
    in_string: bool,
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str, encoding: Encoding, audience: Audience) -> Result<Self, TemplateError> {
        let template = Self { encoding, parts: scan::parts(text, encoding, audience)? };
        if encoding == Encoding::Json {
            json::check(&template)?;
        }
        Ok(template)
    }

    /// The macros it uses, as written, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for part in &self.parts {
            if let Part::Macro(used) = part
                && !names.contains(&used.name.as_str())
            {
                names.push(used.name.as_str());
            }
        }
        names
    }

    /// The text with the values filled in; an absent value is empty.
    pub fn render(&self, values: &Values) -> String {
        self.render_with(|used| values.get(used.what, used.words.as_ref()))
    }

    fn render_with(&self, value: impl Fn(&Use) -> String) -> String {
        let mut out = String::new();
        let mut path = (self.encoding == Encoding::Url).then(path::Path::default);
        for part in &self.parts {
            match (part, &mut path) {
                (Part::Text(text), Some(path)) => path.text(&mut out, text),
                (Part::Text(text), None) => out.push_str(text),
                (Part::Macro(used), path) => {
                    path.iter_mut().for_each(path::Path::value);
                    self.write(&mut out, used, &value(used));
                }
            }
        }
        path.iter().for_each(|path| path.end(&mut out));
        out
    }

    fn write(&self, out: &mut String, used: &Use, value: &str) {
        match self.encoding {
            Encoding::Url | Encoding::Form => out.extend(percent_encoding::utf8_percent_encode(value, UNRESERVED)),
            Encoding::Json => json::write(out, value, used.in_string),
            Encoding::Raw => out.push_str(value),
        }
    }
}

/// What needs no encoding anywhere in a URL (RFC 3986).
const UNRESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests;
