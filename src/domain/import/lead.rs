//! A row of leads as a lead that is still to be judged.

use super::Mapping;
use crate::domain::lead::RawLead;

/// The lead of a row, with the currency of the file where its price has none.
pub fn raw_lead(mapping: &Mapping, heads: &[String], cells: &[String]) -> RawLead {
    let given = mapping.read(heads, cells);
    let has = |name: &str| given.iter().any(|(known, _)| known == name);
    let currency = mapping.currency.clone().filter(|_| has("price") && !has("currency"));
    let mut raw = RawLead::from_pairs(given.into_iter().map(|(name, value)| (name, value.to_owned())));
    if let Some(currency) = currency {
        raw.set("currency", currency);
    }
    raw
}
