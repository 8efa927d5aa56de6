//! `.` and `..` as parts of a path. Whoever reads a URL walks up the path there, percent-encoded or not, so a value that
//! is one of them would choose another address. With its percent signs encoded once more it is a name like any other.

use std::borrow::Cow;

/// The part of a path as a name, when it would lead elsewhere.
pub fn as_name(part: &str) -> Option<&'static str> {
    if part.len() > "%2e%2e".len() {
        return None;
    }
    match part.to_ascii_lowercase().replace("%2e", ".").as_str() {
        "." => Some("%252e"),
        ".." => Some("%252e%252e"),
        _ => None,
    }
}

/// A URL whose path holds names only.
pub fn named(url: &str) -> Cow<'_, str> {
    let (path, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    if path.split(['/', '\\']).all(|part| as_name(part).is_none()) {
        return Cow::Borrowed(url);
    }
    let mut out = String::new();
    for part in path.split_inclusive(['/', '\\']) {
        let (name, end) = match part.strip_suffix(['/', '\\']) {
            Some(name) => (name, part.get(name.len()..).unwrap_or_default()),
            None => (part, ""),
        };
        out.push_str(as_name(name).unwrap_or(name));
        out.push_str(end);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_that_lead_elsewhere_become_names() {
        for (url, kept) in [
            ("https://a.example/x/../y", "https://a.example/x/%252e%252e/y"),
            ("/%2E./.?q=..#/..", "/%252e%252e/%252e?q=..#/.."),
            ("\\..", "\\%252e%252e"),
            ("/.../a.b/..c/", "/.../a.b/..c/"),
        ] {
            assert_eq!(named(url), kept);
        }
    }

    proptest! {
        #[test]
        fn a_path_of_names_keeps_its_length(parts in proptest::collection::vec("(\\.|%2e|%2E|a|%252e){0,3}", 1..5)) {
            let url = format!("https://a.example/{}", parts.join("/"));
            let read: url::Url = named(&url).parse().unwrap();
            prop_assert_eq!(read.path_segments().unwrap().count(), parts.len());
        }
    }
}
