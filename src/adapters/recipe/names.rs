//! What templates can read, and the check that they read nothing else. A misspelt name is found when the file is
//! loaded or the setting is saved, not when the first lead comes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use minijinja::value::Value;
use serde_json::{Map, Value as Json};

use super::absent;
use super::template::Template;
use crate::adapters::{About, LeadView, PollCx, SendCx, TellCx};
use crate::base::money;

/// Tags a lead can have; `lead.sub1` reads one.
pub const TAGS: [&str; 17] = [
    "sub1",
    "sub2",
    "sub3",
    "sub4",
    "sub5",
    "sub6",
    "sub7",
    "sub8",
    "sub9",
    "sub10",
    "sub11",
    "sub12",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
];

/// Every field of `lead`.
static LEAD: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let view = serde_json::to_value(LeadView::default()).unwrap_or_default();
    let own = view.as_object().into_iter().flat_map(|fields| fields.keys().cloned());
    own.chain(TAGS.iter().map(|tag| (*tag).to_owned())).collect()
});

/// What is told.
const TELL: [&str; 7] = ["external_id", "status", "stage", "reason", "reason_code", "payout", "currency"];

/// Which names a template may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A send or a look-up: `lead`, `params`, `postback_url`, `delivery_id`.
    Send,
    /// The operator's own `fields`: as a send, and fields of the lead by their bare names.
    Operator,
    /// A poll by ids: `ids`, `numbers`, `external_ids`.
    PollLeads,
    /// A poll by time: `from`, `to`.
    PollWindow,
    /// A look-up: as a send, and `ids`.
    Lookup,
    /// What a network is told: as a send, and `external_id`, `status`, `stage`, `reason`, `reason_code`, `payout`, `currency`.
    Tell,
}

/// Checks the names of a template. The error names the first that is not known.
pub(super) fn check(template: &Template, scope: Scope, about: &About) -> Result<(), String> {
    let mut names: Vec<String> = template.names().into_iter().collect();
    names.sort();
    names.iter().try_for_each(|name| check_one(name, scope, about))
}

fn check_one(name: &str, scope: Scope, about: &About) -> Result<(), String> {
    let mut parts = name.split('.');
    let (root, field) = (parts.next().unwrap_or_default(), parts.next());
    let has_lead = !matches!(scope, Scope::PollLeads | Scope::PollWindow);
    match (root, field) {
        ("lead", Some(field)) if has_lead && LEAD.contains(field) => Ok(()),
        ("lead", Some(field)) if has_lead => Err(format!("lead.{field}: a lead has no such field")),
        ("settings", Some(field)) if about.settings.iter().any(|setting| setting.name == field) => Ok(()),
        ("settings", Some(field)) => Err(format!("settings.{field}: there is no such setting")),
        ("lead" | "settings", None) if has_lead || root == "settings" => {
            Err(format!("{root}: name the field, as in {root}.id"))
        }
        ("params", _) if has_lead => Ok(()),
        ("postback_url" | "delivery_id", None) if has_lead => Ok(()),
        ("now", None) => Ok(()),
        ("ids", None) if matches!(scope, Scope::PollLeads | Scope::Lookup) => Ok(()),
        ("numbers" | "external_ids", None) if scope == Scope::PollLeads => Ok(()),
        (name, None) if scope == Scope::Tell && TELL.contains(&name) => Ok(()),
        ("from" | "to", None) if scope == Scope::PollWindow => Ok(()),
        (field, _) if scope == Scope::Operator && LEAD.contains(field) => Ok(()),
        _ => Err(format!("{name}: no such name; there are lead, settings, params, postback_url, delivery_id and now")),
    }
}

/// The macro style of postbacks written where a template is expected: `{phone}`. The answer is the name.
pub(super) fn single_brace(source: &str) -> Option<String> {
    let bare = source.replace("{{", "\u{1}").replace("}}", "\u{1}");
    let found = bare.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.trim().to_owned());
    found.into_iter().find(|name| LEAD.contains(name))
}

/// What a send or a look-up renders with.
pub(super) fn send_context(cx: &SendCx<'_>, about: &About, scope: Scope) -> Value {
    let mut lead = lead_object(cx.lead);
    for tag in TAGS {
        // An absent tag is a null: reading it is not an error.
        lead.entry(tag).or_insert(Json::Null);
    }
    let mut root = Vec::new();
    if scope == Scope::Operator {
        root.extend(lead.keys().map(|name| (name.clone(), Value::UNDEFINED)));
    }
    let lead = absent::fields(lead);
    for (name, value) in &mut root {
        *value = lead.get_attr(name).unwrap_or_default();
    }
    if scope == Scope::Lookup {
        root.push(("ids".into(), Value::from(cx.lead.id.as_str())));
    }
    root.push(("lead".into(), lead));
    root.push(("settings".into(), settings_object(cx.settings, about)));
    root.push(("params".into(), absent::fields(cx.params.clone())));
    root.push(("postback_url".into(), Value::from(cx.postback_url)));
    root.push(("delivery_id".into(), Value::from(cx.delivery_id.to_string())));
    root.push(("now".into(), time(cx.now)));
    Value::from_pairs(root)
}

/// What telling renders with.
pub(super) fn tell_context(cx: &TellCx<'_>, about: &About) -> Value {
    let told = [
        ("external_id", cx.external_id.map_or(Json::Null, Json::from)),
        ("status", Json::from(cx.status.as_str())),
        ("stage", Json::from(cx.status.stage())),
        ("reason", cx.reason.map_or(Json::Null, Json::from)),
        ("reason_code", cx.reason_code.map_or(Json::Null, Json::from)),
        ("payout", Json::from(money::print(cx.payout, cx.currency))),
        ("currency", Json::from(cx.currency)),
    ];
    let told = absent::fields(told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let send = send_context(&cx.send, about, Scope::Send);
    let names = ["lead", "settings", "params", "postback_url", "delivery_id", "now"];
    let of = |from: &Value, name: &str| (name.to_owned(), from.get_attr(name).unwrap_or_default());
    Value::from_pairs(names.iter().map(|name| of(&send, name)).chain(TELL.iter().map(|name| of(&told, name))))
}

/// What a poll renders with.
pub(super) fn poll_context(cx: &PollCx<'_>, about: &About) -> Value {
    Value::from_pairs([
        ("ids", joined(cx.leads.iter().map(|lead| lead.id.clone()))),
        ("numbers", joined(cx.leads.iter().map(|lead| lead.number.to_string()))),
        ("external_ids", joined(cx.leads.iter().filter_map(|lead| lead.external_id.clone()))),
        ("from", cx.window.map_or(Value::UNDEFINED, |(from, _)| time(from))),
        ("to", cx.window.map_or(Value::UNDEFINED, |(_, to)| time(to))),
        ("settings", settings_object(cx.settings, about)),
        ("now", time(cx.now)),
    ])
}

fn joined(all: impl Iterator<Item = String>) -> Value {
    Value::from(all.collect::<Vec<_>>().join(","))
}

fn time(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

fn lead_object(lead: &LeadView) -> Map<String, Json> {
    match serde_json::to_value(lead) {
        Ok(Json::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// Settings that were not given as nulls: reading one is not an error.
fn settings_object(settings: &Map<String, Json>, about: &About) -> Value {
    let given = |name: &String| settings.get(name).cloned().unwrap_or(Json::Null);
    absent::fields(about.settings.iter().map(|setting| (setting.name.clone(), given(&setting.name))).collect())
}
