//! Bodies of leads: whatever is posted becomes a lead or complaints that each name a field. The same fields in any order
//! and from a form or JSON are the same lead with the same hash; a lead posted again as it was kept is itself; and
//! nothing of it shows in Debug.
//!
//! The input: a digit whose bits say form (1), admin (2), international phones (4) and a strict offer (8, `8` or `9`),
//! then the body.

#![no_main]

use leadrelay::base::field_error::FieldError;
use leadrelay::domain::lead::{self, NewLead, ParseCx, RawLead};
use leadrelay::domain::rules::{Goal, Offer};
use serde_json::{Map, Value};
use uuid::Uuid;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((bits, body)) = data.split_first() else { return };
    let offer = offer(bits & 8 != 0);
    let cx = ParseCx { offer: &offer, is_admin: bits & 2 != 0, international_phone: bits & 4 != 0 };
    let raw = if bits & 1 != 0 {
        RawLead::from_form(body)
    } else {
        match RawLead::from_json(body) {
            Ok(raw) => raw,
            Err(error) => return assert!(!error.to_string().is_empty()),
        }
    };
    if let Ok(change) = lead::parse_change(raw.clone()) {
        let _ = change.merge_meta(&Map::new());
    }
    let parsed = lead::parse(raw.clone(), &cx);
    same(&parsed, &lead::parse(raw, &cx), "parsed twice");
    match &parsed {
        Ok(lead) => kept(lead, &cx),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(!error.field.is_empty() && !error.code.is_empty() && !error.message.is_empty(), "{error:?}");
            }
        }
    }
    if bits & 1 == 0
        && let Ok(Value::Object(fields)) = serde_json::from_slice(body)
    {
        let reversed: Map<String, Value> = fields.clone().into_iter().rev().collect();
        let reversed = RawLead::from_value(Value::Object(reversed)).expect("it was an object before");
        same(&parsed, &lead::parse(reversed, &cx), "in another order");
        if let Some(form) = as_form(&fields) {
            same(&parsed, &lead::parse(RawLead::from_form(form.as_bytes()), &cx), "as a form");
        }
    }
});

/// What must be true of a lead that is stored.
fn kept(lead: &NewLead, cx: &ParseCx<'_>) {
    let json = serde_json::to_value(lead).expect("a lead is JSON");
    assert!(!has_nul(&json), "PostgreSQL keeps no NUL");
    assert!(lead.meta.len() <= 64);
    let public =
        NewLead { offer_id: lead.offer_id, country: lead.country.clone(), test: lead.test, ..NewLead::default() };
    assert_eq!(format!("{lead:?}"), format!("{public:?}"), "Debug tells more than it may");

    // Posted again as it was kept.
    let Value::Object(mut fields) = json else { panic!("a lead is an object") };
    for name in ["offer_id", "flow_id"] {
        fields.shift_remove(name);
    }
    if let Some(Value::Object(tags)) = fields.shift_remove("tags") {
        fields.extend(tags);
    }
    let again = RawLead::from_value(Value::Object(fields)).expect("it fits");
    same(&Ok(lead.clone()), &lead::parse(again, cx), "posted again as it was kept");
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

type Parsed = Result<NewLead, Vec<FieldError>>;

fn same(one: &Parsed, other: &Parsed, when: &str) {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let text = |lead: &NewLead| serde_json::to_string(lead).expect("a lead is JSON");
            assert!(one == other, "{when}: {}\n{}", text(one), text(other));
            assert_eq!(one.hash(), other.hash(), "{when}");
        }
        (Err(one), Err(other)) => {
            let fields = |errors: &[FieldError]| {
                let mut all: Vec<String> =
                    errors.iter().map(|error| format!("{}:{}", error.field, error.code)).collect();
                all.sort();
                all
            };
            assert_eq!(fields(one), fields(other), "{when}");
        }
        (Ok(_), Err(errors)) => panic!("{when}: only the second is refused: {errors:?}"),
        (Err(errors), Ok(_)) => panic!("{when}: only the first is refused: {errors:?}"),
    }
}

/// The same fields as a form, where a form can say the same.
fn as_form(fields: &Map<String, Value>) -> Option<String> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        if name.starts_with("meta[") {
            return None;
        }
        form.append_pair(name, value.as_str()?);
    }
    Some(form.finish())
}

fn offer(is_strict: bool) -> Offer {
    let goal = Goal { slug: "sale".into(), name: String::new(), payout: None, revenue: None, currency: None };
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Offer {
        offer_id: Uuid::from_u128(7),
        number: 1,
        slug: "tea".into(),
        name: "Tea".into(),
        countries: if is_strict { words(&["ES", "DE"]) } else { Vec::new() },
        params: Map::new(),
        payout: None,
        revenue: None,
        currency: "USD".into(),
        goals: if is_strict { vec![goal] } else { Vec::new() },
        duplicates: None,
        required_fields: words(if is_strict { &["phone", "email", "sub1", "meta.age"] } else { &["phone"] }),
        enabled: true,
    }
}
