//! The statements that work on batches name their rows by keys, whatever the tables hold. PostgreSQL is told to plan each once,
//! so a plan that reads an index whole while little is open goes on with that when a flood is.

use std::collections::BTreeMap;
use std::path::Path;

use leadrelay::db::pool;
use serde_json::Value;
use sqlx::{Executor, PgConnection};

use crate::kit::database::database;

/// A server that has worked for a while and is at rest: everything is over, so that no job is left.
const AT_REST: &str = "
    insert into lead (lead_id, webmaster_id, offer_id, currency, request_hash, external_id)
    select md5('l' || i)::uuid, md5('w')::uuid, md5('o')::uuid, 'USD', '', i from generate_series(1, 3000) i;
    insert into lead_contact (lead_id, phone) select lead_id, external_id from lead;
    insert into idempotency_key (webmaster_id, key, request_hash, lead_id)
    select webmaster_id, external_id, '', lead_id from lead;
    insert into delivery (delivery_id, lead_id, network_id, state, expires_at, external_id)
    select md5('d' || external_id)::uuid, lead_id, md5('n')::uuid, 'accepted', now(), external_id from lead;
    insert into conversion (conversion_id, lead_id, delivery_id, status, payout_currency)
    select delivery_id, lead_id, delivery_id, 'pending', 'USD' from delivery;
    insert into attempt (attempt_id, subject_id, lead_id, kind, no, started_at, took_ms, outcome)
    select delivery_id, delivery_id, lead_id, 'send', 1, now(), 1, 'accepted' from delivery;
    insert into inbound_postback (inbound_id, received_at, network_id, method, lead_id, result)
    select delivery_id, now(), network_id, 'GET', lead_id, 'applied' from delivery;
    insert into postback_delivery (postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url, state)
    select md5('p' || external_id)::uuid, md5('b')::uuid, lead_id, webmaster_id, 1, 'pending', 'GET', '', 'delivered' from lead;
    analyze";

/// The tables that floods go through.
const LARGE: [&str; 9] = [
    "lead",
    "lead_contact",
    "idempotency_key",
    "delivery",
    "conversion",
    "attempt",
    "inbound_postback",
    "postback_delivery",
    "job",
];

/// Indexes for lists: one of them names all that is open or all of one postback.
const WHOLE: [&str; 3] = ["postback_delivery_open_idx", "delivery_open_idx", "postback_delivery_postback_idx"];

/// Rules, which are few, and a list that ends at a limit.
const OTHERS: [&str; 2] =
    ["delete from cap", "select delivery_id from delivery\n         where state = 'waiting' and reason"];

/// The statements on batches: as the program sends them, with the number of their parameters.
fn statements() -> BTreeMap<String, usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| serde_json::from_slice::<Value>(&std::fs::read(file.unwrap().path()).unwrap()).unwrap())
        .map(|saved| {
            let count = saved["describe"]["parameters"]["Left"].as_array().unwrap().len();
            (saved["query"].as_str().unwrap().to_owned(), count)
        })
        .filter(|(query, _)| {
            (query.contains("unnest(") || query.contains("= any("))
                && !OTHERS.iter().any(|other| query.starts_with(other))
        })
        .collect()
}

async fn plan(conn: &mut PgConnection, query: &str, parameters: usize) -> Vec<String> {
    conn.execute(sqlx::AssertSqlSafe(format!("prepare asked as {query}"))).await.unwrap();
    let nulls = vec!["null"; parameters].join(", ");
    let plan = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("explain execute asked({nulls})")))
        .fetch_all(&mut *conn)
        .await
        .unwrap();
    conn.execute("deallocate asked").await.unwrap();
    plan
}

/// Whether a line of a plan reads an index of a large table without a key; what it looks for stands in the next line.
fn reads_whole(line: &str, next: &str) -> bool {
    let Some((_, scan)) = line.split_once("Index Scan ").or_else(|| line.split_once("Index Only Scan ")) else {
        return false;
    };
    let mut words = scan.split_whitespace().filter(|word| !matches!(*word, "using" | "on" | "Backward"));
    let (Some(index), table) = (words.next(), words.next().unwrap_or_default()) else { return false };
    let is_large = LARGE.iter().any(|large| table == *large || index.starts_with(&format!("{large}_")));
    is_large && (WHOLE.contains(&index) || !next.contains("Index Cond"))
}

async fn go_by_key(has_worked: bool) {
    let db = database().await;
    if has_worked {
        db.pool.execute(AT_REST).await.unwrap();
    }
    let second = std::time::Duration::from_secs(1);
    let pool = pool::open(db.url.parse().unwrap(), 1, second * 10, second).await.unwrap();
    let mut conn = pool.acquire().await.unwrap();
    let statements = statements();
    assert!(statements.len() > 30, "{}", statements.len());
    let mut astray = Vec::new();
    for (query, parameters) in statements {
        let plan = plan(&mut conn, &query, parameters).await;
        if plan.windows(2).any(|lines| reads_whole(&lines[0], &lines[1])) {
            astray.push(format!("{query}\n{}", plan.join("\n")));
        }
    }
    assert!(astray.is_empty(), "{}", astray.join("\n\n"));
}

#[tokio::test]
async fn statements_on_batches_go_by_key_in_an_empty_database() {
    go_by_key(false).await;
}

#[tokio::test]
async fn statements_on_batches_go_by_key_on_a_server_at_rest() {
    go_by_key(true).await;
}
