//! Money in requests and answers of the API: written as a decimal string, read from a string or a number.

use rust_decimal::Decimal;
use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::base::field_error::FieldError;
use crate::base::money;

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = String, example = "12.50")]
pub struct Amount(pub Decimal);

impl Amount {
    /// A stored amount with the digits of its currency.
    pub fn of(amount: Decimal, currency: &str) -> Self {
        Self(money::print(amount, currency).parse().unwrap_or(amount))
    }

    /// What is wrong with an amount that is owed for a lead: not negative, and within what is stored exactly.
    pub fn check(self, field: &str) -> Option<FieldError> {
        let amount = self.0.normalize();
        if amount.is_sign_negative() && !amount.is_zero() {
            Some(FieldError::invalid(field, "must not be negative"))
        } else if amount.scale() > 6 || amount.trunc() >= Decimal::from(1_000_000_000_000_i64) {
            Some(FieldError::invalid(field, "must be below 1000000000000 and have at most 6 digits after the point"))
        } else {
            None
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decimal number such as \"12.50\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        let refused = || E::invalid_value(Unexpected::Other("text"), &self);
        let text = text.trim();
        // The parser also takes underscores and a bare point; money is written plainly.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.ends_with(|last: char| last.is_ascii_digit());
        if !is_plain {
            return Err(refused());
        }
        Decimal::from_str_exact(text).map(Amount).map_err(|_| refused())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(Decimal::from(number)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount(Decimal::from(number)))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount, E> {
        // The shortest text that names this number is what the caller wrote.
        self.visit_str(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Amount>(json).ok().map(|amount| serde_json::to_string(&amount).unwrap())
    }

    #[test]
    fn strings_and_numbers_are_read_and_strings_are_written() {
        for (given, written) in [("\"12.50\"", "\"12.50\""), ("12.5", "\"12.5\""), ("7", "\"7\""), ("\" 3 \"", "\"3\"")]
        {
            assert_eq!(read(given).as_deref(), Some(written), "{given}");
        }
        for bad in ["\"\"", "\"1,5\"", "\"abc\"", "\".5\"", "\"1_000\"", "true", "null", "[]", "1e300", "\"NaN\""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn amounts_that_cannot_be_stored_are_refused() {
        let check = |text: &str| Amount(text.parse().unwrap()).check("payout").is_none();
        assert!(check("0") && check("999999999999.999999") && check("1.2500000"));
        assert!(!check("-0.01") && !check("1000000000000") && !check("0.0000001"));
    }
}
