//! An exchange as text for the attempt log: start line, headers, body; secrets masked, size capped. What is
//! masked: each of the request's secrets wherever it occurs and however it is written, the values of headers
//! that carry credentials, and query and form parameters named like credentials. Masking comes before cutting,
//! so that no cut can leave half a secret.

use url::Url;

use crate::base::exchange::{Exchange, Request, Response};

use super::mask::{MASK, Masker};

/// Longest text that is kept of each side, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// Both sides of an exchange, safe to be stored and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The request.
    pub request: String,
    /// The answer, or why there is none.
    pub response: String,
}

/// Writes an exchange down.
pub fn record(exchange: &Exchange) -> Record {
    let masker = Masker::new(&exchange.request.secrets);
    let response = match &exchange.answer {
        Ok(response) => response_text(response),
        Err(error) => format!("no answer ({})\n{}\n", error.kind, error.detail),
    };
    Record { request: finish(&request_text(&exchange.request), &masker), response: finish(&response, &masker) }
}

/// Writes a request down that was not sent.
pub fn request(request: &Request) -> String {
    finish(&request_text(request), &Masker::new(&request.secrets))
}

fn request_text(request: &Request) -> String {
    let mut text = format!("{} {}\n", request.method, masked_url(&request.url));
    write_headers(&mut text, &request.headers);
    let body = body_text(&request.body, header(&request.headers, "content-type"), "");
    text.push_str(&body);
    text
}

fn response_text(response: &Response) -> String {
    let mut text = format!("HTTP {}\n", response.status);
    write_headers(&mut text, &response.headers);
    let note = if response.is_cut { "\n[the rest was not read]" } else { "" };
    text.push_str(&body_text(&response.body, response.header("content-type"), note));
    text
}

fn write_headers(text: &mut String, headers: &[(String, String)]) {
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let shown = if is_secret_header(&name) {
            MASK.to_owned()
        } else if let (true, Ok(url)) = (matches!(name.as_str(), "location" | "referer"), value.parse::<Url>()) {
            masked_url(&url)
        } else {
            value.clone()
        };
        text.push_str(&format!("{name}: {shown}\n"));
    }
    text.push('\n');
}

fn body_text(body: &[u8], content_type: Option<&str>, note: &str) -> String {
    // Bytes at the very end that begin a character were cut off by the limit.
    let readable = match std::str::from_utf8(body) {
        Ok(text) => Some(text.to_owned()),
        Err(error) if error.error_len().is_none() => {
            body.get(..error.valid_up_to()).map(|valid| String::from_utf8_lossy(valid).into_owned())
        }
        Err(_) if is_texty(content_type) => Some(String::from_utf8_lossy(body).into_owned()),
        Err(_) => None,
    };
    match readable {
        Some(text) if content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) => {
            format!("{}{note}", masked_pairs(&text))
        }
        Some(text) if !text.contains('\0') || is_texty(content_type) => format!("{text}{note}"),
        _ => format!("[binary, {} bytes]{note}", body.len()),
    }
}

fn finish(text: &str, masker: &Masker) -> String {
    // PostgreSQL keeps no NUL in a text.
    let mut text = masker.mask(text);
    if text.contains('\0') {
        text = text.replace('\0', "\u{fffd}");
    }
    if text.len() > MAX_BYTES {
        const NOTE: &str = "\n[cut]";
        text.truncate(text.floor_char_boundary(MAX_BYTES - NOTE.len()));
        text.push_str(NOTE);
    }
    text
}

/// The URL with the values of parameters that look like credentials masked.
fn masked_url(url: &Url) -> String {
    let mut shown = url.clone();
    // Both fail only on URLs that cannot have them.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    match url.query() {
        Some(query) => format!("{shown}?{}", masked_pairs(query)),
        None => shown.to_string(),
    }
}

fn masked_pairs(pairs: &str) -> String {
    let masked = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_secret_name(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

fn is_secret_header(name: &str) -> bool {
    matches!(name, "authorization" | "proxy-authorization" | "cookie" | "set-cookie") || is_secret_name(name)
}

fn is_secret_name(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let inside =
        ["token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "authkey", "privatekey"];
    let whole = ["key", "pass", "pwd", "auth", "hash", "accessid", "xauth"];
    inside.iter().any(|word| name.contains(word)) || whole.contains(&name.as_str())
}

fn is_texty(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.starts_with("text/") || ["json", "xml", "urlencoded", "javascript"].iter().any(|word| kind.contains(word))
    })
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use crate::base::exchange::{Answer, Method, TransportError, TransportKind};

    use super::*;

    fn request(url: &str, headers: &[(&str, &str)], body: &[u8], secrets: &[&str]) -> Request {
        Request {
            method: Method::Post,
            url: url.parse().unwrap(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.to_vec(),
            secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
        }
    }

    fn response(body: &[u8], content_type: &str) -> Answer {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Ok(Response { status: 200, headers, body: body.to_vec(), is_cut: false })
    }

    fn write(request: Request, answer: Answer) -> Record {
        record(&Exchange { request, answer, remote_ip: None, took: Duration::ZERO })
    }

    #[test]
    fn an_exchange_reads_like_http() {
        let sent = request(
            "https://crm.example/in?a=1&api_key=zzz&key=yyy#f",
            &[
                ("content-type", "application/json"),
                ("authorization", "Bearer abc"),
                ("x-api-key", "abc"),
                ("x-id", "7"),
            ],
            br#"{"token":"hush-hush","name":"x"}"#,
            &["hush-hush"],
        );
        let record = write(sent, response(br#"{"echo":"hush-hush"}"#, "application/json"));
        assert_eq!(
            record.request,
            "POST https://crm.example/in?a=1&api_key=***&key=***\ncontent-type: application/json\n\
             authorization: ***\nx-api-key: ***\nx-id: 7\n\n{\"token\":\"***\",\"name\":\"x\"}"
        );
        assert_eq!(record.response, "HTTP 200\ncontent-type: application/json\n\n{\"echo\":\"***\"}");
    }

    #[test]
    fn form_fields_named_like_credentials_are_masked() {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let sent = request("http://x.example/", &form, b"phone=1&password=p&api-token=t&token=", &[]);
        let error = TransportError { kind: TransportKind::Timeout, may_have_arrived: true, detail: "late".into() };
        let record = write(sent, Err(error));
        assert!(record.request.ends_with("phone=1&password=***&api-token=***&token="), "{}", record.request);
        assert_eq!(record.response, "no answer (timeout)\nlate\n");
    }

    #[test]
    fn odd_bodies_are_summarised_or_made_storable() {
        let get =
            |body: &[u8], kind: &str| write(request("http://x.example/", &[], b"", &[]), response(body, kind)).response;
        assert!(get(&[0xff, 0xd8, 0, 1], "image/jpeg").ends_with("[binary, 4 bytes]"));
        assert!(get(b"a\0b", "text/plain").ends_with("a\u{fffd}b"));
        assert!(get(&[b'a', 0xd0], "").ends_with("\n\na"));
        assert!(get(&[b'a', 0xd0, b'b'], "text/html").ends_with("a\u{fffd}b"));
        let long = "ü".repeat(MAX_BYTES);
        let kept = get(long.as_bytes(), "text/plain");
        assert!(kept.len() <= MAX_BYTES && kept.ends_with("[cut]"));
    }

    proptest! {
        #[test]
        fn no_secret_survives(
            // A secret that is also a word of the frame (such as HTTP) is masked there as well.
            secret in "[^*\\x00]{4,16}", filler in "[a-z ]{0,12}", name in "[a-z]{1,8}", is_long in proptest::bool::weighted(0.05),
        ) {
            let mut url: Url = "https://crm.example/in".parse().unwrap();
            url.path_segments_mut().unwrap().push(&secret);
            url.query_pairs_mut().append_pair(&name, &secret);
            let json = serde_json::json!({ "a": filler, "b": secret }).to_string();
            let mut sent = request(url.as_str(), &[("x-note", &secret)], json.as_bytes(), &[&secret]);
            sent.headers.push(("content-type".into(), "application/json".into()));
            let long = if is_long { "x".repeat(MAX_BYTES - 30) } else { String::new() };
            let record = write(sent, response(format!("{long}{filler}{secret}{filler}").as_bytes(), "text/plain"));
            for text in [&record.request, &record.response] {
                prop_assert!(!text.contains(&secret), "{text:?}");
                prop_assert!(text.len() <= MAX_BYTES);
            }
            let encoded = url.query().unwrap().split_once('=').unwrap().1.to_owned();
            prop_assert!(!record.request.contains(&encoded), "{}", record.request);
            if !is_long {
                prop_assert!(record.response.contains(MASK));
            }
        }
    }
}
