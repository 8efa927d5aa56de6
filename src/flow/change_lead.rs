//! Corrections and upsells by a webmaster, after the lead was posted.

use serde_json::json;
use uuid::Uuid;

use super::tell_network;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::lead::Edit;
use crate::domain::lead::LeadChange;
use crate::queue;

/// Why a change is not made.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// `meta` would grow too large.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// There is no such lead.
    #[error("the lead is gone")]
    Gone,
    /// Its person's data has been erased.
    #[error("the data of the lead's person has been erased")]
    Erased,
    /// The database.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
}

/// Writes a change and its line on the timeline (names of fields, no values). Networks that have the lead and can take
/// changes are sent it anew.
pub async fn run(app: &App, lead_id: Uuid, change: LeadChange, actor: &str) -> Result<(), Refused> {
    if change.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let lead = db::lead::lock(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::Gone)?;
    if db::erase::erased_at(&mut tx, lead_id).await?.is_some() {
        return Err(Refused::Erased);
    }
    let mut contact = db::lead::contacts(&mut tx, &[lead_id]).await?.into_iter().next().ok_or(Refused::Gone)?;
    let names = change.names();
    let stored = contact.meta.as_object().cloned().unwrap_or_default();
    contact.meta = serde_json::Value::Object(change.merge_meta(&stored).map_err(Refused::Invalid)?);
    let set = |to: &mut Option<String>, change: Option<Option<String>>| {
        if let Some(value) = change {
            *to = value;
        }
    };
    set(&mut contact.name, change.name);
    set(&mut contact.first_name, change.first_name);
    set(&mut contact.last_name, change.last_name);
    set(&mut contact.email, change.email);
    set(&mut contact.city, change.city);
    set(&mut contact.region, change.region);
    set(&mut contact.zip, change.zip);
    set(&mut contact.address, change.address);
    set(&mut contact.comment, change.comment);
    let edit = Edit {
        contact,
        price: change.price.unwrap_or(lead.price),
        price_currency: change.currency.unwrap_or(lead.price_currency),
        quantity: change.quantity.unwrap_or(lead.quantity),
    };
    db::lead::edit(&mut tx, &edit, now).await?;
    let deliveries = db::delivery::of_leads(&mut tx, &[lead_id]).await?;
    let jobs = tell_network::changes(app, &app.rules.load(), &deliveries);
    let event = db::event::Event {
        event_id: app.ids.next(),
        lead_id,
        at: now,
        kind: "changed".into(),
        source: "intake".into(),
        actor: Some(actor.to_owned()),
        detail: json!({ "fields": names, "networks": jobs.len() }),
    };
    db::event::insert_many(&mut tx, &[event]).await?;
    queue::enqueue(&mut tx, &jobs).await?;
    tx.commit().await?;
    if !jobs.is_empty() {
        app.wake.jobs();
    }
    Ok(())
}
