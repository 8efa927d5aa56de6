//! Gives an unmapped status word its meaning, for the future and for the past.

use uuid::Uuid;

use super::apply_status::{self, Item};
use super::replay::Refused;
use crate::app::App;
use crate::db;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Status};

/// Kept reports applied in one transaction.
const BATCH: i64 = 200;

/// What the past came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mapped {
    /// Reports that were kept for this word.
    pub reports: usize,
    /// Those that changed something.
    pub applied: usize,
}

#[derive(serde::Deserialize)]
struct KeptReport {
    source: Source,
    report: StatusReport,
}

/// Maps a word. The network's own table gets it first, so that a report coming now is not kept any more.
pub async fn run(app: &App, unmapped_id: Uuid, status: Status, actor: &str) -> Result<Mapped, Refused> {
    let mut tx = app.db.begin().await?;
    let word = db::inbound::word(&mut tx, unmapped_id).await?.ok_or(Refused::NotFound("unmapped status"))?;
    db::inbound::map_word(&mut tx, &word, status.as_str(), app.clock.now()).await?;
    tx.commit().await?;
    app.rules.refresh(&app.db).await?;
    let mut mapped = Mapped::default();
    loop {
        let mut tx = app.db.begin().await?;
        let kept = db::inbound::take_kept(&mut tx, unmapped_id, BATCH, app.clock.now()).await?;
        if kept.is_empty() {
            break;
        }
        mapped.reports += kept.len();
        let items: Vec<Item> = kept
            .into_iter()
            .filter_map(|kept| {
                let stored: KeptReport = serde_json::from_value(kept.report).ok()?;
                Some(Item {
                    lead_id: kept.lead_id,
                    delivery_id: kept.delivery_id,
                    source: stored.source,
                    actor: Some(actor.to_owned()),
                    report: StatusReport { mapped: Some(status), ..stored.report },
                    is_unsold: false,
                    origin: Some(kept.report_id),
                })
            })
            .collect();
        let judged = apply_status::run(app, &mut tx, &items).await?;
        mapped.applied += judged.iter().filter(|one| one.verdict == crate::domain::status::Verdict::Applied).count();
        tx.commit().await?;
        app.wake.jobs();
    }
    Ok(mapped)
}
