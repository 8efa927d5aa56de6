//! What runs beside the requests: the runner of jobs, wake-ups between processes, fresh rules, housekeeping.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::flow::{
    alerts, deliver_lead, import, poll_network, publish_routing, purge, route_leads, send_postback, start_polls,
    tell_network,
};
use crate::http::dashboard;
use crate::lifecycle::Lifecycle;
use crate::queue::runner::Runner;
use crate::queue::start::{self, Handler};
use crate::queue::{Kind, OWN_LANE, lane, schedule};

/// How often leads without a route are looked at again, besides every change of the rules.
const ROUTE_EVERY: Duration = Duration::from_secs(60);
/// How often old rows are removed.
const PURGE_EVERY: Duration = Duration::from_secs(3600);

/// How often polls that are due are looked for.
const POLLS_EVERY: Duration = Duration::from_secs(5);

/// How often new changes of leads are summed by day.
const FOLD_EVERY: Duration = Duration::from_secs(2);

/// How often drafts of routes are looked for whose time to be published has come.
const PUBLISH_EVERY: Duration = Duration::from_secs(5);

/// How often it is looked whether anything about alerts is to be done.
const ALERTS_EVERY: Duration = Duration::from_secs(10);

/// Gauges of what may be many are counted up to this.
const COUNTED: i64 = 10_000;

/// The runner with a handler for each kind of job.
pub fn runner(app: &App) -> Runner {
    let slots = u32::try_from(app.config.queue.slots).unwrap_or(256);
    let with = |f: fn(App, Vec<start::Held>) -> BoxFuture<'static, ()>| -> Handler {
        let app = app.clone();
        Arc::new(move |batch| f(app.clone(), batch))
    };
    let own = |name: &'static str, f: fn(App) -> BoxFuture<'static, anyhow::Result<()>>| -> Handler {
        let app = app.clone();
        start::per_job(move |job| {
            let app = app.clone();
            async move {
                if let Err(error) = f(app.clone()).await {
                    tracing::warn!(
                        error = format!("{error:#}"),
                        job = name,
                        "own work failed; the next turn tries again"
                    );
                }
                finish(&app, &job).await;
            }
        })
    };
    let tells = app.clone();
    let tell = start::per_job(move |job| tell_network::run(tells.clone(), job));
    let polls = app.clone();
    let poll = start::per_job(move |job| poll_network::run(polls.clone(), job));
    let imports = app.clone();
    let import = start::per_job(move |job| import::step(imports.clone(), job));
    Runner::new(app.db.clone(), app.wake.clone(), app.ids.clone(), slots, app.config.queue.lease_slack())
        .with_express(app.express.clone())
        .watched_by(app.pulse.clone())
        .handle(Kind::DeliverLead, with(|app, batch| Box::pin(deliver_lead::run(app, batch))))
        .handle(Kind::LookUpLead, with(|app, batch| Box::pin(deliver_lead::run(app, batch))))
        .handle(Kind::SendChange, Arc::clone(&tell))
        .handle(Kind::TellVerdict, tell)
        .handle(Kind::SendPostback, with(|app, batch| Box::pin(send_postback::run(app, batch))))
        .handle(
            Kind::RouteLeads,
            own("route_leads", |app| Box::pin(async move { route_leads::run(&app).await.map(drop) })),
        )
        .handle(Kind::StartPolls, own("start_polls", |app| Box::pin(async move { start_polls::run(&app).await })))
        .handle(Kind::PollNetwork, poll)
        .handle(Kind::RunImport, import)
        .handle(Kind::Purge, own("purge", |app| Box::pin(async move { purge::run(&app).await })))
}

async fn finish(app: &App, job: &crate::queue::Job) {
    let finished = async {
        let mut conn = app.db.acquire().await?;
        crate::queue::settle::finish(&mut conn, &[job.fence()]).await
    };
    if let Err(error) = finished.await {
        // The lease runs out and the work is done once more; it does no harm.
        tracing::warn!(error = db::describe(&error), "finish own work");
    }
}

/// Starts everything that runs beside the requests.
pub fn start(app: &App, life: &Lifecycle) {
    let (soft, hard) = (life.soft(), life.hard());
    let work = runner(app);
    let until = soft.clone();
    life.spawn("runner", async move {
        work.run(until, hard).await;
        Ok::<_, Infallible>(())
    });
    let (own, until) = (app.clone(), soft.clone());
    life.spawn("wake", async move {
        let options = (*own.db.connect_options()).clone();
        own.wake.run(options, until).await;
        Ok::<_, Infallible>(())
    });
    life.spawn("rules", each(soft.clone(), Duration::from_millis(50), watch_rules(app)));
    let stats = repeated(app, "stats", |app| Box::pin(async move { Ok(fold_stats(app).await?) }));
    life.spawn("stats", each(soft.clone(), FOLD_EVERY, stats));
    let routing =
        repeated(app, "routing", |app| Box::pin(async move { Ok(publish_routing::due(&app).await.map(drop)?) }));
    life.spawn("routing", each(soft.clone(), PUBLISH_EVERY, routing));
    let alerts =
        repeated(app, "alerts", |app| Box::pin(async move { alerts::run(&app, dashboard::alerts::write).await }));
    life.spawn("alerts", each(soft.clone(), ALERTS_EVERY, alerts));
    life.spawn("upkeep", each(soft, Duration::from_secs(5), upkeep(app)));
}

/// Runs `act` now and then until the token is cancelled.
async fn each<F, Fut>(stop: CancellationToken, every: Duration, act: F) -> Result<(), Infallible>
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = ()> + Send,
{
    while !stop.is_cancelled() {
        act().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
    Ok(())
}

/// Follows the rules of other nodes and the database's clock, and beats the heart. When rules have changed, leads without a route get a new chance.
fn watch_rules(app: &App) -> impl Fn() -> BoxFuture<'static, ()> + Send + use<> {
    let app = app.clone();
    let mut_changed = app.wake.rules_changed();
    // Kept from turn to turn: a write on this node has refreshed the rules before we look.
    let routed_by = Arc::new(AtomicI64::new(app.rules.load().version));
    move || {
        let (app, mut changed, routed_by) = (app.clone(), mut_changed.clone(), Arc::clone(&routed_by));
        Box::pin(async move {
            match app.rules.refresh(&app.db).await {
                Ok(_) => {
                    app.heartbeat.beat(app.clock.now());
                    app.pulse.beat();
                }
                Err(error) => tracing::warn!(error = db::describe(&error), "read the rules"),
            }
            if let Err(error) = follow_time(&app).await {
                tracing::warn!(error = db::describe(&error), "read the database's clock");
            }
            let version = app.rules.load().version;
            if routed_by.swap(version, Ordering::Relaxed) != version {
                route_again(&app).await;
            }
            changed.mark_unchanged();
            // A change on another node comes at once; the next second comes anyway.
            let _ = tokio::time::timeout(Duration::from_millis(900), changed.changed()).await;
        })
    }
}

/// Keeps our clock with the database's. An answer that was long under way tells nothing.
async fn follow_time(app: &App) -> sqlx::Result<()> {
    let mut conn = app.db.acquire().await?;
    let asked = Instant::now();
    let time = db::time(&mut conn).await?;
    if asked.elapsed() < Duration::from_secs(1) {
        app.clock.follow(time);
    }
    Ok(())
}

async fn route_again(app: &App) {
    let job = crate::queue::NewJob {
        // By version: a sweep that runs already may have begun with older rules.
        dedupe_key: Some(format!("route_leads:rules:{}", app.rules.load().version)),
        ..crate::queue::NewJob::now(app.ids.next(), OWN_LANE, Kind::RouteLeads, OWN_LANE)
    };
    let queued = async {
        let mut conn = app.db.acquire().await?;
        crate::queue::enqueue(&mut conn, &[job]).await
    };
    match queued.await {
        Ok(_) => app.wake.jobs(),
        Err(error) => tracing::warn!(error = db::describe(&error), "queue the routing of waiting leads"),
    }
}

/// An act that is tried again in its next turn when it fails. `name` is for the log.
fn repeated(
    app: &App,
    name: &'static str,
    act: fn(App) -> BoxFuture<'static, anyhow::Result<()>>,
) -> impl Fn() -> BoxFuture<'static, ()> + Send + use<> {
    let app = app.clone();
    move || {
        let app = app.clone();
        Box::pin(async move {
            if let Err(error) = act(app).await {
                tracing::warn!(error = format!("{error:#}"), work = name, "own work failed; the next turn tries again");
            }
        })
    }
}

/// Sums new changes of leads, so that stats have few to add.
async fn fold_stats(app: App) -> sqlx::Result<()> {
    let mut conn = app.db.acquire().await?;
    for zone in db::stats_fold::missing_zones(&mut conn).await? {
        db::stats_fold::add_zone(&mut conn, &zone).await?;
    }
    db::stats_fold::fold(&mut conn).await.map(drop)
}

/// Schedules, the last use of tokens, statistics for the planner, and the figures of the queue.
fn upkeep(app: &App) -> impl Fn() -> BoxFuture<'static, ()> + Send + use<> {
    let app = app.clone();
    let told = Arc::new(Told::default());
    move || {
        let (app, told) = (app.clone(), Arc::clone(&told));
        Box::pin(async move {
            if let Err(error) = ensure_schedules(&app).await {
                tracing::warn!(error = db::describe(&error), "keep the schedules");
            }
            flush(&app).await;
            if let Err(error) = renew_statistics(&app).await {
                tracing::warn!(error = db::describe(&error), "renew the statistics of tables");
            }
            if let Err(error) = figures(&app, &told).await {
                tracing::warn!(error = db::describe(&error), "read the figures of the queue");
            }
            if let Some(metrics) = &app.metrics {
                metrics.run_upkeep();
            }
        })
    }
}

async fn ensure_schedules(app: &App) -> sqlx::Result<()> {
    let mut conn = app.db.acquire().await?;
    for (kind, every) in [(Kind::RouteLeads, ROUTE_EVERY), (Kind::StartPolls, POLLS_EVERY), (Kind::Purge, PURGE_EVERY)]
    {
        schedule::ensure(&mut conn, kind, OWN_LANE, OWN_LANE, every).await?;
    }
    Ok(())
}

async fn renew_statistics(app: &App) -> sqlx::Result<()> {
    let mut conn = app.db.acquire().await?;
    let tables = db::housekeeping::renew_statistics(&mut conn).await?;
    if tables > 0 {
        tracing::debug!(tables, "statistics were renewed");
    }
    Ok(())
}

/// Writes when tokens were last used.
pub async fn flush(app: &App) {
    let used = app.tokens_used.take();
    if used.is_empty() {
        return;
    }
    let written = async {
        let mut conn = app.db.acquire().await?;
        db::token::note_uses(&mut conn, &used).await
    };
    if let Err(error) = written.await {
        tracing::warn!(error = db::describe(&error), "note the use of tokens");
    }
}

/// Lanes that were told of: one that has emptied is told of once more, with nothing in it.
type Told = Mutex<BTreeSet<(Uuid, String)>>;

async fn figures(app: &App, told: &Told) -> sqlx::Result<()> {
    #[expect(clippy::cast_precision_loss, reason = "counts of a gauge")]
    let number = |count: i64| count as f64;
    let mut conn = app.db.acquire().await?;
    let (paused, open) = lane::troubled(&mut conn).await?;
    let totals = lane::totals(&mut conn).await?;
    let in_review = db::delivery::in_review(&mut conn, COUNTED).await?;
    let rules = app.rules.load();
    let networks: Vec<Uuid> = rules.networks.keys().copied().collect();
    let feeds = db::feed::of(&mut conn, &networks).await?;
    drop(conn);
    for feed in feeds {
        let network = rules.networks.get(&feed.network_id).filter(|network| network.enabled);
        if let (Some(network), Some(until)) = (network, feed.until) {
            let labels = [("network", network.slug.clone()), ("feed", feed.name)];
            let behind = (app.clock.now() - until).num_seconds().max(0);
            metrics::gauge!("leadrelay_poll_lag_seconds", &labels).set(number(behind));
        }
    }
    metrics::gauge!("leadrelay_lanes_paused").set(number(paused));
    metrics::gauge!("leadrelay_breakers_open").set(number(open));
    metrics::gauge!("leadrelay_deliveries_in_review").set(number(in_review));
    let mut lanes: BTreeSet<(Uuid, String)> = [(OWN_LANE, "own".to_owned())].into();
    lanes.extend(totals.iter().map(|total| (total.lane_id, total.kind.clone())));
    let emptied = {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *told, lanes.clone())
    };
    let nothing =
        |(lane_id, kind): (Uuid, String)| lane::LaneTotal { lane_id, kind, due: 0, later: 0, in_flight: 0, age_s: 0.0 };
    let silent: Vec<_> =
        emptied.union(&lanes).filter(|(id, _)| !totals.iter().any(|total| total.lane_id == *id)).cloned().collect();
    for total in totals.into_iter().chain(silent.into_iter().map(nothing)) {
        let labels = [("lane", total.lane_id.to_string()), ("kind", total.kind)];
        metrics::gauge!("leadrelay_queue_due", &labels).set(number(total.due));
        metrics::gauge!("leadrelay_queue_later", &labels).set(number(total.later));
        metrics::gauge!("leadrelay_queue_in_flight", &labels).set(number(total.in_flight));
        metrics::gauge!("leadrelay_queue_age_seconds", &labels).set(total.age_s);
    }
    metrics::gauge!("leadrelay_pool_connections").set(f64::from(app.db.size()));
    metrics::gauge!("leadrelay_pool_idle").set(f64::from(u32::try_from(app.db.num_idle()).unwrap_or(u32::MAX)));
    Ok(())
}
