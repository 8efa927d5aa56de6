//! Percent escapes in templates: a value behind an escape that is not finished would finish it.

/// Whether a text ends inside of an escape: `…%` or `…%2`.
pub fn is_open(text: &str) -> bool {
    match text.as_bytes() {
        [.., b'%'] => true,
        [.., b'%', digit] => digit.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_open_until_its_second_digit() {
        for (text, open) in
            [("", false), ("a%", true), ("%2", true), ("%F", true), ("%2f", false), ("%g", false), ("%ü", false)]
        {
            assert_eq!(is_open(text), open, "{text}");
        }
    }
}
