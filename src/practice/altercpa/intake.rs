//! Taking a new lead: the checks that all senders share, what is kept of the parameters, and the answer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::account::Offer;
use super::lead::Lead;
use super::network::{Network, mixed};
use super::params::Params;
use super::reply::{Answered, Refusal, Reply};
use super::switches::{AddAnswer, Duplicates};

/// Fields kept under the name they come with; `sub1` to `sub12` too.
const PLAIN: [&str; 20] = [
    "email", "country", "ua", "domain", "site", "space", "subid", "uuid", "currency", "base", "count", "discount",
    "more", "index", "area", "city", "street", "addr", "delivery", "goal",
];

/// Fields with several names, the one they are kept under first.
const ALIASED: [(&str, &[&str]); 9] = [
    ("name", &["name", "fio"]),
    ("last", &["last", "last_name"]),
    ("comment", &["comment", "comm"]),
    ("items", &["items", "item"]),
    ("utm_source", &["utm_source", "us"]),
    ("utm_campaign", &["utm_campaign", "uc"]),
    ("utm_content", &["utm_content", "un"]),
    ("utm_term", &["utm_term", "ut"]),
    ("utm_medium", &["utm_medium", "um"]),
];

/// Parameters that say what the call is, and are no fields of the lead.
const CONTROL: [&str; 24] = [
    "id", "offer", "flow", "phone", "phonecc", "ip", "ajax", "wm", "extu", "exts", "token", "click", "exto", "code",
    "status", "auto", "price", "oid", "eid", "sta", "stc", "stt", "stw", "sth",
];

/// The offer of a new lead: `nooffer` when none is named, `offer` when it is not known, `traffic` when it is blocked
/// or full today.
pub(super) fn open_offer(network: &Network, params: &Params, now: DateTime<Utc>) -> Result<Offer, Refusal> {
    let named = params.get("offer").ok_or(Refusal::of("nooffer"))?;
    let offer = named.parse().ok().and_then(|id: u64| network.offers.get(&id)).ok_or(Refusal::of("offer"))?;
    open(network, offer, now)?;
    Ok(offer.clone())
}

/// `traffic` when the offer takes no leads now.
pub(super) fn open(network: &Network, offer: &Offer, now: DateTime<Utc>) -> Result<(), Refusal> {
    let today = |lead: &&Lead| lead.offer == offer.id && network.day(lead.created_at) == network.day(now);
    let is_full = |cap| network.leads.values().filter(today).count() >= cap;
    if offer.blocked || offer.cap.is_some_and(is_full) { Err(Refusal::of("traffic")) } else { Ok(()) }
}

/// The phone and the IP of a new lead: `nophone`, `phone`, `email` and, for what is banned, `ban`. Moe wants the IP.
pub(super) fn contact(network: &Network, offer: &Offer, params: &Params) -> Result<(String, String), Refusal> {
    let phone = phone(params).ok_or(Refusal::of("nophone"))?;
    if offer.check_phone && !(8..=15).contains(&phone.len()) {
        return Err(Refusal::bad("phone", "phone"));
    }
    let is_email = |email: &str| email.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
    if offer.check_email && !params.get("email").is_some_and(is_email) {
        return Err(Refusal::bad("email", "email"));
    }
    let ip = params.get("ip").unwrap_or("");
    if network.switches.moe && ip.parse::<IpAddr>().is_err() {
        return Err(Refusal::bad("data", "ip"));
    }
    if is_banned(network, &phone, ip) {
        return Err(Refusal::of("ban"));
    }
    Ok((phone, ip.to_owned()))
}

/// Whether a lead of this phone and IP is refused with `ban`.
pub(super) fn is_banned(network: &Network, phone: &str, ip: &str) -> bool {
    network.banned_phones.contains(phone) || network.banned_ips.contains(ip)
}

/// The digits of the phone, behind those of `phonecc` when a form sends the two apart.
pub(super) fn phone(params: &Params) -> Option<String> {
    let phone = digits(params.get("phone")?);
    let code = params.get("phonecc").map(digits).unwrap_or_default();
    (!phone.is_empty()).then(|| code + &phone)
}

/// What is left of a phone: its digits.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Keeps what else the caller sent.
pub(super) fn dress(lead: &mut Lead, params: &Params) {
    lead.fields = fields(params);
    for (name, value) in params.all() {
        let inner = name.strip_prefix("meta[").and_then(|rest| rest.strip_suffix(']'));
        let is_own = name.contains('[') || is_field(name) || CONTROL.contains(&name);
        if let Some(name) = inner.or((!is_own).then_some(name)) {
            lead.meta.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The fields of a lead among the parameters, by the names they are kept under.
fn fields(params: &Params) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut keep = |name: &str, value: Option<&str>| {
        fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    };
    for name in PLAIN {
        keep(name, params.get(name));
    }
    for number in 1..=12 {
        let name = format!("sub{number}");
        keep(&name, params.get(&name));
    }
    for (name, aliases) in ALIASED {
        keep(name, params.any(aliases));
    }
    keep("items", nested(params.all(), "items").as_deref());
    if let Some(country) = fields.get_mut("country") {
        country.make_ascii_uppercase();
    }
    fields
}

fn is_field(name: &str) -> bool {
    let is_sub = name.strip_prefix("sub").and_then(|number| number.parse().ok()).is_some_and(|n: u8| n <= 12);
    is_sub || PLAIN.contains(&name) || ALIASED.iter().any(|(_, aliases)| aliases.contains(&name))
}

/// A nested parameter as the JSON of its flat names, such as `{"[0][id]":"3"}`; none when it did not come.
pub(super) fn nested<'a>(params: impl Iterator<Item = (&'a str, &'a str)>, name: &str) -> Option<String> {
    let inner = |key: &str| key.strip_prefix(name).filter(|rest| rest.starts_with('[')).map(str::to_owned);
    let map: Map<String, Value> = params.filter_map(|(key, value)| Some((inner(key)?, value.into()))).collect();
    (!map.is_empty()).then(|| Value::Object(map).to_string())
}

/// Keeps a lead and answers, or answers that it is a duplicate.
pub(super) fn take(network: &mut Network, lead: Lead) -> Answered {
    let id = match network.repeated(&lead) {
        Some(known) => as_duplicate(network, known)?,
        None => network.keep(lead),
    };
    Ok(added(network, id))
}

/// The id to answer for a lead that is known already, where the install does so.
pub(super) fn as_duplicate(network: &Network, known: u64) -> Result<u64, Refusal> {
    if network.switches.duplicates == Duplicates::Known { Ok(known) } else { Err(Refusal::of("duplicate")) }
}

/// The answer to a lead that is taken.
pub(super) fn added(network: &Network, id: u64) -> Reply {
    let mut body = Map::from_iter([("status".to_owned(), "ok".into())]);
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    let callers = network.leads.get(&id).map_or_else(|| id.to_string(), Lead::sender_id);
    match network.switches.add_answer {
        AddAnswer::Id => {
            add("id", network.id_value(id));
        }
        AddAnswer::IdAndUid => {
            add("id", network.id_value(id));
            add("uid", network.id_value(id));
        }
        AddAnswer::CallerIdAndUid => {
            add("id", callers.into());
            add("uid", network.id_value(id));
        }
    }
    if network.switches.autologin {
        add("url", format!("https://login.practice.example/auto/{id}/{:016x}", mixed(id)).into());
    }
    Reply::json(&body.into())
}
