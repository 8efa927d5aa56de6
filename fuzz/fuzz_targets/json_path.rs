//! Paths into what partners send: a path finds what the same JSON pointer finds, the first candidate with a value wins,
//! and what comes out fits the database, whatever the path and the answer are.
//!
//! The input: one path a line, a NUL, then the answer's body. Its time is bounded by the runner (`-timeout`).

#![no_main]

use leadrelay::base::exchange::Response;
use leadrelay::domain::outcome::Outcome;
use leadrelay_fuzz::recipe_file::{self, list};
use rust_decimal::Decimal;
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == 0) else { return };
    let (Ok(lines), body) = (std::str::from_utf8(&data[..end]), &data[end + 1..]) else { return };
    let paths: Vec<&str> = lines.split('\n').take(8).collect();
    let all = list(paths.iter().copied());
    let rule = format!(
        "[[outcome]]\nis = \"accepted\"\nwhen.codes = [200]\n\
         external_id = {all}\nmessage = {all}\nredirect_url = {all}\npayout = {all}\nstatus = {all}\ncurrency = {all}\n"
    );
    let recipe = match recipe_file::with_outcomes(&rule) {
        Ok(recipe) => recipe,
        Err(errors) => {
            assert!(errors.iter().all(|error| error.key.starts_with("outcome[0].")), "{errors:?}");
            assert!(!paths.iter().all(|path| is_plain(path)), "{paths:?} are paths: {errors:?}");
            return;
        }
    };
    let answer = Ok(Response { status: 200, headers: Vec::new(), body: body.to_vec(), is_cut: false });
    let Outcome::Accepted(found) = recipe_file::judge(&recipe, &answer) else { panic!("the rule holds for 200") };

    for word in [&found.external_id, &found.status].into_iter().flatten() {
        assert!(!word.is_empty() && word.chars().count() <= 200 && !word.chars().any(char::is_control), "{word:?}");
    }
    if let Some(text) = &found.message {
        assert!(!text.is_empty() && text.chars().count() <= 1000 && !text.chars().any(char::is_control), "{text:?}");
    }
    if let Some(url) = &found.redirect_url {
        assert!(url.starts_with("http://") || url.starts_with("https://"), "{url:?}");
        assert!(url.parse::<url::Url>().is_ok_and(|url| url.has_host()));
    }
    if let Some(amount) = found.payout {
        assert!(amount.abs() < Decimal::from(1_000_000_000_000_i64) && amount.scale() <= 6, "{amount}");
    }
    assert!(found.currency.is_none_or(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));

    // The same question, asked of serde_json.
    if paths.iter().all(|path| is_plain(path)) {
        let text = String::from_utf8_lossy(body);
        let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
        let values = paths.iter().filter_map(|path| json.pointer(&pointer(path)));
        let first = values.filter_map(word_of).next();
        let clean = first.map(|text| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
        let clean = clean.map(|text| text.trim().to_owned());
        let expected = clean.filter(|text| !text.is_empty() && text.chars().count() <= 200);
        assert_eq!(found.external_id, expected, "{paths:?} in {json}");
    }
});

/// Names with dots, or a pointer without escapes; indexes without signs and leading zeros, as pointers want them.
fn is_plain(path: &str) -> bool {
    let parts = path.strip_prefix('/').map_or_else(|| path.split('.'), |rest| rest.split('/'));
    let is_index = |part: &str| part.parse::<usize>().is_ok();
    !path.is_empty()
        && path.len() <= 256
        && parts.into_iter().all(|part| {
            let is_odd = part.starts_with('+') || (part.len() > 1 && part.starts_with('0'));
            !part.is_empty() && !part.contains(['/', '~']) && !(is_index(part) && is_odd)
        })
}

fn pointer(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{}", path.replace('.', "/")) }
}

fn word_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".to_owned()),
        _ => None,
    }
}
