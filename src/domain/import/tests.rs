use rust_decimal::Decimal;

use super::*;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn mapping(columns: &[(&str, &str)]) -> Mapping {
    let columns = columns.iter().map(|(head, field)| ((*head).to_owned(), (*field).to_owned())).collect();
    Mapping { columns, ..Mapping::default() }
}

#[test]
fn headings_are_recognised_in_english_and_russian() {
    for (kind, heads, expected) in [
        (Kind::Statuses, ["Order ID", "Status", "Amount"], ["external_id", "status", "revenue"]),
        (Kind::Statuses, ["ID лида", "Статус", "Сумма"], ["lead", "status", "revenue"]),
        (Kind::Statuses, ["click_id", "Причина отказа", "Выплата"], ["lead", "reason", "payout"]),
        (Kind::Leads, ["Телефон", "Имя", "E-mail"], ["phone", "name", "email"]),
        (Kind::Leads, ["phone number", "GEO", "utm_source"], ["phone", "country", "utm_source"]),
    ] {
        let heads = texts(&heads);
        let guessed = guess(kind, &heads);
        let found: Vec<&str> = heads.iter().filter_map(|head| guessed.field(head)).collect();
        assert_eq!(found, expected);
    }
    let twice = guess(Kind::Leads, &texts(&["Phone", "Телефон", "What?"]));
    assert_eq!(twice.columns.len(), 1, "one column for a field");
}

#[test]
fn every_guess_is_a_mapping_that_can_be_used() {
    for kind in Kind::ALL {
        for field in fields(*kind).iter().filter(|field| field.name != META) {
            for heading in field.headings {
                let heads = texts(&[heading]);
                let errors = guess(*kind, &heads).check(*kind, &heads, true);
                assert!(errors.iter().all(|error| error.code == "required"), "{heading}: {errors:?}");
            }
        }
    }
}

#[test]
fn a_mapping_says_what_is_wrong_with_it() {
    let heads = texts(&["a", "b", "c"]);
    let named = |mapping: Mapping, kind, has_network| -> Vec<(String, &'static str)> {
        mapping.check(kind, &heads, has_network).into_iter().map(|error| (error.field, error.code)).collect()
    };
    let column = |code| ("columns".to_owned(), code);
    assert_eq!(named(mapping(&[("a", "lead"), ("b", "status")]), Kind::Statuses, false), []);
    assert_eq!(named(mapping(&[("a", "external_id"), ("b", "status")]), Kind::Statuses, true), []);
    assert_eq!(named(mapping(&[("a", "external_id"), ("b", "status")]), Kind::Statuses, false), [column("required")]);
    assert_eq!(named(mapping(&[("a", "phone"), ("b", "phone")]), Kind::Leads, false), [column("invalid")]);
    assert_eq!(named(mapping(&[("a", "meta"), ("b", "meta")]), Kind::Leads, false), []);
    assert_eq!(named(mapping(&[("z", "phone")]), Kind::Leads, false), [column("unknown")]);
    assert_eq!(named(mapping(&[("a", "colour")]), Kind::Leads, false), [column("unknown")]);
    let paid = Mapping { status: Some(Status::Paid), ..mapping(&[("a", "lead")]) };
    assert_eq!(named(paid, Kind::Statuses, false), []);
    let money = Mapping { currency: Some("XXZ".into()), ..mapping(&[("a", "phone")]) };
    assert_eq!(named(money, Kind::Leads, false), [("currency".to_owned(), "invalid")]);
}

#[test]
fn a_row_becomes_a_report() {
    let heads = texts(&["id", "st", "sum", "cur", "why"]);
    let map =
        mapping(&[("id", "external_id"), ("st", "status"), ("sum", "revenue"), ("cur", "currency"), ("why", "reason")]);
    let read = report(&map, &heads, &texts(&["K-1", "Approved", "1 200,50", "usd", ""])).unwrap();
    assert_eq!(read.external_id.as_deref(), Some("K-1"));
    assert_eq!((read.status.as_deref(), read.mapped, read.reason), (Some("Approved"), None, None));
    assert_eq!((read.revenue, read.currency.as_deref()), (Some(Decimal::new(120_050, 2)), Some("USD")));
    let errors = report(&map, &heads, &texts(&["", "", "lots", "dollars", ""])).unwrap_err();
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["revenue", "currency", "external_id", "status"]);
    assert!(errors.iter().all(|error| !error.message.contains("lots") && !error.message.contains("dollars")));
    let all = Mapping { status: Some(Status::Paid), currency: Some("EUR".into()), ..mapping(&[("id", "lead")]) };
    let read = report(&all, &heads, &texts(&["17", "x", "5", "usd", ""])).unwrap();
    assert_eq!((read.mapped, read.status, read.currency.as_deref()), (Some(Status::Paid), None, Some("EUR")));
}
