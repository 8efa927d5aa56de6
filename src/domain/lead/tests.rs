use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::base::field_error::FieldError;
use crate::domain::rules::{Goal, Offer};

fn offer() -> Offer {
    Offer {
        offer_id: Uuid::from_u128(7),
        number: 1,
        slug: "keto".to_owned(),
        name: "Keto".to_owned(),
        countries: Vec::new(),
        params: Map::new(),
        payout: None,
        revenue: None,
        currency: "USD".to_owned(),
        goals: Vec::new(),
        duplicates: None,
        required_fields: vec!["phone".to_owned()],
        enabled: true,
    }
}

fn parse_for(offer: &Offer, value: Value) -> Result<NewLead, Vec<FieldError>> {
    let raw = RawLead::from_json(value.to_string().as_bytes()).unwrap();
    parse(raw, &ParseCx { offer, is_admin: false, international_phone: false })
}

fn lead_of(value: Value) -> NewLead {
    parse_for(&offer(), value).unwrap()
}

/// `field:code` of every complaint.
fn complaints(value: Value) -> Vec<String> {
    complaints_for(&offer(), value)
}

fn complaints_for(offer: &Offer, value: Value) -> Vec<String> {
    words(parse_for(offer, value).err().unwrap_or_default())
}

fn words(errors: Vec<FieldError>) -> Vec<String> {
    errors.into_iter().map(|err| format!("{}:{}", err.field, err.code)).collect()
}

#[test]
fn every_field_is_read() {
    let lead = lead_of(json!({
        "offer": "keto", "flow": "f1", "api_key": "secret", "phone": "0151 12345678", "country": "de",
        "first_name": " Ann ", "last_name": "Lee", "email": "Ann@Example.com", "ip": "::ffff:10.1.2.3",
        "user_agent": "UA", "referer": "https://r.example/", "landing_url": "https://l.example/?a=1", "language": "de",
        "city": "Bonn", "region": "NW", "zip": 53111, "address": "Weg 1\nHof", "external_id": 77, "click_id": "c1",
        "sub1": "a", "sub12": 1.5, "sub13": "own", "utm_source": "fb", "goal": "sale", "price": "10.500",
        "currency": "eur", "quantity": "2", "comment": "call\r\nlate", "test": 1,
        "meta": {"k": {"n": [1, null]}, "gone": null, "sub13": "named"}, "own": true, "empty": "", "nil": null,
    }));
    let expected = NewLead {
        offer_id: Uuid::from_u128(7),
        flow_id: None,
        external_id: Some("77".to_owned()),
        name: Some("Ann Lee".to_owned()),
        first_name: Some("Ann".to_owned()),
        last_name: Some("Lee".to_owned()),
        phone: Some("+4915112345678".to_owned()),
        email: Some("ann@example.com".to_owned()),
        country: Some("DE".to_owned()),
        ip: Some("10.1.2.3".parse().unwrap()),
        user_agent: Some("UA".to_owned()),
        referer: Some("https://r.example/".to_owned()),
        landing_url: Some("https://l.example/?a=1".to_owned()),
        language: Some("de".to_owned()),
        city: Some("Bonn".to_owned()),
        region: Some("NW".to_owned()),
        zip: Some("53111".to_owned()),
        address: Some("Weg 1\nHof".to_owned()),
        click_id: Some("c1".to_owned()),
        goal: Some("sale".to_owned()),
        price: Some("10.5".parse().unwrap()),
        currency: Some("EUR".to_owned()),
        quantity: Some(2),
        comment: Some("call\nlate".to_owned()),
        test: true,
        tags: [("sub1", "a"), ("sub12", "1.5"), ("utm_source", "fb")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        meta: json!({"k": {"n": [1, null]}, "sub13": "named", "own": true}).as_object().unwrap().clone(),
    };
    assert!(lead == expected, "{}", serde_json::to_string_pretty(&lead).unwrap());
}

#[test]
fn a_name_made_of_two_fits_like_one_that_is_given() {
    let made = |letters: usize| {
        let half = "x".repeat(letters);
        lead_of(json!({"phone": "+4915112345678", "first_name": half, "last_name": half})).name
    };
    assert_eq!(made(127).map(|name| name.len()), Some(255));
    assert_eq!(made(128), None);
}

#[test]
fn a_form_reads_like_json() {
    let form =
        b"phone=%2B4915112345678&name=Old&name=Ann+Lee&meta[a]=1&meta[b]=2&meta=%7B%22c%22%3A3%7D&sub1=&x=y&test=true";
    let raw = RawLead::from_form(form);
    let lead = parse(raw, &ParseCx { offer: &offer(), is_admin: false, international_phone: false }).unwrap();
    assert_eq!(lead.name.as_deref(), Some("Ann Lee"));
    assert_eq!(lead.country.as_deref(), Some("DE"));
    assert!(lead.test && lead.tags.is_empty());
    assert_eq!(Value::Object(lead.meta), json!({"c": 3, "a": "1", "b": "2", "x": "y"}));
}

#[test]
fn the_form_of_the_request_is_judged_before_its_fields() {
    assert_eq!(RawLead::from_json(b"[]"), Err(ParseError::NotAnObject));
    assert_eq!(RawLead::from_json(b"{\"phone\": "), Err(ParseError::Json { line: 1, column: 10 }));
    let nested = |depth: usize| format!("{{\"meta\": {}1{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(RawLead::from_json(nested(15).as_bytes()).is_ok());
    assert_eq!(RawLead::from_json(nested(16).as_bytes()), Err(ParseError::TooDeep));
    assert!(RawLead::from_json(nested(100_000).as_bytes()).is_err());
    let mut raw = RawLead::from_json(br#"{"offer": 12, "phone": "1", "phone": "2"}"#).unwrap();
    assert_eq!(raw.take_text("offer"), Ok(Some("12".to_owned())));
    assert_eq!(raw.take_text("offer"), Ok(None));
    assert_eq!(raw.take_text("phone"), Ok(Some("2".to_owned())));
}

#[test]
fn all_complaints_come_at_once() {
    let errors = complaints(json!({
        "email": "nobody", "country": "Germany", "ip": "1.2.3", "price": -1, "currency": "euro", "quantity": 0,
        "test": "maybe", "name": ["x"], "city": "x".repeat(256), "external_id": "x".repeat(129), "meta": [1],
    }));
    let mut expected = [
        "external_id:too_long",
        "name:invalid_type",
        "email:invalid",
        "country:invalid",
        "ip:invalid",
        "city:too_long",
        "price:invalid",
        "currency:invalid",
        "quantity:invalid",
        "test:invalid",
        "meta:invalid_type",
        "phone:required",
    ];
    let mut errors = errors;
    errors.sort();
    expected.sort_unstable();
    assert_eq!(errors, expected);
}

#[test]
fn phones_are_judged_by_the_best_country_known() {
    assert_eq!(complaints(json!({"phone": "0501234567"})), ["phone:invalid"]);
    assert_eq!(complaints(json!({"phone": "123", "country": "DE"})), ["phone:invalid"]);
    let mut ukraine = offer();
    ukraine.countries = vec!["UA".to_owned()];
    let lead = parse_for(&ukraine, json!({"phone": "0501234567"})).unwrap();
    assert_eq!((lead.phone.as_deref(), lead.country.as_deref()), (Some("+380501234567"), Some("UA")));
    let lead = lead_of(json!({"phone": 380_501_234_567_i64}));
    assert_eq!((lead.phone.as_deref(), lead.country.as_deref()), (Some("+380501234567"), Some("UA")));
    let foreign = lead_of(json!({"phone": "+380501234567", "country": "pl"}));
    assert_eq!(foreign.country.as_deref(), Some("PL"));
}

#[test]
fn the_offer_says_what_it_takes() {
    let mut offer = offer();
    offer.countries = vec!["DE".to_owned(), "AT".to_owned()];
    offer.goals =
        vec![Goal { slug: "sale".to_owned(), name: String::new(), payout: None, revenue: None, currency: None }];
    offer.required_fields = ["email", "name", "sub2", "meta.age"].map(str::to_owned).to_vec();
    let errors = complaints_for(&offer, json!({"phone": "+380501234567", "goal": "install", "sub2": " "}));
    assert_eq!(
        errors,
        [
            "goal:unknown",
            "country:country_not_allowed",
            "email:required",
            "name:required",
            "sub2:required",
            "meta.age:required"
        ]
    );
    let good = json!({"email": "a@b.de", "last_name": "Lee", "sub2": "x", "goal": "sale", "meta": {"age": 30}});
    assert!(parse_for(&offer, good).is_ok(), "a phone is not needed here");
    assert!(check_country(&offer, "AT").is_ok() && check_country(&offer, "CH").is_err());
}

#[test]
fn numbers_that_json_spoils_are_refused_not_changed() {
    let big = RawLead::from_json(br#"{"phone": "+4915112345678", "external_id": 123456789012345678901234}"#).unwrap();
    let errors = parse(big, &ParseCx { offer: &offer(), is_admin: false, international_phone: false }).unwrap_err();
    assert_eq!(words(errors), ["external_id:invalid_type"]);
    assert_eq!(complaints(json!({"phone": "+4915112345678", "price": "1.1234567"})), ["price:invalid"]);
    assert_eq!(complaints(json!({"phone": "+4915112345678", "price": "1000000000000"})), ["price:invalid"]);
    assert_eq!(lead_of(json!({"phone": "+4915112345678", "price": 19.99})).price, Some("19.99".parse().unwrap()));
}

#[test]
fn meta_has_limits() {
    let with = |meta: Value| complaints(json!({"phone": "+4915112345678", "meta": meta}));
    let keys = |count: usize| Value::Object((0..count).map(|key| (format!("k{key}"), json!(1))).collect());
    assert_eq!(with(keys(64)), Vec::<String>::new());
    assert_eq!(with(keys(65)), ["meta:too_long"]);
    assert_eq!(with(json!({"a": "x".repeat(16 * 1024)})), ["meta:too_long"]);
    assert_eq!(with(json!({"": 1})), ["meta:invalid"]);
    let clean = lead_of(json!({"phone": "+4915112345678", "meta": {"a\u{0}": ["b\u{0}"], "none": "\u{0}"}}));
    assert_eq!(Value::Object(clean.meta), json!({"a": ["b"]}));
    for merged in [json!({"a": 1, " a": 2}), json!({"k": [{"a": 1, "a\u{0}": 2}]}), json!({"k": {"big": 1e300}})] {
        assert_eq!(with(merged), ["meta:invalid"], "nothing is dropped or changed in silence");
    }
}

#[test]
fn a_webmaster_field_is_an_admins_only() {
    let raw = || RawLead::from_json(br#"{"phone": "+4915112345678", "webmaster": "w1"}"#).unwrap();
    let judged = |is_admin| {
        let offer = offer();
        parse(raw(), &ParseCx { offer: &offer, is_admin, international_phone: false }).unwrap()
    };
    assert!(judged(true).meta.is_empty());
    assert_eq!(Value::Object(judged(false).meta), json!({"webmaster": "w1"}));
}

#[test]
fn a_patch_changes_clears_or_is_refused() {
    let change = |value: Value| parse_change(RawLead::from_json(value.to_string().as_bytes()).unwrap());
    let changed =
        change(json!({"address": "Weg 2", "comment": null, "quantity": 3, "meta": {"a": 1, "b": null}})).unwrap();
    assert_eq!(changed.names(), ["address", "comment", "quantity", "meta"]);
    assert_eq!(changed.address, Some(Some("Weg 2".to_owned())));
    assert_eq!((changed.comment.clone(), changed.name.clone()), (Some(None), None));
    assert_eq!(changed.quantity, Some(Some(3)));
    let stored = json!({"b": 2, "c": 3});
    let merged = changed.merge_meta(stored.as_object().unwrap()).unwrap();
    assert_eq!(Value::Object(merged), json!({"c": 3, "a": 1}));
    assert!(change(json!({})).unwrap().is_empty());
    let errors = change(json!({"phone": "1", "sub1": "x", "adress": "typo", "email": "no", "price": {}})).unwrap_err();
    assert_eq!(
        words(errors),
        ["email:invalid", "price:invalid_type", "phone:read_only", "sub1:read_only", "adress:unknown"]
    );
}

const FIELDS: [&str; 14] = [
    "phone", "name", "email", "country", "ip", "price", "currency", "quantity", "test", "meta", "sub1", "goal", "zip",
    "own",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9+ .-]{0,14}".prop_map(Value::from),
        proptest::sample::select(&["de", "+4915112345678", "a@b.de", "USD", "10.5", "true", "3"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let name = prop_oneof![4 => proptest::sample::select(&FIELDS[..]).prop_map(str::to_owned), 1 => ".{0,6}"];
    proptest::collection::vec((name, value()), 0..8)
}

fn has_nul(value: &Value) -> bool {
    value.to_string().contains("\\u0000")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn anything_is_a_lead_or_complaints_and_nothing_panics(fields in fields(), phone in any::<bool>()) {
        let mut all: Map<String, Value> = fields.into_iter().collect();
        if phone {
            all.insert("phone".to_owned(), json!("+4915112345678"));
        }
        let raw = RawLead::from_value(Value::Object(all)).unwrap();
        let _ = parse_change(raw.clone()).is_ok();
        match parse(raw, &ParseCx { offer: &offer(), is_admin: false, international_phone: true }) {
            Ok(lead) => {
                prop_assert!(lead.phone.is_some());
                prop_assert!(!has_nul(&serde_json::to_value(&lead).unwrap()), "PostgreSQL refuses NUL");
                prop_assert!(lead.meta.len() <= 64);
            }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    #[test]
    fn complaints_never_repeat_a_value(junk in "[a-z]{3}[A-Z]{3}[0-9]{3}[a-z]{3}") {
        for field in ["phone", "email", "country", "ip", "price", "currency", "quantity", "test", "meta"] {
            let errors = parse_for(&offer(), json!({field: &junk})).unwrap_err();
            prop_assert!(errors.iter().any(|err| err.field == field));
            prop_assert!(errors.iter().all(|err| !err.message.contains(&junk)), "{errors:?}");
        }
        let lead = lead_of(json!({"phone": "+4915112345678", "name": &junk, "comment": &junk, "own": &junk}));
        let shown = format!("{lead:?}");
        prop_assert!(!shown.contains(&junk) && !shown.contains("15112345678"));
    }

    #[test]
    fn a_repeat_hashes_alike_in_any_order(fields in fields(), seed in any::<u64>()) {
        let mut all: Map<String, Value> = fields.into_iter().collect();
        all.insert("phone".to_owned(), json!("+4915112345678"));
        let mut pairs: Vec<(String, Value)> = all.clone().into_iter().collect();
        let turn = usize::try_from(seed).unwrap() % pairs.len();
        pairs.rotate_left(turn);
        let a = parse_for(&offer(), Value::Object(all));
        let b = parse_for(&offer(), Value::Object(pairs.into_iter().collect()));
        if let (Ok(a), Ok(b)) = (a, b) {
            prop_assert_eq!(a.hash(), b.hash());
        }
    }

    #[test]
    fn another_value_in_any_field_is_a_conflict(
        field in proptest::sample::select(&["name", "first_name", "city", "sub1", "utm_term", "own", "comment", "external_id"][..]),
        a in "[a-z]{1,8}",
        b in "[a-z]{1,8}",
    ) {
        let hash = |text: &str| lead_of(json!({"phone": "+4915112345678", field: text})).hash();
        prop_assert_eq!(a == b, hash(&a) == hash(&b));
    }

    #[test]
    fn any_form_is_read_without_a_panic(body in any::<Vec<u8>>()) {
        let raw = RawLead::from_form(&body);
        let _ = parse(raw, &ParseCx { offer: &offer(), is_admin: true, international_phone: false }).is_ok();
        let _ = RawLead::from_json(&body).is_ok();
    }
}

#[test]
fn equal_amounts_hash_alike_and_fields_do_not_run_into_each_other() {
    let hash = |value: Value| lead_of(value).hash();
    let phone = "+4915112345678";
    assert_eq!(
        hash(json!({"phone": phone, "price": "10.00"})),
        hash(json!({"phone": "+49 151 12345678", "price": 10}))
    );
    assert_ne!(hash(json!({"phone": phone, "city": "a", "zip": "b"})), hash(json!({"phone": phone, "city": "ab"})));
    assert_ne!(hash(json!({"phone": phone, "own": "1"})), hash(json!({"phone": phone, "own": 1})));
    assert_ne!(hash(json!({"phone": phone, "own": ["xsy", "z"]})), hash(json!({"phone": phone, "own": ["x", "ysz"]})));
    assert_ne!(hash(json!({"phone": phone, "own": {"a": null}})), hash(json!({"phone": phone, "own": {}})));
    let mut other = offer();
    other.offer_id = Uuid::from_u128(8);
    assert_ne!(hash(json!({"phone": phone})), parse_for(&other, json!({"phone": phone})).unwrap().hash());
}
