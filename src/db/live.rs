//! Whether anything has happened, without reading what.

use sqlx::PgConnection;

/// A number that grows whenever a lead, a delivery, an attempt or a call is written, on whichever node; a second late at
/// most. It begins anew when PostgreSQL does.
pub async fn changes(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint as "changes!" from pg_stat_user_tables
           where schemaname = current_schema
             and relname in ('lead', 'delivery', 'lead_change', 'postback_delivery', 'unmapped_status', 'lane')"#
    )
    .fetch_one(conn)
    .await
}
