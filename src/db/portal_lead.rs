//! What a webmaster was told about one lead: the calls by his own rules, and their exchanges. An admin's rules tell
//! somebody else, and are not his to see.

use sqlx::PgConnection;
use uuid::Uuid;

use super::screen_lead::{AttemptRow, MOST, PostbackRow};

/// The calls about a lead by the rules of this webmaster, oldest first.
pub async fn postbacks(conn: &mut PgConnection, lead_id: Uuid, owner: Uuid) -> sqlx::Result<Vec<PostbackRow>> {
    let mut rows = sqlx::query_as!(
        PostbackRow,
        "select d.postback_delivery_id, d.status, d.method, d.url, d.state, d.next_at, d.http_status, d.reason, d.created_at,
           d.updated_at
         from postback_delivery d join postback p on p.postback_id = d.postback_id
         where d.lead_id = $1 and p.webmaster_id = $2 order by d.created_at desc, d.postback_delivery_id desc limit $3",
        lead_id,
        owner,
        MOST,
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// The exchanges of these calls, oldest first.
pub async fn attempts(conn: &mut PgConnection, lead_id: Uuid, owner: Uuid) -> sqlx::Result<Vec<AttemptRow>> {
    let mut rows = sqlx::query_as!(
        AttemptRow,
        r#"select a.subject_id, a.kind, a.no, a.started_at, a.took_ms, a.outcome, a.http_status, a.error_kind, a.detail,
             a.is_late, b.request as "request?", b.response as "response?"
           from attempt a join postback_delivery d on d.postback_delivery_id = a.subject_id
             join postback p on p.postback_id = d.postback_id
             left join attempt_body b on b.attempt_id = a.attempt_id and b.started_at = a.started_at
           where a.lead_id = $1 and a.kind = 'postback' and p.webmaster_id = $2
           order by a.started_at desc, a.attempt_id desc limit $3"#,
        lead_id,
        owner,
        MOST,
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}
