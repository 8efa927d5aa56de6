//! Begins polls: those that are due by their feed's pace, and those that somebody asks for.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::replay::Refused;
use super::settings;
use crate::app::App;
use crate::db;
use crate::db::feed::Offered;
use crate::db::poll::NewPoll;
use crate::domain::polling::{Asks, Feed, OLDEST};
use crate::domain::rules::Network;
use crate::queue::{self, Kind, NewJob};

/// The feeds of a network under its present settings. None when its integration or its key is gone.
pub fn feeds_of(app: &App, network: &Network) -> Vec<Feed> {
    let Some(adapter) = app.adapters.get(&network.integration) else { return Vec::new() };
    if !adapter.about().has_poll {
        return Vec::new();
    }
    settings::settings_of(&app.seal, network, adapter.about())
        .map(|settings| adapter.feeds(&settings))
        .unwrap_or_default()
}

/// Begins what is due.
pub async fn run(app: &App) -> anyhow::Result<()> {
    let rules = app.rules.load();
    let now = app.clock.now();
    let mut feeds: Vec<(Uuid, Feed)> = Vec::new();
    for network in rules.networks.values().filter(|network| network.enabled) {
        feeds.extend(feeds_of(app, network).into_iter().map(|feed| (network.network_id, feed)));
    }
    let offered: Vec<Offered> = feeds
        .iter()
        .map(|(network_id, feed)| Offered { network_id: *network_id, name: feed.name.clone(), every: feed.every })
        .collect();
    if offered.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    db::feed::ensure(&mut tx, &offered).await?;
    let due = db::feed::take_due(&mut tx, &offered).await?;
    let polls: Vec<NewPoll> = due
        .iter()
        .filter_map(|due| {
            let (_, feed) = feeds.iter().find(|(id, feed)| *id == due.network_id && feed.name == due.name)?;
            let (from_at, to_at) = time_of(feed, due.until, now)?;
            Some(NewPoll {
                poll_id: app.ids.next(),
                network_id: due.network_id,
                feed: due.name.clone(),
                from_at,
                to_at,
                actor: None,
                is_period: false,
            })
        })
        .collect();
    enqueue(app, &mut tx, &polls, queue::RETRY, now).await?;
    tx.commit().await?;
    if !polls.is_empty() {
        app.wake.jobs();
    }
    Ok(())
}

/// What time a scheduled poll is about. Feeds by ids: since when leads have not been asked about, and now.
fn time_of(
    feed: &Feed,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<(Option<DateTime<Utc>>, DateTime<Utc>)> {
    let Asks::Window { lag, overlap, look_back, .. } = feed.asks else { return Some((until, now)) };
    let delta = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
    let to = now - delta(lag);
    let from = until.map_or(to - delta(look_back), |until| until - delta(overlap));
    (from < to).then_some((Some(from), to))
}

/// What somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only this feed.
    pub feed: Option<String>,
    /// What happened from here on, or the leads that were made from here on; `None`: what is due.
    pub from: Option<DateTime<Utc>>,
    /// And before this; `None`: until now.
    pub to: Option<DateTime<Utc>>,
}

/// Begins polls of a network at once: of one feed, or of all. Of a time: of the feed that is read by time, else of all
/// leads of that time by their ids. Answers the polls, the most telling first.
pub async fn by_hand(app: &App, network_id: Uuid, wanted: &Wanted, actor: &str) -> Result<Vec<Uuid>, Refused> {
    let now = app.clock.now();
    let rules = app.rules.load();
    let network = rules.networks.get(&network_id).ok_or(Refused::NotFound("network"))?;
    let mut feeds = feeds_of(app, network);
    if feeds.is_empty() {
        let why =
            "this network cannot be asked for statuses: its integration has no poll, or a setting for it is missing";
        return Err(Refused::State(why.into()));
    }
    if let Some(name) = &wanted.feed {
        feeds.retain(|feed| feed.name == *name);
    }
    let is_by_time = |feed: &Feed| matches!(feed.asks, Asks::Window { .. });
    if wanted.from.is_some() {
        // One reading of the time is enough; the first feed by time is the widest.
        let best = feeds.iter().position(is_by_time).unwrap_or(0);
        feeds = feeds.into_iter().skip(best).take(1).collect();
    }
    if feeds.is_empty() {
        return Err(Refused::NotFound("feed"));
    }
    if !network.enabled {
        return Err(Refused::State("the network is switched off".into()));
    }
    let mut tx = app.db.begin().await?;
    let known = db::feed::of(&mut tx, &[network_id]).await?;
    let polls: Vec<NewPoll> = feeds
        .iter()
        .filter_map(|feed| {
            let until = known.iter().find(|row| row.name == feed.name).and_then(|row| row.until);
            let (from_at, to_at) = match (wanted.from, is_by_time(feed)) {
                (Some(from), _) => (Some(from), wanted.to.unwrap_or(now).min(now)),
                (None, true) => time_of(feed, until, now)?,
                // By hand all leads are asked about, also those that are not due.
                (None, false) => (Some(now - OLDEST), now),
            };
            Some(NewPoll {
                poll_id: app.ids.next(),
                network_id,
                feed: feed.name.clone(),
                from_at,
                to_at,
                actor: Some(actor.to_owned()),
                is_period: wanted.from.is_some(),
            })
        })
        .collect();
    let priority = if wanted.from.is_some() { queue::BULK } else { queue::RETRY };
    enqueue(app, &mut tx, &polls, priority, now).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(polls.into_iter().map(|poll| poll.poll_id).collect())
}

async fn enqueue(
    app: &App,
    conn: &mut PgConnection,
    polls: &[NewPoll],
    priority: i16,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let added = db::poll::insert_many(conn, polls, now).await?;
    let jobs: Vec<NewJob> = polls
        .iter()
        .filter(|poll| added.contains(&poll.poll_id))
        .map(|poll| NewJob {
            priority,
            ..NewJob::now(app.ids.next(), poll.network_id, Kind::PollNetwork, poll.poll_id)
        })
        .collect();
    queue::enqueue(conn, &jobs).await?;
    Ok(())
}
