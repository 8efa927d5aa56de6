//! What a poll asks for next.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

use super::id_after;
use crate::adapters::{Asked, SharedAdapter};
use crate::app::App;
use crate::db;
use crate::db::poll::{AskedDelivery, Asking, Poll};
use crate::domain::polling::{self, Asks, LeadsOf, Progress, Span};
use crate::flow::settings;

/// Spans looked through in one statement.
const SPANS: usize = 32;

/// What a page is asked for.
pub(super) enum Question {
    Leads { asked: Vec<Asked>, last: Uuid },
    Window { from: DateTime<Utc>, end: DateTime<Utc>, to: DateTime<Utc> },
}

/// Whether there is something to ask.
pub(super) enum Ask {
    Page {
        question: Question,
        adapter: SharedAdapter,
        settings: Map<String, Value>,
        timeout: Duration,
        by_number: bool,
        pause: Duration,
    },
    /// Everything has been asked.
    Nothing,
    /// It cannot be asked, and why.
    Impossible(String),
}

/// Finds the next question of a poll.
pub(super) async fn prepare(
    app: &App,
    conn: &mut PgConnection,
    poll: &Poll,
    progress: &Progress,
) -> anyhow::Result<Ask> {
    let impossible = |why: &str| Ok(Ask::Impossible(why.to_owned()));
    let rules = app.rules.load();
    let Some(network) = rules.networks.get(&poll.network_id).filter(|network| network.enabled) else {
        return impossible("the network is switched off");
    };
    let Some(adapter) = app.adapters.get(&network.integration) else {
        return impossible("the integration is gone");
    };
    let Ok(settings) = settings::settings_of(&app.seal, network, adapter.about()) else {
        return impossible("the network's secrets do not open with this instance's key");
    };
    let Some(feed) = adapter.feeds(&settings).into_iter().find(|feed| feed.name == poll.feed) else {
        return impossible("the network is not asked in this way any more");
    };
    let timeout = Duration::from_secs(u64::try_from(network.timeout_seconds).unwrap_or(30));
    let to = poll.to_at.unwrap_or(poll.created_at);
    let question = match feed.asks {
        Asks::Window { max_span, .. } => {
            let from = poll.from_at.unwrap_or(to);
            let (from, end) = progress.window(from, to, max_span);
            if from >= end {
                return Ok(Ask::Nothing);
            }
            Question::Window { from, end, to }
        }
        Asks::Leads { of, batch, by_external_id, min_age } => {
            let of = if poll.is_period { LeadsOf::Any } else { of };
            let spans = match (&poll.actor, poll.from_at) {
                (Some(_), Some(from)) => vec![Span { after: from, until: to }],
                (_, last) => polling::due(last, to, feed.every),
            };
            let spans = if poll.is_period { spans } else { older_than(spans, to, min_age) };
            let statuses: Vec<String> = of.statuses().iter().map(ToString::to_string).collect();
            let asking = Asking {
                network_id: poll.network_id,
                spans: &ids_of(&spans),
                after: progress.after.unwrap_or_default(),
                statuses: &statuses,
                has_review: of.has_review(),
                by_external_id,
            };
            let found = next_leads(conn, asking, progress.batch.unwrap_or(batch)).await?;
            let Some(last) = found.last().map(|asked| asked.delivery_id) else { return Ok(Ask::Nothing) };
            let name = |one: AskedDelivery| Asked {
                id: one.lead_id.to_string(),
                number: one.number,
                external_id: one.external_id,
            };
            Question::Leads { asked: found.into_iter().map(name).collect(), last }
        }
    };
    Ok(Ask::Page {
        question,
        adapter: adapter.clone(),
        settings,
        timeout,
        by_number: feed.by_number,
        pause: feed.pause,
    })
}

/// Without the leads that were made less than `age` before `now`.
fn older_than(spans: Vec<Span>, now: DateTime<Utc>, age: Duration) -> Vec<Span> {
    let newest = now - TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
    let cut = spans.into_iter().map(|span| Span { until: span.until.min(newest), ..span });
    cut.filter(|span| span.after < span.until).collect()
}

/// Times as ranges of the ids that were made in them.
fn ids_of(spans: &[Span]) -> Vec<(Uuid, Uuid)> {
    spans.iter().map(|span| (id_after(span.after), id_after(span.until))).collect()
}

async fn next_leads(conn: &mut PgConnection, asking: Asking<'_>, batch: usize) -> sqlx::Result<Vec<AskedDelivery>> {
    let left: Vec<(Uuid, Uuid)> = asking.spans.iter().copied().filter(|(_, high)| *high > asking.after).collect();
    let mut found = Vec::new();
    for spans in left.chunks(SPANS) {
        let room = i64::try_from(batch.saturating_sub(found.len())).unwrap_or(i64::MAX);
        if room == 0 {
            break;
        }
        found.extend(db::poll::to_ask(conn, &Asking { spans, ..asking.clone() }, room).await?);
    }
    Ok(found)
}
