//! A phone in the forms partners ask for. Leads hold it as E.164.

use minijinja::Environment;
use minijinja::value::Value;

use super::on_text;

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("digits", |value: Value| on_text(&value, |text| digits(&text)));
    env.add_filter("e164", |value: Value| on_text(&value, |text| format!("+{}", digits(&text))));
    env.add_filter("national", |value: Value| on_text(&value, |text| split(&text).1));
    env.add_filter("calling_code", |value: Value| on_text(&value, |text| split(&text).0));
    env.add_filter("leading_zero", |value: Value| on_text(&value, |text| format!("0{}", split(&text).1)));
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Calling code and national number of an E.164 phone, digits only. Unreadable: no code, all digits.
fn split(text: &str) -> (String, String) {
    let digits = digits(text);
    let code = phonenumber::parse(None, text).map(|phone| phone.code().value().to_string()).unwrap_or_default();
    let national = digits.strip_prefix(&code).unwrap_or(&digits).to_owned();
    (code, national)
}
