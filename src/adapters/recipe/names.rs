//! What templates can read, and the check that they read nothing else. A misspelt name is found when the file is
//! loaded or the setting is saved, not when the first lead comes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use minijinja::value::{Serde, Value};
use serde_json::{Map, Value as Json, json};

use super::template::Template;
use crate::adapters::{About, LeadView, PollCx, SendCx};

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

/// Which names a template may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A send or a look-up: `lead`, `params`, `postback_url`, `delivery_id`.
    Send,
    /// The operator's own `fields`: as a send, and fields of the lead by their bare names.
    Operator,
    /// A poll: `ids`.
    Poll,
    /// A look-up: as a send, and `ids`.
    Lookup,
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
    let has_lead = scope != Scope::Poll;
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
        ("ids", None) if matches!(scope, Scope::Poll | Scope::Lookup) => Ok(()),
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
    let mut root = if scope == Scope::Operator { lead.clone() } else { Map::new() };
    if scope == Scope::Lookup {
        root.insert("ids".into(), Json::String(cx.lead.id.clone()));
    }
    root.insert("lead".into(), Json::Object(lead));
    root.insert("settings".into(), Json::Object(settings_object(cx.settings, about)));
    root.insert("params".into(), Json::Object(cx.params.clone()));
    root.insert("postback_url".into(), Json::String(cx.postback_url.to_owned()));
    root.insert("delivery_id".into(), Json::String(cx.delivery_id.to_string()));
    root.insert("now".into(), time(cx.now));
    Value::from(Serde(Json::Object(root)))
}

/// What a poll renders with.
pub(super) fn poll_context(cx: &PollCx<'_>, about: &About) -> Value {
    let root = json!({ "ids": cx.ids.join(","), "settings": settings_object(cx.settings, about), "now": time(cx.now) });
    Value::from(Serde(root))
}

fn time(at: DateTime<Utc>) -> Json {
    Json::String(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

fn lead_object(lead: &LeadView) -> Map<String, Json> {
    match serde_json::to_value(lead) {
        Ok(Json::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// Settings that were not given as nulls: reading one is not an error.
fn settings_object(settings: &Map<String, Json>, about: &About) -> Map<String, Json> {
    about
        .settings
        .iter()
        .map(|setting| (setting.name.clone(), settings.get(&setting.name).cloned().unwrap_or(Json::Null)))
        .collect()
}
