//! Which earlier leads a new one is compared with, and the locks that keep two equal leads from passing side by
//! side. A lock key says nothing of the phone or address it is made of.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::rules::{DuplicateField, DuplicateMatch, DuplicateRule, DuplicateScope};

/// What to lock and what to look for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DuplicateKeys {
    /// Keys of advisory transaction locks, ascending, without repeats. Taken in this order they cannot deadlock.
    pub locks: Vec<i64>,
    /// The phone to look for.
    pub phone: Option<String>,
    /// The address to look for.
    pub email: Option<String>,
    /// Whether an earlier lead must equal all of what is looked for, or any.
    pub must_match_all: bool,
    /// Only this webmaster's leads.
    pub webmaster_id: Option<Uuid>,
}

impl std::fmt::Debug for DuplicateKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DuplicateKeys({} locks)", self.locks.len())
    }
}

impl DuplicateKeys {
    /// Whether the rule can hit at all; without, no lock and no search is needed.
    pub fn can_match(&self) -> bool {
        !self.locks.is_empty()
    }
}

/// The keys of a lead under a rule. An empty field never matches: it takes no part under `any`, and no lead can
/// be equal in it under `all`.
pub fn keys(
    rule: &DuplicateRule,
    offer_id: Uuid,
    webmaster_id: Uuid,
    phone: Option<&str>,
    email: Option<&str>,
) -> DuplicateKeys {
    let given = |field, value: Option<&str>| {
        value.filter(|value| !value.is_empty() && rule.fields.contains(&field)).map(str::to_owned)
    };
    let phone = given(DuplicateField::Phone, phone);
    let email = given(DuplicateField::Email, email);
    let is_compared = |field, value: &Option<String>| !rule.fields.contains(&field) || value.is_some();
    let must_match_all = rule.r#match == DuplicateMatch::All;
    if must_match_all && !(is_compared(DuplicateField::Phone, &phone) && is_compared(DuplicateField::Email, &email)) {
        return DuplicateKeys::default();
    }
    let webmaster_id = (rule.scope == DuplicateScope::Webmaster).then_some(webmaster_id);
    // One lock per field also under `all`: it stays right while the rule changes between the two under our feet.
    let mut locks: Vec<i64> = [(DuplicateField::Phone, &phone), (DuplicateField::Email, &email)]
        .into_iter()
        .filter_map(|(field, value)| Some(lock(offer_id, webmaster_id, field, value.as_deref()?)))
        .collect();
    locks.sort_unstable();
    locks.dedup();
    DuplicateKeys { locks, phone, email, must_match_all, webmaster_id }
}

fn lock(offer_id: Uuid, webmaster_id: Option<Uuid>, field: DuplicateField, value: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update(b"leadrelay duplicate 1");
    hash.update(offer_id.as_bytes());
    hash.update(webmaster_id.unwrap_or_default().as_bytes());
    hash.update(field.as_str().as_bytes());
    hash.update([0]);
    hash.update(value.as_bytes());
    hash.finalize().iter().take(8).fold(0, |key, byte| (key << 8) | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OFFER: Uuid = Uuid::from_u128(1);

    fn rule() -> impl Strategy<Value = DuplicateRule> {
        let fields = proptest::sample::subsequence(DuplicateField::ALL.to_vec(), 0..=2);
        (fields, any::<bool>(), any::<bool>()).prop_map(|(fields, all, webmaster)| DuplicateRule {
            fields,
            r#match: if all { DuplicateMatch::All } else { DuplicateMatch::Any },
            days: 30,
            scope: if webmaster { DuplicateScope::Webmaster } else { DuplicateScope::Offer },
        })
    }

    /// Few values, so that equal ones meet; the empty text counts as not given.
    fn value() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ab]?")
    }

    proptest! {
        #[test]
        fn leads_that_match_meet_at_a_lock_and_others_do_not(
            rule in rule(),
            (phone_a, phone_b, email_a, email_b) in (value(), value(), value(), value()),
            (webmaster_a, webmaster_b) in (0_u128..2, 0_u128..2),
        ) {
            let keys = |webmaster, phone: &Option<String>, email: &Option<String>| {
                keys(&rule, OFFER, Uuid::from_u128(webmaster), phone.as_deref(), email.as_deref())
            };
            let (a, b) = (keys(webmaster_a, &phone_a, &email_a), keys(webmaster_b, &phone_b, &email_b));
            let equal = |x: &Option<String>, y: &Option<String>| x == y && x.as_deref().is_some_and(|x| !x.is_empty());
            let hits: Vec<bool> = rule.fields.iter().map(|field| match field {
                DuplicateField::Phone => equal(&phone_a, &phone_b),
                DuplicateField::Email => equal(&email_a, &email_b),
            }).collect();
            let matches = match rule.r#match {
                DuplicateMatch::Any => hits.contains(&true),
                DuplicateMatch::All => !hits.is_empty() && !hits.contains(&false),
            } && (rule.scope == DuplicateScope::Offer || webmaster_a == webmaster_b);
            let meets = a.locks.iter().any(|lock| b.locks.contains(lock));
            prop_assert!(!matches || meets, "a duplicate must wait for its twin");
            prop_assert!(matches || !meets || rule.r#match == DuplicateMatch::All, "strangers must not wait");
            prop_assert!(a.locks.is_sorted());
            prop_assert_eq!(a.can_match(), a.phone.is_some() || a.email.is_some());
        }

        #[test]
        fn another_offer_never_shares_a_lock(rule in rule(), phone in "[0-9]{3}") {
            let a = keys(&rule, OFFER, OFFER, Some(&phone), Some("x"));
            let b = keys(&rule, Uuid::from_u128(2), OFFER, Some(&phone), Some("x"));
            prop_assert!(a.locks.iter().all(|lock| !b.locks.contains(lock)));
        }
    }
}
