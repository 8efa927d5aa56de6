//! Finds secrets in a text whatever way they are written: as they are, percent-encoded, with JSON escapes, as
//! HTML entities, mixed, inside base64 (such as basic auth) or as hex; and a secret that the end of the text
//! cuts off. Every find is replaced by [`MASK`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What stands where a secret stood.
pub(super) const MASK: &str = "***";

/// Another character may be written with one of these first.
const DISGUISES: [char; 4] = ['%', '\\', '&', '+'];

/// Shorter values are not looked for: they occur by chance everywhere.
const SHORTEST: usize = 4;

/// Knows what to look for.
pub(super) struct Masker {
    /// The secrets and their opaque forms, sorted.
    needles: Vec<Vec<char>>,
    /// The bytes with which one of them can begin, in whatever way it is written.
    beginnings: [bool; 256],
}

impl Masker {
    pub(super) fn new(secrets: &[String]) -> Self {
        let needles = needles(secrets);
        let mut beginnings = [false; 256];
        let firsts = needles.iter().filter_map(|needle| needle.first().copied());
        for c in firsts.chain(DISGUISES) {
            let first = c.encode_utf8(&mut [0; 4]).bytes().next().unwrap_or(0);
            if let Some(may_begin) = beginnings.get_mut(usize::from(first)) {
                *may_begin = true;
            }
        }
        Self { needles, beginnings }
    }

    /// The text without the secrets.
    pub(super) fn mask(&self, text: &str) -> String {
        if self.needles.is_empty() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        // Everything before `done` is written or hidden.
        let mut done = 0;
        let mut from = 0;
        while let Some((at, c)) = self.next_beginning(text, from) {
            from = at + c.len_utf8();
            if let Some(end) = self.beginning_with(c).iter().filter_map(|needle| end_of(text, at, needle)).max() {
                // Finds may overlap: then they are hidden by one mask.
                if at >= done {
                    out.push_str(text.get(done..at).unwrap_or_default());
                    out.push_str(MASK);
                }
                done = done.max(end);
            }
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    /// The next place at which a needle may begin.
    fn next_beginning(&self, text: &str, from: usize) -> Option<(usize, char)> {
        let may_begin = |byte: &u8| self.beginnings.get(usize::from(*byte)).is_some_and(|may| *may);
        let at = from + text.as_bytes().get(from..)?.iter().position(may_begin)?;
        Some((at, text.get(at..)?.chars().next()?))
    }

    /// The needles that may begin where this character stands.
    fn beginning_with(&self, c: char) -> &[Vec<char>] {
        if DISGUISES.contains(&c) {
            return &self.needles;
        }
        let from = self.needles.partition_point(|needle| needle.first() < Some(&c));
        let to = self.needles.partition_point(|needle| needle.first() <= Some(&c));
        self.needles.get(from..to).unwrap_or_default()
    }
}

/// Everything to look for, sorted: the secrets and their opaque forms.
fn needles(secrets: &[String]) -> Vec<Vec<char>> {
    let mut needles = Vec::new();
    for secret in secrets.iter().filter(|secret| secret.chars().count() >= SHORTEST) {
        needles.push(secret.clone());
        let trimmed = secret.trim();
        if trimmed.len() < secret.len() && trimmed.chars().count() >= SHORTEST {
            needles.push(trimmed.to_owned());
        }
        needles.extend([hex::encode(secret), hex::encode_upper(secret)]);
        for core in base64_cores(secret.as_bytes()) {
            needles.push(core.replace('+', "-").replace('/', "_"));
            needles.push(core);
        }
    }
    let mut needles: Vec<Vec<char>> = needles.into_iter().map(|needle| needle.chars().collect()).collect();
    needles.sort_unstable();
    needles.dedup();
    needles
}

/// The letters that base64 makes of these bytes wherever they stand: the letters at both ends also depend on
/// the neighbours, so they are left out.
fn base64_cores(bytes: &[u8]) -> Vec<String> {
    (0..3_usize)
        .filter_map(|before| {
            let mut padded = vec![0; before];
            padded.extend_from_slice(bytes);
            let text = STANDARD_NO_PAD.encode(&padded);
            let first = (before * 8).div_ceil(6);
            let core = text.get(first..padded.len() * 8 / 6)?;
            (core.len() >= SHORTEST).then(|| core.to_owned())
        })
        .collect()
}

/// Where `needle` ends if it begins at `at`. The end of the text may cut it off.
fn end_of(text: &str, at: usize, needle: &[char]) -> Option<usize> {
    // Most places are left by the first two characters.
    for (written, wanted) in text.get(at..)?.chars().zip(needle).take(2) {
        if DISGUISES.contains(&written) {
            break;
        }
        if written != *wanted {
            return None;
        }
    }
    let mut ends = vec![at];
    for (no, wanted) in needle.iter().enumerate() {
        let mut next = Vec::new();
        for end in &ends {
            let rest = text.get(*end..)?;
            if rest.is_empty() && no >= SHORTEST {
                return Some(*end);
            }
            spellings(rest, *wanted, |len| {
                if !next.contains(&(end + len)) {
                    next.push(end + len);
                }
            });
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.into_iter().max()
}

/// Calls `found` with the length of each way in which `rest` begins with `wanted`.
fn spellings(rest: &str, wanted: char, mut found: impl FnMut(usize)) {
    if rest.starts_with(wanted) {
        found(wanted.len_utf8());
    }
    match rest.as_bytes().first() {
        Some(b'+') if wanted == ' ' => found(1),
        Some(b'%') => {
            if let Some(len) = percent_length(rest, wanted) {
                found(len);
            }
        }
        Some(b'\\') => {
            if let Some(len) = escape_length(rest, wanted) {
                found(len);
            }
        }
        Some(b'&') => {
            if let Some(len) = entity_length(rest, wanted) {
                found(len);
            }
        }
        _ => {}
    }
}

fn percent_length(rest: &str, wanted: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let mut at = 0;
    for byte in wanted.encode_utf8(&mut buffer).bytes() {
        let digits = rest.get(at..at + 3)?.strip_prefix('%')?;
        if hex_value(digits)? != u32::from(byte) {
            return None;
        }
        at += 3;
    }
    Some(at)
}

fn escape_length(rest: &str, wanted: char) -> Option<usize> {
    let short = match wanted {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '/' => Some("\\/"),
        '\'' => Some("\\'"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        '\u{8}' => Some("\\b"),
        '\u{c}' => Some("\\f"),
        _ => None,
    };
    if short.is_some_and(|short| rest.starts_with(short)) {
        return Some(2);
    }
    let mut buffer = [0; 2];
    let mut at = 0;
    for unit in wanted.encode_utf16(&mut buffer) {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        if hex_value(digits)? != u32::from(*unit) {
            return None;
        }
        at += 6;
    }
    Some(at)
}

fn entity_length(rest: &str, wanted: char) -> Option<usize> {
    let name = rest.get(1..)?.split_once(';')?.0;
    if name.len() > 8 {
        return None;
    }
    let number = match name {
        "amp" => u32::from('&'),
        "lt" => u32::from('<'),
        "gt" => u32::from('>'),
        "quot" => u32::from('"'),
        "apos" => u32::from('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(digits) => hex_value(digits)?,
                None => digits.parse().ok()?,
            }
        }
    };
    (number == u32::from(wanted)).then_some(name.len() + 2)
}

fn hex_value(digits: &str) -> Option<u32> {
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(text: &str, secrets: &[String]) -> String {
        Masker::new(secrets).mask(text)
    }

    #[test]
    fn every_spelling_is_found() {
        let secrets = ["p@ss \"wörd/😀".to_owned()];
        for hidden in [
            "p@ss \"wörd/😀",
            "p%40ss%20%22w%C3%B6rd%2F%F0%9F%98%80",
            "p%40ss+%22w%c3%b6rd/%f0%9f%98%80",
            r#"p@ss \"w\u00f6rd\/\ud83d\uDE00"#,
            "p@ss &quot;w&#246;rd&#x2F;&#x1f600;",
        ] {
            assert_eq!(mask(&format!("a={hidden}&b"), &secrets), "a=***&b");
        }
    }

    #[test]
    fn base64_is_found_at_each_offset() {
        let secrets = ["s3cr3t-key".to_owned()];
        for user in ["", "u", "us", "use"] {
            let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}s3cr3t-key!"));
            let masked = mask(&basic, &secrets);
            assert!(masked.contains(MASK) && masked.len() < 14, "{masked}");
        }
    }

    #[test]
    fn overlaps_and_cut_ends_are_hidden() {
        let secrets = ["abcdef".to_owned(), "defghi".to_owned()];
        assert_eq!(mask("x abcdefghi y", &secrets), "x *** y");
        assert_eq!(mask("x abcd", &secrets), "x ***");
        assert_eq!(mask("x abc", &secrets), "x abc");
        assert_eq!(mask("x ab", &["ab".to_owned()]), "x ab");
    }

    proptest! {
        #[test]
        fn no_secret_survives(
            before in "[ -~é\\PC]{0,20}", after in "[ -~é\\PC]{0,20}",
            secrets in proptest::collection::vec("[^*]{4,12}", 1..4), way in 0..5_usize,
        ) {
            let secret = &secrets[0];
            let hidden = match way {
                0 => secret.clone(),
                1 => percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string(),
                2 => url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
                3 => {
                    let quoted = serde_json::to_string(secret).unwrap();
                    quoted[1..quoted.len() - 1].to_owned()
                }
                _ => hex::encode(secret),
            };
            let masked = mask(&format!("{before}{hidden}{after}"), &secrets);
            prop_assert!(masked.contains(MASK));
            for secret in &secrets {
                prop_assert!(!masked.contains(secret.as_str()), "{masked:?}");
            }
        }

        #[test]
        fn a_text_without_secrets_is_left_alone(text in "[a-m %&;\\\\+]{0,60}") {
            prop_assert_eq!(mask(&text, &["nopqrstuvw".to_owned()]), text);
        }
    }
}
