//! What a PATCH may change of a stored lead: a merge patch, so null (or an empty text) clears and a field that is
//! left out stays.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::limits::{self, Text};
use super::raw::RawLead;
use super::read::{self, Reader};
use crate::base::field_error::FieldError;

/// The change of one value: `None` keeps it, `Some(None)` clears it.
pub type Change<T> = Option<Option<T>>;

/// What changes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LeadChange {
    pub name: Change<String>,
    pub first_name: Change<String>,
    pub last_name: Change<String>,
    pub email: Change<String>,
    pub city: Change<String>,
    pub region: Change<String>,
    pub zip: Change<String>,
    pub address: Change<String>,
    pub comment: Change<String>,
    pub quantity: Change<i32>,
    pub price: Change<Decimal>,
    /// Cleared: the offer's holds again.
    pub currency: Change<String>,
    /// Keys to set; null removes.
    pub meta: Map<String, Value>,
}

impl std::fmt::Debug for LeadChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeadChange{:?}", self.names())
    }
}

impl LeadChange {
    /// The fields that change, for the timeline: names, no values.
    pub fn names(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("first_name", self.first_name.is_some()),
            ("last_name", self.last_name.is_some()),
            ("email", self.email.is_some()),
            ("city", self.city.is_some()),
            ("region", self.region.is_some()),
            ("zip", self.zip.is_some()),
            ("address", self.address.is_some()),
            ("comment", self.comment.is_some()),
            ("quantity", self.quantity.is_some()),
            ("price", self.price.is_some()),
            ("currency", self.currency.is_some()),
            ("meta", !self.meta.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, changes)| changes.then_some(name))
        .collect()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    /// `meta` of the lead with this change merged in; complains when it grows too large.
    pub fn merge_meta(&self, stored: &Map<String, Value>) -> Result<Map<String, Value>, Vec<FieldError>> {
        let mut merged = stored.clone();
        for (key, value) in &self.meta {
            if value.is_null() {
                merged.shift_remove(key);
            } else {
                merged.insert(key.clone(), value.clone());
            }
        }
        let mut fields = Reader::new(RawLead::default());
        let merged = fields.check_meta(merged);
        if fields.errors.is_empty() { Ok(merged) } else { Err(fields.errors) }
    }
}

/// Reads a PATCH. Fields that are fixed are refused as `read_only`, others that we do not know as `unknown`.
pub fn parse_change(raw: RawLead) -> Result<LeadChange, Vec<FieldError>> {
    let mut fields = Reader::new(raw);
    let mut change = LeadChange {
        name: text(&mut fields, limits::NAME),
        first_name: text(&mut fields, limits::FIRST_NAME),
        last_name: text(&mut fields, limits::LAST_NAME),
        email: value(&mut fields, "email", Reader::email),
        city: text(&mut fields, limits::CITY),
        region: text(&mut fields, limits::REGION),
        zip: text(&mut fields, limits::ZIP),
        address: text(&mut fields, limits::ADDRESS),
        comment: text(&mut fields, limits::COMMENT),
        quantity: value(&mut fields, "quantity", Reader::quantity),
        price: value(&mut fields, "price", Reader::price),
        currency: value(&mut fields, "currency", Reader::currency),
        meta: fields.meta(),
    };
    let meta = std::mem::take(&mut change.meta);
    change.meta = fields.check_meta(meta);
    for value in change.meta.values_mut().filter(|value| read::is_absent(value)) {
        *value = Value::Null;
    }
    for name in std::mem::take(&mut fields.raw).into_fields().keys() {
        if limits::READ_ONLY.contains(&name.as_str()) || limits::TAGS.contains(&name.as_str()) {
            fields.refuse(name, "read_only", "cannot be changed");
        } else {
            let name = crate::base::text::cut(name, limits::META_KEY).to_owned();
            fields.refuse(&name, "unknown", "is not a field of a lead; own fields go into meta");
        }
    }
    if fields.errors.is_empty() { Ok(change) } else { Err(fields.errors) }
}

fn text(fields: &mut Reader, field: Text) -> Change<String> {
    value(fields, field.name, |fields| fields.text(field))
}

fn value<T>(fields: &mut Reader, name: &str, read: impl FnOnce(&mut Reader) -> Option<T>) -> Change<T> {
    fields.raw.has(name).then(|| read(fields))
}
