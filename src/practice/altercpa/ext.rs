//! The agency's calls (Moe: the traffic source's): `ext/add` sends a lead under its own order id, `ext/list` tells
//! what became of leads. In the list `id` is the caller's and `uid` the network's.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::intake;
use super::lead::{Channel, Lead};
use super::listing;
use super::network::Network;
use super::params::{Params, php_int};
use super::reply::{Answered, Refusal};
use super::switches::OverMaxIds;

/// `ext/add`. In the query `id` is the token, so the caller's own id stands in the body, or in `extu` anywhere.
pub(super) fn add(network: &mut Network, user: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let own = params.body("id").filter(|id| !id.is_empty()).or_else(|| params.get("extu"));
    let own = own.ok_or(Refusal::of("no-id"))?.to_owned();
    let offer = intake::open_offer(network, params, now)?;
    let (phone, ip) = intake::contact(network, &offer, params)?;
    let mut lead = Lead {
        caller_id: (own != "auto").then_some(own),
        source: params.any(&["wm", "exts"]).map(str::to_owned),
        phone,
        ip,
        ..Lead::new(Channel::Ext, user, &offer, now)
    };
    intake::dress(&mut lead, params);
    intake::take(network, lead)
}

/// `ext/list`: by the network's ids, else by the time of creation. Ids of others and unknown ones are left out.
pub(super) fn list(network: &mut Network, user: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let mut ids = params.list("ids");
    if !network.switches.moe {
        ids.extend(params.list("oid"));
    }
    let own = |lead: &&Lead| lead.channel == Channel::Ext && lead.user == user;
    let mut leads: Vec<&Lead> = Vec::new();
    if ids.is_empty() {
        let (from, to) = listing::window(network, params, now)?;
        leads.extend(network.leads.values().filter(own).filter(|lead| (from..=to).contains(&lead.created_at)));
    } else {
        if ids.len() > network.switches.max_ids && network.switches.over_max_ids == OverMaxIds::Error {
            return Err(Refusal::of("request-error"));
        }
        let ids = ids.into_iter().take(network.switches.max_ids);
        let ids = ids.filter_map(|id| u64::try_from(php_int(id)).ok());
        leads.extend(ids.filter_map(|id| network.leads.get(&id)).filter(own));
        leads.sort_by_key(|lead| lead.id);
        leads.dedup_by_key(|lead| lead.id);
    }
    let rows = leads.into_iter().map(|lead| (lead.id, item(network, lead, now))).collect();
    Ok(listing::list(&network.switches, rows))
}

fn item(network: &Network, lead: &Lead, now: DateTime<Utc>) -> Value {
    let stage = network.stage(lead, now);
    json!({
        "id": lead.sender_id(),
        "uid": network.id_value(lead.id),
        "stage": stage,
        "status": lead.status,
        "phase": stage.phase(),
        "custom": lead.custom,
        "reason": lead.reason,
        "comment": lead.field("comment"),
        "time": lead.created_at.timestamp(),
        "done": lead.done_at.map_or(0, |at| at.timestamp()),
    })
}
