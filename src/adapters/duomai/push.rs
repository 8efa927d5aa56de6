//! The order push: Duomai calls us, by GET or POST, with one order, signed by a checksum. Kept to what the page on order
//! push and its receivers in the field agree on.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

use super::{orders, setting};
use crate::adapters::{Inbound, InboundAnswer, InboundCall};
use crate::base::secret;

/// The checksum of a push: MD5 over the values of all parameters but `checksum` and `id`, in the order of their names,
/// and the secret behind them. Parameters may be added by Duomai at any time, so that none is named here.
pub fn checksum<'a>(params: impl IntoIterator<Item = (&'a str, &'a str)>, secret: &str) -> String {
    let mut signed: Vec<(&str, &str)> =
        params.into_iter().filter(|(name, _)| !matches!(*name, "checksum" | "id")).collect();
    signed.sort_unstable_by_key(|(name, _)| *name);
    let mut hash = Md5::new();
    for (_, value) in signed {
        hash.update(value.as_bytes());
    }
    hash.update(secret.as_bytes());
    hex::encode(hash.finalize())
}

/// The answer with this body.
pub(super) fn answer(body: &str) -> InboundAnswer {
    InboundAnswer { status: 200, content_type: "text/plain".into(), body: body.to_owned() }
}

/// Reads a push.
pub(super) fn read(settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String> {
    let get = |name: &str| call.params.get(name).map(|value| value.trim()).unwrap_or_default();
    if call.params.is_empty() {
        return Err("the call holds no order".into());
    }
    if is_test(get) {
        // Sent when Duomai's staff review the address; with another secret than the media's, or none.
        return Ok(Inbound { reports: Vec::new(), answer: Some(answer("1")) });
    }
    let params = call.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let expected = checksum(params, setting(settings, "app_secret"));
    if !secret::same(expected.as_bytes(), get("checksum").to_lowercase().as_bytes()) {
        return Err("the checksum is wrong".into());
    }
    if get("site_id") != setting(settings, "app_key") {
        return Err(format!("site_id {:?} is not this network's app_key", cut(get("site_id"))));
    }
    let row: Map<String, Value> =
        call.params.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let report = orders::report(settings, &row)?;
    Ok(Inbound { reports: vec![report], answer: None })
}

/// The push that is made when the address is reviewed: an order of nothing.
fn is_test<'a>(get: impl Fn(&str) -> &'a str) -> bool {
    get("ads_id") == "0" && get("order_sn") == "0" && get("euid").is_empty() && get("site_id") == "0"
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
