//! Phone numbers as people type them, read into E.164. A number is only taken when it is valid in its country's
//! plan; a national number needs the country, one with `+` or `00` brings its own. Nothing here repeats a number
//! in an error, and no input panics: the library only ever sees digits.

mod plan;

use std::sync::Once;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;

/// Longest text that is looked at; a number has at most 15 digits.
const MAX_TEXT: usize = 64;
/// Every pattern of every country fits; the library's own 100 would be compiled again and again.
const PATTERNS: usize = 8192;

/// A valid number.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    /// `+` and digits.
    pub e164: String,
    /// ISO alpha-2 of the country the number belongs to; none for numbers of no country (+800).
    pub country: Option<String>,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phone({})", self.country.as_deref().unwrap_or("-"))
    }
}

/// Why a number cannot be used. Says nothing of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Letters, too short, too long.
    #[error("must be a phone number: digits, with + and the country code or with the country beside it")]
    NotANumber,
    /// A national number, and nobody said of which country.
    #[error("needs the country code (+…), or the field country beside it")]
    NoCountry,
    /// No such number in its country's plan.
    #[error("is not a valid phone number of its country")]
    Invalid,
}

/// Which reading of digits without `+` comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// National when the country is known, else international.
    #[default]
    National,
    /// International; national only when that is no valid number (or begins with the country's own trunk digit).
    International,
}

/// Reads a number; `country` (ISO alpha-2, upper case) is where national numbers belong.
pub fn parse(raw: &str, country: Option<&str>) -> Result<Phone, PhoneError> {
    parse_as(raw, country, Reading::National)
}

/// Reads a number with a choice of what digits without `+` are.
pub fn parse_as(raw: &str, country: Option<&str>, reading: Reading) -> Result<Phone, PhoneError> {
    let (has_plus, digits) = digits(raw).ok_or(PhoneError::NotANumber)?;
    if !(4..=20).contains(&digits.len()) {
        return Err(PhoneError::NotANumber);
    }
    let country = country.and_then(|code| code.parse::<Id>().ok());
    let national = || {
        let country = country?;
        // The library takes the 7 of a Kazakh area code for the country's: written out, it cannot.
        valid(Some(country), &digits).or_else(|| phone(DATABASE.by_id(country.as_ref())?.country_code(), &digits))
    };
    if has_plus || digits.starts_with("00") {
        // `+` before a national number (`+0501…`) is a habit of web forms; only the country can save it.
        return valid_abroad(digits.strip_prefix("00").unwrap_or(&digits))
            .or_else(|| digits.starts_with('0').then(national).flatten())
            .ok_or(PhoneError::Invalid);
    }
    let international = || valid_abroad(&digits);
    let found = match reading {
        Reading::National => national().or_else(|| {
            // Digits of another country are only believed when they are long enough to hold its code.
            if country.is_none() || digits.len() >= 11 { international() } else { None }
        }),
        Reading::International if has_trunk(country, &digits) => national().or_else(international),
        Reading::International => international().or_else(national),
    };
    found.ok_or(if country.is_none() { PhoneError::NoCountry } else { PhoneError::Invalid })
}

/// Whether there is a `+`, and the digits. Separators go, digits of other scripts become ours, letters are no number.
fn digits(raw: &str) -> Option<(bool, String)> {
    if raw.len() > MAX_TEXT {
        return None;
    }
    let raw = raw.trim();
    let raw = raw.strip_prefix("tel:").unwrap_or(raw);
    let (mut has_plus, mut digits) = (false, String::with_capacity(16));
    for c in raw.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | '\u{FF0B}' if digits.is_empty() && !has_plus => has_plus = true,
            ' '
            | '-'
            | '.'
            | '('
            | ')'
            | '/'
            | '\u{A0}'
            | '\u{AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2010}'..='\u{2015}'
            | '\u{202A}'..='\u{202F}'
            | '\u{2060}'..='\u{2069}'
            | '\u{2212}'
            | '\u{FEFF}' => {}
            // Arabic-Indic, Persian, Devanagari, full-width.
            '\u{660}'..='\u{669}' => digits.push(ours(c, '\u{660}')?),
            '\u{6F0}'..='\u{6F9}' => digits.push(ours(c, '\u{6F0}')?),
            '\u{966}'..='\u{96F}' => digits.push(ours(c, '\u{966}')?),
            '\u{FF10}'..='\u{FF19}' => digits.push(ours(c, '\u{FF10}')?),
            _ => return None,
        }
    }
    Some((has_plus, digits))
}

fn ours(digit: char, zero: char) -> Option<char> {
    char::from_digit(u32::from(digit).checked_sub(u32::from(zero))?, 10)
}

/// Whether the digits begin with the trunk prefix of the country and not with its code (`8` in Russia, not `7`).
fn has_trunk(country: Option<Id>, digits: &str) -> bool {
    let Some(plan) = country.and_then(|country| DATABASE.by_id(country.as_ref())) else { return false };
    plan.national_prefix().is_some_and(|prefix| digits.starts_with(prefix))
        && !digits.starts_with(&plan.country_code().to_string())
}

/// A number with its country code.
fn valid_abroad(digits: &str) -> Option<Phone> {
    // Most numbers are simply right. What else people put between code and number, the library knows.
    plan::split(digits)
        .and_then(|(code, national)| phone(code, national))
        .or_else(|| valid(None, &format!("+{digits}")))
}

/// A number as the library reads it, if it is valid.
fn valid(country: Option<Id>, text: &str) -> Option<Phone> {
    widen_pattern_cache();
    let number = phonenumber::parse(country, text).ok()?;
    // With its leading zeros: the library's own look-up drops them and finds no country for Italian landlines.
    phone(number.code().value(), &number.national().to_string())
}

fn phone(code: u16, national: &str) -> Option<Phone> {
    let country = match plan::region(code, national)? {
        "001" => None,
        // Ascension and Tristan da Cunha have plans of their own but no ISO code.
        "AC" | "TA" => Some("SH".to_owned()),
        other => Some(other.to_owned()),
    };
    let e164 = format!("+{code}{national}");
    (e164.len() <= 16).then_some(Phone { e164, country })
}

fn widen_pattern_cache() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Ok(mut cache) = DATABASE.cache().lock() {
            cache.set_capacity(PATTERNS);
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str, country: Option<&str>) -> Option<(String, String)> {
        parse(raw, country).ok().map(|phone| (phone.e164, phone.country.unwrap_or_default()))
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (raw, country, e164, home) in [
            ("+49 (0) 151 12345678", None, "+4915112345678", "DE"),
            ("0049 151 12345678", None, "+4915112345678", "DE"),
            ("0151/12345678", Some("DE"), "+4915112345678", "DE"),
            ("+39 02 3661 8300", None, "+390236618300", "IT"),
            ("02 3661 8300", Some("IT"), "+390236618300", "IT"),
            ("(415) 555-2671", Some("US"), "+14155552671", "US"),
            ("+1 (876) 924-1234", None, "+18769241234", "JM"),
            ("380501234567", None, "+380501234567", "UA"),
            ("380501234567", Some("UA"), "+380501234567", "UA"),
            ("380501234567", Some("DE"), "+380501234567", "UA"),
            ("0501234567", Some("UA"), "+380501234567", "UA"),
            ("8 (495) 123-45-67", Some("RU"), "+74951234567", "RU"),
            ("+7 701 123 45 67", None, "+77011234567", "KZ"),
            ("۰۹۱۲۳۴۵۶۷۸۹", Some("IR"), "+989123456789", "IR"),
            ("tel:+98-912-345-6789", None, "+989123456789", "IR"),
            ("07624 123456", Some("IM"), "+447624123456", "IM"),
            ("+383 44 123 456", None, "+38344123456", "XK"),
            ("+800 1234 5678", None, "+80012345678", ""),
            ("\u{202A}+44 7912 345678\u{202C}", None, "+447912345678", "GB"),
        ] {
            assert_eq!(read(raw, country), Some((e164.to_owned(), home.to_owned())), "{raw} {country:?}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        assert_eq!(parse("0501234567", None), Err(PhoneError::NoCountry));
        assert_eq!(parse("12345", Some("DE")), Err(PhoneError::Invalid));
        assert_eq!(parse("+49 1", None), Err(PhoneError::NotANumber));
        assert_eq!(parse("+1 253 0000", None), Err(PhoneError::Invalid));
        for raw in ["", "call me", "1-800-FLOWERS", "12 34 56 ext 7", "+4915112345678 / +4915112345679", "\u{0}"] {
            assert_eq!(parse(raw, Some("DE")), Err(PhoneError::NotANumber), "{raw:?}");
        }
    }

    #[test]
    fn digits_may_be_read_as_international_first() {
        let read = |raw, country| parse_as(raw, country, Reading::International).map(|phone| phone.e164);
        assert_eq!(read("4155552671", Some("US")).as_deref(), Ok("+14155552671"));
        assert_eq!(read("79161234567", Some("KZ")).as_deref(), Ok("+79161234567"));
        assert_eq!(read("0501234567", Some("UA")).as_deref(), Ok("+380501234567"));
        assert_eq!(read("84951234567", Some("RU")).as_deref(), Ok("+74951234567"));
    }

    #[test]
    fn example_numbers_of_every_country_are_read_at_home_and_abroad() {
        let mut tried = 0;
        for plan in DATABASE.iter().filter(|plan| plan.id() != "001") {
            let Some(example) = plan.descriptors().mobile().and_then(|kind| kind.example()) else { continue };
            let abroad = parse(&format!("+{}{example}", plan.country_code()), None);
            assert!(abroad.is_ok(), "{}", plan.id());
            assert_eq!(parse(example, Some(plan.id())), abroad, "{}", plan.id());
            tried += 1;
        }
        assert!(tried > 200, "{tried}");
    }

    #[test]
    fn examples_of_every_kind_of_every_plan_are_found_in_it() {
        let mut tried = 0;
        for home in DATABASE.iter() {
            let kinds = home.descriptors();
            for kind in [kinds.mobile(), kinds.fixed_line(), kinds.toll_free(), kinds.voip()].into_iter().flatten() {
                let Some(example) = kind.example() else { continue };
                let region = plan::region(home.country_code(), example);
                assert!(region.is_some(), "{} {example}", home.id());
                let is_alone = DATABASE.region(&home.country_code()).is_some_and(|regions| regions.len() == 1);
                assert!(!is_alone || region == Some(home.id()), "{} {example} {region:?}", home.id());
                tried += 1;
            }
        }
        assert!(tried > 500, "{tried}");
    }

    fn country() -> impl Strategy<Value = Option<String>> {
        let mut ids: Vec<Option<String>> = DATABASE.iter().map(|plan| Some(plan.id().to_owned())).collect();
        ids.sort();
        ids.push(None);
        proptest::sample::select(ids)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn no_text_panics(raw in any::<String>(), country in country()) {
            let _ = parse(&raw, country.as_deref()).is_ok();
        }

        #[test]
        fn no_digits_panic_and_what_is_read_reads_as_itself(
            raw in "(\\+|00|0|8|1|9|011|810)?[0-9]{0,18}",
            country in country(),
            international in any::<bool>(),
        ) {
            let reading = if international { Reading::International } else { Reading::National };
            if let Ok(phone) = parse_as(&raw, country.as_deref(), reading) {
                prop_assert!(phone.e164.starts_with('+') && phone.e164.len() <= 16);
                prop_assert!(phone.e164[1..].bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert_eq!(parse(&phone.e164, None), Ok(phone.clone()));
                prop_assert_eq!(parse(&phone.e164, country.as_deref()), Ok(phone));
            }
        }
    }
}
