//! The duplicate rule of an offer.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{phone, with_rule};
use crate::kit::app::{Answer, TestApp};
use crate::kit::database::database;

async fn post(app: &TestApp, token: &str, phone: &str, email: &str) -> Answer {
    app.lead(token, json!({"offer": "tea", "phone": phone, "email": email})).await
}

/// 201, or 409 with `duplicate`.
#[track_caller]
fn is_taken(answer: &Answer) -> bool {
    if answer.status != 201 {
        assert_eq!(answer.problem(409), "duplicate");
    }
    answer.status == 201
}

#[tokio::test]
async fn any_field_that_is_equal_makes_a_duplicate() {
    let app = TestApp::idle().await;
    let rule = json!({"fields": ["phone", "email"], "match": "any", "days": 30, "scope": "offer"});
    let token = with_rule(&app, rule).await;
    assert!(is_taken(&post(&app, &token, &phone(1), "a@example.com").await));
    assert!(!is_taken(&post(&app, &token, &phone(1), "b@example.com").await));
    assert!(!is_taken(&post(&app, &token, &phone(2), "A@Example.com").await), "case is no difference");
    assert!(!is_taken(&post(&app, &token, &phone(1), "").await));
    assert!(is_taken(&post(&app, &token, &phone(3), "c@example.com").await));
}

#[tokio::test]
async fn all_fields_must_be_equal_when_the_rule_says_so() {
    let app = TestApp::idle().await;
    let rule = json!({"fields": ["phone", "email"], "match": "all", "days": 30, "scope": "offer"});
    let token = with_rule(&app, rule).await;
    assert!(is_taken(&post(&app, &token, &phone(1), "a@example.com").await));
    assert!(is_taken(&post(&app, &token, &phone(1), "b@example.com").await));
    assert!(is_taken(&post(&app, &token, &phone(2), "a@example.com").await));
    assert!(!is_taken(&post(&app, &token, &phone(1), "a@example.com").await));
    assert!(is_taken(&post(&app, &token, &phone(1), "").await), "an empty field is equal to nothing");
}

#[tokio::test]
async fn an_empty_field_never_matches() {
    let app = TestApp::idle().await;
    let token = with_rule(&app, json!({"fields": ["phone", "email"], "match": "any", "days": 30})).await;
    for n in 0..3 {
        let body = json!({"offer": "tea", "name": format!("Ana {n}"), "phone": "", "email": " "});
        app.lead(&token, body).await.expect(201);
    }
}

#[tokio::test]
async fn the_scope_says_whose_leads_count_and_only_the_own_one_is_named() {
    let app = TestApp::idle().await;
    let anna = with_rule(&app, json!({"fields": ["phone"], "match": "any", "days": 30, "scope": "offer"})).await;
    let boris = app.webmaster("boris").await;
    let first = post(&app, &anna, &phone(1), "").await.expect(201);
    let own = post(&app, &anna, &phone(1), "x@example.com").await;
    assert_eq!(own.problem(409), "duplicate");
    assert_eq!(own.json()["lead_id"], first["id"]);
    let of_another = post(&app, &boris, &phone(1), "").await;
    assert_eq!(of_another.problem(409), "duplicate");
    assert_eq!(of_another.json().get("lead_id"), None);
    assert!(!of_another.text.contains(first["id"].as_str().unwrap()));

    let rule = json!({"duplicates": {"scope": "webmaster"}});
    app.patch("/api/v1/offers/tea", rule).await.expect(200);
    assert!(is_taken(&post(&app, &boris, &phone(1), "").await));
    assert!(!is_taken(&post(&app, &boris, &phone(1), "x@example.com").await));
}

#[tokio::test]
async fn another_offer_is_another_matter() {
    let app = TestApp::idle().await;
    let token = with_rule(&app, json!({"fields": ["phone"], "match": "any", "days": 30})).await;
    let coffee = json!({"slug": "coffee", "duplicates": {"fields": ["phone"], "match": "any", "days": 30}});
    app.post("/api/v1/offers", coffee).await.expect(201);
    app.lead(&token, json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    app.lead(&token, json!({"offer": "coffee", "phone": phone(1)})).await.expect(201);
}

#[tokio::test]
async fn after_its_days_a_lead_counts_no_more() {
    let app = TestApp::idle().await;
    let token = with_rule(&app, json!({"fields": ["phone"], "match": "any", "days": 7})).await;
    assert!(is_taken(&post(&app, &token, &phone(1), "").await));
    let age = |sql: &'static str| sqlx::query(sql).execute(&app.app.db);
    age("update lead set created_at = created_at - interval '6 days 23 hours'").await.unwrap();
    assert!(!is_taken(&post(&app, &token, &phone(1), "").await));
    age("update lead set created_at = created_at - interval '2 hours'").await.unwrap();
    assert!(is_taken(&post(&app, &token, &phone(1), "").await));
}

#[tokio::test]
async fn duplicates_inside_one_batch_of_the_writer_are_found() {
    let app = TestApp::on(&database().await, &[("LEADRELAY__INTAKE__WRITERS", "1")], false).await;
    let token = with_rule(&app, json!({"fields": ["phone", "email"], "match": "any", "days": 30})).await;
    // A request's items reach the writer together. The second is the first's twin by phone, the third the second's by e-mail.
    let mut items: Vec<Value> = vec![
        json!({"offer": "tea", "phone": phone(1), "email": "a@example.com"}),
        json!({"offer": "tea", "phone": phone(1), "email": "b@example.com"}),
        json!({"offer": "tea", "phone": phone(2), "email": "b@example.com"}),
    ];
    items.extend((0..40).map(|n| json!({"offer": "tea", "phone": phone(9), "sub1": n})));
    let answer = app.call(reqwest::Method::POST, "/api/v1/leads/batch", &token, &json!(items)).await.expect(200);
    let of = |index: usize| answer["results"][index]["http_status"].as_i64().unwrap();
    assert_eq!((of(0), of(1)), (201, 409));
    assert_eq!(of(2), 201, "its twin was refused, so nothing holds it back");
    assert_eq!((3..43).filter(|index| of(*index) == 201).count(), 1);
    assert_eq!((3..43).filter(|index| of(*index) == 409).count(), 39);
    assert_eq!(app.count("select count(*) from lead").await, 3);
}

#[tokio::test]
async fn twins_on_two_nodes_at_once_make_one_lead() {
    let db = database().await;
    let first = TestApp::on(&db, &[], false).await;
    let anna = with_rule(&first, json!({"fields": ["phone", "email"], "match": "any", "days": 30})).await;
    let boris = first.webmaster("boris").await;
    let second = TestApp::on(&db, &[], false).await;
    let callers = [(&first, &anna), (&second, &boris), (&second, &anna), (&first, &boris)];
    for round in 0..5 {
        let answers = join_all((0..40).map(|n| {
            let (app, token) = callers[n % 4];
            // Half of them meet by phone, half by e-mail, and one knows both.
            let (number, email) = match n {
                0 => (phone(round), format!("r{round}@example.com")),
                n if n % 8 < 4 => (phone(round), String::new()),
                _ => (phone(1000 + round * 100 + n), format!("r{round}@example.com")),
            };
            async move { post(app, token, &number, &email).await }
        }))
        .await;
        let taken = answers.iter().filter(|answer| is_taken(answer)).count();
        // The one that knows both may come last: then the two kinds have each had one, and it is a duplicate of both.
        assert!((1..=2).contains(&taken), "round {round}: {taken} were taken");
    }
    let twins = "select count(*) from (select phone from lead_contact where phone like '+34612000%' group by 1 having count(*) > 1) t";
    assert_eq!(first.count(twins).await, 0);
    let twins = "select count(*) from (select email from lead_contact where email is not null group by 1 having count(*) > 1) t";
    assert_eq!(first.count(twins).await, 0);
}

#[tokio::test]
async fn a_test_lead_takes_no_part_in_the_rule() {
    let app = TestApp::idle().await;
    let token = with_rule(&app, json!({"fields": ["phone"], "match": "any", "days": 30})).await;
    let test = json!({"offer": "tea", "phone": phone(1), "test": true});
    let shown = app.lead(&token, test.clone()).await.expect(201);
    app.lead(&token, test.clone()).await.expect(201);
    assert!(is_taken(&post(&app, &token, &phone(1), "").await), "a test lead stands in no real one's way");
    app.lead(&token, test).await.expect(201);
    let shown = app.show(shown["id"].as_str().unwrap()).await;
    assert_eq!((&shown["test"], &shown["payout"]), (&json!(true), &json!("0.00")));
}
