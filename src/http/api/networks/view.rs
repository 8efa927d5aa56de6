//! A network as it is answered: everything but its secrets.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::input::{RateLimit, secrets_of};
use crate::adapters::{Param, with_defaults};
use crate::app::App;
use crate::db::feed;
use crate::db::lane_view::{self, LaneView, Why};
use crate::db::network::Row;
use crate::domain::params;
use crate::domain::polling::{Asks, Feed};
use crate::domain::rules::Offer;
use crate::http::error::Error;

/// A network.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct NetworkView {
    pub id: Uuid,
    /// For partners that need numeric ids.
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub integration: String,
    /// Without the secrets.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Names of the secret settings that are set.
    pub secrets_set: Vec<String>,
    #[schema(value_type = Object)]
    pub params: Value,
    /// What its integration reads from the parameters of offers.
    pub needs_params: Vec<Param>,
    /// Offers that are routed here and lack parameters it must have.
    pub missing_params: Vec<MissingParams>,
    /// Raw status text to our status.
    #[schema(value_type = Object)]
    pub status_map: Value,
    pub enabled: bool,
    pub timeout_seconds: i32,
    pub rate_limit: RateLimit,
    /// Where the partner calls us; its last part is a secret.
    pub postback_url: String,
    /// `healthy`, `degraded` or `paused`.
    pub state: String,
    /// Why it is not healthy.
    pub state_reason: Option<String>,
    /// The same for pages.
    #[serde(skip)]
    pub why: Option<Why>,
    pub paused_at: Option<DateTime<Utc>>,
    /// Calls that wait (counted up to 10,000).
    pub queued: i64,
    /// Calls that run.
    pub in_flight: i64,
    /// Counts the changes of what is sent.
    pub settings_version: i32,
    /// In which ways it is asked for statuses; empty: it is not.
    pub feeds: Vec<FeedView>,
    pub last_poll_at: Option<DateTime<Utc>>,
    pub last_inbound_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Nothing is sent there any more.
    pub archived_at: Option<DateTime<Utc>>,
}

/// What an offer lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MissingParams {
    /// Slug of the offer.
    pub offer: String,
    /// Names of the parameters.
    pub params: Vec<String>,
}

/// One way in which a network is asked for statuses.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct FeedView {
    /// `open`, `approved`, `updated` …
    pub name: String,
    /// `ids`: about leads that we name; `time`: what happened in a time.
    pub asks: String,
    /// How often, before jitter.
    pub every_seconds: u64,
    /// When it is due.
    pub next_at: Option<DateTime<Utc>>,
    /// Everything that happened before has been read or asked about.
    pub until: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub lag_seconds: Option<i64>,
    /// When a poll last came to its end.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// Polls in a row that failed.
    pub failures: i32,
    /// Why the last one failed.
    pub last_error: Option<String>,
}

impl FeedView {
    fn of(feed: Feed, row: Option<&feed::Row>, now: DateTime<Utc>) -> Self {
        let asks = match feed.asks {
            Asks::Leads { .. } => "ids",
            Asks::Window { .. } => "time",
        };
        let until = row.and_then(|row| row.until);
        Self {
            name: feed.name,
            asks: asks.to_owned(),
            every_seconds: feed.every.as_secs(),
            next_at: row.map(|row| row.next_at),
            until,
            lag_seconds: until.map(|until| (now - until).num_seconds().max(0)),
            last_ok_at: row.and_then(|row| row.last_ok_at),
            failures: row.map_or(0, |row| row.failures),
            last_error: row.and_then(|row| row.last_error.clone()),
        }
    }
}

/// The views of these rows, in their order.
pub async fn views(app: &App, conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<NetworkView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.network_id).collect();
    let lanes = lane_view::of(conn, &ids).await?;
    let lanes: HashMap<Uuid, LaneView> = lanes.into_iter().map(|lane| (lane.lane_id, lane)).collect();
    let feeds = feed::of(conn, &ids).await?;
    rows.into_iter().map(|row| view(app, &row, lanes.get(&row.network_id), &feeds)).collect()
}

/// The view of one row.
pub async fn one(app: &App, conn: &mut PgConnection, row: &Row) -> Result<NetworkView, Error> {
    let lanes = lane_view::of(conn, &[row.network_id]).await?;
    let feeds = feed::of(conn, &[row.network_id]).await?;
    view(app, row, lanes.first(), &feeds)
}

fn view(app: &App, row: &Row, lane: Option<&LaneView>, feeds: &[feed::Row]) -> Result<NetworkView, Error> {
    // After a lost key the network is still shown; it must be connected anew.
    let secret =
        app.seal.open(&App::network_label(row.network_id, "postback"), &row.postback_secret).unwrap_or_default();
    let why = lane_view::why(lane, row.enabled);
    let secrets = secrets_of(app, row)?;
    let feeds = offered(app, row, &secrets)
        .into_iter()
        .map(|feed| {
            let known = feeds.iter().find(|known| known.network_id == row.network_id && known.name == feed.name);
            FeedView::of(feed, known, app.clock.now())
        })
        .collect();
    Ok(NetworkView {
        id: row.network_id,
        number: row.number,
        slug: row.slug.clone(),
        name: row.name.clone(),
        integration: row.integration.clone(),
        settings: row.settings.clone(),
        secrets_set: secrets.keys().cloned().collect(),
        params: row.params.clone(),
        needs_params: app
            .adapters
            .get(&row.integration)
            .map(|adapter| adapter.about().params.clone())
            .unwrap_or_default(),
        missing_params: missing(app, row),
        status_map: row.status_map.clone(),
        enabled: row.enabled,
        timeout_seconds: row.timeout_seconds,
        rate_limit: RateLimit { per_second: row.per_second, concurrency: Some(row.concurrency) },
        postback_url: if secret.is_empty() {
            String::new()
        } else {
            app.postback_url(&String::from_utf8_lossy(&secret))
        },
        state: why.as_ref().map_or("healthy", Why::state).to_owned(),
        state_reason: why.as_ref().map(Why::to_string),
        why,
        paused_at: lane.and_then(|lane| lane.paused_at),
        queued: lane.map_or(0, |lane| lane.queued),
        in_flight: lane.map_or(0, |lane| lane.in_flight),
        settings_version: row.settings_version,
        feeds,
        last_poll_at: row.last_poll_at,
        last_inbound_at: row.last_inbound_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        archived_at: row.archived_at,
    })
}

/// What the offers that are routed to the network lack. The network's own parameters count.
fn missing(app: &App, row: &Row) -> Vec<MissingParams> {
    let Some(adapter) = app.adapters.get(&row.integration) else { return Vec::new() };
    let own = row.params.as_object().cloned().unwrap_or_default();
    let rules = app.rules.load();
    let is_routed = |offer: &Offer| {
        rules.routes_of(offer.offer_id).iter().any(|route| route.network_id == row.network_id && route.enabled)
    };
    let mut offers: Vec<_> = rules.offers.values().filter(|offer| offer.enabled && is_routed(offer)).collect();
    offers.sort_by_key(|offer| offer.number);
    let lacks = offers.into_iter().map(|offer| {
        let params = params::resolve(&[&offer.params, &own], None);
        MissingParams { offer: offer.slug.clone(), params: adapter.about().missing_params(&params) }
    });
    lacks.filter(|missing| !missing.params.is_empty()).collect()
}

/// The feeds that the row's settings allow.
fn offered(app: &App, row: &Row, secrets: &Map<String, Value>) -> Vec<Feed> {
    let Some(adapter) = app.adapters.get(&row.integration) else { return Vec::new() };
    let given = row.settings.as_object().cloned().unwrap_or_default();
    adapter.feeds(&with_defaults(adapter.about(), &given, secrets))
}

impl NetworkView {
    /// What the audit log keeps: what can be set, no secret, not the postback URL.
    pub fn audited(&self) -> Value {
        json!({
            "slug": self.slug,
            "name": self.name,
            "integration": self.integration,
            "settings": self.settings,
            "secrets_set": self.secrets_set,
            "params": self.params,
            "status_map": self.status_map,
            "enabled": self.enabled,
            "timeout_seconds": self.timeout_seconds,
            "rate_limit": self.rate_limit,
            "settings_version": self.settings_version,
        })
    }
}
