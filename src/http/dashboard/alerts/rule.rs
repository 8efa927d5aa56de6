//! `/alerts/rules/{id}`: one kind of alert, switched on or off and tuned.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tower_sessions::Session;
use uuid::Uuid;

use super::words;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::{self, alert_rule};
use crate::domain::alert::{Kind, Rule};
use crate::domain::rules::Rules as SetUp;
use crate::flow::alerts;
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell, done};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "alerts/rule.html")]
pub(super) struct Page {
    pub shell: Shell,
    pub kind: &'static str,
    pub about: String,
    pub form: Form,
}

fn kind_of(id: &str) -> Result<Kind, Error> {
    id.parse().map_err(|_| Error::NotFound("rule"))
}

/// The form with these values in it.
pub(super) fn form(kind: Kind, values: &FormPairs, errors: &[FieldError]) -> Form {
    let mut fields = vec![Field::new(values, "enabled", "bool", say("alert-rule-enabled"))];
    if let Some(threshold) = kind.threshold() {
        let help = say("alert-rule-between").count("least", threshold.least).count("most", threshold.most);
        let label = say(format!("alert-threshold-{kind}"));
        fields.push(
            Field::new(values, "threshold", "number", label).help(help.count("usual", threshold.usual)).required(),
        );
    }
    if kind.has_networks() {
        fields
            .push(Field::new(values, "networks", "text", say("alert-rule-networks")).help(say("alert-rule-only-help")));
    }
    if kind.has_offers() {
        fields.push(Field::new(values, "offers", "text", say("alert-rule-offers")).help(say("alert-rule-only-help")));
    }
    Form::new(fields, Vec::new(), None, errors)
}

/// What stands in the form of a rule.
fn values(rule: &Rule, set_up: &SetUp) -> FormPairs {
    let networks = rule.networks.iter().filter_map(|id| set_up.networks.get(id)).map(|network| network.slug.as_str());
    let offers = rule.offers.iter().filter_map(|id| set_up.offers.get(id)).map(|offer| offer.slug.as_str());
    let pairs = [
        ("enabled", if rule.enabled { "true".to_owned() } else { String::new() }),
        ("threshold", rule.threshold.to_string()),
        ("networks", networks.collect::<Vec<_>>().join(", ")),
        ("offers", offers.collect::<Vec<_>>().join(", ")),
    ];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn ids(
    pairs: &FormPairs,
    name: &'static str,
    find: impl Fn(&str) -> Option<Uuid>,
    errors: &mut Vec<FieldError>,
) -> BTreeSet<Uuid> {
    let words = pairs.get(name).split([',', ' ', '\n', ';']).filter(|word| !word.is_empty());
    let mut found = BTreeSet::new();
    for word in words {
        match find(word) {
            Some(id) => drop(found.insert(id)),
            None => errors.push(FieldError::invalid(name, say("alert-rule-unknown").with("name", word))),
        }
    }
    found
}

fn read(kind: Kind, pairs: &FormPairs, set_up: &SetUp) -> Result<Rule, Vec<FieldError>> {
    let mut rule = Rule { enabled: pairs.given("enabled").is_some(), ..Rule::usual(kind) };
    let mut errors = Vec::new();
    if let Some(threshold) = kind.threshold() {
        match pairs.get("threshold").parse::<i32>() {
            Ok(number) if (threshold.least..=threshold.most).contains(&number) => rule.threshold = number,
            _ => {
                let text = say("alert-rule-between").count("least", threshold.least).count("most", threshold.most);
                errors.push(FieldError::invalid("threshold", text.count("usual", threshold.usual)));
            }
        }
    }
    if kind.has_networks() {
        let find = |word: &str| set_up.network(word).map(|network| network.network_id);
        rule.networks = ids(pairs, "networks", find, &mut errors);
    }
    if kind.has_offers() {
        rule.offers = ids(pairs, "offers", |word: &str| set_up.offer(word).map(|offer| offer.offer_id), &mut errors);
    }
    if errors.is_empty() { Ok(rule) } else { Err(errors) }
}

async fn page(session: &Session, principal: &Principal, kind: Kind, form: Form) -> Result<Page, Error> {
    let shell = Shell::of(session, principal, words::kind_name(kind.as_str()), "/alerts").await?;
    Ok(Page { shell, kind: kind.as_str(), about: say(format!("alert-about-{kind}")).into(), form })
}

/// `GET /alerts/rules/{id}`; the id is the word of the kind.
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let kind = kind_of(&id)?;
    let rules = alerts::rules(&mut *app.db.acquire().await?).await?;
    let rule = rules.get(&kind).cloned().unwrap_or_else(|| Rule::usual(kind));
    let form = form(kind, &values(&rule, &app.rules.load()), &[]);
    layout::page(&page(&session, &principal, kind, form).await?)
}

/// `POST /alerts/rules/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let kind = kind_of(&id)?;
    let set_up = app.rules.load();
    let rule = match read(kind, &pairs, &set_up) {
        Ok(rule) => rule,
        Err(errors) => {
            let page = page(&session, &principal, kind, form(kind, &pairs, &errors)).await?;
            return layout::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let row = alert_rule::Row {
        kind: kind.to_string(),
        enabled: rule.enabled,
        threshold: kind.threshold().map(|_| rule.threshold),
        networks: rule.networks.into_iter().collect(),
        offers: rule.offers.into_iter().collect(),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let before = alert_rule::set(&mut tx, &row, now).await?;
    if before.as_ref() != Some(&row) {
        let entry = db::audit::Entry {
            audit_id: app.ids.next(),
            at: now,
            actor: principal.actor(),
            action: "alert_rule.update".to_owned(),
            object_kind: "alert_rule".to_owned(),
            object_id: None,
            before: before.as_ref().map(|before| told(before, &set_up)),
            after: Some(told(&row, &set_up)),
        };
        db::audit::insert(&mut tx, &entry).await?;
    }
    tx.commit().await?;
    done(&session, "/alerts#rules", say("alert-rule-saved").with("name", words::kind_name(kind.as_str()))).await
}

/// A rule for the audit log.
fn told(row: &alert_rule::Row, set_up: &SetUp) -> Value {
    let network = |id: &Uuid| set_up.networks.get(id).map_or_else(|| id.to_string(), |network| network.slug.clone());
    let offer = |id: &Uuid| set_up.offers.get(id).map_or_else(|| id.to_string(), |offer| offer.slug.clone());
    json!({
        "name": row.kind,
        "enabled": row.enabled,
        "threshold": row.threshold,
        "networks": row.networks.iter().map(network).collect::<Vec<_>>(),
        "offers": row.offers.iter().map(offer).collect::<Vec<_>>(),
    })
}
