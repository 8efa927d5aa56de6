//! A small history for the tests of the lists: two of everything, made an hour apart.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The id ending in `n`, of the day of the sample.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128((u128::from(at(0).timestamp_millis().unsigned_abs()) << 80) | (7 << 76) | (2 << 62) | n)
}

/// So many hours after the beginning of the sample.
pub fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::hours(hours)
}

/// Fills an empty database.
pub async fn fill(conn: &mut PgConnection) {
    for (n, hour) in [(1_u128, 1_i64), (2, 2)] {
        let name = |what: &str| format!("{what}-{n}");
        sqlx::query!("insert into webmaster (webmaster_id, slug, name) values ($1, $2, $2)", id(n), name("wm"))
            .execute(&mut *conn)
            .await
            .unwrap();
        sqlx::query!("insert into offer (offer_id, slug, name) values ($1, $2, $2)", id(0x10 + n), name("offer"))
            .execute(&mut *conn)
            .await
            .unwrap();
        sqlx::query!(
            "insert into network (network_id, slug, name, integration, postback_secret_hash, postback_secret)
             values ($1, $2, $2, 'http-json', $3, '')",
            id(0x20 + n),
            name("crm"),
            id(n).as_bytes().to_vec(),
        )
        .execute(&mut *conn)
        .await
        .unwrap();
        sqlx::query!(
            "insert into lead (lead_id, webmaster_id, offer_id, currency, request_hash, created_at)
             values ($1, $2, $3, 'USD', '', $4)",
            id(0x30 + n),
            id(n),
            id(0x10 + n),
            at(hour)
        )
        .execute(&mut *conn)
        .await
        .unwrap();
        sqlx::query!(
            "insert into postback (postback_id, webmaster_id, url, statuses) values ($1, $2, 'https://t.example/', '{}')",
            id(0x50 + n),
            id(n)
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    deliveries(conn).await;
    calls(conn).await;
    words(conn).await;
}

async fn deliveries(conn: &mut PgConnection) {
    for (n, lead, network, state, purpose, external_id, hour) in [
        (0x41, 0x31, 0x21, "accepted", "sale", Some("ext-1"), 1),
        (0x42, 0x31, 0x21, "refused", "sale", None, 2),
        (0x43, 0x32, 0x22, "retrying", "fulfilment", None, 3),
    ] {
        sqlx::query!(
            "insert into delivery (delivery_id, lead_id, network_id, state, purpose, external_id, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
            id(n),
            id(lead),
            id(network),
            state,
            purpose,
            external_id,
            at(hour)
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    for no in [2_i32, 1] {
        sqlx::query!(
            "insert into attempt (attempt_id, subject_id, lead_id, kind, no, started_at, took_ms, outcome)
             values ($1, $2, $3, 'send', $4, $5, 12, 'retry')",
            id(0x90 + u128::from(no.unsigned_abs())),
            id(0x41),
            id(0x31),
            no,
            at(i64::from(no))
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    sqlx::query!(
        "insert into attempt_body (attempt_id, started_at, request, response) values ($1, $2, 'POST /', 'HTTP 200')",
        id(0x92),
        at(2)
    )
    .execute(conn)
    .await
    .unwrap();
}

async fn calls(conn: &mut PgConnection) {
    for (n, status, state, hour) in [(1_u128, "pending", "delivered", 1), (2, "approved", "dead", 2)] {
        sqlx::query!(
            "insert into postback_delivery (postback_delivery_id, postback_id, lead_id, webmaster_id, seq, status, method,
               url, state, created_at)
             values ($1, $2, $3, $4, 1, $5, 'GET', 'https://t.example/', $6, $7)",
            id(0x60 + n),
            id(0x50 + n),
            id(0x30 + n),
            id(n),
            status,
            state,
            at(hour)
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    for (n, network, result, lead, external_id, length, hour) in
        [(0x71, 0x21, "applied", Some(0x31), "ext-1", 3, 1), (0x72, 0x22, "unmatched", None, "ext-9", 20_000, 2)]
    {
        sqlx::query!(
            "insert into inbound_postback (inbound_id, received_at, network_id, method, query, body, result, lead_id,
               external_id, times)
             values ($1, $2, $3, 'POST', 'a=1', $4, $5, $6, $7, 1)",
            id(n),
            at(hour),
            id(network),
            vec![b'x'; length],
            result,
            lead.map(id),
            external_id
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
}

async fn words(conn: &mut PgConnection) {
    for (n, network, raw, mapped_to, hour) in [(0x81, 0x21, "later", None, 1), (0x82, 0x22, "soon", Some("hold"), 2)] {
        sqlx::query!(
            "insert into unmapped_status (unmapped_id, network_id, raw, first_seen_at, last_seen_at, mapped_to)
             values ($1, $2, $3, $4, $4, $5)",
            id(n),
            id(network),
            raw,
            at(hour),
            mapped_to
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
    for (n, word, lead, revenue, currency, hour, is_applied) in [
        (0x84, 0x81, 0x31, Some("10"), Some("USD"), 1, false),
        (0x85, 0x81, 0x31, Some("2.5"), Some("USD"), 2, false),
        (0x86, 0x81, 0x32, Some("3"), Some("EUR"), 3, false),
        (0x87, 0x81, 0x32, None, None, 3, false),
        (0x88, 0x82, 0x32, Some("9"), Some("USD"), 3, true),
    ] {
        let revenue: Option<rust_decimal::Decimal> = revenue.map(|text: &str| text.parse().unwrap());
        sqlx::query!(
            "insert into unmapped_report (report_id, unmapped_id, delivery_id, lead_id, at, revenue, currency, report,
               applied_at)
             values ($1, $2, $3, $4, $5, $6, $7, '{}', case when $8 then $5::timestamptz end)",
            id(n),
            id(word),
            id(0x41),
            id(lead),
            at(hour),
            revenue,
            currency,
            is_applied
        )
        .execute(&mut *conn)
        .await
        .unwrap();
    }
}
