//! One step of an import: the job that handles the next rows and comes again until there are none.

use std::time::Duration;

use serde_json::{Map, Value};
use sqlx::{Postgres, Transaction};

use super::{kind_of, leads, mapping_of, statuses};
use crate::app::App;
use crate::db;
use crate::db::import::{Import, Line, Outcome};
use crate::domain::import::{Kind, Mapping};
use crate::queue::{self, Job};

/// Rows of a step.
const ROWS: usize = 200;
/// Wait before a step that failed is tried again.
const WAIT: Duration = Duration::from_secs(5);

/// What the rows of a step are judged by.
pub(super) struct Cx<'a> {
    pub import: &'a Import,
    pub mapping: &'a Mapping,
}

/// Runs one job.
pub async fn run(app: App, job: Job) {
    let _running = app.pulse.begin();
    let Err(error) = handle(&app, &job).await else { return };
    tracing::warn!(error = format!("{error:#}"), import_id = %job.subject_id, "rows of an import come again");
    let again = async {
        let mut conn = app.db.acquire().await?;
        queue::settle::retry(&mut conn, &[(job.fence(), WAIT, queue::BULK)]).await
    };
    if let Err(error) = again.await {
        // The lease runs out, and the step comes again.
        tracing::warn!(error = db::describe(&error), "put an import off");
    }
}

async fn handle(app: &App, job: &Job) -> anyhow::Result<()> {
    let mut conn = app.db.acquire().await?;
    let found = db::import::find(&mut conn, job.subject_id).await?;
    let Some(import) = found.filter(|import| matches!(import.state.as_str(), "checking" | "running")) else {
        queue::settle::finish(&mut conn, &[job.fence()]).await?;
        return Ok(());
    };
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
    let rows = db::import::rows_after(&mut conn, import.import_id, import.progress, limit).await?;
    drop(conn);
    let mapping = mapping_of(&import);
    let cx = Cx { import: &import, mapping: &mapping };
    let is_dry = import.state == "checking";
    let ready = match kind_of(&import) {
        // Applied and taken back, in a transaction of its own.
        Kind::Statuses if is_dry => Some(statuses::foresee(app, &cx, &rows).await?),
        // Each lead is stored by the intake's own transaction; the key of its row finds it again.
        Kind::Leads if !is_dry => Some(leads::take(app, &cx, &rows).await?),
        Kind::Statuses | Kind::Leads => None,
    };
    let Some((mut tx, now)) = held(app, job, &import).await? else { return Ok(()) };
    let outcomes = match (ready, kind_of(&import)) {
        (Some(outcomes), _) => outcomes,
        (None, Kind::Statuses) => statuses::judge(app, &mut tx, &cx, &rows, false).await?,
        (None, Kind::Leads) => leads::foresee(app, &mut tx, &cx, &rows).await?,
    };
    write(app, job, tx, now, &rows, &outcomes).await
}

/// The transaction of a step, while the job is ours and the import is where it was.
async fn held(
    app: &App,
    job: &Job,
    import: &Import,
) -> anyhow::Result<Option<(Transaction<'static, Postgres>, Import)>> {
    let mut tx = app.db.begin().await?;
    if queue::settle::hold(&mut tx, &[job.fence()]).await?.is_empty() {
        tracing::warn!(import_id = %import.import_id, "a step of an import came after its lease had gone");
        return Ok(None);
    }
    let found = db::import::lock(&mut tx, import.import_id).await?;
    let is_same = |now: &Import| now.state == import.state && now.progress == import.progress;
    match found.filter(is_same) {
        Some(now) => Ok(Some((tx, now))),
        None => {
            // It was thrown away meanwhile.
            queue::settle::finish(&mut tx, &[job.fence()]).await?;
            tx.commit().await?;
            Ok(None)
        }
    }
}

/// Writes what became of rows, with how far the import has got.
async fn write(
    app: &App,
    job: &Job,
    mut tx: Transaction<'static, Postgres>,
    mut import: Import,
    rows: &[Line],
    outcomes: &[Outcome],
) -> anyhow::Result<()> {
    db::import::judge_rows(&mut tx, import.import_id, outcomes).await?;
    import.counts = counted(import.counts, outcomes);
    import.progress = rows.last().map_or(import.progress, |row| row.line);
    let is_dry = import.state == "checking";
    if rows.len() < ROWS {
        import.state = if is_dry { "checked" } else { "done" }.to_owned();
        import.ended_at = (!is_dry).then(|| app.clock.now());
        queue::settle::finish(&mut tx, &[job.fence()]).await?;
    } else {
        queue::settle::snooze(&mut tx, &[(job.fence(), Duration::ZERO)]).await?;
    }
    db::import::advance(&mut tx, &import).await?;
    tx.commit().await?;
    app.wake.jobs();
    if !is_dry {
        outcomes.iter().filter_map(|outcome| outcome.lead_id).for_each(|lead_id| app.waiters.wake(lead_id));
    }
    Ok(())
}

/// The counts with these rows added.
fn counted(counts: Value, outcomes: &[Outcome]) -> Value {
    let mut counts = match counts {
        Value::Object(counts) => counts,
        _ => Map::new(),
    };
    for outcome in outcomes {
        let before = counts.get(outcome.result).and_then(Value::as_i64).unwrap_or(0);
        counts.insert(outcome.result.to_owned(), Value::from(before + 1));
    }
    Value::Object(counts)
}
