//! External sites: `site/click` makes a lead of a click, `site/status` moves it.
//!
//! With `exto` a call is safe to repeat and its lead can be found again. A lead of a flow alone has no name by which
//! it could be moved later.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::intake;
use super::lead::{Channel, Lead};
use super::network::Network;
use super::params::Params;
use super::reply::{Answered, Refusal, Reply};
use super::status::Stage;

/// `site/click`. A `status` that comes with it is applied at once, for goals without confirmation.
pub(super) fn click(network: &mut Network, site: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let offer = site_offer(network, site)?;
    if let Some(exto) = params.get("exto")
        && let Some(known) = network.by_exto(exto, |lead| lead.offer == offer)
    {
        return Ok(done(network, intake::as_duplicate(network, known)?));
    }
    let id = create(network, offer, params, now)?;
    report(network, id, params, now);
    Ok(done(network, id))
}

/// `site/status`. With `auto=1` a lead that is missing is made first.
pub(super) fn status(network: &mut Network, site: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let offer = site_offer(network, site)?;
    if params.any(&["click", "exto"]).is_none() {
        return Err(Refusal::of("no-id"));
    }
    if params.get("status").is_none() {
        return Err(Refusal::of("status"));
    }
    let id = match find(network, offer, params) {
        Some(id) => id,
        None if params.int("auto") == Some(1) => create(network, offer, params, now)?,
        None => return Err(Refusal::of("access-denied")),
    };
    report(network, id, params, now);
    Ok(done(network, id))
}

fn site_offer(network: &Network, site: u64) -> Result<u64, Refusal> {
    network.sites.get(&site).map(|site| site.offer).ok_or(Refusal::of("offer"))
}

/// The lead by its id at the target, else by its click; a click's lead with another such id is another order.
fn find(network: &Network, offer: u64, params: &Params) -> Option<u64> {
    let exto = params.get("exto");
    let by_exto = exto.and_then(|exto| network.by_exto(exto, |lead| lead.offer == offer));
    let by_click = || params.get("click").and_then(|click| network.by_click(click, offer));
    let is_free = |id: &u64| exto.is_none() || network.leads.get(id).is_some_and(|lead| lead.exto.is_none());
    by_exto.or_else(|| by_click().filter(is_free))
}

/// Makes a lead from `click`, `flow` or `code`: `no-id` without one, `badflow` for a flow of another offer.
fn create(network: &mut Network, offer: u64, params: &Params, now: DateTime<Utc>) -> Result<u64, Refusal> {
    let offer = network.offers.get(&offer).ok_or(Refusal::of("offer"))?.clone();
    intake::open(network, &offer, now)?;
    let click = params.get("click");
    let of_click = click.and_then(|click| network.clicks.get(click).copied());
    if click.is_some() && of_click.is_none() && network.switches.known_clicks_only {
        return Err(Refusal::bad("no-id", "click"));
    }
    let (number, code) = (params.get("flow"), params.get("code"));
    if click.is_none() && number.is_none() && code.is_none() {
        return Err(Refusal::of("no-id"));
    }
    let is_named = |id: u64, own: &str| match (number, code) {
        (Some(number), _) => number.parse() == Ok(id),
        (None, Some(code)) => code == own,
        (None, None) => Some(id) == of_click,
    };
    let flow = network.flows.values().find(|flow| flow.offer == offer.id && is_named(flow.id, &flow.code));
    if flow.is_none() && (number.is_some() || code.is_some()) {
        return Err(Refusal::of("badflow"));
    }
    let phone = intake::phone(params).unwrap_or_default();
    let ip = params.get("ip").unwrap_or("").to_owned();
    if intake::is_banned(network, &phone, &ip) {
        return Err(Refusal::of("ban"));
    }
    let mut lead = Lead {
        flow: flow.map(|flow| flow.id),
        click: click.map(str::to_owned),
        exto: params.get("exto").map(str::to_owned),
        phone,
        ip,
        // A click that the network did not give out belongs to nobody.
        ..Lead::new(Channel::Site, flow.map_or(0, |flow| flow.user), &offer, now)
    };
    intake::dress(&mut lead, params);
    if let Some(price) = params.get("price") {
        lead.fields.insert("base".to_owned(), price.to_owned());
    }
    Ok(network.keep(lead))
}

/// Applies the reported status, if there is one that somebody knows, and keeps its text and the target's id.
fn report(network: &mut Network, id: u64, params: &Params, now: DateTime<Utc>) {
    let switches = network.switches.clone();
    let Some(lead) = network.leads.get_mut(&id) else { return };
    if lead.exto.is_none() {
        lead.exto = params.get("exto").map(str::to_owned);
    }
    if let Some(text) = params.get("status") {
        text.clone_into(&mut lead.custom);
        if let Some(stage) = Stage::reported(text, params) {
            lead.take_report(stage, &switches, now);
        }
    }
}

fn done(network: &Network, id: u64) -> Reply {
    Reply::json(&json!({ "status": "ok", "id": network.id_value(id) }))
}
