//! What came with the visitor: the referrer of the publisher's link, the publisher, and in V1 a token. The webmaster's
//! page passes them on as fields of the lead, or as the one cookie of Affili's newest script.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::Value;

use crate::adapters::{LeadView, pick};

/// Where the visitor came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Visitor {
    pub referrer: Option<String>,
    pub aff_id: Option<String>,
    pub token: Option<String>,
}

impl Visitor {
    /// Reads `meta.referrer`, `meta.aff_id`, `meta.token`, and `meta.AFFILI_DATA` for what they leave out.
    pub fn of(lead: &LeadView) -> Self {
        let meta = |name: &str| lead.meta.get(name).and_then(pick::scalar).as_deref().and_then(pick::word);
        let cookie = meta("AFFILI_DATA").and_then(|cookie| decode(&cookie)).unwrap_or_default();
        let in_cookie = |name: &str| cookie.get(name).and_then(pick::scalar).as_deref().and_then(pick::word);
        Self {
            referrer: meta("referrer").or_else(|| in_cookie("referrer")),
            aff_id: meta("aff_id").or_else(|| in_cookie("affId")),
            token: long(lead.meta.get("token")),
        }
    }
}

/// A token may be longer than a word.
fn long(value: Option<&Value>) -> Option<String> {
    let text = pick::scalar(value?)?.trim().to_owned();
    (!text.is_empty() && text.len() <= 4096 && !text.chars().any(char::is_control)).then_some(text)
}

/// The cookie: base64 of JSON, perhaps percent-encoded once more on its way.
fn decode(cookie: &str) -> Option<Value> {
    let text = percent_encoding::percent_decode_str(cookie).decode_utf8_lossy();
    let text = text.trim();
    let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    serde_json::from_slice(&bytes).ok()
}
