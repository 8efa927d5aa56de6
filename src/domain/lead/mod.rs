//! What a webmaster posts, made into a valid lead or a list of complaints: [`RawLead`] is what came in whatever
//! form, [`NewLead`] is valid and not yet stored, [`LeadChange`] is what a PATCH may change.
//! A value is taken as it is or refused; it is never cut or guessed into something else. No complaint and no
//! Debug output repeats what the person gave.

mod change;
mod limits;
mod parse;
mod raw;
mod read;

use std::collections::BTreeMap;
use std::net::IpAddr;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use change::{LeadChange, parse_change};
pub use parse::{ParseCx, check_country, parse};
pub use raw::{ParseError, RawLead};

/// A valid lead that is not stored yet. Absent values are `None`; texts are trimmed and free of control characters.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewLead {
    /// The offer it was parsed for.
    pub offer_id: Uuid,
    /// The flow, when the caller found one: set before [`NewLead::hash`].
    pub flow_id: Option<Uuid>,
    /// The webmaster's own id.
    pub external_id: Option<String>,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Lower case.
    pub email: Option<String>,
    /// ISO alpha-2; given, or the phone's. GeoIP is the caller's business (after [`NewLead::hash`]).
    pub country: Option<String>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    pub landing_url: Option<String>,
    pub language: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub zip: Option<String>,
    pub address: Option<String>,
    pub click_id: Option<String>,
    pub goal: Option<String>,
    /// Not negative, at most six digits after the point, without trailing zeros.
    pub price: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub quantity: Option<i32>,
    pub comment: Option<String>,
    pub test: bool,
    /// `sub1`..`sub12` and `utm_*`.
    pub tags: BTreeMap<String, String>,
    /// The webmaster's own fields, unknown ones among them.
    pub meta: Map<String, Value>,
}

impl std::fmt::Debug for NewLead {
    // Everything else may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewLead")
            .field("offer_id", &self.offer_id)
            .field("country", &self.country)
            .field("test", &self.test)
            .finish_non_exhaustive()
    }
}

impl NewLead {
    /// SHA-256 of the parsed fields, whatever the order they came in: equal for a repeat, different for a conflict.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"leadrelay lead 1");
        // Every field writes as JSON: none can fail.
        let mut fields = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut fields {
            // An absent field and one that this version does not know yet must hash alike.
            fields.retain(|_, value| !value.is_null());
        }
        feed(&mut hash, &fields);
        hash.finalize().into()
    }
}

/// Feeds a value so that two values meet only when they are equal: a kind, a length, the content, keys sorted.
fn feed(hash: &mut Sha256, value: &Value) {
    let mut part = |kind: &[u8], content: &[u8]| {
        hash.update(kind);
        hash.update(u64::try_from(content.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(content);
    };
    match value {
        Value::Null => part(b"n", b""),
        Value::Bool(value) => part(b"b", &[u8::from(*value)]),
        Value::Number(value) => part(b"d", value.to_string().as_bytes()),
        Value::String(value) => part(b"s", value.as_bytes()),
        Value::Array(items) => {
            part(b"a", &u64::try_from(items.len()).unwrap_or(u64::MAX).to_be_bytes());
            items.iter().for_each(|item| feed(hash, item));
        }
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            part(b"o", &u64::try_from(sorted.len()).unwrap_or(u64::MAX).to_be_bytes());
            for (key, value) in sorted {
                feed(hash, &Value::String(key.clone()));
                feed(hash, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
