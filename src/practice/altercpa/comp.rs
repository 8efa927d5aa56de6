//! The company's calls that add, list and report: `comp/add`, `comp/list`, `comp/status`. Editing is in `comp_edit`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::comp_edit;
use super::intake;
use super::lead::{Channel, Lead};
use super::listing;
use super::network::{Network, mixed};
use super::params::{Params, php_int};
use super::reply::{Answered, Refusal, Reply};
use super::status::{self, Stage};

/// Fields of an order that the list shows as they are.
const TEXTS: [&str; 13] = [
    "name", "email", "country", "index", "addr", "area", "city", "street", "comment", "site", "delivery", "discount",
    "more",
];

/// `comp/add`: a lead of no affiliate.
pub(super) fn add(network: &mut Network, company: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let offer = intake::open_offer(network, params, now)?;
    let (phone, ip) = intake::contact(network, &offer, params)?;
    let mut lead = Lead { company, phone, ip, ..Lead::new(Channel::Comp, company, &offer, now) };
    intake::dress(&mut lead, params);
    intake::take(network, lead)
}

/// `comp/list`: the company's orders, in no order, in one piece. Times are Unix seconds of the creation; a date is cast
/// as PHP casts it, so that `2026-01-31` means the year 1970.
pub(super) fn list(network: &mut Network, company: u64, params: &Params, _now: DateTime<Utc>) -> Answered {
    let ids: Vec<i64> = [params.list("oid"), params.list("ids")].concat().into_iter().map(php_int).collect();
    let extos = [params.list("eid"), params.list("eids")].concat();
    let is_wanted = |lead: &&Lead| {
        let id = i64::try_from(lead.id).unwrap_or(i64::MAX);
        let at = lead.created_at.timestamp();
        lead.company == company
            && (ids.is_empty() || ids.contains(&id))
            && (extos.is_empty() || lead.exto.as_deref().is_some_and(|exto| extos.contains(&exto)))
            && params.int("status").is_none_or(|status| is_of(lead.status, status))
            && params.int("from").is_none_or(|from| at >= from)
            && params.int("to").is_none_or(|to| at <= to)
            && params.int("after").is_none_or(|after| id > after)
            && params.int("offer").is_none_or(|offer| u64::try_from(offer) == Ok(lead.offer))
    };
    let mut leads: Vec<&Lead> = network.leads.values().filter(is_wanted).collect();
    leads.sort_by_key(|lead| mixed(lead.id));
    let rows = leads.into_iter().map(|lead| (lead.id, item(network, lead))).collect();
    Ok(listing::list(&network.switches, rows))
}

/// Whether a status is the asked one, or in the asked group: -1 not cancelled, -2 in processing, -3 accepted.
fn is_of(status: u8, asked: i64) -> bool {
    match asked {
        -1 => !matches!(status, status::CANCELLED | status::DELETED),
        -2 => status < status::CANCELLED,
        -3 => (status::PACKING..=status::RETURNED).contains(&status),
        asked => i64::from(status) == asked,
    }
}

fn item(network: &Network, lead: &Lead) -> Value {
    let offer = network.offers.get(&lead.offer);
    let offer_name = offer.map_or("", |offer| &offer.name);
    let currency = match (lead.field("currency"), offer) {
        ("", Some(offer)) => &offer.currency,
        (currency, _) => currency,
    };
    let (count, base) = (lead.count(), lead.base(offer).to_string());
    let text = |name: &str| lead.field(name);
    let mut item = json!({
        "id": network.id_value(lead.id),
        "ext": lead.exto.as_deref().unwrap_or(""),
        "offer": lead.offer,
        "offername": offer_name,
        "wm": if lead.channel == Channel::Comp { 0 } else { lead.user },
        "status": lead.status,
        "reason": lead.reason,
        "phase": Stage::of(lead.status, lead.reason, &network.switches.trash_reasons).phase(),
        "time": lead.created_at.timestamp(),
        "done": lead.done_at.map_or(0, |at| at.timestamp()),
        "paid": u8::from(lead.status == status::COMPLETED),
        "phone": lead.phone,
        "ip": lead.ip,
        "check": u8::from(lead.check),
        "calls": lead.calls,
        "count": count,
        "currency": currency,
        "price": lead.price(offer).to_string(),
        "goods": [{ "id": lead.offer * 10 + 1, "name": offer_name, "short": offer_name, "count": count, "price": base }],
        "base": base,
        // Documented as a map, empty in real orders.
        "items": [],
        "tracking": {
            "source": text("utm_source"),
            "campaign": text("utm_campaign"),
            "content": text("utm_content"),
            "term": text("utm_term"),
            "medium": text("utm_medium"),
            "click": lead.click.as_deref().unwrap_or(""),
            "uid": lead.meta.get("uid").map_or("", String::as_str),
            "subid": text("subid"),
            "uuid": text("uuid"),
            "extu": lead.caller_id.as_deref().unwrap_or(""),
            "exts": lead.source.as_deref().unwrap_or(""),
        },
    });
    if let Some(item) = item.as_object_mut() {
        item.extend(TEXTS.iter().map(|name| ((*name).to_owned(), text(name).into())));
    }
    item
}

/// `comp/status`: the postback URL of a target network. The words are its own; one that nobody knows changes nothing
/// and is answered `ok` all the same. Data comes by GET here too.
pub(super) fn status(network: &mut Network, company: u64, params: &Params, now: DateTime<Utc>) -> Answered {
    let id = comp_edit::find(network, company, params, Refusal::of("no-id"))?;
    let switches = network.switches.clone();
    let lead = network.leads.get_mut(&id).ok_or(Refusal::of("access-denied"))?;
    if let Some(text) = params.get("status") {
        text.clone_into(&mut lead.custom);
        if let Some(stage) = Stage::reported(text, params) {
            lead.take_report(stage, &switches, now);
        }
    }
    for name in ["comment", "name", "email", "count", "base"] {
        if let Some(value) = params.get(name) {
            lead.fields.insert(name.to_owned(), value.to_owned());
        }
    }
    if let Some(phone) = intake::phone(params) {
        lead.phone = phone;
    }
    Ok(Reply::json(&json!({ "status": "ok" })))
}
