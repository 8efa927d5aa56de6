//! Order pushes as data: what would be sent where, and how it is signed. Whoever owns the network sends them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::fault::seconds;
use super::order::{Order, Status, ZERO_TIME, local, money};
use super::sign::checksum;

/// How a push goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PushMethod {
    /// Parameters in the query.
    #[default]
    #[serde(rename = "GET")]
    Get,
    /// Parameters as a form in the body.
    #[serde(rename = "POST")]
    PostForm,
}

/// One try to tell a publisher about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    /// Counts all tries of this network, from 1.
    pub number: u64,
    /// GET or POST form.
    pub method: PushMethod,
    /// The URL that the publisher has set.
    pub url: String,
    /// The parameters, form-encoded: the query of a GET, the body of a POST.
    pub query_or_body: String,
    /// None: a test push.
    pub order_id: Option<String>,
    /// From 1.
    pub attempt: u32,
    /// How long to wait before it is sent, from the moment it was queued (in JSON: seconds).
    #[serde(rename = "due_after_seconds", with = "seconds")]
    pub due_after: Duration,
}

impl Push {
    /// The URL to call: with the parameters when it is a GET.
    pub fn request_url(&self) -> String {
        match self.method {
            PushMethod::PostForm => self.url.clone(),
            PushMethod::Get => {
                let glue = if self.url.contains('?') { '&' } else { '?' };
                format!("{}{glue}{}", self.url, self.query_or_body)
            }
        }
    }

    /// The parameters, decoded.
    pub fn params(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query_or_body.as_bytes()).into_owned().collect()
    }
}

/// How pushes are made from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushModes {
    /// Default: GET.
    pub method: PushMethod,
    /// Send `confirm_price`, `confirm_siter_commission` and `charge_time` too, and leave the estimates in the old
    /// fields. Off (default): once confirmed, the old fields carry the confirmed money.
    pub confirmed_fields: bool,
    /// Further fields that no document names; they take part in the checksum.
    pub extra: BTreeMap<String, String>,
    /// The checksum is of another secret.
    pub wrong_checksum: bool,
    /// Without `id`.
    pub without_id: bool,
    /// Every push is queued twice.
    pub twice: bool,
    /// [`super::Duomai::take_pushes`] gives the newest first: a settlement before its confirmation.
    pub newest_first: bool,
    /// A change of confirmed money is pushed as well. Default: on. Duomai's documents name only creation,
    /// confirmation, settlement and invalidation.
    pub money_changes: bool,
}

impl Default for PushModes {
    fn default() -> Self {
        Self {
            method: PushMethod::Get,
            confirmed_fields: false,
            extra: BTreeMap::new(),
            wrong_checksum: false,
            without_id: false,
            twice: false,
            newest_first: false,
            money_changes: true,
        }
    }
}

/// How a test push is signed. Real ones were seen with a checksum that is not of the media's hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestChecksum {
    /// With the hash of the media.
    Own,
    /// With another hash.
    #[default]
    Other,
    /// Not at all.
    Missing,
}

/// What became of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushOutcome {
    /// Not fetched yet.
    Queued,
    /// Fetched; no answer is known.
    Taken,
    /// Answered with `1` or `0`.
    Delivered,
    /// Failed; a retry is queued.
    Retried,
    /// Failed for the last time.
    GivenUp,
}

/// A push and its fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushLogEntry {
    /// The push.
    pub push: Push,
    /// HTTP status and body; None while unknown, and when no answer came.
    pub answer: Option<(u16, String)>,
    /// What became of it.
    pub outcome: PushOutcome,
}

/// The parameters of a push about an order, in the order of Duomai's list.
pub(super) fn order_params(order: &Order, plan_name: &str, account: &Account, modes: &PushModes) -> String {
    let is_confirmed = order.status.has_confirmed_money() && !modes.confirmed_fields;
    let (price, commission) =
        if is_confirmed { (order.confirm_price, order.confirm_commission) } else { (order.amount, order.commission) };
    let mut params = vec![
        ("id", order.id.clone()),
        ("ads_id", order.ads_id.clone()),
        ("ads_name", plan_name.to_owned()),
        ("site_id", order.site_id.clone()),
        ("link_id", order.link_id.clone()),
        ("euid", order.euid.clone()),
        ("order_sn", order.order_sn.clone()),
        ("order_time", local(order.order_time)),
        ("orders_price", money(price, 2)),
        ("siter_commission", money(commission, 2)),
        ("status", order.status.code().to_string()),
    ];
    if modes.confirmed_fields {
        params.push(("confirm_price", money(order.confirm_price, 2)));
        params.push(("confirm_siter_commission", money(order.confirm_commission, 2)));
        params.push(("charge_time", order.charge_time_text()));
    }
    params.extend(modes.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
    if modes.without_id {
        params.retain(|(name, _)| *name != "id");
    }
    let hash = if modes.wrong_checksum { other_hash(&account.secret) } else { account.secret.clone() };
    params.push(("checksum", checksum(&params, &hash)));
    encode(&params)
}

/// The parameters of the push that Duomai's staff make when they review a URL.
pub(super) fn test_params(account: &Account, status: Status, signed: TestChecksum) -> String {
    let mut params: Vec<(&str, String)> = [
        ("ads_id", "0"),
        ("ads_name", "测试活动"),
        ("site_id", "0"),
        ("link_id", "0"),
        ("euid", ""),
        ("order_sn", "0"),
        ("order_time", ZERO_TIME),
        ("orders_price", "0.00"),
        ("siter_commission", "0.00"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    params.push(("status", status.code().to_string()));
    match signed {
        TestChecksum::Own => params.push(("checksum", checksum(&params, &account.secret))),
        TestChecksum::Other => params.push(("checksum", checksum(&params, &other_hash(&account.secret)))),
        TestChecksum::Missing => {}
    }
    encode(&params)
}

fn other_hash(hash: &str) -> String {
    format!("not-{hash}")
}

fn encode(params: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}
