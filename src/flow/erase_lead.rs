//! Takes the personal data of one lead out for good, because its person asks for it. The lead, its money and its
//! timeline stay.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::replay::{self, Refused};
use crate::app::App;
use crate::db;

/// What was done.
#[derive(Clone, Copy, Debug)]
pub struct Erased {
    /// When it was done first.
    pub at: DateTime<Utc>,
    /// Whether there was anything to remove this time.
    pub is_news: bool,
}

/// Erases. A lead on its way to a network must arrive first; one that waits is not sent any more. Doing it again removes
/// what has come since, and says nothing when that is nothing.
pub async fn run(app: &App, lead_id: Uuid, actor: &str) -> Result<Erased, Refused> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::NotFound("lead"))?;
    let before = db::erase::erased_at(&mut tx, lead_id).await?;
    let deliveries = db::delivery::of_leads(&mut tx, &[lead_id]).await?;
    if deliveries.iter().any(|delivery| delivery.state == "sending") {
        return Err(Refused::State("the lead is being sent to a network at this moment; try again in a minute".into()));
    }
    let waits = deliveries.iter().filter(|delivery| matches!(delivery.state.as_str(), "waiting" | "retrying"));
    let waiting: Vec<Uuid> = waits.map(|delivery| delivery.delivery_id).collect();
    replay::cancel_waiting(&mut tx, &waiting).await?;
    db::lead::set_unrouted(&mut tx, &[lead_id], false).await?;
    db::erase::contact(&mut tx, lead_id, now).await?;
    let exchanges = db::erase::attempt_bodies(&mut tx, lead_id).await?;
    let calls = db::erase::inbound_bodies(&mut tx, lead_id).await?;
    let postbacks = db::erase::postback_bodies(&mut tx, lead_id).await?;
    let is_news = before.is_none() || exchanges + calls + postbacks > 0;
    if is_news {
        let removed = json!({ "exchanges": exchanges, "calls": calls, "postbacks": postbacks });
        let event = db::event::Event {
            event_id: app.ids.next(),
            lead_id,
            at: now,
            kind: "erased".into(),
            source: "admin".into(),
            actor: Some(actor.to_owned()),
            detail: removed.clone(),
        };
        db::event::insert_many(&mut tx, &[event]).await?;
        let line = db::audit::Entry {
            audit_id: app.ids.next(),
            at: now,
            actor: actor.to_owned(),
            action: "lead.erase".into(),
            object_kind: "lead".into(),
            object_id: Some(lead_id),
            before: before.map(|at| json!({ "erased_at": at })),
            after: Some(json!({ "erased_at": before.unwrap_or(now), "removed": removed })),
        };
        db::audit::insert(&mut tx, &line).await?;
    }
    tx.commit().await?;
    Ok(Erased { at: before.unwrap_or(now), is_news })
}

/// Refuses what needs a person whose data is gone.
pub(super) async fn check(conn: &mut sqlx::PgConnection, lead_id: Uuid) -> Result<(), Refused> {
    match db::erase::erased_at(conn, lead_id).await? {
        Some(_) => Err(Refused::State("the data of the lead's person has been erased".into())),
        None => Ok(()),
    }
}
