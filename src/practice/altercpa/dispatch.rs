//! Which call it is and who calls: the call-level errors `app`, `func`, `key`, `security` and `access`, in this order.

use chrono::{DateTime, Utc};

use super::account::Role;
use super::network::Network;
use super::params::Params;
use super::reply::{Answered, Refusal, Reply};
use super::switches::KeyError;
use super::{comp, comp_edit, ext, site, tracker, wm};

/// A call's function. The number is the caller's: of a user, or of a site.
type Function = fn(&mut Network, u64, &Params, DateTime<Utc>) -> Answered;

/// Whose token a call needs.
#[derive(Clone, Copy)]
enum Door {
    /// A user's, in `id` of the query.
    User(Role),
    /// A site's, in `token`.
    Site,
}

/// Answers a call. An address that is no call at all shows the network's web site, with HTTP 200.
pub(super) fn answer(network: &mut Network, path: &str, params: &Params, now: DateTime<Utc>) -> Reply {
    let call = path.trim_start_matches('/');
    let (is_api, call) = call.strip_prefix("api/").map_or((call.ends_with(".json"), call), |call| (true, call));
    if !is_api {
        return Reply::login_page();
    }
    let (app, function) = call.split_once('/').unwrap_or((call, ""));
    let answered = choose(app, function).and_then(|(door, function)| {
        let caller = match door {
            Door::User(role) => login(network, params, role)?,
            Door::Site => site_login(network, params)?,
        };
        function(network, caller, params, now)
    });
    answered.unwrap_or_else(Reply::from)
}

/// Other formats than JSON are not served here. `sale` is the older name of `comp`.
fn choose(app: &str, function: &str) -> Result<(Door, Function), Refusal> {
    let function = function.strip_suffix(".json").unwrap_or("");
    let chosen: (Door, Function) = match (app, function) {
        ("wm", "push") => (Door::User(Role::Webmaster), wm::push),
        ("wm", "lead") => (Door::User(Role::Webmaster), wm::lead),
        ("ext", "add") => (Door::User(Role::Agency), ext::add),
        ("ext", "list") => (Door::User(Role::Agency), ext::list),
        ("comp" | "sale", "add") => (Door::User(Role::Company), comp::add),
        ("comp" | "sale", "list") => (Door::User(Role::Company), comp::list),
        ("comp" | "sale", "edit") => (Door::User(Role::Company), comp_edit::edit),
        ("comp" | "sale", "status") => (Door::User(Role::Company), comp::status),
        ("site", "click") => (Door::Site, site::click),
        ("site", "status") => (Door::Site, site::status),
        ("tracker" | "track", "postback") => (Door::User(Role::Tracker), tracker::postback),
        ("wm" | "ext" | "comp" | "sale" | "site" | "tracker" | "track", _) => return Err(Refusal::of("func")),
        _ => return Err(Refusal::of("app")),
    };
    Ok(chosen)
}

/// The user whose token it is, if it may call this app.
fn login(network: &Network, params: &Params, role: Role) -> Result<u64, Refusal> {
    let user = token(params.query("id")).and_then(|(id, key)| network.users.get(&id).filter(|user| user.key == key));
    let user = user.ok_or_else(|| unknown(network))?;
    match user {
        user if user.suspended => Err(Refusal::of("security")),
        user if user.role != role => Err(Refusal::of("access")),
        user => Ok(user.id),
    }
}

fn site_login(network: &Network, params: &Params) -> Result<u64, Refusal> {
    let site = token(params.get("token")).and_then(|(id, key)| network.sites.get(&id).filter(|site| site.key == key));
    site.map(|site| site.id).ok_or_else(|| unknown(network))
}

fn token(text: Option<&str>) -> Option<(u64, &str)> {
    let (id, key) = text?.split_once('-')?;
    Some((id.parse().ok()?, key))
}

fn unknown(network: &Network) -> Refusal {
    Refusal::of(match network.switches.key_error {
        KeyError::Key => "key",
        KeyError::Security => "security",
    })
}
