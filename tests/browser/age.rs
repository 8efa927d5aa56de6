//! Spreads what has happened over the days before: each lead, and all that belongs to it, is older than the next one.

use super::kit::app::TestApp;

/// How much older a lead is than the last one.
const AGE: &str = "((select max(number) from lead) - l.number) * interval '167 minutes'";

/// What is moved: a table, the columns that say when, and how its rows find their lead. The lead itself comes last.
const MOVED: &[(&str, &[&str], &str)] = &[
    (
        "attempt_body",
        &["started_at"],
        "attempt join lead l using (lead_id) where attempt.attempt_id = moved.attempt_id",
    ),
    ("attempt", &["started_at"], "lead l where l.lead_id = moved.lead_id"),
    ("delivery", &["created_at", "updated_at", "accepted_at"], "lead l where l.lead_id = moved.lead_id"),
    ("inbound_postback", &["received_at"], "lead l where l.lead_id = moved.lead_id"),
    ("postback_delivery", &["created_at", "updated_at"], "lead l where l.lead_id = moved.lead_id"),
    ("lead_event", &["at"], "lead l where l.lead_id = moved.lead_id"),
    ("lead_change", &["at"], "lead l where l.lead_id = moved.lead_id"),
    ("lead", &["created_at", "changed_at"], "lead l where l.lead_id = moved.lead_id"),
];

/// Moves everything into the past, before it is summed for the reports.
pub async fn spread(app: &TestApp) {
    let mut tx = app.app.db.begin().await.expect("a transaction");
    for (table, columns, its_lead) in MOVED {
        let moved: Vec<String> = columns.iter().map(|column| format!("{column} = moved.{column} - {AGE}")).collect();
        let sql = format!("update {table} moved set {} from {its_lead}", moved.join(", "));
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.expect("it is moved");
    }
    tx.commit().await.expect("all is moved");
}
