//! What somebody may mean who types something to find a lead: a phone in any form, an e-mail, an id, a number.

use uuid::Uuid;

use crate::base::{email, phone, text};
use crate::db::screen_leads::Search;

/// Longer searches find nothing.
const MAX_SEARCH: usize = 200;

/// Everything a text may mean.
pub fn search(raw: &str) -> Search {
    let word = text::line(raw);
    if word.is_empty() || text::is_longer(&word, MAX_SEARCH) {
        return Search::default();
    }
    let bare = word.strip_prefix('#').unwrap_or(&word);
    Search {
        lead_id: Uuid::parse_str(bare).ok(),
        number: bare.bytes().all(|byte| byte.is_ascii_digit()).then(|| bare.parse().ok()).flatten(),
        phones: phones(&word),
        email: email::parse(&word).ok(),
        word: Some(word),
    }
}

/// The numbers that the digits may be: as written, and at home in every country.
fn phones(raw: &str) -> Vec<String> {
    let has_code = raw.starts_with('+') || raw.starts_with("00");
    let mut found: Vec<String> = phone::parse(raw, None).into_iter().map(|phone| phone.e164).collect();
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    if !has_code && (6..=15).contains(&digits) && raw.chars().all(|c| c.is_ascii_digit() || " -/().".contains(c)) {
        for home in rust_iso3166::ALL_ALPHA2 {
            if let Ok(phone) = phone::parse(raw, Some(home))
                && !found.contains(&phone.e164)
            {
                found.push(phone.e164);
            }
        }
        // As a webmaster may have sent it, were the plan of its country unknown.
        let plain: String = raw.chars().filter(char::is_ascii_digit).collect();
        found.push(format!("+{plain}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_phone_is_found_in_any_form() {
        for raw in ["+49 151 12345678", "0049 151 12345678", "0151/12345678", "4915112345678", "015112345678"] {
            assert!(search(raw).phones.contains(&"+4915112345678".to_owned()), "{raw}");
        }
        assert!(search("ann@example.com").phones.is_empty());
    }

    #[test]
    fn a_text_means_all_it_can() {
        let found = search("#42");
        assert_eq!((found.number, found.word.as_deref(), found.phones.len()), (Some(42), Some("#42"), 0));
        assert_eq!(search(" Ann@Example.com ").email.as_deref(), Some("ann@example.com"));
        let id = "0192a5c0-0000-7000-8000-000000000001";
        assert_eq!(search(id).lead_id, id.parse().ok());
        assert_eq!(search(&id.replace('-', "")).lead_id, id.parse().ok());
        assert_eq!(search("\0"), Search::default());
    }

    proptest! {
        #[test]
        fn no_search_panics(raw in any::<String>()) {
            let found = search(&raw);
            prop_assert!(found.word.is_none_or(|word| !word.chars().any(char::is_control)));
        }
    }
}
