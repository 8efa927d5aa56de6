//! What happened to one lead, besides its timeline: exchanges, calls of networks, calls to its webmaster. Cut to the
//! newest [`MOST`] of each, oldest first: a page, not an export.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Rows of a kind that a page shows.
pub const MOST: i64 = 200;

/// One exchange with a network or a webmaster's endpoint.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// The delivery or the call to the webmaster.
    pub subject_id: Uuid,
    /// `send`, `lookup`, `postback`.
    pub kind: String,
    pub no: i32,
    pub started_at: DateTime<Utc>,
    pub took_ms: i32,
    pub outcome: String,
    pub http_status: Option<i16>,
    pub error_kind: Option<String>,
    pub detail: Option<String>,
    pub is_late: bool,
    /// Null when it has been purged.
    pub request: Option<String>,
    pub response: Option<String>,
}

/// The exchanges about a lead.
pub async fn attempts(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<AttemptRow>> {
    let mut rows = sqlx::query_as!(
        AttemptRow,
        r#"select a.subject_id, a.kind, a.no, a.started_at, a.took_ms, a.outcome, a.http_status, a.error_kind, a.detail,
             a.is_late, b.request as "request?", b.response as "response?"
           from attempt a left join attempt_body b on b.attempt_id = a.attempt_id and b.started_at = a.started_at
           where a.lead_id = $1 order by a.started_at desc, a.attempt_id desc limit $2"#,
        lead_id,
        MOST,
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// A call of a network about the lead.
#[derive(Clone, Debug)]
pub struct InboundRow {
    pub inbound_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub network_id: Uuid,
    pub method: String,
    pub query: String,
    /// The first bytes.
    pub body: Vec<u8>,
    /// `applied`, `unchanged` …
    pub result: Option<String>,
    pub reason: Option<String>,
}

/// The calls of networks about a lead.
pub async fn inbound(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<InboundRow>> {
    let mut rows = sqlx::query_as!(
        InboundRow,
        r#"select inbound_id, received_at, network_id, method, query, substring(body from 1 for 16384) as "body!", result, reason
           from inbound_postback where lead_id = $1 order by received_at desc, inbound_id desc limit $2"#,
        lead_id,
        MOST,
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// A call to the lead's webmaster.
#[derive(Clone, Debug)]
pub struct PostbackRow {
    pub postback_delivery_id: Uuid,
    /// What it tells.
    pub status: String,
    pub method: String,
    pub url: String,
    pub state: String,
    pub next_at: Option<DateTime<Utc>>,
    pub http_status: Option<i16>,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The calls to the webmaster of a lead.
pub async fn postbacks(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Vec<PostbackRow>> {
    let mut rows = sqlx::query_as!(
        PostbackRow,
        "select postback_delivery_id, status, method, url, state, next_at, http_status, reason, created_at, updated_at
         from postback_delivery where lead_id = $1 order by created_at desc, postback_delivery_id desc limit $2",
        lead_id,
        MOST,
    )
    .fetch_all(conn)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// Slug and name of what a lead belongs to, archived or not.
#[derive(Clone, Debug)]
pub struct Names {
    pub webmaster: String,
    pub webmaster_slug: String,
    pub offer: String,
    pub offer_slug: String,
    pub flow: Option<String>,
    /// The personal data is gone.
    pub erased_at: Option<DateTime<Utc>>,
}

/// What a lead belongs to.
pub async fn names(conn: &mut PgConnection, lead_id: Uuid) -> sqlx::Result<Names> {
    sqlx::query_as!(
        Names,
        r#"select w.name as webmaster, w.slug as webmaster_slug, o.name as offer, o.slug as offer_slug, f.code as "flow?",
             c.erased_at as "erased_at?"
           from lead l join webmaster w on w.webmaster_id = l.webmaster_id join offer o on o.offer_id = l.offer_id
             left join flow f on f.flow_id = l.flow_id left join lead_contact c on c.lead_id = l.lead_id
           where l.lead_id = $1"#,
        lead_id
    )
    .fetch_one(conn)
    .await
}

/// Id and slug of a network.
#[derive(Clone, Debug)]
pub struct NetworkName {
    pub network_id: Uuid,
    pub slug: String,
    pub name: String,
    /// Not archived: a lead can be handed to it.
    pub is_in_use: bool,
}

/// Every network, archived ones too: old deliveries name them.
pub async fn networks(conn: &mut PgConnection) -> sqlx::Result<Vec<NetworkName>> {
    sqlx::query_as!(
        NetworkName,
        r#"select network_id, slug, name, archived_at is null as "is_in_use!" from network order by slug"#
    )
    .fetch_all(conn)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sample::{self, id};
    use crate::db::scratch;

    #[tokio::test]
    async fn a_lead_has_its_own_history_and_nobody_elses() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let attempts = attempts(&mut conn, id(0x31)).await.unwrap();
            assert_eq!(attempts.iter().map(|a| a.no).collect::<Vec<_>>(), [1, 2], "oldest first");
            assert_eq!(attempts[1].response.as_deref(), Some("HTTP 200"));
            assert_eq!(inbound(&mut conn, id(0x31)).await.unwrap().len(), 1);
            assert!(inbound(&mut conn, id(0x32)).await.unwrap().is_empty());
            let postbacks = postbacks(&mut conn, id(0x32)).await.unwrap();
            assert_eq!((postbacks.len(), postbacks[0].state.as_str()), (1, "dead"));
            let names = names(&mut conn, id(0x32)).await.unwrap();
            assert_eq!(
                (names.webmaster_slug.as_str(), names.offer_slug.as_str(), names.flow),
                ("wm-2", "offer-2", None)
            );
            assert_eq!(networks(&mut conn).await.unwrap().len(), 2);
        })
        .await;
    }
}
