//! Country codes: ISO 3166-1 alpha-2 in upper case, and nothing else, wherever a country is kept.

/// Reads a country code in any case. `UK` is taken for `GB`; `XK` (Kosovo) is taken though ISO only reserves it.
pub fn parse(raw: &str) -> Option<String> {
    let code = raw.trim();
    if code.len() != 2 || !code.is_ascii() {
        return None;
    }
    let code = code.to_ascii_uppercase();
    match code.as_str() {
        "UK" => Some("GB".to_owned()),
        "XK" => Some(code),
        other => rust_iso3166::ALPHA2_MAP.contains_key(other).then_some(code),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn any_case_is_read_and_written_in_upper_case() {
        assert_eq!(parse(" de ").as_deref(), Some("DE"));
        assert_eq!(parse("uk").as_deref(), Some("GB"));
        assert_eq!(parse("xk").as_deref(), Some("XK"));
        for raw in ["", "D", "DEU", "XX", "ZZ", "d\u{0}", "ДЕ", "1A"] {
            assert_eq!(parse(raw), None, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_reads_as_itself(raw in ".{0,4}") {
            if let Some(code) = parse(&raw) {
                prop_assert_eq!(parse(&code), Some(code.clone()));
            }
        }
    }
}
