//! The statements that work on batches name their rows by keys, whatever the tables hold. PostgreSQL is told to plan each once,
//! so a plan that reads an index whole while little is open goes on with that when a flood is.

use std::collections::BTreeMap;
use std::path::Path;

use leadrelay::db::pool;
use serde_json::Value;
use sqlx::{Executor, PgConnection};

use crate::kit::database::database;

/// A server that has worked for a while and is at rest: everything is over.
const AT_REST: &str = "
    insert into lead (lead_id, webmaster_id, offer_id, currency, request_hash, external_id)
    select md5('l' || i)::uuid, md5('w')::uuid, md5('o')::uuid, 'USD', '', i from generate_series(1, 3000) i;
    insert into delivery (delivery_id, lead_id, network_id, state, expires_at, external_id)
    select md5('d' || i)::uuid, md5('l' || i)::uuid, md5('n')::uuid, 'accepted', now(), i from generate_series(1, 3000) i;
    insert into postback_delivery (postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method, url, state)
    select md5('p' || i)::uuid, md5('b')::uuid, md5('l' || i)::uuid, md5('w')::uuid, 1, 'pending', 'GET', '', 'delivered'
    from generate_series(1, 3000) i;
    analyze";

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
        .filter(|(query, _)| query.contains("unnest("))
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
    for (query, parameters) in statements {
        let plan = plan(&mut conn, &query, parameters).await;
        for name in ["postback_delivery_open_idx", "delivery_open_idx", "postback_delivery_postback_idx"] {
            let reads_it = |line: &&String| line.contains(&format!(" using {name} "));
            assert_eq!(plan.iter().find(reads_it), None, "{query}\n{}", plan.join("\n"));
        }
        assert!(!plan.iter().any(|line| line.contains("Join Filter")), "{query}\n{}", plan.join("\n"));
    }
}

#[tokio::test]
async fn statements_on_batches_go_by_key_in_an_empty_database() {
    go_by_key(false).await;
}

#[tokio::test]
async fn statements_on_batches_go_by_key_on_a_server_at_rest() {
    go_by_key(true).await;
}
