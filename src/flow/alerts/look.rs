//! Looks at what is wrong now, and notes what each channel is to be told of it. One node at a time, one transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::read;
use crate::app::App;
use crate::base::disk;
use crate::db;
use crate::db::alert::{Heard, NewNotice};
use crate::db::alert_channel;
use crate::db::alert_rule::{self, Watch};
use crate::domain::alert::tell::{self, Event};
use crate::domain::alert::watch::{self, Open, Step};
use crate::domain::alert::{Facts, Kind};

/// Somebody looks this often.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(30);
/// Approve rates move slowly and cost more to count.
const RATES_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Looks, unless somebody has looked lately or does so now.
pub async fn run(app: &App) -> anyhow::Result<()> {
    let (data, now) = (app.config.data_dir.clone(), app.clock.now());
    // Before the transaction: a disk that hangs must not hold it.
    let room = tokio::task::spawn_blocking(move || disk::room_of_data(&data)).await?;
    let mut tx = app.db.begin().await?;
    let Some(taken) = alert_rule::take_watch(&mut tx, now - LOOK_EVERY).await? else { return Ok(()) };
    let has_rates = taken.rates_looked_at.is_none_or(|at| now - at >= RATES_EVERY);
    let rules = super::rules(&mut tx).await?;
    let found = read::all(&mut tx, &app.rules.load(), &rules, room, has_rates, now).await?;
    let off: BTreeSet<Kind> = rules.iter().filter(|(_, rule)| !rule.enabled).map(|(kind, _)| *kind).collect();
    let open = open(&mut tx).await?;
    let facts: HashMap<Uuid, Value> = open.iter().map(|(alert, facts)| (alert.alert_id, facts.clone())).collect();
    let open: Vec<Open> = open.into_iter().map(|(alert, _)| alert).collect();
    let mut notes = Notes::of(&mut tx, &open).await?;
    for step in watch::steps(&open, found.readings, &found.kinds, &off, now) {
        take(app, &mut tx, &mut notes, &facts, step, now).await?;
    }
    let rates_looked_at = if has_rates { Some(now) } else { taken.rates_looked_at };
    alert_rule::note_watch(&mut tx, Watch { looked_at: Some(now), rates_looked_at }).await?;
    tx.commit().await?;
    Ok(())
}

async fn open(conn: &mut PgConnection) -> sqlx::Result<Vec<(Open, Value)>> {
    let rows = db::alert::open(conn).await?;
    let alert = |row: db::alert::Row| {
        let kind = row.kind.parse().ok()?;
        let db::alert::Row { alert_id, subject, size, calm_since, facts, .. } = row;
        Some((Open { alert_id, kind, subject, size, calm_since }, facts))
    };
    Ok(rows.into_iter().filter_map(alert).collect())
}

async fn take(
    app: &App,
    conn: &mut PgConnection,
    notes: &mut Notes,
    known: &HashMap<Uuid, Value>,
    step: Step,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    match step {
        Step::Open(reading) => {
            let alert_id = app.ids.next();
            let facts = written(&reading.facts)?;
            let row = db::alert::Row {
                alert_id,
                kind: reading.kind.to_string(),
                subject: reading.subject,
                facts: facts.clone(),
                size: reading.size,
                opened_at: now,
                calm_since: None,
                closed_at: None,
            };
            db::alert::insert(conn, &row).await?;
            tracing::info!(alert = %reading.kind, subject = row.subject, "an alert has opened");
            notes.add(app, conn, Event::Opened, alert_id, &facts, now).await?;
        }
        Step::Keep { alert_id, reading, has_grown } => {
            let facts = written(&reading.facts)?;
            db::alert::keep(conn, alert_id, &facts, reading.size).await?;
            let event = if has_grown { Event::Grown } else { Event::Lasts };
            notes.add(app, conn, event, alert_id, &facts, now).await?;
        }
        Step::Calm { alert_id } => db::alert::calm(conn, alert_id, now).await?,
        Step::Close { alert_id } => {
            db::alert::close(conn, alert_id, now).await?;
            tracing::info!(%alert_id, "an alert is over");
            let facts = known.get(&alert_id).cloned().unwrap_or_default();
            notes.add(app, conn, Event::Closed, alert_id, &facts, now).await?;
        }
        Step::Drop { alert_id } => db::alert::close(conn, alert_id, now).await?,
    }
    Ok(())
}

fn written(facts: &Facts) -> serde_json::Result<Value> {
    serde_json::to_value(facts)
}

/// What channels have heard, and what is added to it.
struct Notes {
    channels: Vec<(Uuid, i32)>,
    heard: HashMap<(Uuid, Uuid), tell::Heard>,
}

impl Notes {
    async fn of(conn: &mut PgConnection, open: &[Open]) -> sqlx::Result<Self> {
        let alerts: Vec<Uuid> = open.iter().map(|alert| alert.alert_id).collect();
        let channels = alert_channel::all(conn).await?.into_iter().filter(|channel| channel.enabled);
        let heard = db::alert::heard(conn, &alerts).await?.into_iter().map(|heard| {
            let Heard { alert_id, alert_channel_id, last_at, is_pending } = heard;
            ((alert_id, alert_channel_id), tell::Heard { last_at: Some(last_at), is_pending })
        });
        Ok(Self {
            channels: channels.map(|channel| (channel.alert_channel_id, channel.repeat_hours)).collect(),
            heard: heard.collect(),
        })
    }

    async fn add(
        &mut self,
        app: &App,
        conn: &mut PgConnection,
        event: Event,
        alert_id: Uuid,
        facts: &Value,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        for (alert_channel_id, repeat_hours) in &self.channels {
            let heard = self.heard.get(&(alert_id, *alert_channel_id)).copied().unwrap_or_default();
            let Some(what) = tell::notice(event, heard, *repeat_hours, now) else { continue };
            let notice = NewNotice {
                alert_notice_id: app.ids.next(),
                alert_id,
                alert_channel_id: *alert_channel_id,
                what: what.as_str(),
                facts: facts.clone(),
            };
            db::alert::add_notice(conn, &notice, now).await?;
        }
        Ok(())
    }
}
