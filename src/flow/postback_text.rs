//! What a postback's templates make of values: the call as it is sent.

use crate::domain::macros::{Audience, Encoding, Template, TemplateError, Values};
use crate::domain::rules::Postback;

/// A call to a webmaster, with its values filled in.
#[derive(Debug)]
pub(super) struct Rendered {
    pub url: String,
    pub content_type: Option<String>,
    pub body: Option<String>,
}

/// Fills a postback's templates in.
pub(super) fn render(postback: &Postback, values: &Values) -> Result<Rendered, TemplateError> {
    let audience = if postback.webmaster_id.is_none() { Audience::Admin } else { Audience::Webmaster };
    let text =
        |template: &str, encoding| Template::parse(template, encoding, audience).map(|parsed| parsed.render(values));
    let url = text(&postback.url, Encoding::Url)?;
    match postback.body.as_deref() {
        Some("form") if postback.method == "POST" => {
            // The query travels as the body.
            let (url, body) =
                url.split_once('?').map_or((url.clone(), String::new()), |(u, q)| (u.to_owned(), q.to_owned()));
            let content_type = Some("application/x-www-form-urlencoded".into());
            Ok(Rendered { url, content_type, body: Some(body) })
        }
        Some("form") | None => Ok(Rendered { url, content_type: None, body: None }),
        Some(body) => {
            let body = text(body, Encoding::Json)?;
            Ok(Rendered { url, content_type: Some("application/json".into()), body: Some(body) })
        }
    }
}
