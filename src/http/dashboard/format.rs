//! How values are written on pages. Templates call these by name.

use std::borrow::Borrow;

use askama::filters::Safe;
use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

use super::reader::{self, Language};
use super::texts::say;
use crate::http::assets;

/// The URL of a file of ours, with its hash.
pub fn asset(path: &str) -> String {
    assets::url(path)
}

/// `1,234.50 USD`: at least two digits after the point, no more than there are.
pub fn money(amount: impl Borrow<Decimal>, currency: &str) -> String {
    let mut amount = amount.borrow().normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    let text = amount.abs().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "\u{2212}" } else { "" };
    let point = match reader::language() {
        Language::English => '.',
        Language::Russian => ',',
    };
    format!("{sign}{}{point}{rest}\u{a0}{currency}", grouped(whole))
}

/// `12,345`
pub fn count(number: impl Borrow<i64>) -> String {
    let number = *number.borrow();
    let sign = if number < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", grouped(&number.unsigned_abs().to_string()))
}

/// In groups of three; Russian sets a space where English sets a comma.
fn grouped(digits: &str) -> String {
    let between = match reader::language() {
        Language::English => ',',
        Language::Russian => '\u{a0}',
    };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(between);
        }
        out.push(digit);
    }
    out
}

/// `<time datetime="…">2026-11-23 12:04:09</time>`, in the reader's zone.
pub fn time(at: impl Borrow<DateTime<Utc>>) -> Safe<String> {
    let at = at.borrow();
    element(at, &at.with_timezone(&reader::zone()).format("%Y-%m-%d %H:%M:%S").to_string())
}

/// `<time datetime="…">23 Nov 12:04:09</time>`, in the reader's zone; the whole date is in the title.
pub fn short_time(at: impl Borrow<DateTime<Utc>>) -> Safe<String> {
    let at = at.borrow();
    element(at, &moment(at))
}

/// `23 Nov 12:04:09`, in the reader's zone, for texts.
pub fn moment(at: impl Borrow<DateTime<Utc>>) -> String {
    let local = at.borrow().with_timezone(&reader::zone());
    format!("{} {}", day(local.date_naive()), local.format("%H:%M:%S"))
}

/// `12:04:09`, in the reader's zone.
pub fn clock(at: impl Borrow<DateTime<Utc>>) -> String {
    at.borrow().with_timezone(&reader::zone()).format("%H:%M:%S").to_string()
}

fn element(at: &DateTime<Utc>, text: &str) -> Safe<String> {
    let exact = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Safe(format!("<time datetime=\"{exact}\" title=\"{exact}\">{text}</time>"))
}

/// `23 Nov`
pub fn day(date: NaiveDate) -> String {
    say("date-short").with("day", date.day()).count("month", date.month()).into()
}

/// `23 Nov 2026`
pub fn dated(date: NaiveDate) -> String {
    format!("{} {}", day(date), date.format("%Y"))
}

/// `Monday, 23 November 2026`
pub fn long_day(date: NaiveDate) -> String {
    let text = say("date-long").with("day", date.day()).count("month", date.month());
    text.count("weekday", date.weekday().number_from_monday()).with("year", date.year()).into()
}

/// How long ago: `now`, `40 s`, `5 min`, `3 h`, `12 d`.
pub fn age(at: impl Borrow<DateTime<Utc>>, now: impl Borrow<DateTime<Utc>>) -> String {
    let (key, count) = match (*now.borrow() - *at.borrow()).num_seconds() {
        ..=0 => ("age-now", 0),
        seconds @ ..60 => ("age-seconds", seconds),
        seconds @ ..3600 => ("age-minutes", seconds / 60),
        seconds @ ..172_800 => ("age-hours", seconds / 3600),
        seconds => ("age-days", seconds / 86_400),
    };
    if count == 0 { say(key).into() } else { say(key).count("count", count).into() }
}

/// A pace in its largest whole unit: 600 seconds are "10 min".
pub fn span(seconds: impl Borrow<u64>) -> String {
    let (key, count) = match *seconds.borrow() {
        seconds if seconds >= 86_400 && seconds.is_multiple_of(86_400) => ("age-days", seconds / 86_400),
        seconds if seconds >= 3600 && seconds.is_multiple_of(3600) => ("age-hours", seconds / 3600),
        seconds if seconds >= 60 && seconds.is_multiple_of(60) => ("age-minutes", seconds / 60),
        seconds => ("age-seconds", seconds),
    };
    say(key).count("count", count).into()
}

/// `+49•••••678`: the country and the last three digits.
pub fn mask_phone(phone: &str) -> String {
    let count = phone.chars().count();
    if count < 7 {
        return "•".repeat(count);
    }
    let tail = count - 3;
    phone.chars().enumerate().map(|(index, digit)| if index < 3 || index >= tail { digit } else { '•' }).collect()
}

/// `a•••@example.com`
pub fn mask_email(email: &str) -> String {
    match email.split_once('@') {
        Some((name, host)) => format!("{}•••@{host}", name.chars().take(1).collect::<String>()),
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn money_has_two_digits_and_groups() {
        for (amount, text) in [
            ("0", "0.00"),
            ("12.5", "12.50"),
            ("1234567.891", "1,234,567.891"),
            ("-3", "\u{2212}3.00"),
            ("999.000000", "999.00"),
        ] {
            assert_eq!(money(amount.parse::<Decimal>().unwrap(), "USD"), format!("{text}\u{a0}USD"));
        }
        assert_eq!(count(-1_234_567), "\u{2212}1,234,567");
    }

    #[test]
    fn ages_are_told_in_one_unit() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        for (seconds, text) in
            [(-5, "now"), (0, "now"), (59, "59 s"), (61, "1 min"), (7200, "2 h"), (172_800, "2 d"), (864_000, "10 d")]
        {
            assert_eq!(age(at, at + TimeDelta::seconds(seconds)), text);
        }
        assert_eq!(
            time(at).0,
            "<time datetime=\"1970-01-01T00:00:00Z\" title=\"1970-01-01T00:00:00Z\">1970-01-01 00:00:00</time>"
        );
    }

    #[test]
    fn contacts_are_masked() {
        assert_eq!(mask_phone("+4915112345678"), "+49••••••••678");
        assert_eq!(mask_phone("12345"), "•••••");
        assert_eq!(mask_email("ann@example.com"), "a•••@example.com");
        assert_eq!(mask_email("nonsense"), "•••");
    }
}
