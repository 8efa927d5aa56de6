use serde_json::json;

use super::*;
use crate::adapters::{LeadView, case, with_defaults};

fn adapter() -> Affili {
    Affili::new().unwrap()
}

fn settings(given: Value) -> Map<String, Value> {
    let given = given.as_object().cloned().unwrap();
    with_defaults(&adapter().about, &given, &Map::new())
}

fn lead(meta: Value) -> LeadView {
    LeadView { meta: meta.as_object().cloned().unwrap(), ..case::sample_lead() }
}

fn says(status: u16, body: Value) -> Answer {
    Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes(), is_cut: false })
}

/// Plays a send against answers; gives the calls (method and path, body) and the outcome.
fn play(settings: &Map<String, Value>, lead: &LeadView, answers: &[Answer]) -> (Vec<(String, Value)>, Outcome) {
    let (adapter, params) = (adapter(), Map::new());
    let cx = case::send_cx(lead, settings, &params);
    let shown = |request: &Request| {
        let path = format!("{} {}", request.method, &request.url[url::Position::BeforePath..]);
        (path, serde_json::from_slice(&request.body).unwrap_or_default())
    };
    let mut calls = Vec::new();
    let (mut request, mut step) = match adapter.send(&cx) {
        Ok(request) => (request, Step::default()),
        Err(outcome) => return (calls, outcome),
    };
    for answer in answers {
        calls.push(shown(&request));
        match adapter.next(&cx, &step, answer) {
            Next::Finish(outcome) => return (calls, outcome),
            Next::Call(next, state) => (request, step) = (next, state),
        }
    }
    panic!("more calls than answers: {calls:?}");
}

#[test]
fn a_token_is_fetched_and_then_quoted() {
    let settings = settings(json!({ "access_id": "k", "commission_name": "signup" }));
    let lead = lead(json!({ "referrer": "r1", "aff_id": "a1" }));
    let answers = [
        says(200, json!({ "status": "ok", "data": { "token": "t-9", "valid_days": 30 } })),
        says(200, json!({ "status": "ok", "data": { "id": "abcde" } })),
    ];
    let (calls, outcome) = play(&settings, &lead, &answers);
    assert_eq!(calls[0], ("POST /api/merchants/set-cookie".into(), json!({ "referrer": "r1" })));
    assert_eq!((calls[1].0.as_str(), &calls[1].1["token"]), ("POST /api/merchants/conversions", &json!("t-9")));
    assert!(matches!(outcome, Outcome::Accepted(accepted) if accepted.external_id.as_deref() == Some("abcde")));
}

#[test]
fn what_fails_before_the_conversion_is_safe_to_repeat() {
    let settings = settings(json!({ "access_id": "k", "commission_name": "signup" }));
    let lead = lead(json!({ "referrer": "r1", "aff_id": "a1" }));
    for (answer, word) in [
        (says(500, json!({})), "retry"),
        (says(429, json!({})), "retry"),
        (says(200, json!({ "status": "ok", "data": {} })), "retry"),
        (says(404, json!({ "status": "error", "errors": { "referrer": ["unknown"] } })), "refused"),
        (says(401, json!({})), "misconfigured"),
    ] {
        let (_, outcome) = play(&settings, &lead, std::slice::from_ref(&answer));
        assert_eq!(outcome.word(), word, "{answer:?}");
    }
}

#[test]
fn a_known_customer_needs_no_referrer_and_an_unknown_one_is_made() {
    let settings = settings(json!({ "access_id": "k", "generation": "services", "customers": true }));
    let found = says(200, json!({ "status": "ok", "data": [{ "id": "cu77", "mcs_id": "m-1" }] }));
    let none = says(200, json!({ "status": "ok", "data": [] }));
    let created = says(200, json!({ "status": "ok", "data": { "id": "abcde" } }));

    let returning = lead(json!({ "mcs_id": "m-1" }));
    let (calls, outcome) = play(&settings, &returning, &[found, created.clone()]);
    assert_eq!(calls[0].0, "GET /services/customers?mcs_id=m-1");
    assert_eq!((&calls[1].1["customer_id"], &calls[1].1["referrer"]), (&json!("cu77"), &Value::Null));
    assert_eq!(outcome.word(), "accepted");

    let (_, outcome) = play(&settings, &returning, std::slice::from_ref(&none));
    assert_eq!(outcome.word(), "refused");

    let fresh = lead(json!({ "mcs_id": "m-2", "referrer": "r1" }));
    let made = says(200, json!({ "status": "ok", "tag": "saveCustomer", "data": { "id": "cu78" } }));
    let (calls, _) = play(&settings, &fresh, &[none, made, created]);
    assert_eq!((calls[1].0.as_str(), &calls[1].1["mcs_id"]), ("POST /services/customers", &json!("m-2")));
    assert_eq!(calls[1].1["meta_data"]["mobile"], json!(fresh.phone));
    assert_eq!(calls[2].1["customer_id"], json!("cu78"));
}

#[test]
fn a_person_is_known_by_the_phone_without_telling_it() {
    let one = customer::id(&LeadView { meta: Map::new(), ..case::sample_lead() }).unwrap();
    assert_eq!((one.len(), customer::id(&LeadView { phone: None, ..LeadView::default() })), (32, None));
    assert!(!one.contains("612345678"));
}

#[test]
fn filters_are_gregorian_and_of_the_zone() {
    let settings = settings(json!({ "access_id": "k" }));
    let cx = case::poll_cx(&settings, "updated", &[]);
    let window = Some(("2024-01-01T20:30:00Z".parse().unwrap(), "2024-01-02T20:30:00Z".parse().unwrap()));
    let request = adapter().poll(&PollCx { window, ..cx }).unwrap();
    let query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    assert_eq!(query[0], ("min_updated_at".into(), "2024-01-02 00:00:00".into()));
    assert_eq!(query[1], ("max_updated_at".into(), "2024-01-03 00:00:00".into()));
}

#[test]
fn pages_end_where_the_list_says_or_repeats() {
    let (adapter, settings) = (adapter(), settings(json!({ "access_id": "k" })));
    let page = |first: &str, meta: Value| {
        let rows = json!([{ "id": first, "status": 1 }, { "id": "z", "status": 1 }]);
        let body = json!({ "status": "ok", "data": { "data": rows, "meta": meta } }).to_string();
        Response { status: 200, headers: Vec::new(), body: body.into_bytes(), is_cut: false }
    };
    let read = |next: Option<&Value>, answer: &Response| {
        adapter.read_page(&PollCx { page: next, ..case::poll_cx(&settings, "days", &[]) }, answer).unwrap()
    };
    let first = read(None, &page("a", json!({ "current": 1, "last": 2 })));
    assert_eq!(first.next, Some(json!({ "page": 2, "first": "a" })));
    assert_eq!(read(first.next.as_ref(), &page("b", json!({ "current": 2, "last": 2 }))).next, None);
    // A page's number that is ignored gives the first page once more.
    let again = read(first.next.as_ref(), &page("a", Value::Null));
    assert_eq!((again.reports.len(), again.next), (0, None));
}
