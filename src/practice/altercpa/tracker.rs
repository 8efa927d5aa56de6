//! The postback receiver of the Red tracker (`tracker/postback`) and of One (`track/postback`). It believes what it is
//! told, in any order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::network::Network;
use super::params::Params;
use super::reply::{Answered, Refusal, Reply};

/// A lead as the tracker keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conversion {
    /// The tracker's id.
    pub id: u64,
    /// The click, or none when `flow` and `subid` stand for it.
    pub click: Option<String>,
    /// The flow.
    pub flow: Option<String>,
    /// The click tag.
    pub subid: Option<String>,
    /// The caller's id, which tells several leads of one click apart.
    pub uid: Option<String>,
    /// `new`, `hold`, `approve`, `cancel` or `trash`.
    pub status: String,
    /// The goal.
    pub goal: Option<String>,
    /// The money, as it was written.
    pub price: Option<String>,
    /// Its currency, in lower case.
    pub currency: String,
    /// What else came; the last value of each name.
    pub fields: BTreeMap<String, String>,
    /// When it came first.
    pub created_at: DateTime<Utc>,
    /// When it came last.
    pub updated_at: DateTime<Utc>,
    /// How many postbacks told of it.
    pub postbacks: u32,
}

/// `tracker/postback` and `track/postback`. Needs `click`, or `flow` and `subid`.
pub(super) fn postback(network: &mut Network, _user: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let text = |name: &str| params.get(name).map(str::to_owned);
    let (click, flow, subid, uid) = (text("click"), text("flow"), text("subid"), text("uid"));
    if click.is_none() && (flow.is_none() || subid.is_none()) {
        return Err(Refusal::of("no-id"));
    }
    let status = text("status");
    let is_word = |status: &String| ["new", "hold", "approve", "cancel", "trash"].contains(&status.as_str());
    if status.as_ref().is_some_and(|status| !is_word(status)) {
        return Err(Refusal::of("status"));
    }
    let is_it = |known: &&Conversion| {
        let is_click = match &click {
            Some(_) => known.click == click,
            None => known.click.is_none() && known.flow == flow && known.subid == subid,
        };
        is_click && known.uid == uid
    };
    let id = match network.conversions.values().find(is_it) {
        Some(known) => known.id,
        None => network.next_id(),
    };
    let conversion = network.conversions.entry(id).or_insert_with(|| Conversion {
        id,
        click,
        flow,
        subid,
        uid,
        status: "new".to_owned(),
        goal: None,
        price: None,
        currency: "usd".to_owned(),
        fields: BTreeMap::new(),
        created_at: now,
        updated_at: now,
        postbacks: 0,
    });
    conversion.postbacks += 1;
    conversion.updated_at = now;
    conversion.status = status.unwrap_or_else(|| conversion.status.clone());
    conversion.goal = text("goal").or(conversion.goal.take());
    conversion.price = text("price").or(conversion.price.take());
    if let Some(currency) = params.get("currency") {
        conversion.currency = currency.to_ascii_lowercase();
    }
    const OWN: [&str; 9] = ["id", "click", "flow", "subid", "uid", "status", "goal", "price", "currency"];
    let others = params.all().filter(|(name, _)| !OWN.contains(name));
    conversion.fields.extend(others.map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(Reply::json(&json!({ "status": "ok", "id": network.id_value(id) })))
}
