//! Who reads a page: the language and the time zone it is written in. Held for the task of a request, so that
//! templates and the functions that put things into words need not hand it on.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono_tz::Tz;

/// The cookie that keeps the language of somebody who is not signed in.
pub const COOKIE: &str = "leadrelay_language";

crate::text_enum! {
    /// A language of the pages.
    pub enum Language {
        /// What is not chosen otherwise.
        English = "en",
        /// По-русски.
        Russian = "ru",
    }
}

impl Language {
    /// What the language calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Russian => "Русский",
        }
    }
}

/// How somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    pub language: Language,
    /// Times and days are written in it.
    pub zone: Tz,
}

impl Reader {
    /// English and UTC.
    pub const DEFAULT: Self = Self { language: Language::English, zone: Tz::UTC };
}

tokio::task_local! {
    static READER: Reader;
}

fn reader() -> Reader {
    READER.try_with(|reader| *reader).unwrap_or(Reader::DEFAULT)
}

/// The language of the page that is being made.
pub fn language() -> Language {
    reader().language
}

/// The time zone of the page that is being made.
pub fn zone() -> Tz {
    reader().zone
}

/// Works for a reader.
pub async fn reading<F: Future>(reader: Reader, work: F) -> F::Output {
    READER.scope(reader, work).await
}

/// The same for work that waits for nothing.
pub fn reading_now<T>(reader: Reader, work: impl FnOnce() -> T) -> T {
    READER.sync_scope(reader, work)
}

/// The language a browser is to be answered in: what was chosen, else what it prefers.
pub fn wanted(headers: &HeaderMap) -> Language {
    let chosen = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then(|| value.parse().ok()).flatten());
    let preferred = || {
        let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        // Browsers name them in the order of preference.
        let words = accepted.split(',').map(|part| part.split([';', '-']).next().unwrap_or("").trim());
        words.filter_map(|word| word.to_lowercase().parse().ok()).next()
    };
    chosen.or_else(preferred).unwrap_or(Language::English)
}

/// The layer: pages for nobody in particular in the language of the browser. Whoever is signed in is read for by the
/// guard, within this.
pub async fn layer(request: Request, next: Next) -> Response {
    let reader = Reader { language: wanted(request.headers()), ..Reader::DEFAULT };
    reading(reader, Box::pin(next.run(request))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_chooses_the_language() {
        let of = |cookie: &str, accepted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            wanted(&headers)
        };
        assert_eq!(of("a=b", "fr-FR, ru;q=0.8, en;q=0.7"), Language::Russian);
        assert_eq!(of("a=b; leadrelay_language=en", "ru"), Language::English);
        assert_eq!(of("leadrelay_language=xx", "*"), Language::English);
    }
}
