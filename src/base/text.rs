//! Text from outside, made fit to be kept: PostgreSQL refuses NUL, partners choke on control characters, and a
//! limit counts characters, never splits one.

/// One line: control characters become spaces at most, ends are trimmed.
pub fn line(raw: &str) -> String {
    keep(raw, |_| false)
}

/// Several lines: line breaks and tabs stay (`\r\n` becomes `\n`), other control characters go.
pub fn lines(raw: &str) -> String {
    keep(raw, |c| matches!(c, '\n' | '\t'))
}

fn keep(raw: &str, stays: impl Fn(char) -> bool) -> String {
    let trimmed = raw.trim();
    if !trimmed.chars().any(char::is_control) {
        return trimmed.to_owned();
    }
    let kept: String = trimmed
        .chars()
        .filter_map(|c| match c {
            c if !c.is_control() || stays(c) => Some(c),
            '\n' | '\t' => Some(' '),
            _ => None,
        })
        .collect();
    kept.trim().to_owned()
}

/// Whether `text` has more than `max` characters.
pub fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}

/// The first `max` characters.
pub fn cut(text: &str, max: usize) -> &str {
    match text.char_indices().nth(max) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The longest beginning of at most `max` bytes that splits no character.
pub fn cut_bytes(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_stay_lines_only_where_wanted() {
        assert_eq!(line(" a\r\nb\u{0}c\td\u{7} "), "a bc d");
        assert_eq!(lines(" a\r\nb\u{0}c\td\u{7} \n"), "a\nbc\td");
        assert_eq!(line("\u{0} "), "");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_clean_and_stays_so(raw in any::<String>()) {
            let once = line(&raw);
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(once.trim(), once.as_str());
            prop_assert_eq!(line(&once), once.clone());
            let several = lines(&raw);
            prop_assert!(!several.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn a_cut_is_a_beginning_of_the_right_length(raw in any::<String>(), max in 0_usize..40) {
            let head = cut(&raw, max);
            prop_assert!(raw.starts_with(head));
            prop_assert_eq!(head.chars().count(), raw.chars().count().min(max));
            prop_assert_eq!(is_longer(&raw, max), raw.chars().count() > max);
            let head = cut_bytes(&raw, max);
            prop_assert!(raw.starts_with(head) && head.len() <= max && (head.len() + 4 > max || head == raw));
        }
    }
}
