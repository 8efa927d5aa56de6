//! Records of exchanges: a secret shows neither as it is nor in any of the forms in which it travels, wherever it stands
//! in the request or in what came back, and a record is never too long.
//!
//! The input: the secret, a NUL, a second secret, a NUL, then text that stands around them.

#![no_main]

use std::time::Duration;

use leadrelay::base::exchange::{Exchange, Method, Request, Response};
use leadrelay::net::record::{MAX_BYTES, record};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut parts = text.splitn(3, '\0');
    let (Some(one), Some(two), Some(around)) = (parts.next(), parts.next(), parts.next()) else { return };
    // Shorter ones are not looked for. The mask and the notes of a record are no secrets.
    let is_secret = |text: &str| {
        text.trim().chars().count() >= 4
            && !text.contains(['*', '\u{fffd}'])
            && !["\n[cut]", "\n[the rest was not read]", "[binary, "]
                .iter()
                .any(|note| note.contains(text) || text.contains(note.trim()))
    };
    if !is_secret(one) || !is_secret(two) {
        return;
    }
    let (before, after) = around.split_at(around.floor_char_boundary(around.len() / 2));
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut url: url::Url = "https://partner.example/in".parse().expect("a URL");
    url.path_segments_mut().expect("it has a path").push(one).push(before);
    url.query_pairs_mut().append_pair("a", two).append_pair(after, one);
    let body = json!({ "x": before, "y": one, "z": [two, after] }).to_string();
    let headers = [("content-type", "application/json"), ("x-note", two), ("x-more", &percent(one))];
    let request = Request {
        method: Method::Post,
        url,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.into_bytes(),
        secrets: vec![one.to_owned(), two.to_owned()],
    };
    let echo = format!("{before}{one}{after}{}&{}{before}{two}", form(two), percent(one));
    let answer =
        Ok(Response { status: 200, headers: Vec::new(), body: echo.into_bytes(), is_cut: around.len() % 2 == 1 });
    let record = record(&Exchange { request, answer, remote_ip: None, took: Duration::ZERO });
    for text in [&record.request, &record.response] {
        assert!(text.len() <= MAX_BYTES && !text.contains('\0'));
        for secret in [one, two] {
            let json = serde_json::Value::from(secret).to_string();
            let quoted = json[1..json.len() - 1].to_owned();
            for form in [secret.to_owned(), form(secret), percent(secret), quoted] {
                assert!(!text.contains(&form), "{form:?} shows in {text:?}");
            }
        }
    }
});
