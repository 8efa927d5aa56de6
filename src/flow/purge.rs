//! Removes what has been kept long enough, in small steps, and makes the months to come.

use chrono::TimeDelta;

use crate::app::App;
use crate::db;

/// Rows removed in one statement.
const STEP: i64 = 1000;

/// Polls that told nothing new are kept for so many days.
const QUIET: u32 = 7;

/// The keys of sent forms are remembered for so many days.
const FORM_KEYS: i64 = 2;

/// Alerts that are over are kept for so many days, with what was told of them.
const ALERTS: i64 = 90;

/// One round of housekeeping.
pub async fn run(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let keep = &app.config.retention;
    let days = |days: u32| now - TimeDelta::days(i64::from(days));
    let mut conn = app.db.acquire().await?;
    db::housekeeping::ensure_partitions(&mut conn, now).await?;
    let mut removed = 0;
    removed += db::session::purge(&mut conn).await?;
    removed += db::form_key::purge(&mut conn, now - TimeDelta::days(FORM_KEYS)).await?;
    loop {
        let step = db::housekeeping::purge_idempotency_keys(&mut conn, days(keep.idempotency_days), STEP).await?
            + db::housekeeping::purge_attempt_bodies(&mut conn, days(keep.attempt_bodies_days), STEP).await?
            + db::housekeeping::purge_attempts(&mut conn, days(keep.attempts_days), STEP).await?
            + db::housekeeping::purge_inbound(&mut conn, days(keep.inbound_days), STEP).await?
            + db::housekeeping::purge_polls(&mut conn, days(keep.polls_days), days(keep.polls_days.min(QUIET)), STEP)
                .await?
            + db::housekeeping::purge_orphans(&mut conn, days(keep.polls_days), STEP).await?
            + db::alert::purge(&mut conn, now - TimeDelta::days(ALERTS), STEP).await?
            + db::import::forget(&mut conn, days(keep.imports_days), now).await?;
        removed += step;
        if step == 0 {
            break;
        }
        // Others want the database too.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    if removed > 0 {
        tracing::info!(rows = removed, "housekeeping");
    }
    Ok(())
}
