//! Finds the macros of a template.

use super::json::Cursor;
use super::values::Macro;
use super::{Audience, Encoding, Part, TemplateError, Use};
use crate::base::percent;

/// The template as text and macros in turn.
pub(super) fn parts(text: &str, encoding: Encoding, audience: Audience) -> Result<Vec<Part>, TemplateError> {
    let address_ends = if encoding == Encoding::Url { address_end(text) } else { 0 };
    let (mut parts, mut literal, mut cursor) = (Vec::new(), String::new(), Cursor::default());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let position = || text.get(..at).map_or(0, |before| before.chars().count()) + 1;
        let found = if c == '{' { inside(rest, encoding, position)? } else { None };
        let Some(inside) = found else {
            cursor.advance(c);
            literal.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        };
        if at < address_ends {
            return Err(TemplateError::InAddress { position: position() });
        }
        if encoding == Encoding::Json && cursor.is_in_escape() {
            return Err(TemplateError::NotJson { position: position() });
        }
        if matches!(encoding, Encoding::Url | Encoding::Form) && percent::is_open(&literal) {
            return Err(TemplateError::InEscape { position: position() });
        }
        let mut used = read(inside, audience, position)?;
        used.in_string = cursor.is_in_string();
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(Part::Macro(used));
        rest = rest.get(inside.len() + 2..).unwrap_or_default();
    }
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}

/// What stands between the braces at the beginning of `rest`, if it is meant as a macro there.
fn inside(rest: &str, encoding: Encoding, position: impl Fn() -> usize) -> Result<Option<&str>, TemplateError> {
    let after = rest.get(1..).unwrap_or_default();
    let found = after.split_once('}').map(|(inside, _)| inside);
    if encoding != Encoding::Json {
        return found.map(Some).ok_or_else(|| TemplateError::Unclosed { position: position() });
    }
    // `{` also opens objects: only a word directly inside makes a macro.
    let word = found.map(|inside| inside.split_once(':').map_or(inside, |(word, _)| word));
    let is_word = word.is_some_and(|word| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    });
    Ok(found.filter(|_| is_word))
}

fn read(inside: &str, audience: Audience, position: impl Fn() -> usize) -> Result<Use, TemplateError> {
    let (name, words) = match inside.split_once(':') {
        Some((name, words)) => (name, Some(words)),
        None => (inside, None),
    };
    let unknown = |shown: &str| {
        let name = shown.chars().filter(|c| !c.is_control()).take(40).collect();
        TemplateError::UnknownMacro { name, position: position() }
    };
    let what = Macro::named(name).ok_or_else(|| unknown(name))?;
    if what == Macro::Revenue && audience == Audience::Webmaster {
        return Err(TemplateError::AdminOnly { name: name.to_owned(), position: position() });
    }
    let words = match words {
        None => None,
        Some(_) if !what.takes_words() => return Err(unknown(inside)),
        Some(words) => {
            let words: Vec<String> = words.split('|').map(|word| word.trim().to_owned()).collect();
            let bad = |_| TemplateError::Words { name: name.to_owned(), position: position() };
            Some(<[String; 5]>::try_from(words).map_err(bad)?)
        }
    };
    Ok(Use { name: name.to_owned(), what, words, in_string: false })
}

/// Where scheme, host and port of a URL end. Reads as browsers do: backslashes are slashes, their number does
/// not matter, and line breaks and tabs are nothing.
fn address_end(text: &str) -> usize {
    let after_scheme = text.find(':').map_or(0, |colon| colon + 1);
    let is_slash = |c: char| matches!(c, '/' | '\\') || c.is_ascii_control() || c == ' ';
    let rest = text.get(after_scheme..).unwrap_or_default();
    let host = rest.trim_start_matches(is_slash);
    let begins = text.len() - host.len();
    host.find(['/', '\\', '?', '#']).map_or(text.len(), |length| begins + length)
}
