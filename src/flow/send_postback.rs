//! Tells webmasters: one rendered call each, in the order of the lead's changes, retried as data.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use tokio::task::JoinSet;
use url::Url;
use uuid::Uuid;

use super::batch;
use crate::app::App;
use crate::base::exchange::{Exchange, Method, Request};
use crate::db;
use crate::db::attempt::NewAttempt;
use crate::db::postback_delivery::{Change, PostbackDelivery};
use crate::domain::{retry, rules};
use crate::net::{CallOptions, Reuse, record, sign};
use crate::queue::start::Held;
use crate::queue::{self, Job, breaker};

/// A webmaster's server answers within this, the body included.
const DEADLINE: Duration = Duration::from_secs(15);
/// A call whose turn has not come is looked at again after this at the latest; the one before wakes it earlier.
const TURN_WAIT: Duration = Duration::from_secs(30);

/// Commits that the disk is not waited for: what is lost in a crash of the database is told once more, with the same id.
const UNHURRIED: &str = "begin; set local synchronous_commit = off";

/// A call that is over.
#[derive(Debug)]
pub struct Told {
    job: Job,
    lead_id: Uuid,
    /// What came of it; `None` when it was not made.
    made: Option<Made>,
}

#[derive(Debug)]
struct Made {
    attempt: NewAttempt,
    is_ok: bool,
    retry_after: Option<Duration>,
    http_status: Option<i16>,
    reason: Option<String>,
}

/// Runs a batch of `send_postback` jobs.
pub async fn run(app: App, held: Vec<Held>) {
    let slots: HashMap<Uuid, Held> = held.into_iter().map(|held| (held.job.subject_id, held)).collect();
    let jobs: Vec<Job> = slots.values().map(|held| held.job.clone()).collect();
    let loading = app.pulse.begin();
    let loaded = load(&app, &jobs).await.context("load postbacks");
    drop(loading);
    let ready = match loaded {
        Ok(ready) => ready,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "postbacks could not be loaded");
            return;
        }
    };
    work(app, ready, slots).await;
}

/// Makes calls whose sending stamps were written with them: those whose jobs are held.
pub(super) async fn send_now(app: App, calls: Vec<PostbackDelivery>, held: Vec<Held>) {
    work(app, calls, held.into_iter().map(|held| (held.job.subject_id, held)).collect()).await;
}

async fn work(app: App, calls: Vec<PostbackDelivery>, mut slots: HashMap<Uuid, Held>) {
    let mut tasks = JoinSet::new();
    for delivery in calls {
        let Some(held) = slots.remove(&delivery.postback_delivery_id) else { continue };
        let app = app.clone();
        tasks.spawn(async move {
            let told = call(&app, &held.job, &delivery).await;
            if app.writers.postbacks.submit_waiting(Arc::new(told)).await.is_err() {
                tracing::warn!(postback_delivery_id = %delivery.postback_delivery_id, "a postback could not be settled");
            }
            drop(held);
        });
    }
    while tasks.join_next().await.is_some() {}
}

/// What may be sent now. What is over is finished; what must wait its turn is put to sleep.
async fn load(app: &App, jobs: &[Job]) -> sqlx::Result<Vec<PostbackDelivery>> {
    let now = app.clock.now();
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    let mut tx = app.db.begin_with(UNHURRIED).await?;
    let found = db::postback_delivery::start(&mut tx, &ids, now).await?;
    let (mut finish, mut snooze, mut cancelled) = (Vec::new(), Vec::new(), Vec::new());
    for job in jobs {
        match found.iter().find(|delivery| delivery.postback_delivery_id == job.subject_id) {
            None => finish.push(job.fence()),
            Some(delivery) if delivery.is_removed => {
                finish.push(job.fence());
                cancelled.push(Change {
                    postback_delivery_id: delivery.postback_delivery_id,
                    state: "cancelled",
                    next_at: None,
                    http_status: None,
                    reason: Some("the postback was removed".into()),
                });
            }
            Some(PostbackDelivery { earlier_at: Some(at), .. }) => {
                let wait = (*at - now).to_std().unwrap_or(Duration::from_secs(1));
                snooze.push((job.fence(), wait.clamp(Duration::from_secs(1), TURN_WAIT)));
            }
            Some(_) => {}
        }
    }
    db::postback_delivery::update_many(&mut tx, &cancelled).await?;
    queue::settle::finish(&mut tx, &finish).await?;
    queue::settle::snooze(&mut tx, &snooze).await?;
    tx.commit().await?;
    Ok(found.into_iter().filter(|delivery| !delivery.is_removed && delivery.earlier_at.is_none()).collect())
}

async fn call(app: &App, job: &Job, delivery: &PostbackDelivery) -> Told {
    let rules = app.rules.load();
    let started_at = app.clock.now();
    let told = |made| Told { job: job.clone(), lead_id: delivery.lead_id, made: Some(made) };
    let request = rules
        .postbacks
        .get(&delivery.postback_id)
        .ok_or_else(|| "the postback was removed".to_owned())
        .and_then(|postback| request(app, postback, delivery, started_at));
    let request = match request {
        Ok(request) => request,
        Err(reason) => return told(refused(app, delivery, started_at, reason)),
    };
    let exchange = app.net.call(request, options(app)).await;
    told(made(app, delivery, started_at, &exchange))
}

/// How webmasters are called.
pub(super) fn options(app: &App) -> CallOptions {
    CallOptions {
        deadline: DEADLINE,
        connect_timeout: Duration::from_secs(app.config.http.connect_timeout_seconds),
        reuse: Reuse::Normal,
        is_list: false,
    }
}

/// The call as it is sent, signed where the postback wants it.
pub(super) fn request(
    app: &App,
    postback: &rules::Postback,
    delivery: &PostbackDelivery,
    now: DateTime<Utc>,
) -> Result<Request, String> {
    let url = Url::parse(&delivery.url).map_err(|_| "the rendered URL is not a URL".to_owned())?;
    let body = delivery.body.clone().unwrap_or_default().into_bytes();
    let mut headers = Vec::new();
    if let Some(content_type) = &delivery.content_type {
        headers.push(("content-type".to_owned(), content_type.clone()));
    }
    let mut secrets = Vec::new();
    if let Some(sealed) = &postback.secret {
        let label = format!("postback:{}:secret", postback.postback_id);
        let opened = app.seal.open(&label, sealed).map_err(|_| "the signing secret does not open".to_owned())?;
        secrets = serde_json::from_slice(&opened).map_err(|_| "the signing secret cannot be read".to_owned())?;
        // The same id over retries and replays: the receiver can tell repeats by it.
        headers.extend(sign::headers(&secrets, &delivery.postback_delivery_id.to_string(), now.timestamp(), &body));
    }
    let method = if delivery.method == "POST" { Method::Post } else { Method::Get };
    Ok(Request { method, url, headers, body, secrets })
}

fn attempt(app: &App, delivery: &PostbackDelivery, started_at: DateTime<Utc>) -> NewAttempt {
    NewAttempt {
        attempt_id: app.ids.next(),
        subject_id: delivery.postback_delivery_id,
        lead_id: delivery.lead_id,
        kind: "postback",
        no: delivery.attempts + 1,
        started_at,
        took_ms: 0,
        outcome: "failed".into(),
        http_status: None,
        error_kind: None,
        remote_ip: None,
        detail: None,
        is_late: false,
        request: None,
        response: None,
    }
}

fn refused(app: &App, delivery: &PostbackDelivery, started_at: DateTime<Utc>, reason: String) -> Made {
    let attempt = NewAttempt { detail: Some(reason.clone()), ..attempt(app, delivery, started_at) };
    Made { attempt, is_ok: false, retry_after: None, http_status: None, reason: Some(reason) }
}

/// Why a call was not taken; none: it was.
pub(super) fn failure(exchange: &Exchange) -> Option<String> {
    match &exchange.answer {
        Ok(answer) => (!(200..300).contains(&answer.status)).then(|| format!("HTTP {}", answer.status)),
        Err(error) => Some(error.to_string()),
    }
}

fn made(app: &App, delivery: &PostbackDelivery, started_at: DateTime<Utc>, exchange: &Exchange) -> Made {
    let shown = record::record(exchange);
    let reason = failure(exchange);
    let (status, retry_after) = match &exchange.answer {
        Ok(answer) => {
            let after = answer.header("retry-after").and_then(|value| retry::parse_retry_after(value, started_at));
            (Some(answer.status), after)
        }
        Err(_) => (None, None),
    };
    let is_ok = reason.is_none();
    let http_status = status.and_then(|status| i16::try_from(status).ok());
    let attempt = NewAttempt {
        took_ms: i32::try_from(exchange.took.as_millis()).unwrap_or(i32::MAX),
        outcome: if is_ok { "delivered".into() } else { "failed".into() },
        http_status,
        error_kind: exchange.answer.as_ref().err().map(|error| error.kind.to_string()),
        remote_ip: exchange.remote_ip.map(|ip| ip.to_string()),
        detail: reason.clone(),
        request: Some(shown.request),
        response: Some(shown.response),
        ..attempt(app, delivery, started_at)
    };
    Made { attempt, is_ok, retry_after, http_status, reason }
}

/// Settles a batch: what the writer of `app.writers.postbacks` runs. Answers whether each was written.
pub async fn settle(app: App, items: Vec<Arc<Told>>) -> Vec<bool> {
    batch::or_bisect(
        &app,
        &items,
        |app, part| Box::pin(write(app, part)),
        |error| {
            tracing::error!(error = format!("{error:#}"), "settle a postback");
            false
        },
    )
    .await
}

async fn write(app: &App, items: &[Arc<Told>]) -> anyhow::Result<Vec<bool>> {
    let now = app.clock.now();
    let mut tx = app.db.begin_with(UNHURRIED).await?;
    let conn: &mut PgConnection = &mut tx;
    let (mut finish, mut again) = (Vec::new(), Vec::new());
    let mut changes = Vec::new();
    for item in items {
        let Some(made) = &item.made else { continue };
        let (state, wait) = if made.is_ok { ("delivered", None) } else { next(app, item, made) };
        match wait {
            Some(wait) => again.push((item.job.fence(), wait, queue::RETRY)),
            None => finish.push(item.job.fence()),
        }
        changes.push(Change {
            postback_delivery_id: item.job.subject_id,
            state,
            next_at: wait.map(|wait| now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX)),
            http_status: made.http_status,
            reason: made.reason.clone(),
        });
        metrics::counter!("leadrelay_postbacks_total", "state" => state).increment(1);
    }
    let mut held = queue::settle::finish(conn, &finish).await?;
    held.extend(queue::settle::retry(conn, &again).await?);
    let is_held = |id: Uuid| items.iter().any(|item| item.job.subject_id == id && held.contains(&item.job.job_id));
    changes.retain(|change| is_held(change.postback_delivery_id));
    changes.sort_by_key(|change| change.postback_delivery_id);
    let next = db::postback_delivery::update_many(conn, &changes).await?;
    queue::hurry(conn, &next).await?;
    let attempts: Vec<NewAttempt> = items
        .iter()
        .filter_map(|item| {
            Some(NewAttempt { is_late: !held.contains(&item.job.job_id), ..item.made.as_ref()?.attempt.clone() })
        })
        .collect();
    db::attempt::insert_many(conn, &attempts).await?;
    let mut lanes: Vec<(Uuid, bool)> =
        items.iter().filter_map(|item| Some((item.job.lane_id, item.made.as_ref()?.is_ok))).collect();
    lanes.sort_unstable();
    lanes.dedup_by(|a, b| *a == *b && a.1);
    for (lane_id, is_ok) in lanes {
        if is_ok {
            breaker::record_success(conn, lane_id).await?;
        } else {
            breaker::record_failure(conn, lane_id, breaker::THRESHOLD).await?;
        }
    }
    tx.commit().await?;
    if !next.is_empty() {
        app.wake.jobs();
    }
    for item in items {
        app.waiters.wake(item.lead_id);
    }
    Ok(items.iter().map(|_| true).collect())
}

/// What follows a failed call: a wait by the table, or the end.
fn next(app: &App, item: &Told, made: &Made) -> (&'static str, Option<Duration>) {
    let attempt = u32::try_from(item.job.attempt).unwrap_or(1).max(1);
    let jitter = retry::jitter_of(item.job.subject_id, attempt);
    match retry::next_wait(&app.config.retries.postbacks(), attempt, made.retry_after, jitter) {
        Some(wait) => ("retrying", Some(wait)),
        None => ("dead", None),
    }
}
