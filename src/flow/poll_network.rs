//! Asks a network for one page of statuses, in the three beats of a delivery: load (what is to be asked), call (no
//! connection held), settle (one transaction: the reports, the counts, and how far the poll has got). Each page is one
//! job in the network's lane, so polls obey its limits and its breaker, and leads go before them.

mod apply;
mod ask;

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

use self::ask::{Ask, Question};
use crate::adapters::{Asked, Page, PollCx, SharedAdapter};
use crate::app::App;
use crate::base::exchange::{Answer, Exchange};
use crate::base::secret;
use crate::db;
use crate::db::attempt::NewAttempt;
use crate::db::poll::Poll;
use crate::domain::polling::{Progress, Then};
use crate::domain::report::StatusReport;
use crate::domain::retry;
use crate::flow::apply_status::Judged;
use crate::net::{CallOptions, Reuse, record};
use crate::queue::{self, Job, breaker};

/// Waits after a page that could not be had; after the last one the poll has failed, and the next is made by the
/// schedule.
const WAITS: [Duration; 3] = [Duration::from_secs(30), Duration::from_secs(120), Duration::from_secs(600)];

/// A page that met another writer is settled again, so often.
const TRIES: u32 = 5;
/// So many leads in a row that the network cannot answer for are passed over; then the poll has failed.
const PASSED_OVER: i32 = 3;

/// Runs one job.
pub async fn run(app: App, job: Job) {
    let running = app.pulse.begin();
    let begun = begin(&app, &job).await.context("load a poll");
    drop(running);
    let ready = match begun {
        Ok(Some(ready)) => ready,
        Ok(None) => return,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), poll_id = %job.subject_id, "a poll could not be loaded");
            return;
        }
    };
    let started_at = app.clock.now();
    let exchange = match &ready.request {
        Ok(request) => Ok(app.net.call(request.clone(), ready.options(&app)).await),
        Err(why) => Err(why.clone()),
    };
    let _running = app.pulse.begin();
    for _ in 0..TRIES {
        let Err(error) = settle(&app, &job, &ready, &exchange, started_at).await.context("settle a poll") else {
            return;
        };
        tracing::warn!(error = format!("{error:#}"), poll_id = %job.subject_id, "a page of statuses could not be kept");
        if !error.downcast_ref::<sqlx::Error>().is_some_and(db::is_retryable) {
            // The lease runs out and the page is asked for again; a page that comes twice changes nothing.
            return;
        }
    }
}

/// Applies one report that a person has asked the network for.
pub(super) async fn apply_one(
    app: &App,
    network_id: Uuid,
    report: StatusReport,
    actor: &str,
) -> anyhow::Result<Judged> {
    let mut tx = app.db.begin().await?;
    let judged = apply::one(app, &mut tx, network_id, report, actor).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(judged)
}

/// A page that may be asked for now.
struct Ready {
    poll: Poll,
    progress: Progress,
    question: Question,
    adapter: SharedAdapter,
    settings: Map<String, Value>,
    request: Result<crate::base::exchange::Request, String>,
    now: DateTime<Utc>,
    timeout: Duration,
    by_number: bool,
    pause: Duration,
}

impl Ready {
    fn cx(&self) -> PollCx<'_> {
        PollCx {
            settings: &self.settings,
            feed: &self.poll.feed,
            leads: self.question.leads(),
            window: self.question.window(),
            page: self.progress.page.as_ref(),
            now: self.now,
        }
    }

    fn options(&self, app: &App) -> CallOptions {
        CallOptions {
            deadline: self.timeout,
            connect_timeout: app.config.http.connect_timeout().min(self.timeout),
            reuse: Reuse::Normal,
            is_list: true,
        }
    }
}

/// Finds out what is to be asked. `None`: there is nothing to ask, and the job has been ended.
async fn begin(app: &App, job: &Job) -> anyhow::Result<Option<Ready>> {
    let now = app.clock.now();
    let mut conn = app.db.acquire().await?;
    let found = db::poll::find(&mut conn, job.subject_id).await?;
    let Some(poll) = found.filter(|poll| matches!(poll.state.as_str(), "waiting" | "running")) else {
        queue::settle::finish(&mut conn, &[job.fence()]).await?;
        return Ok(None);
    };
    let progress: Progress = serde_json::from_value(poll.progress.clone()).unwrap_or_default();
    match ask::prepare(app, &mut conn, &poll, &progress).await? {
        Ask::Page { question, adapter, settings, timeout, by_number, pause } => {
            let mut ready = Ready {
                poll,
                progress,
                question,
                adapter,
                settings,
                request: Err(String::new()),
                now,
                timeout,
                by_number,
                pause,
            };
            ready.request = ready.adapter.poll(&ready.cx());
            Ok(Some(ready))
        }
        Ask::Nothing => {
            drop(conn);
            let error = poll.error.clone().filter(|_| progress.is_unanswered());
            end(app, job, poll, error, now).await?;
            Ok(None)
        }
        Ask::Impossible(why) => {
            drop(conn);
            end(app, job, poll, Some(why), now).await?;
            Ok(None)
        }
    }
}

/// Ends a poll without a call.
async fn end(app: &App, job: &Job, mut poll: Poll, error: Option<String>, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut tx = app.db.begin().await?;
    if queue::settle::finish(&mut tx, &[job.fence()]).await?.is_empty() {
        return Ok(());
    }
    if error.is_none() {
        advance(&mut tx, &poll, poll.to_at).await?;
    }
    finished(&mut tx, &mut poll, error, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes the end of a poll.
async fn finished(
    conn: &mut PgConnection,
    poll: &mut Poll,
    error: Option<String>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let state = if error.is_some() { "failed" } else { "done" };
    state.clone_into(&mut poll.state);
    poll.ended_at = Some(now);
    let failed = error.clone();
    poll.error = error.or(poll.error.take());
    metrics::counter!("leadrelay_polls_total", "feed" => poll.feed.clone(), "state" => state).increment(1);
    db::feed::note_end(conn, poll.network_id, &poll.feed, failed.as_deref(), now).await?;
    db::poll::update(conn, poll).await
}

/// The feed has got up to `until`, unless the poll was about a part of the past.
async fn advance(conn: &mut PgConnection, poll: &Poll, until: Option<DateTime<Utc>>) -> sqlx::Result<()> {
    let Some(until) = until else { return Ok(()) };
    db::feed::advance(conn, poll.network_id, &poll.feed, poll.from_at, until).await
}

/// How a call ended.
enum Read {
    Page(Page, String),
    /// No page: why, whether the other side seems to be down, and when it wants to be asked again.
    Failed {
        why: String,
        is_down: bool,
        after: Option<Duration>,
        may_ask_less: bool,
    },
}

fn read(ready: &Ready, answer: &Answer, now: DateTime<Utc>) -> Read {
    match answer {
        Err(error) => Read::Failed { why: error.to_string(), is_down: true, after: None, may_ask_less: false },
        Ok(response) => match ready.adapter.read_page(&ready.cx(), response) {
            Ok(page) => Read::Page(page, hex::encode(secret::hash(&response.text()))),
            Err(why) => {
                let is_busy = matches!(response.status, 429 | 502 | 503 | 504);
                Read::Failed {
                    why,
                    is_down: response.status >= 500 || response.status == 429,
                    after: response.header("retry-after").and_then(|value| retry::parse_retry_after(value, now)),
                    may_ask_less: !is_busy && !matches!(response.status, 401 | 403),
                }
            }
        },
    }
}

async fn settle(
    app: &App,
    job: &Job,
    ready: &Ready,
    exchange: &Result<Exchange, String>,
    started_at: DateTime<Utc>,
) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut poll = ready.poll.clone();
    let mut progress = ready.progress.clone();
    let read = match exchange {
        Ok(exchange) => read(ready, &exchange.answer, now),
        Err(why) => Read::Failed { why: why.clone(), is_down: false, after: None, may_ask_less: false },
    };
    let attempt = exchange.as_ref().ok().map(|exchange| attempt(app, &poll, exchange, &read, started_at));
    let mut tx = app.db.begin().await?;
    // The job's row is nobody else's while we hold it, so taking it before the leads makes no ring.
    if queue::settle::hold(&mut tx, &[job.fence()]).await?.is_empty() {
        tracing::warn!(poll_id = %poll.poll_id, "a page of statuses came after its lease had gone");
        return Ok(());
    }
    db::attempt::insert_many(&mut tx, attempt.as_slice()).await?;
    poll.calls += i32::from(exchange.is_ok());
    "running".clone_into(&mut poll.state);
    let mut woken = Vec::new();
    let (follow, success) = match read {
        Read::Page(page, digest) => {
            let is_repeat = progress.passes > 0;
            let applied = apply::run(app, &mut tx, &poll, &page.reports, ready.by_number).await?;
            applied.counts.add_to(&mut poll, is_repeat);
            woken = applied.leads;
            poll.attempts = 0;
            // What a poll passed over stays to be read.
            poll.error = poll.error.filter(|_| progress.passed_over > 0);
            let then = match &ready.question {
                Question::Leads { asked, last, .. } => {
                    poll.asked += i32::try_from(asked.len()).unwrap_or(i32::MAX);
                    progress.leads_asked(asked.len(), *last);
                    Ok(Then::More)
                }
                Question::Window { end, to, .. } => {
                    progress.page_read((*end, *to), page.next, &digest, applied.counts.has_changed())
                }
            };
            db::poll::touch_network(&mut tx, poll.network_id, now).await?;
            (follow(then), true)
        }
        Read::Failed { why, is_down, after, may_ask_less } => {
            let follow = match &ready.question {
                Question::Leads { asked, last } if may_ask_less => {
                    ask_less(&mut poll, &mut progress, asked, *last, why)
                }
                _ => failed(ready, &mut poll, why, after),
            };
            // One that answers for less is not down.
            if is_down && !matches!(follow, Follow::Next(_)) {
                breaker::record_failure(&mut tx, job.lane_id, breaker::THRESHOLD).await?;
            }
            (follow, false)
        }
    };
    poll.progress = serde_json::to_value(&progress).unwrap_or_default();
    match follow {
        Follow::Next(read_to) => {
            advance(&mut tx, &poll, read_to).await?;
            db::poll::update(&mut tx, &poll).await?;
            queue::settle::snooze(&mut tx, &[(job.fence(), ready.pause)]).await?;
        }
        Follow::Again(wait) => {
            db::poll::update(&mut tx, &poll).await?;
            queue::settle::snooze(&mut tx, &[(job.fence(), wait)]).await?;
        }
        Follow::End(error) => {
            if error.is_none() {
                advance(&mut tx, &poll, poll.to_at).await?;
            }
            finished(&mut tx, &mut poll, error, now).await?;
            queue::settle::finish(&mut tx, &[job.fence()]).await?;
        }
    }
    if success {
        breaker::record_success(&mut tx, job.lane_id).await?;
    }
    tx.commit().await?;
    app.wake.jobs();
    woken.into_iter().for_each(|lead_id| app.waiters.wake(lead_id));
    Ok(())
}

/// What follows a call.
enum Follow {
    /// The next page, at once; everything up to there has been read.
    Next(Option<DateTime<Utc>>),
    /// The same page, later.
    Again(Duration),
    /// The poll is over, or has failed.
    End(Option<String>),
}

fn follow(then: Result<Then, crate::domain::polling::Broken>) -> Follow {
    match then {
        Ok(Then::More) => Follow::Next(None),
        Ok(Then::ReadTo(end)) => Follow::Next(Some(end)),
        Ok(Then::Done) => Follow::End(None),
        Err(broken) => Follow::End(Some(broken.to_string())),
    }
}

/// The network answers, but not for these leads: half of them, or the one after the one it chokes on.
fn ask_less(poll: &mut Poll, progress: &mut Progress, asked: &[Asked], last: Uuid, why: String) -> Follow {
    if !progress.ask_less(asked.len()) {
        if poll.attempts >= PASSED_OVER {
            return Follow::End(Some(why));
        }
        poll.attempts += 1;
        progress.pass_over(last);
    }
    poll.error = Some(why);
    Follow::Next(None)
}

fn failed(ready: &Ready, poll: &mut Poll, why: String, after: Option<Duration>) -> Follow {
    let no = usize::try_from(poll.attempts).unwrap_or(usize::MAX);
    poll.attempts += 1;
    let is_ours = ready.request.is_err();
    match WAITS.get(no).filter(|_| !is_ours) {
        None => Follow::End(Some(why)),
        Some(wait) => {
            poll.error = Some(why);
            let seed = u32::try_from(no + 1).unwrap_or(1);
            let jitter = retry::jitter_of(poll.poll_id, seed);
            Follow::Again(after.unwrap_or_default().max(wait.mul_f64(jitter)).min(Duration::from_secs(6 * 3600)))
        }
    }
}

fn attempt(app: &App, poll: &Poll, exchange: &Exchange, read: &Read, started_at: DateTime<Utc>) -> NewAttempt {
    let shown = record::record(exchange);
    let (outcome, detail) = match read {
        Read::Page(page, _) => ("read", Some(format!("{} reports", page.reports.len()))),
        Read::Failed { why, .. } => ("failed", Some(why.clone())),
    };
    NewAttempt {
        attempt_id: app.ids.next(),
        subject_id: poll.poll_id,
        lead_id: Uuid::nil(),
        kind: "poll",
        no: poll.calls + 1,
        started_at,
        took_ms: i32::try_from(exchange.took.as_millis()).unwrap_or(i32::MAX),
        outcome: outcome.into(),
        http_status: exchange.answer.as_ref().ok().and_then(|answer| i16::try_from(answer.status).ok()),
        error_kind: exchange.answer.as_ref().err().map(|error| error.kind.to_string()),
        remote_ip: exchange.remote_ip.map(|ip| ip.to_string()),
        detail,
        is_late: false,
        request: Some(shown.request),
        response: Some(shown.response),
    }
}

/// The smallest id of anything made after `at`, to the millisecond.
fn id_after(at: DateTime<Utc>) -> Uuid {
    let ms = (at + TimeDelta::milliseconds(1)).timestamp_millis().max(0);
    Uuid::from_u128(u128::from(ms.unsigned_abs()) << 80)
}

impl Question {
    fn leads(&self) -> &[Asked] {
        match self {
            Self::Leads { asked, .. } => asked,
            Self::Window { .. } => &[],
        }
    }

    fn window(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        match self {
            Self::Leads { .. } => None,
            Self::Window { from, end, .. } => Some((*from, *end)),
        }
    }
}
