//! The gateway: one address for all services, a signature over the exact bytes of the body, one envelope for answers.
//!
//! The signature printed in the documentation's example can be made by no rule; Duomai's own PHP client and four others
//! agree on this one: MD5 over secret, the three parameters as key and value in the order of their keys, body, secret.

use chrono::{DateTime, Utc};
use md5::{Digest, Md5};
use serde_json::{Map, Value};
use url::Url;

use super::setting;
use crate::base::exchange::{Method, Request, Response};

/// Makes a promotion link.
pub const LINK: &str = "cps-mesh.cpslink.links.post";
/// Makes a link short.
pub const SHORT_LINK: &str = "cps-mesh.cpslink.links.short.post";
/// Orders of a time.
pub const ORDERS: &str = "cps-mesh.open.orders.query.get";
/// One order.
pub const ORDER: &str = "cps-mesh.open.orders.detail.get";
/// Changes of money after settlement.
pub const SETTLEMENTS: &str = "cps-mesh.open.orders.settlement.get";
/// Plans that can be promoted.
pub const PLANS: &str = "cps-mesh.open.stores.plans.get";
/// One plan.
pub const PLAN: &str = "cps-mesh.open.stores.plan.detail.get";

/// The signature of a call.
pub fn sign(app_key: &str, secret: &str, service: &str, timestamp: i64, body: &[u8]) -> String {
    let mut hash = Md5::new();
    for part in [secret, "app_key", app_key, "service", service, "timestamp", &timestamp.to_string()] {
        hash.update(part.as_bytes());
    }
    hash.update(body);
    hash.update(secret.as_bytes());
    hex::encode_upper(hash.finalize())
}

/// A signed call of a service. The error says what is not set up.
pub fn request(
    settings: &Map<String, Value>,
    service: &str,
    body: &Value,
    now: DateTime<Utc>,
) -> Result<Request, String> {
    let (key, secret) = (setting(settings, "app_key"), setting(settings, "app_secret"));
    if key.is_empty() || secret.is_empty() {
        return Err("app_key and app_secret are not set".into());
    }
    let base = setting(settings, "base_url").trim_end_matches('/');
    let mut url = Url::parse(&format!("{base}/apis")).map_err(|_| "settings.base_url: is not a URL".to_owned())?;
    // Signed and sent are the same bytes.
    let body = body.to_string().into_bytes();
    let timestamp = now.timestamp();
    let signature = sign(key, secret, service, timestamp, &body);
    url.query_pairs_mut()
        .append_pair("app_key", key)
        .append_pair("service", service)
        .append_pair("timestamp", &timestamp.to_string())
        .append_pair("sign", &signature);
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    Ok(Request { method: Method::Post, url, headers, body, secrets: vec![signature, secret.to_owned()] })
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Status 0.
    Data(Value),
    /// Another status, and the words with it.
    Error(i64, String),
    /// Not the envelope.
    Nonsense(String),
}

/// Reads the envelope. Errors come with HTTP 400 as a rule, but the status in the body decides.
pub fn read(response: &Response) -> Said {
    if response.is_cut {
        return Said::Nonsense("the answer is too long to be read".into());
    }
    let text = response.text();
    let Ok(Value::Object(body)) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
        return Said::Nonsense(format!("HTTP {}: the answer is not JSON", response.status));
    };
    let status = match body.get("status") {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        // Duomai's own client takes a missing status for a good one, where there is data.
        None if body.contains_key("data") && (200..300).contains(&response.status) => Some(0),
        _ => None,
    };
    match status {
        Some(0) => Said::Data(body.get("data").cloned().unwrap_or(Value::Null)),
        Some(status) => {
            let words = ["message", "info"].iter().find_map(|key| body.get(*key)?.as_str());
            let words: String = words.unwrap_or_default().chars().filter(|c| !c.is_control()).take(300).collect();
            Said::Error(status, words)
        }
        None => Said::Nonsense(format!("HTTP {}: the answer has no status", response.status)),
    }
}

/// What comes with status 0; else the status with its meaning.
pub fn data(answer: &Response) -> Result<Value, String> {
    match read(answer) {
        Said::Data(data) => Ok(data),
        Said::Error(status, words) => Err(explain(status, &words)),
        Said::Nonsense(reason) => Err(reason),
    }
}

/// A status with its meaning, by the documentation's table of errors.
pub fn explain(status: i64, words: &str) -> String {
    let meaning = match status {
        401 => "the key or the signature is not accepted",
        404 => "there is no such service",
        429 => "too many calls",
        4000 => "the parameters are wrong",
        4001 => "not enough promotion resources",
        4002 => "the media or the plan is still in review at Duomai",
        4003 => "the plan must be applied for by hand in Duomai's back office",
        4004 => "the media is not one of this account",
        4005 => "the plan has not been applied for in Duomai's back office",
        4010 => "the account needs the authorisation of Taobao",
        4011 => "there is no such plan",
        4020 => "there is no such product",
        500 | 5000..=5999 => "Duomai has a fault",
        _ => "an error without a known meaning",
    };
    let words = words.trim();
    if words.is_empty() { format!("{status}: {meaning}") } else { format!("{status}: {meaning} ({words})") }
}
