//! The webmaster's calls: `wm/push` sends a lead through a flow of its own, `wm/lead` lists one day.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::account::Offer;
use super::intake;
use super::lead::{Channel, Lead};
use super::listing;
use super::network::Network;
use super::params::Params;
use super::reply::{Answered, Refusal};
use super::status::{self, Stage};

/// `wm/push`
pub(super) fn push(network: &mut Network, user: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let offer = intake::open_offer(network, params, now)?;
    let flow = own_flow(network, user, &offer, params)?;
    let (phone, ip) = intake::contact(network, &offer, params)?;
    let mut lead = Lead { flow: Some(flow), phone, ip, ..Lead::new(Channel::Wm, user, &offer, now) };
    intake::dress(&mut lead, params);
    intake::take(network, lead)
}

/// `noflow` when none is named, `badflow` when it is another webmaster's or another offer's.
fn own_flow(network: &Network, user: u64, offer: &Offer, params: &Params) -> Result<u64, Refusal> {
    let named = params.get("flow").ok_or(Refusal::of("noflow"))?;
    let flow = named.parse().ok().and_then(|id: u64| network.flows.get(&id));
    let own = flow.filter(|flow| flow.user == user && flow.offer == offer.id);
    own.map(|flow| flow.id).ok_or(Refusal::of("badflow"))
}

/// `wm/lead`: the webmaster's leads of one day, today when none is named.
pub(super) fn lead(network: &mut Network, user: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let day = match params.get("day") {
        Some(day) => day.parse::<NaiveDate>().map_err(|_| Refusal::of("request-error"))?,
        None => network.day(now),
    };
    let is = |name: &str, value: Option<u64>| params.get(name).is_none_or(|wish| wish.parse().ok() == value);
    let is_wanted = |lead: &&Lead| {
        matches!(lead.channel, Channel::Wm | Channel::Site)
            && lead.user == user
            && network.day(lead.created_at) == day
            && is("offer", Some(lead.offer))
            && is("flow", lead.flow)
            && params.get("site").is_none_or(|site| site == lead.field("site"))
            && params.get("status").is_none_or(|letter| letter == letter_of(network.stage(lead, now)))
    };
    let leads = network.leads.values().filter(is_wanted);
    let rows = leads.map(|lead| (lead.id, item(network, lead, now))).collect();
    Ok(listing::list(&network.switches, rows))
}

/// The filter's letter: accepted, waiting or cancelled.
fn letter_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Approve => "a",
        Stage::Wait | Stage::Hold => "w",
        Stage::Cancel | Stage::Trash => "c",
    }
}

fn item(network: &Network, lead: &Lead, now: DateTime<Utc>) -> Value {
    json!({
        "id": network.id_value(lead.id),
        "time": lead.created_at.timestamp(),
        "stage": network.stage(lead, now),
        "status": lead.status,
        "status_text": status::status_text(lead.status),
        "reason": lead.reason,
        "reason_text": status::reason_text(lead.reason),
        "offer": lead.offer,
        "offer_name": network.offers.get(&lead.offer).map_or("", |offer| &offer.name),
        "flow": lead.flow.unwrap_or(0),
        "site": lead.field("site"),
        "site_url": lead.field("domain"),
        "space": lead.field("space"),
        "space_url": "",
        "ip": lead.ip,
        "utm_source": lead.field("utm_source"),
        "utm_campaign": lead.field("utm_campaign"),
        "utm_content": lead.field("utm_content"),
        "utm_term": lead.field("utm_term"),
        "utm_medium": lead.field("utm_medium"),
    })
}
