//! E-mail addresses as partners take them: `local@domain.tld`, lower case, nothing around it.

use email_address::{EmailAddress, Options};

/// Longest address that fits an SMTP path.
const MAX: usize = 254;

/// Why an address cannot be used. Says nothing of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than 254 bytes.
    #[error("must be at most {MAX} bytes long")]
    TooLong,
    /// Not an address.
    #[error("must be an e-mail address such as name@example.com")]
    Invalid,
}

/// Reads an address; the answer is in lower case.
pub fn parse(raw: &str) -> Result<String, EmailError> {
    let address = raw.trim();
    if address.len() > MAX {
        return Err(EmailError::TooLong);
    }
    if address.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>')) {
        return Err(EmailError::Invalid);
    }
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    EmailAddress::parse_with_options(address, options).map_err(|_| EmailError::Invalid)?;
    let address = address.to_lowercase();
    // A few letters grow when lowered.
    if address.len() > MAX { Err(EmailError::TooLong) } else { Ok(address) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_plain_addresses_pass() {
        assert_eq!(parse(" Ann.B+x@Example.CO.uk ").as_deref(), Ok("ann.b+x@example.co.uk"));
        for raw in ["", "a", "a@b", "a@[127.0.0.1]", "Ann <a@b.co>", "a b@c.de", "a@b..de", "@b.de", "a@b.de\u{0}x"] {
            assert_eq!(parse(raw), Err(EmailError::Invalid), "{raw:?}");
        }
        assert_eq!(parse(&format!("{}@b.de", "a".repeat(300))), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_and_what_passes_passes_again(raw in ".{0,80}") {
            if let Ok(address) = parse(&raw) {
                prop_assert_eq!(parse(&address), Ok(address.clone()));
            }
        }

        #[test]
        fn ordinary_addresses_pass(local in "[a-zA-Z0-9]{1,12}(\\.[a-zA-Z0-9]{1,8})?", host in "[a-z0-9]{1,12}\\.(com|de|ir)") {
            let raw = format!("{local}@{host}");
            prop_assert_eq!(parse(&raw), Ok(raw.to_lowercase()));
        }
    }
}
