//! Posting leads: `wm/push` by webmasters, `ext/add` by agencies.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::{Code, Good};
use crate::app::App;
use crate::db;
use crate::domain::lead::RawLead;
use crate::domain::rules::Rules;
use crate::http::api::leads::{self, Answered, Asked};
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Parameter of an offer: so many seconds an add call waits for the network, whose answer may hold a link (autologin).
const WAIT: &str = "altercpa-wait";
/// The longest wait; forms of the trade give up after 65 s.
const LONGEST: u64 = 30;

/// Their name, ours. What is in neither column goes into `meta`.
const NAMES: [(&str, &str); 27] = [
    ("fio", "name"),
    ("last", "last_name"),
    ("lastname", "last_name"),
    ("country_code", "country"),
    ("geo", "country"),
    ("ua", "user_agent"),
    ("comm", "comment"),
    ("subid", "sub1"),
    ("uuid", "click_id"),
    ("us", "utm_source"),
    ("uc", "utm_campaign"),
    ("un", "utm_content"),
    ("ut", "utm_term"),
    ("um", "utm_medium"),
    ("base", "price"),
    ("count", "quantity"),
    ("index", "zip"),
    ("area", "region"),
    ("subid1", "sub1"),
    ("subid2", "sub2"),
    ("subid3", "sub3"),
    ("subid4", "sub4"),
    ("subid5", "sub5"),
    ("subid6", "sub6"),
    ("subid7", "sub7"),
    ("subid8", "sub8"),
    ("url", "landing_url"),
];

/// Parameters that steer the call and say nothing of the lead.
const STEERING: [&str; 4] = ["ajax", "wait", "token", "api_key"];

/// `wm/push`
pub(super) async fn webmaster(app: &App, call: &Call) -> Result<Good, Code> {
    call.webmaster_id()?;
    let mut fields = call.params.clone();
    fields.shift_remove("id");
    take(app, call, fields).await
}

/// `ext/add`: `id` (or `extu`) is the caller's own number of the lead; `wm` (or `exts`) its own webmaster.
pub(super) async fn agency(app: &App, call: &Call) -> Result<Good, Code> {
    call.webmaster_id()?;
    let mut fields = call.params.clone();
    let own = fields.shift_remove("id").or_else(|| fields.shift_remove("extu"));
    fields.shift_remove("extu");
    match own.as_ref().map(Value::as_str) {
        Some(Some("auto" | "")) | None => {}
        Some(_) => drop(fields.insert("external_id".into(), own.unwrap_or_default())),
    }
    if let Some(source) = fields.shift_remove("exts") {
        fields.entry("wm".to_owned()).or_insert(source);
    }
    take(app, call, fields).await
}

async fn take(app: &App, call: &Call, fields: Map<String, Value>) -> Result<Good, Code> {
    let answered = post(app, &call.principal, fields, call.text(&["wait"])).await?;
    let mut members = Map::new();
    members.insert("id".into(), json!(answered.lead.number));
    members.insert("uid".into(), json!(answered.lead.number));
    if let Some(url) = answered.lead.redirect_url {
        members.insert("url".into(), json!(url));
    }
    Ok(Good::Verdict(members))
}

/// Has a lead taken as any other, from fields with AlterCPA's names.
pub(super) async fn post(
    app: &App,
    principal: &Principal,
    mut fields: Map<String, Value>,
    wait: Option<String>,
) -> Result<Answered, Code> {
    let rules = app.rules.load();
    let offer = fields.get("offer").map(plain).unwrap_or_default();
    if offer.is_empty() {
        return Err(Code::new("nooffer"));
    }
    let patience = patience(&rules, &offer, wait);
    translate(&mut fields);
    let asked = || Asked { patience, international_phone: true, ..Asked::default() };
    let given = RawLead::from_value(Value::Object(fields.clone())).map_err(|_| Code::new("data"))?;
    let answer = match leads::take(app, principal, given, asked()).await {
        Err(Error::Invalid(errors)) if set_aside(&mut fields, &errors) => {
            // Only fields that a lead can do without are wrong: it is taken without them, and they stay in `meta`.
            let kept = RawLead::from_value(Value::Object(fields)).map_err(|_| Code::new("data"))?;
            leads::take(app, principal, kept, asked()).await
        }
        answer => answer,
    };
    match answer {
        Ok(answered) => Ok(answered),
        Err(error) => Err(code_of(app, error).await),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn patience(rules: &Rules, offer: &str, wait: Option<String>) -> Option<Duration> {
    let of_offer = || rules.offer(offer)?.params.get(WAIT).map(plain);
    let seconds: u64 = wait.or_else(of_offer)?.parse().ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds.min(LONGEST)))
}

/// Our names for theirs.
fn translate(fields: &mut Map<String, Value>) {
    for name in STEERING {
        fields.shift_remove(name);
    }
    if let (Some(code), Some(phone)) = (fields.shift_remove("phonecc"), fields.get("phone")) {
        let joined = format!("{}{}", plain(&code), plain(phone));
        fields.insert("phone".into(), Value::from(joined));
    }
    for (theirs, ours) in NAMES {
        if let Some(value) = fields.shift_remove(theirs) {
            fields.entry(ours.to_owned()).or_insert(value);
        }
    }
    // A first name is only told from a whole one by the last name beside it.
    if fields.contains_key("last_name")
        && !fields.contains_key("first_name")
        && let Some(first) = fields.shift_remove("name")
    {
        fields.insert("first_name".into(), first);
    }
    let address: Vec<String> =
        ["street", "addr"].iter().filter_map(|name| fields.shift_remove(*name)).map(|it| plain(&it)).collect();
    if !address.is_empty() && !fields.contains_key("address") {
        fields.insert("address".into(), Value::from(address.join(", ")));
    }
    // `meta[key]`, as forms write it.
    let mut meta = match fields.shift_remove("meta") {
        Some(Value::Object(meta)) => meta,
        Some(other) if !other.is_null() => [("meta".to_owned(), other)].into_iter().collect(),
        _ => Map::new(),
    };
    let bracketed: Vec<String> = fields.keys().filter(|name| name.starts_with("meta[")).cloned().collect();
    for name in bracketed {
        if let (Some(key), Some(value)) =
            (name.strip_prefix("meta[").and_then(|it| it.strip_suffix(']')), fields.shift_remove(&name))
        {
            meta.insert(key.to_owned(), value);
        }
    }
    if !meta.is_empty() {
        fields.insert("meta".into(), Value::Object(meta));
    }
}

/// Moves fields that are complained about into `meta`. `false` when one of them cannot be done without.
fn set_aside(fields: &mut Map<String, Value>, errors: &[crate::base::field_error::FieldError]) -> bool {
    const NEEDED: [&str; 6] = ["offer", "flow", "phone", "external_id", "meta", "webmaster"];
    let is_optional = |field: &str| !NEEDED.contains(&field) && fields.contains_key(field);
    if !errors.iter().all(|error| error.code != "required" && is_optional(&error.field)) {
        return false;
    }
    let mut meta = match fields.shift_remove("meta") {
        Some(Value::Object(meta)) => meta,
        _ => Map::new(),
    };
    for error in errors {
        if let Some(value) = fields.shift_remove(&error.field) {
            meta.insert(error.field.clone(), value);
        }
    }
    fields.insert("meta".into(), Value::Object(meta));
    true
}

/// Their word for our error.
async fn code_of(app: &App, error: Error) -> Code {
    match error {
        Error::Invalid(errors) => {
            let detail =
                errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ");
            let about = |field: &str| errors.iter().any(|error| error.field == field);
            let word = match () {
                () if about("offer") => "offer",
                () if about("flow") => "flow",
                () if about("phone") => "nophone",
                () if about("country") => "traffic",
                () => "data",
            };
            Code::with(word, detail)
        }
        Error::Conflict { lead_id, .. } => {
            let number = match lead_id {
                Some(id) => number_of(app, id).await,
                None => None,
            };
            Code { word: "duplicate", lead: number, detail: None }
        }
        Error::Forbidden(why) => Code::with("security", why),
        Error::TooMany { .. } => Code::new("traffic"),
        Error::Unavailable { .. } | Error::Internal(_) => Code::new("db"),
        _ => Code::new("data"),
    }
}

async fn number_of(app: &App, lead_id: uuid::Uuid) -> Option<i64> {
    let mut conn = app.db.acquire().await.ok()?;
    db::lead::find_many(&mut conn, &[lead_id]).await.ok()?.first().map(|lead| lead.number)
}
