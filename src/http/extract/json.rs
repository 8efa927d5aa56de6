//! JSON bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use crate::base::field_error::FieldError;
use crate::http::error::Error;

/// Bodies of the admin API are small.
const LIMIT: usize = 1024 * 1024;

/// A JSON body of a fixed shape.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mime = content_type.split(';').next().unwrap_or("").trim();
        let has_type = !mime.is_empty();
        if has_type && !mime.eq_ignore_ascii_case("application/json") && !mime.ends_with("+json") {
            return Err(Error::UnsupportedMediaType("application/json"));
        }
        let bytes = read_body(request, LIMIT).await?;
        // A call without a body, such as `POST …/pause`, reads as the empty object.
        if bytes.is_empty() {
            return read_json(b"{}").map(JsonBody);
        }
        if !has_type {
            return Err(Error::UnsupportedMediaType("application/json"));
        }
        read_json(&bytes).map(JsonBody)
    }
}

/// The whole body, up to `limit` bytes.
pub async fn read_body(request: Request, limit: usize) -> Result<Bytes, Error> {
    match axum::body::to_bytes(request.into_body(), limit).await {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            let too_large =
                std::error::Error::source(&error).is_some_and(|source| source.to_string().contains("length limit"));
            if too_large { Err(Error::TooLarge { limit }) } else { Err(Error::Malformed("the body broke off".into())) }
        }
    }
}

/// Reads JSON text: broken JSON is malformed, a wrong value names its field.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut de = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut de).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            field_error(&path, &inner.to_string())
        } else {
            Error::Malformed("the body is not valid JSON".into())
        }
    })?;
    de.end().map_err(|_| Error::Malformed("the body has more than one JSON value".into()))?;
    Ok(value)
}

/// The complaint of serde as one about a field. Its texts name the field but never the value of a string.
pub fn field_error(path: &str, text: &str) -> Error {
    let text = text.split(" at line ").next().unwrap_or(text);
    let named = text.split('`').nth(1).unwrap_or("");
    let base = path.trim_matches('.');
    let inside = |name: &str| match base {
        "" => name.to_owned(),
        base if base == name || base.ends_with(&format!(".{name}")) => base.to_owned(),
        base => format!("{base}.{name}"),
    };
    if text.starts_with("missing field") {
        return Error::Invalid(vec![FieldError::required(inside(named))]);
    }
    if text.starts_with("unknown field") {
        return Error::field(inside(named), "unknown", "is not a field of this object");
    }
    let field = if base.is_empty() { "body" } else { base };
    if text.starts_with("duplicate field") {
        return Error::field(inside(named), "invalid", "is given more than once");
    }
    // "invalid type: string \"…\", expected …": what was expected helps, what was given may be personal.
    let expected =
        text.split_once("expected ").map_or("is not valid".to_owned(), |(_, what)| format!("must be {what}"));
    Error::field(field, "invalid", expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[expect(dead_code, reason = "read by serde")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "read by serde")]
        caps: Vec<Limit>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Limit {
        #[expect(dead_code, reason = "read by serde")]
        limit: i32,
    }

    fn complaint(body: &str) -> (String, String) {
        match read_json::<Thing>(body.as_bytes()) {
            Err(Error::Invalid(errors)) => (errors[0].field.clone(), errors[0].code.to_owned()),
            Err(error) => ("-".into(), error.code().into()),
            Ok(_) => ("ok".into(), String::new()),
        }
    }

    #[test]
    fn the_field_is_named() {
        assert_eq!(complaint("{}"), ("name".into(), "required".into()));
        assert_eq!(complaint(r#"{"name":1}"#), ("name".into(), "invalid".into()));
        assert_eq!(complaint(r#"{"name":"a","x":1}"#), ("x".into(), "unknown".into()));
        assert_eq!(complaint(r#"{"name":"a","caps":[{"limit":"x"}]}"#), ("caps[0].limit".into(), "invalid".into()));
        assert_eq!(complaint(r#"{"name":"a","caps":[{}]}"#), ("caps[0].limit".into(), "required".into()));
        assert_eq!(complaint("{"), ("-".into(), "malformed".into()));
        assert_eq!(complaint("[]"), ("body".into(), "invalid".into()));
        assert_eq!(complaint(r#"{"name":"a"}x"#), ("-".into(), "malformed".into()));
    }
}
