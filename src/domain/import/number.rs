//! Amounts as people and spreadsheets write them.

use rust_decimal::Decimal;

/// Most digits after the point.
const SCALE: u32 = 6;
/// An amount stays below this.
const END: i64 = 1_000_000_000_000;

/// An amount of money, not negative: `12.5`, `12,50`, `1 234,50`, `1,234.50`, `$12`. `1,234` could be two amounts
/// and is refused.
pub(super) fn amount(text: &str) -> Result<Decimal, &'static str> {
    let bare: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '$' | '€' | '₽' | '₴' | '£')).collect();
    let has_point = bare.contains('.');
    let plain = match bare.matches(',').count() {
        0 => bare,
        1 if !has_point => {
            let (whole, rest) = bare.split_once(',').unwrap_or((bare.as_str(), ""));
            if rest.len() == 3 && !matches!(whole, "0" | "") {
                return Err("may mean two amounts: write it with a point, such as 1234.00 or 1.234");
            }
            format!("{whole}.{rest}")
        }
        // Commas between thousands, a point before the rest; or the other way round.
        _ if has_point && bare.rfind('.') > bare.rfind(',') && is_grouped(&bare, ',', '.') => bare.replace(',', ""),
        1 if bare.rfind(',') > bare.rfind('.') && is_grouped(&bare, '.', ',') => {
            bare.replace('.', "").replace(',', ".")
        }
        _ if !has_point && is_grouped(&bare, ',', '.') => bare.replace(',', ""),
        _ => return Err("must be an amount such as 12.50"),
    };
    let amount = Decimal::from_str_exact(&plain).map_err(|_| "must be an amount such as 12.50")?.normalize();
    if amount.is_sign_negative() && !amount.is_zero() {
        Err("must not be negative")
    } else if amount.scale() > SCALE || amount >= Decimal::from(END) {
        Err("must be below 1000000000000 and have at most 6 digits after the point")
    } else {
        Ok(amount.abs())
    }
}

/// Whether the whole part is cut into thousands by `mark`.
fn is_grouped(text: &str, mark: char, point: char) -> bool {
    let whole = text.split(point).next().unwrap_or_default();
    let mut groups = whole.split(mark);
    let is_first = groups.next().is_some_and(|first| (1..=3).contains(&first.trim_start_matches('-').len()));
    is_first && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written_and_never_guessed() {
        for (text, read) in [
            ("12.5", "12.5"),
            ("12,50", "12.5"),
            ("1 234,50", "1234.5"),
            ("1\u{a0}234.50", "1234.5"),
            ("1,234.50", "1234.5"),
            ("1.234,50", "1234.5"),
            ("1,234,567", "1234567"),
            ("1.234", "1.234"),
            ("0,125", "0.125"),
            ("$12", "12"),
            ("-0", "0"),
        ] {
            assert_eq!(amount(text).map(|amount| amount.to_string()), Ok(read.to_owned()), "{text}");
        }
        for text in ["1,234", "12,5,0", "-3", "x", "", "1.2.3", "1e5", "0.1234567", "1000000000000", "1,23.4"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_a_plain_amount_is_itself(text in any::<String>(), cents in 0..100_000_000_i64) {
            let _ = amount(&text);
            let plain = Decimal::new(cents, 2);
            prop_assert_eq!(amount(&plain.to_string()), Ok(plain.normalize()));
        }
    }
}
