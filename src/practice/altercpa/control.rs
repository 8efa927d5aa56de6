//! `/_control`: the methods of [`AlterCpa`] by HTTP, for operators with curl. Unlike the network, it uses the HTTP
//! status: 400 for what it does not understand, 404 for what is not there. Any body is read as JSON.

use axum::http::Method;
use axum::http::header::HOST;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::control_menu;
use super::fault::Fault;
use super::lead::Lead;
use super::network::Network;
use super::params::Params;
use super::reply::Reply;
use super::{AlterCpa, Call};

/// Why a control call is refused.
enum Wrong {
    Body(String),
    Missing(&'static str),
}

use Wrong::{Body, Missing};

/// Answers a control call.
pub(super) fn answer(partner: &AlterCpa, parts: &Parts, name: &str, body: &[u8]) -> Reply {
    let answered = if parts.method == Method::GET {
        show(partner, parts, name)
    } else {
        let body = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(body) };
        body.map_err(|error| Body(format!("the body is no JSON: {error}"))).and_then(|body| act(partner, name, &body))
    };
    match answered {
        Ok(body) => Reply::json(&body),
        Err(Body(why)) => Reply::json_with(400, &json!({ "error": why })),
        Err(Missing(what)) => Reply::json_with(404, &json!({ "error": what })),
    }
}

fn show(partner: &AlterCpa, parts: &Parts, name: &str) -> Result<Value, Wrong> {
    let now = (partner.clock)();
    let shared = partner.lock();
    let network = &shared.network;
    let view = |lead: &Lead| view(network, lead, now);
    match name {
        "" => {
            let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
            // The newest lead, else the one that will come first.
            let lead = network.leads.keys().next_back().copied().unwrap_or_else(|| Network::new().next_id());
            Ok(control_menu::menu(host, lead))
        }
        "leads" => Ok(network.leads.values().map(view).collect()),
        "lead" => {
            let query = Params::of(parts.uri.query().unwrap_or(""), "", b"");
            let id: Option<u64> = query.get("id").and_then(|id| id.parse().ok());
            id.and_then(|id| network.leads.get(&id)).map(view).ok_or(Missing("no such lead"))
        }
        "conversions" => Ok(network.conversions.values().map(|it| json!(it)).collect()),
        "calls" => Ok(shared.calls.iter().map(call).collect()),
        "account" => Ok(json!({
            "users": network.users.values().map(|user| json!({
                "token": format!("{}-{}", user.id, user.key),
                "role": user.role,
                "suspended": user.suspended,
            })).collect::<Vec<_>>(),
            "offers": network.offers.values().collect::<Vec<_>>(),
            "flows": network.flows.values().collect::<Vec<_>>(),
            "sites": network.sites.values().map(|site| json!({
                "token": format!("{}-{}", site.id, site.key),
                "offer": site.offer,
            })).collect::<Vec<_>>(),
            "banned_phones": network.banned_phones,
            "banned_ips": network.banned_ips,
        })),
        "switches" => Ok(json!(network.switches)),
        _ => Err(Missing("no such control call: see GET /_control")),
    }
}

/// A lead with what is derived of it.
fn view(network: &Network, lead: &Lead, now: chrono::DateTime<chrono::Utc>) -> Value {
    let mut view = json!(lead);
    let stage = network.stage(lead, now);
    if let Some(map) = view.as_object_mut() {
        map.insert("stage".to_owned(), json!(stage));
        map.insert("phase".to_owned(), stage.phase().into());
    }
    view
}

fn call(call: &Call) -> Value {
    json!({
        "at": call.at,
        "method": call.method,
        "path": call.path,
        "headers": call.headers,
        "body": String::from_utf8_lossy(&call.body),
    })
}

/// A fault as it is asked for.
#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    path: String,
    #[serde(default = "once")]
    times: u32,
    #[serde(flatten)]
    fault: Fault,
}

fn once() -> u32 {
    1
}

fn act(partner: &AlterCpa, name: &str, body: &Value) -> Result<Value, Wrong> {
    let text = |name: &'static str| {
        body.get(name).and_then(Value::as_str).ok_or_else(|| Body(format!("{name:?} must be a text")))
    };
    let number = |name: &'static str| number(body, name).ok_or_else(|| Body(format!("{name:?} must be a number")));
    let small =
        |name: &'static str| number(name)?.try_into().map_err(|_| Body(format!("{name:?} must be a number up to 255")));
    let id = || number("id");
    let is_found = match name {
        "work" => partner.work(id()?),
        "accept" => partner.accept(id()?),
        "cancel" => partner.cancel(id()?, small("reason")?),
        "status" => {
            let status: u8 = small("status")?;
            if !(1..=12).contains(&status) {
                return Err(Body("\"status\" must be 1 to 12".to_owned()));
            }
            let is_found = partner.set_status(id()?, status);
            if body.get("reason").is_some() { partner.set_reason(id()?, small("reason")?) } else { is_found }
        }
        "reason" => partner.set_reason(id()?, small("reason")?),
        "custom" => partner.set_custom(id()?, text("text")?),
        "comment" => partner.set_comment(id()?, text("text")?),
        "exto" => partner.set_exto(id()?, text("exto")?),
        "company" => partner.set_company(id()?, number("company")?),
        "postback" => {
            let url = partner.postback(id()?, text("template")?).ok_or(Missing("no such lead"))?;
            return Ok(json!({ "ok": true, "url": url }));
        }
        _ => return set_up(partner, name, body),
    };
    let lead = partner.lead(id()?).filter(|_| is_found).ok_or(Missing("no such lead"))?;
    let now = (partner.clock)();
    Ok(json!({ "ok": true, "lead": view(&partner.lock().network, &lead, now) }))
}

/// The control calls that are about no lead.
fn set_up(partner: &AlterCpa, name: &str, body: &Value) -> Result<Value, Wrong> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let banned = || text("phone").or_else(|| text("ip")).ok_or_else(|| Body("\"phone\" or \"ip\" is missing".into()));
    match name {
        "ban" => match text("ip") {
            Some(ip) => partner.ban_ip(ip),
            None => partner.ban(banned()?),
        },
        "unban" => partner.unban(banned()?),
        "suspend" => {
            let user = number(body, "user").ok_or_else(|| Body("\"user\" must be a number".to_owned()))?;
            let suspended = body.get("suspended").and_then(Value::as_bool).unwrap_or(true);
            if !partner.suspend(user, suspended) {
                return Err(Missing("no such user"));
            }
        }
        "user" => partner.set_user(read(body.clone())?),
        "offer" => {
            let id = number(body, "id").ok_or_else(|| Body("\"id\" must be a number".to_owned()))?;
            partner.set_offer(changed(&partner.offer(id).unwrap_or_default(), body)?);
        }
        "flow" => partner.set_flow(read(body.clone())?),
        "site" => partner.set_site(read(body.clone())?),
        "click" => {
            let flow = number(body, "flow").ok_or_else(|| Body("\"flow\" must be a number".to_owned()))?;
            partner.add_click(text("click").ok_or_else(|| Body("\"click\" must be a text".to_owned()))?, flow);
        }
        "switches" => {
            let switches = changed(&partner.switches(), body)?;
            partner.switch(|it| *it = switches);
        }
        "fault" => {
            let wish: Wish = read(body.clone())?;
            partner.fault_next(&wish.path, wish.fault, wish.times);
        }
        "clear_faults" => partner.clear_faults(),
        "forget_calls" => partner.forget_calls(),
        "reset" => partner.reset(),
        _ => return Err(Missing("no such control call: see GET /_control")),
    }
    Ok(json!({ "ok": true }))
}

/// A number, also when it is written as a text: huge ids suffer in some tools.
fn number(body: &Value, name: &str) -> Option<u64> {
    match body.get(name)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, Wrong> {
    serde_json::from_value(body).map_err(|error| Body(error.to_string()))
}

/// A value in which what the body names is changed.
fn changed<T: Serialize + DeserializeOwned>(known: &T, body: &Value) -> Result<T, Wrong> {
    let mut value = json!(known);
    if let (Some(map), Some(changes)) = (value.as_object_mut(), body.as_object()) {
        map.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    read(value)
}
