//! Files for browsers, embedded in the program. A URL with the file's hash is kept by browsers for ever; one
//! without is asked for again each time, and answered 304 while it is the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::error::Error;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The hash of each file, by path below `assets/`.
static HASHES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|path| {
            let hash = Assets::get(&path)?.metadata.sha256_hash();
            Some((path.into_owned(), hex::encode(hash.get(..8)?)))
        })
        .collect()
});

/// The URL of a file (its path below `assets/`), with its hash.
pub fn url(path: &str) -> String {
    match HASHES.get(path) {
        Some(hash) => format!("/assets/{path}?v={hash}"),
        None => format!("/assets/{path}"),
    }
}

/// `GET /assets/{*path}`
pub async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/assets/").unwrap_or("");
    let (Some(file), Some(hash)) = (Assets::get(path), HASHES.get(path)) else {
        return Error::NotFound("file").into_response();
    };
    let etag = format!("\"{hash}\"");
    let is_pinned = uri.query() == Some(&format!("v={hash}"));
    let keep = if is_pinned { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let is_known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let common = [(header::ETAG, etag), (header::CACHE_CONTROL, keep.to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let mime = file.metadata.mimetype();
    let mime = if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    (common, [(header::CONTENT_TYPE, mime)], file.data).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(uri: &str, known: Option<&str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(tag) = known {
            headers.insert(header::IF_NONE_MATCH, tag.parse().unwrap());
        }
        serve(uri.parse().unwrap(), headers).await
    }

    #[tokio::test]
    async fn a_pinned_file_is_kept_for_ever_and_others_are_asked_for_again() {
        let pinned = get(&url("docs.js"), None).await;
        assert_eq!(pinned.status(), StatusCode::OK);
        assert!(pinned.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(pinned.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        let plain = get("/assets/docs.js?v=0", None).await;
        assert_eq!(plain.headers()[header::CACHE_CONTROL], "public, no-cache");
        let tag = plain.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(get("/assets/docs.js", Some(&tag)).await.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get("/assets/docs.js", Some("\"other\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn nothing_outside_is_served() {
        for path in ["/assets/", "/assets/none.js", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml"] {
            assert_eq!(get(path, None).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn vendored_files_are_the_ones_noted() {
        use sha2::{Digest, Sha256};
        let version = Assets::get("vendor/swagger-ui/VERSION.txt").unwrap();
        let version = String::from_utf8(version.data.into_owned()).unwrap();
        for name in ["swagger-ui-bundle.js", "swagger-ui.css"] {
            let file = Assets::get(&format!("vendor/swagger-ui/{name}")).unwrap();
            let line = format!("{}  {name}", hex::encode(Sha256::digest(&file.data)));
            assert!(version.contains(&line), "{name}");
        }
    }
}
