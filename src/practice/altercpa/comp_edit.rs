//! `comp/edit`: the company changes an order. It is full of traps, which are kept: data in GET is dropped, data beside
//! a transition is dropped too (and the answer is `ok`), approval comes by `accept` alone.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::intake;
use super::lead::Lead;
use super::network::Network;
use super::params::{Params, php_int};
use super::reply::{Answered, Refusal, Reply};
use super::status;
use super::switches::Switches;

/// Data fields of an order.
const DATA: [&str; 14] = [
    "name", "email", "index", "addr", "area", "city", "street", "delivery", "discount", "count", "items", "more",
    "base", "comment",
];

/// `comp/edit`
pub(super) fn edit(network: &mut Network, company: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let id = find(network, company, params, Refusal::of("orderid"))?;
    let switches = network.switches.clone();
    let lead = network.leads.get_mut(&id).ok_or(Refusal::of("access-denied"))?;
    let before = lead.clone();
    if !transition(lead, params, &switches, now) {
        data(lead, params);
    }
    marks(lead, params);
    if *lead == before { Err(Refusal::of("edit")) } else { Ok(Reply::json(&json!({ "status": "ok" }))) }
}

/// The order that `oid` or `eid` names. Another company's, or an unknown one, is `access-denied`.
pub(super) fn find(network: &Network, company: u64, params: &Params, unnamed: Refusal) -> Result<u64, Refusal> {
    let is_own = |lead: &Lead| lead.company == company;
    let found = match (params.get("oid"), params.get("eid")) {
        (Some(oid), _) => {
            let lead = u64::try_from(php_int(oid)).ok().and_then(|id| network.leads.get(&id));
            lead.filter(|lead| is_own(lead)).map(|lead| lead.id)
        }
        (None, Some(eid)) => network.by_exto(eid, is_own),
        (None, None) => return Err(unnamed),
    };
    found.ok_or(Refusal::of("access-denied"))
}

/// Moves the order if it is asked to and may be. Cancelling needs a reason. Says whether it was a real transition.
fn transition(lead: &mut Lead, params: &Params, switches: &Switches, now: DateTime<Utc>) -> bool {
    if params.int("accept") == Some(1) && lead.accept(switches, now) {
        return true;
    }
    let reason = params.int("reason").and_then(|reason| u8::try_from(reason).ok()).filter(|reason| *reason > 0);
    let wished = params.int("status").and_then(|status| u8::try_from(status).ok());
    let Some(wished) = wished.filter(|wished| status::may_move(lead.status, *wished)) else {
        if let (status::CANCELLED | status::DELETED, Some(reason)) = (lead.status, reason) {
            lead.reason = reason;
        }
        return false;
    };
    if wished == status::CANCELLED && reason.is_none() {
        return false;
    }
    lead.go(wished, reason.unwrap_or(0), now);
    true
}

/// Data of the body. What the query has is dropped.
fn data(lead: &mut Lead, params: &Params) {
    for name in DATA {
        if let Some(value) = params.body(name) {
            lead.fields.insert(name.to_owned(), value.to_owned());
        }
    }
    if let Some(items) = intake::nested(params.in_body(), "items") {
        lead.fields.insert("items".to_owned(), items);
    }
    if let Some(phone) = params.body("phone").map(intake::digits).filter(|phone| !phone.is_empty()) {
        lead.phone = phone;
    }
}

/// The marks that may stand in GET and go with a transition.
fn marks(lead: &mut Lead, params: &Params) {
    if let Some(check) = params.int("check") {
        lead.check = check > 0;
    }
    if let Some(calls) = params.int("calls").and_then(|calls| u32::try_from(calls).ok()) {
        lead.calls = lead.calls.saturating_add(calls);
    }
    if let Some(track) = params.get("track") {
        track.clone_into(&mut lead.track);
    }
}
