//! Customers, as the services keep them: who has come through a publisher once, so that what he buys later without the
//! publisher's cookie still pays that publisher.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::visitor::Visitor;
use super::{call, rows, setting};
use crate::adapters::{LeadView, pick};
use crate::base::exchange::{Method, Request};

/// Create by POST, list by GET, edit by POST with the id behind it.
pub(super) const PATH: &str = "/services/customers";

/// Whether people are kept as customers.
pub(super) fn is_kept(settings: &Map<String, Value>) -> bool {
    settings.get("customers") == Some(&Value::Bool(true)) && setting(settings, "generation") == "services"
}

/// Our id of the person: the webmaster's own, or one made from the phone that does not tell it.
pub(super) fn id(lead: &LeadView) -> Option<String> {
    let given = lead.meta.get("mcs_id").and_then(pick::scalar).as_deref().and_then(pick::word);
    given.or_else(|| {
        let hash = hex::encode(Sha256::digest(lead.phone.as_ref()?.as_bytes()));
        hash.get(..32).map(str::to_owned)
    })
}

/// The body of the call that makes one.
pub(super) fn body(lead: &LeadView, visitor: &Visitor) -> Value {
    json!({ "referrer": visitor.referrer, "mcs_id": id(lead), "meta_data": person(lead) })
}

/// The call that asks for the person of a lead.
pub(super) fn ask(settings: &Map<String, Value>, lead: &LeadView) -> Result<Request, String> {
    let query = [("mcs_id", id(lead).unwrap_or_default())];
    call(settings, setting(settings, "access_id"), Method::Get, PATH, &query, None)
}

/// The call that edits the one Affili knows as `their_id`.
pub(super) fn edit(settings: &Map<String, Value>, lead: &LeadView, their_id: &str) -> Result<Request, String> {
    let their_id: String = url::form_urlencoded::byte_serialize(their_id.as_bytes()).collect();
    let body = json!({ "mcs_id": id(lead), "meta_data": person(lead) });
    let key = setting(settings, "access_id");
    call(settings, key, Method::Post, &format!("{PATH}/{their_id}"), &[], Some(&body))
}

/// What is told of him.
fn person(lead: &LeadView) -> Map<String, Value> {
    let mut meta = Map::new();
    let fields = [
        ("first_name", lead.first_name.as_ref().or(lead.name.as_ref())),
        ("last_name", lead.last_name.as_ref()),
        ("mobile", lead.phone.as_ref()),
        ("email", lead.email.as_ref()),
    ];
    for (name, value) in fields {
        meta.extend(value.map(|value| (name.to_owned(), Value::from(value.as_str()))));
    }
    meta
}

/// Affili's id of the person in an answer to the list.
pub(super) fn find(lead: &LeadView, data: &Value) -> Option<String> {
    let ours = id(lead)?;
    let is_ours = |row: &&Value| rows::text(row, "mcs_id").as_deref() == Some(ours.as_str());
    rows::list(data)?.iter().find(is_ours).and_then(|row| rows::text(row, "id"))
}
