//! A person says which lead a report without one belongs to.

use uuid::Uuid;

use super::apply_status::{self, Item, Judged};
use super::replay::Refused;
use crate::app::App;
use crate::db;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Verdict};

/// Applies the report to the lead's delivery at the network that made it. From then on the network's reports about the
/// same thing find the lead only if they name it; what the person decided is on the timeline.
pub async fn run(app: &App, orphan_id: Uuid, lead_id: Uuid, actor: &str) -> Result<Judged, Refused> {
    let mut tx = app.db.begin().await?;
    db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::NotFound("lead"))?;
    let orphan = db::orphan::lock(&mut tx, orphan_id).await?.ok_or(Refused::NotFound("orphan report"))?;
    if orphan.lead_id.is_some() {
        return Err(Refused::State("the report has found its lead already".into()));
    }
    let report: StatusReport = serde_json::from_value(orphan.report.clone())
        .map_err(|_| Refused::State("the stored report cannot be read by this version".into()))?;
    let deliveries = db::delivery::of_leads(&mut tx, &[lead_id]).await?;
    let at_network = deliveries.iter().rfind(|d| d.network_id == orphan.network_id && d.accepted_at.is_some());
    let delivery = at_network.ok_or_else(|| Refused::State(format!("{} does not have this lead", orphan.network)))?;
    let item = Item {
        lead_id,
        delivery_id: delivery.delivery_id,
        source: Source::Admin,
        actor: Some(actor.to_owned()),
        report,
        is_unsold: false,
        origin: Some(orphan_id),
    };
    let judged = apply_status::run(app, &mut tx, &[item]).await?.into_iter().next();
    db::orphan::found(&mut tx, &[(orphan.network_id, orphan.key, lead_id)]).await?;
    tx.commit().await?;
    app.wake.jobs();
    app.waiters.wake(lead_id);
    Ok(judged.unwrap_or(Judged { verdict: Verdict::Unmatched, reason: None }))
}
