use uuid::Uuid;

use super::*;
use crate::http::dashboard::html;
use crate::http::dashboard::overview::tests::shell;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn row(number: i64, delivery: Option<&str>, status: &str, cents: i64) -> Row {
    let networks = ["Northwind Leads", "leadhub", "affinity"];
    let people =
        [("+4915112345678", "ann@example.com"), ("+380501234567", "bohdan.k@example.org"), ("+14155552671", "")];
    let pick = usize::try_from(number).unwrap() % 3;
    Row {
        lead_id: Uuid::from_u128(number.unsigned_abs().into()),
        number,
        created_at: now() - chrono::TimeDelta::seconds((90_412 - number) * 97),
        webmaster: ["mediabuyers-eu", "teamblue", "acme"][pick].into(),
        offer: ["Slim Tea", "Mortgage quote, Germany", "Joint Gel"][pick].into(),
        country: Some(["DE", "UA", "US"][pick].into()),
        phone: Some(people[pick].0.into()),
        email: Some(people[pick].1.into()).filter(|email: &String| !email.is_empty()),
        network: delivery.map(|_| networks[pick].into()),
        delivery: delivery.map(str::to_owned),
        unrouted: delivery.is_none() && pick == 0,
        status: status.into(),
        payout: rust_decimal::Decimal::new(cents, 2),
        currency: "USD".into(),
        test: number % 7 == 0,
    }
}

fn rows(count: i64) -> Vec<Row> {
    let kinds = [
        (Some("accepted"), "hold", 1250),
        (Some("waiting"), "new", 0),
        (Some("accepted"), "approved", 2400),
        (Some("refused"), "rejected", 0),
        (Some("retrying"), "new", 0),
        (Some("accepted"), "pending", 0),
        (None, "new", 0),
        (Some("needs_review"), "new", 0),
        (Some("dead"), "new", 0),
        (Some("accepted"), "paid", 1_234_550),
        (Some("refused"), "trash", 0),
        (Some("sending"), "new", 0),
    ];
    let kind = |n: i64| kinds[usize::try_from(n).unwrap() % kinds.len()];
    (0..count).map(|n| row(90_412 - n, kind(n).0, kind(n).1, kind(n).2)).collect()
}

fn sample(query: Query, rows: Vec<Row>, status: StatusCode) -> Page {
    let selects = selects(&query, &Rules::default());
    page(shell("leads"), query, selects, rows, status, now())
}

#[test]
fn a_full_page_shows_masked_contacts_and_leads_on() {
    let query = Query { delivery: "accepted".into(), country: "DE".into(), q: "\"><b>".into(), ..Query::default() };
    let text = html::check("leads", &sample(query, rows(51), StatusCode::OK));
    assert!(!text.contains("4915112345678") && !text.contains("ann@") && !text.contains("<b>"));
    assert!(text.contains("a•••@example.com") && text.contains("no route"));
    assert_eq!(text.matches("scope=\"row\"").count(), ROWS);
    let last = 90_412 - 49;
    assert!(text.contains(&format!("delivery=accepted&#38;country=DE&#38;after={last}")), "older leads follow");
    assert!(!text.contains(">Newest<"));
}

#[test]
fn the_last_page_leads_back_only() {
    let query = Query { after: "90000".into(), ..Query::default() };
    let text = html::check("leads-last", &sample(query, rows(3), StatusCode::OK));
    assert!(text.contains(">Newest<") && !text.contains(">Older<"));
}

#[test]
fn every_empty_list_says_what_to_do() {
    let empty = |query, status| html::check("leads-empty", &sample(query, Vec::new(), status));
    let searched = || Query { q: "x".into(), ..Query::default() };
    assert!(empty(Query::default(), StatusCode::OK).contains("No lead has come yet"));
    assert!(empty(searched(), StatusCode::UNPROCESSABLE_ENTITY).contains("The filter cannot be used"));
    assert!(empty(searched(), StatusCode::OK).contains("No lead fits"));
}
