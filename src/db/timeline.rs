//! What stands on a lead's timeline beside its events: attempts, inbound calls and postbacks to the webmaster.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

/// When, kind, source and detail.
pub type Line = (DateTime<Utc>, String, String, Value);

/// All lines of a lead, without an order. Bodies of attempts are read with the delivery.
pub async fn beside_events(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let attempts = sqlx::query!(
        "select attempt_id, subject_id, kind, no, started_at, took_ms, outcome, http_status, error_kind, detail, is_late
         from attempt where lead_id = $1",
        lead_id
    )
    .fetch_all(&mut *conn)
    .await?;
    for a in attempts {
        let detail = json!({
            "attempt_id": a.attempt_id, "subject_id": a.subject_id, "of": a.kind, "no": a.no, "took_ms": a.took_ms,
            "outcome": a.outcome, "http_status": a.http_status, "error_kind": a.error_kind, "reason": a.detail, "is_late": a.is_late,
        });
        lines.push((a.started_at, "attempt".to_owned(), "network".to_owned(), detail));
    }
    let calls = sqlx::query!(
        "select inbound_id, received_at, network_id, result, reason, our_ref, external_id from inbound_postback where lead_id = $1",
        lead_id
    )
    .fetch_all(&mut *conn)
    .await?;
    for c in calls {
        let detail = json!({
            "inbound_id": c.inbound_id, "network_id": c.network_id, "result": c.result, "reason": c.reason,
            "our_ref": c.our_ref, "external_id": c.external_id,
        });
        lines.push((c.received_at, "inbound".to_owned(), "postback".to_owned(), detail));
    }
    let told = sqlx::query!(
        "select postback_delivery_id, postback_id, seq, status, state, attempts, http_status, reason, created_at
         from postback_delivery where lead_id = $1",
        lead_id
    )
    .fetch_all(conn)
    .await?;
    for t in told {
        let detail = json!({
            "postback_delivery_id": t.postback_delivery_id, "postback_id": t.postback_id, "seq": t.seq, "status": t.status,
            "state": t.state, "attempts": t.attempts, "http_status": t.http_status, "reason": t.reason,
        });
        lines.push((t.created_at, "postback".to_owned(), "system".to_owned(), detail));
    }
    Ok(lines)
}
