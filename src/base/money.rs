//! Money: decimal amounts, ISO 4217 codes, and how an amount is written.

use iso_currency::Currency;
use rust_decimal::Decimal;

/// Digits after the point that the currency has (2 when the code is not known).
pub fn digits(currency: &str) -> u32 {
    Currency::from_code(currency).and_then(Currency::exponent).map_or(2, u32::from)
}

/// Whether `code` is an ISO 4217 code in upper case.
pub fn is_currency(code: &str) -> bool {
    Currency::from_code(code).is_some()
}

/// An amount as we print it: at least the currency's digits, more only where they are not zero (`10.00`, `0.125`).
pub fn print(amount: Decimal, currency: &str) -> String {
    tidy(amount, currency).to_string()
}

/// An amount with the digits that it is printed with: the database keeps six of them.
pub fn tidy(amount: Decimal, currency: &str) -> Decimal {
    let least = digits(currency);
    let mut amount = amount.normalize();
    if amount.scale() < least {
        amount.rescale(least);
    }
    amount
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_with_the_digits_of_their_currency() {
        let amount = |text: &str| text.parse::<Decimal>().unwrap_or_default();
        assert_eq!(print(amount("10"), "USD"), "10.00");
        assert_eq!(print(amount("10.500000"), "USD"), "10.50");
        assert_eq!(print(amount("0.125"), "EUR"), "0.125");
        assert_eq!(print(amount("1500.000000"), "JPY"), "1500");
        assert_eq!(print(amount("-3.1"), "XXY"), "-3.10");
    }
}
