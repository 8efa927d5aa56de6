//! A postback as it is answered: everything but its secrets, with the health of its endpoint.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::secret;
use crate::app::App;
use crate::db::lane_view::{self, LaneView, Why};
use crate::db::postback::{self as rows, Health, Row};
use crate::http::error::Error;

/// A postback.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PostbackView {
    pub id: Uuid,
    /// Null: an admin's postback.
    pub webmaster: Option<String>,
    pub webmaster_id: Option<Uuid>,
    /// Code of the flow.
    pub flow: Option<String>,
    pub flow_id: Option<Uuid>,
    pub offer: Option<String>,
    pub offer_id: Option<Uuid>,
    /// With macros.
    pub url: String,
    pub method: String,
    /// `form`, or a JSON template as text.
    pub body: Option<String>,
    pub statuses: Vec<String>,
    pub kind: String,
    pub enabled: bool,
    /// Whether calls are signed.
    pub signed: bool,
    /// Secrets that sign: two while one is being changed.
    pub secret_count: usize,
    /// Only in the answer of the request that had it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// `healthy`, `degraded` or `paused`.
    pub state: String,
    /// Why it is not healthy.
    pub state_reason: Option<String>,
    /// The same for pages.
    #[serde(skip)]
    pub why: Option<Why>,
    pub health: EndpointHealth,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Nothing is told by it any more.
    pub archived_at: Option<DateTime<Utc>>,
}

/// How the endpoint has been over the last 24 hours.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct EndpointHealth {
    /// Calls it took.
    pub delivered: i64,
    /// Calls given up.
    pub failed: i64,
    /// Calls that have failed so far and are tried again.
    pub retrying: i64,
    /// Calls that wait.
    pub waiting: i64,
    pub last_delivered_at: Option<DateTime<Utc>>,
    pub last_failed_at: Option<DateTime<Utc>>,
    /// Failures since the last success.
    pub failures_in_row: i32,
    /// The breaker is open: no call before this time.
    pub open_until: Option<DateTime<Utc>>,
}

/// The views of these rows, in their order.
pub async fn views(app: &App, conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<PostbackView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.postback_id).collect();
    let since = app.clock.now() - TimeDelta::hours(24);
    let lanes = lane_view::of(conn, &ids).await?;
    let lanes: HashMap<Uuid, LaneView> = lanes.into_iter().map(|lane| (lane.lane_id, lane)).collect();
    let health = rows::health(conn, &ids, since).await?;
    let health: HashMap<Uuid, Health> = health.into_iter().map(|health| (health.postback_id, health)).collect();
    rows.into_iter()
        .map(|row| {
            let id = row.postback_id;
            view(app, row, lanes.get(&id), health.get(&id))
        })
        .collect()
}

/// The view of one row.
pub async fn one(app: &App, conn: &mut PgConnection, row: Row) -> Result<PostbackView, Error> {
    views(app, conn, vec![row]).await?.pop().ok_or(Error::NotFound("postback"))
}

fn view(app: &App, row: Row, lane: Option<&LaneView>, health: Option<&Health>) -> Result<PostbackView, Error> {
    let secret_count = secret::open(app, row.postback_id, row.secret.as_deref())?.len();
    let why = lane_view::why(lane, row.enabled);
    Ok(PostbackView {
        id: row.postback_id,
        webmaster: row.webmaster,
        webmaster_id: row.webmaster_id,
        flow: row.flow,
        flow_id: row.flow_id,
        offer: row.offer,
        offer_id: row.offer_id,
        url: row.url,
        method: row.method,
        body: row.body,
        statuses: row.statuses,
        kind: row.kind,
        enabled: row.enabled,
        signed: secret_count > 0,
        secret_count,
        secret: None,
        state: why.as_ref().map_or("healthy", Why::state).to_owned(),
        state_reason: why.as_ref().map(Why::to_string),
        why,
        health: EndpointHealth {
            delivered: health.map_or(0, |health| health.delivered),
            failed: health.map_or(0, |health| health.failed),
            retrying: health.map_or(0, |health| health.retrying),
            waiting: health.map_or(0, |health| health.waiting),
            last_delivered_at: health.and_then(|health| health.last_delivered_at),
            last_failed_at: health.and_then(|health| health.last_failed_at),
            failures_in_row: lane.map_or(0, |lane| lane.failures_in_row),
            open_until: lane.and_then(|lane| lane.open_until),
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
        archived_at: row.archived_at,
    })
}

impl PostbackView {
    /// What the audit log keeps: what can be set, no secret.
    pub fn audited(&self) -> Value {
        json!({
            "webmaster_id": self.webmaster_id,
            "flow_id": self.flow_id,
            "offer_id": self.offer_id,
            "url": self.url,
            "method": self.method,
            "body": self.body,
            "statuses": self.statuses,
            "kind": self.kind,
            "enabled": self.enabled,
            "secret_count": self.secret_count,
        })
    }
}
