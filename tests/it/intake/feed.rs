//! The list of leads in the order of their changes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::phone;
use crate::kit::app::{ADMIN, TestApp};

async fn list(app: &TestApp, token: &str, query: &str) -> Value {
    app.call(Method::GET, &format!("/api/v1/leads?{query}"), token, &Value::Null).await.expect(200)
}

/// Changes are listed once no older transaction of the server runs: other tests may hold some for a moment.
async fn listed(app: &TestApp, token: &str, query: &str, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let items = list(app, token, query).await["items"].as_array().unwrap().clone();
        if items.len() == count || Instant::now() > deadline {
            assert_eq!(items.len(), count, "{query}");
            return items;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Reads on from the cursor to the end there is now, into what was seen last of each lead.
async fn read_on(app: &TestApp, token: &str, cursor: &mut String, seen: &mut BTreeMap<String, Value>) {
    loop {
        let page = list(app, token, &format!("limit=7&cursor={cursor}")).await;
        for item in page["items"].as_array().unwrap() {
            seen.insert(item["id"].as_str().unwrap().to_owned(), item.clone());
        }
        page["resume_cursor"].as_str().unwrap_or_default().clone_into(cursor);
        if page["next_cursor"].is_null() {
            return;
        }
        assert_eq!(page["next_cursor"].as_str(), Some(cursor.as_str()));
    }
}

const CHANGE: &str =
    "update lead set quantity = $2, changed_at = now(), changed_xid = pg_current_xact_id() where lead_id = $1::uuid";

#[tokio::test]
async fn a_reader_that_follows_the_cursor_misses_no_change_of_eight_writers() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(app.lead_id(&token, "tea", &phone(n)).await);
    }
    // Every writer changes leads of its own in transactions that stay open while others begin, commit and are read.
    let writers = (0..8_usize).map(|writer| {
        let (app, ids, token) = (&app, &ids, &token);
        async move {
            for round in 0..15_usize {
                let mut tx = app.app.db.begin().await.unwrap();
                for lead in 0..1 + (writer + round) % 5 {
                    sqlx::query(CHANGE)
                        .bind(&ids[writer * 5 + lead])
                        .bind(i32::try_from(1 + round).unwrap())
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                    tokio::time::sleep(Duration::from_millis(((writer * 7 + round * 3 + lead) % 11) as u64)).await;
                }
                tx.commit().await.unwrap();
                app.lead_id(token, "tea", &phone(1000 + writer * 100 + round)).await;
            }
        }
    });
    let (mut cursor, mut seen) = (String::new(), BTreeMap::new());
    let work = join_all(writers);
    tokio::pin!(work);
    loop {
        read_on(&app, &token, &mut cursor, &mut seen).await;
        if timeout(Duration::from_millis(3), &mut work).await.is_ok() {
            break;
        }
    }
    let stored: Vec<(uuid::Uuid, Option<i32>)> =
        sqlx::query_as("select lead_id, quantity from lead").fetch_all(&app.app.db).await.unwrap();
    assert_eq!(stored.len(), 40 + 8 * 15);
    let missed = |seen: &BTreeMap<String, Value>| -> Vec<String> {
        let as_told = |id: &uuid::Uuid, quantity: &Option<i32>| {
            seen.get(&id.to_string()).is_some_and(|item| item["quantity"] == json!(quantity))
        };
        stored.iter().filter(|(id, quantity)| !as_told(id, quantity)).map(|(id, _)| id.to_string()).collect()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !missed(&seen).is_empty() && Instant::now() < deadline {
        read_on(&app, &token, &mut cursor, &mut seen).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(missed(&seen), Vec::<String>::new(), "the reader was never shown these as they are now");
}

#[tokio::test]
async fn a_change_that_commits_late_comes_after_the_cursor_and_not_before() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let (first, second) = (app.lead_id(&token, "tea", &phone(1)).await, app.lead_id(&token, "tea", &phone(2)).await);
    listed(&app, &token, "", 2).await;
    let (mut cursor, mut seen) = (String::new(), BTreeMap::new());
    read_on(&app, &token, &mut cursor, &mut seen).await;
    let mut late = app.app.db.begin().await.unwrap();
    sqlx::query(CHANGE).bind(&first).bind(5).execute(&mut *late).await.unwrap();
    sqlx::query(CHANGE).bind(&second).bind(6).execute(&app.app.db).await.unwrap();
    seen.clear();
    read_on(&app, &token, &mut cursor, &mut seen).await;
    assert!(seen.is_empty(), "a younger change may not be shown before an older one is decided");
    late.commit().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while seen.len() < 2 && Instant::now() < deadline {
        read_on(&app, &token, &mut cursor, &mut seen).await;
    }
    assert_eq!((&seen[&first]["quantity"], &seen[&second]["quantity"]), (&json!(5), &json!(6)));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat_and_the_limit_is_clamped() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let items: Vec<Value> = (0..520).map(|n| json!({"offer": "tea", "phone": phone(n)})).collect();
    app.call(Method::POST, "/api/v1/leads/batch", &token, &json!(items)).await.expect(200);
    listed(&app, &token, "limit=100000", 500).await;
    listed(&app, &token, "", 50).await;
    listed(&app, &token, "limit=0", 1).await;
    listed(&app, &token, "limit=-5", 1).await;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&app, &token, &format!("limit=77&cursor={cursor}")).await;
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(ids.len(), 520);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 520);
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = TestApp::idle().await;
    let anna = app.with_offer("tea").await;
    let boris = app.webmaster("boris").await;
    app.post("/api/v1/offers", json!({"slug": "coffee"})).await.expect(201);
    let first = app.lead(&anna, json!({"offer": "tea", "phone": phone(1), "external_id": "o-1"})).await.expect(201);
    let second = app.lead(&anna, json!({"offer": "coffee", "phone": phone(2)})).await.expect(201);
    app.lead(&boris, json!({"offer": "tea", "phone": phone(3)})).await.expect(201);
    let status = format!("/api/v1/leads/{}/status", second["id"].as_str().unwrap());
    app.post(&status, json!({"status": "trash"})).await.expect(200);
    listed(&app, ADMIN, "", 3).await;
    assert_eq!(listed(&app, &anna, "offer=coffee", 1).await[0]["id"], second["id"]);
    assert_eq!(listed(&app, &anna, "status=trash", 1).await[0]["id"], second["id"]);
    assert_eq!(listed(&app, &anna, "external_id=o-1", 1).await[0]["id"], first["id"]);
    listed(&app, &anna, "status=new&offer=coffee", 0).await;
    listed(&app, ADMIN, "webmaster=boris", 1).await;
    listed(&app, &anna, "webmaster=boris", 2).await;
    listed(&app, &anna, "created_from=2020-01-01T00:00:00Z&created_to=2090-01-01T00:00:00Z", 2).await;
    listed(&app, &anna, "created_from=2090-01-01T00:00:00Z", 0).await;
    listed(&app, &anna, "created_to=2020-01-01T00:00:00Z", 0).await;
    listed(&app, &anna, "changed_since=2020-01-01T00:00:00Z", 2).await;
    listed(&app, &anna, "changed_since=2090-01-01T00:00:00Z", 0).await;
    let since = app.show(second["id"].as_str().unwrap()).await["changed_at"].as_str().unwrap().to_owned();
    listed(&app, &anna, &format!("changed_since={since}"), 1).await;
}

#[tokio::test]
async fn a_bad_value_in_the_query_names_its_field() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for (query, field) in [
        ("limit=abc", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=%00", "cursor"),
        ("status=lost", "status"),
        ("offer=none", "offer"),
        ("changed_since=yesterday", "changed_since"),
        ("created_from=2020-13-01T00:00:00Z", "created_from"),
        ("created_to=1", "created_to"),
        ("unknown=1", "unknown"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = app.call(Method::GET, &format!("/api/v1/leads?{query}"), &token, &Value::Null).await;
        assert_eq!(answer.fields(), [field], "{query}");
    }
    for query in ["external_id=%00", "external_id=%ff%fe"] {
        let answer = app.call(Method::GET, &format!("/api/v1/leads?{query}"), &token, &Value::Null).await;
        assert!([200, 422].contains(&answer.status), "{query}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn a_time_beyond_what_the_database_holds_is_no_fault_of_ours() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for query in ["created_from=-262143-01-01T00:00:00Z", "changed_since=%2B262142-12-31T00:00:00Z"] {
        let answer = app.call(Method::GET, &format!("/api/v1/leads?{query}"), &token, &Value::Null).await;
        assert!([200, 422].contains(&answer.status), "{query}: {} {}", answer.status, answer.text);
    }
}

#[tokio::test]
async fn another_webmaster_s_lead_does_not_exist() {
    let app = TestApp::idle().await;
    let anna = app.with_offer("tea").await;
    let boris = app.webmaster("boris").await;
    let lead = app.lead(&anna, json!({"offer": "tea", "phone": phone(1)})).await.expect(201);
    for reference in [lead["id"].as_str().unwrap().to_owned(), lead["number"].to_string()] {
        let path = format!("/api/v1/leads/{reference}");
        app.call(Method::GET, &path, &anna, &Value::Null).await.expect(200);
        assert_eq!(app.call(Method::GET, &path, &boris, &Value::Null).await.problem(404), "not_found");
        assert_eq!(app.call(Method::PATCH, &path, &boris, &json!({"city": "Vigo"})).await.problem(404), "not_found");
    }
    listed(&app, &anna, "", 1).await;
    listed(&app, &boris, "", 0).await;
    for reference in
        ["0", "-1", "99999999999999999999", "nonsense", "%00", "%ff", "00000000-0000-0000-0000-000000000000"]
    {
        let path = format!("/api/v1/leads/{reference}");
        assert_eq!(app.call(Method::GET, &path, &anna, &Value::Null).await.problem(404), "not_found", "{reference}");
    }
}

#[tokio::test]
async fn webmasters_never_see_revenue_network_or_deliveries() {
    let app = TestApp::start().await;
    let fake = crate::kit::fake::Fake::start().await;
    let token = app.with_offer("tea").await;
    app.patch("/api/v1/offers/tea", json!({"revenue": "77.77"})).await.expect(200);
    app.network("secret-network", &fake.base, json!({})).await;
    app.route("tea", "secret-network", 1).await;
    let lead_id = app.lead_id(&token, "tea", &phone(1)).await;
    app.until_status(&lead_id, "pending").await;
    let path = format!("/api/v1/leads/{lead_id}");
    app.post(&format!("{path}/status"), json!({"status": "approved"})).await.expect(200);
    let of_admin = app.show(&lead_id).await;
    assert_eq!(of_admin["revenue"], "77.77");
    assert_eq!(of_admin["deliveries"][0]["network"], "secret-network");
    listed(&app, &token, "status=approved", 1).await;
    let one = app.call(Method::GET, &path, &token, &Value::Null).await;
    let changed = app.call(Method::PATCH, &path, &token, &json!({"city": "Vigo"})).await;
    let all = app.call(Method::GET, "/api/v1/leads", &token, &Value::Null).await;
    for answer in [one, changed, all] {
        answer.expect(200);
        for word in ["revenue", "77.77", "network", "deliveries", "unrouted"] {
            assert!(!answer.text.contains(word), "{word}: {}", answer.text);
        }
    }
}
