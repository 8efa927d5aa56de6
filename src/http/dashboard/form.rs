//! What a form sends: pairs of names and texts, read whole and never without a limit.

use std::collections::HashMap;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use super::layout::PageError;
use crate::http::error::Error;

/// Most bytes of a form.
const LIMIT: usize = 64 * 1024;

/// The fields of a form as they were typed. Of several with one name the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPairs(pub HashMap<String, String>);

impl FormPairs {
    /// Reads a body; line ends become plain ones, NULs are dropped: no field of ours may hold one.
    pub fn parse(body: &[u8]) -> Self {
        let plain = |text: &str| text.replace("\r\n", "\n").replace('\0', "");
        Self(url::form_urlencoded::parse(body).map(|(name, text)| (plain(&name), plain(&text))).collect())
    }

    /// A field, trimmed; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field as it was typed, as passwords are taken.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A field, trimmed, when something was typed.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for FormPairs {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &S) -> Result<Self, PageError> {
        const KIND: &str = "application/x-www-form-urlencoded";
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        // A form without fields may come without a type.
        if !kind.is_empty() && !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(KIND)) {
            return Err(PageError(Error::UnsupportedMediaType(KIND)));
        }
        let body = to_bytes(request.into_body(), LIMIT).await.map_err(|_| Error::TooLarge { limit: LIMIT })?;
        Ok(Self::parse(&body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_browsers_send_them() {
        let pairs = FormPairs::parse(b"name=Ann+%C3%89&lines=a%0D%0Ab&empty=&x=1&x=2&nul=a%00b");
        assert_eq!(pairs.get("name"), "Ann É");
        assert_eq!(pairs.raw("lines"), "a\nb");
        assert_eq!(pairs.given("empty"), None);
        assert_eq!((pairs.get("x"), pairs.get("nul"), pairs.get("none")), ("2", "ab", ""));
    }

    #[tokio::test]
    async fn other_kinds_and_endless_forms_are_refused() {
        let status = async |kind: &str, size: usize| {
            let request = axum::http::Request::post("/").header(header::CONTENT_TYPE, kind);
            let body = axum::body::Body::from("a".repeat(size));
            FormPairs::from_request(request.body(body).unwrap(), &()).await.map_err(|error| error.0.status().as_u16())
        };
        assert_eq!(status("text/plain", 1).await, Err(415));
        assert_eq!(status("application/x-www-form-urlencoded", LIMIT + 1).await, Err(413));
        assert!(status("application/x-www-form-urlencoded; charset=UTF-8", LIMIT).await.is_ok());
    }
}
