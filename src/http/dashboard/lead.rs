//! `GET /leads/{id}`: one lead: its story in a sentence, its fields, its timeline, and what can be done about it.
//! Contacts are masked. Admins and managers may reveal them (`?reveal=1`); that leaves a line on the timeline and in
//! the audit log.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::contact::{self, Field};
use super::format;
use super::layout::{self, Answer, Shell};
use super::reader;
use super::redact::Cover;
use super::story::{self, Facts, Step, Told};
use super::texts::{self, Text, say};
use super::timeline::{self, Entry, History};
use super::words;
use crate::app::App;
use crate::db;
use crate::db::delivery::Delivery;
use crate::db::event::Event;
use crate::db::lead::{Contact, Lead};
use crate::db::reference::{self, Reference};
use crate::db::screen_lead::{self, AttemptRow, InboundRow, Names, NetworkName, PostbackRow};
use crate::domain::status::Status;
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// What the URL may ask for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// `1`: show the contact data.
    reveal: String,
}

/// The lines of one day, as the reader counts days.
#[derive(Debug)]
pub struct Day {
    pub date: NaiveDate,
    pub entries: Vec<Entry>,
}

impl Day {
    /// Its heading.
    pub fn title(&self) -> String {
        format::long_day(self.date)
    }
}

/// The page.
#[derive(Template)]
#[template(path = "lead.html")]
struct Page {
    shell: Shell,
    lead_id: Uuid,
    number: i64,
    created_at: DateTime<Utc>,
    age: Text,
    status: Status,
    is_test: bool,
    story: String,
    person: Vec<Field>,
    business: Vec<Field>,
    marks: Vec<Field>,
    is_erased: bool,
    is_revealed: bool,
    days: Vec<Day>,
    /// Networks it can be handed to.
    networks: Vec<NetworkName>,
    statuses: Vec<Status>,
}

/// Everything a page is made of, as read in one go.
pub(super) struct Read {
    lead: Lead,
    contact: Contact,
    names: Names,
    events: Vec<Event>,
    deliveries: Vec<Delivery>,
    attempts: Vec<AttemptRow>,
    inbound: Vec<InboundRow>,
    postbacks: Vec<PostbackRow>,
    networks: Vec<NetworkName>,
}

/// The id of a lead named by id or number.
pub async fn id_of(conn: &mut PgConnection, text: &str) -> Result<Uuid, Error> {
    reference::lead_id(conn, &Reference::parse(text)).await?.ok_or(Error::NotFound("lead"))
}

/// Shows a lead.
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let now = app.clock.now();
    // The title is the lead's number, once it is read.
    let shell = Shell::of(&session, &principal, "", "/leads").await?;
    let mut tx = app.db.begin().await?;
    let lead_id = id_of(&mut tx, &id).await?;
    let is_revealed = ask.reveal == "1";
    if is_revealed {
        if !shell.is_manager() {
            return Err(Error::Forbidden(say("lead-no-reveal").into()).into());
        }
        note_reveal(&app, &mut tx, lead_id, &principal).await?;
    }
    let read = read(&mut tx, lead_id).await?;
    tx.commit().await?;
    let mut response = layout::page(&page(shell, read, is_revealed, now))?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn note_reveal(app: &App, conn: &mut PgConnection, lead_id: Uuid, principal: &Principal) -> sqlx::Result<()> {
    let now = app.clock.now();
    let event = Event {
        event_id: app.ids.next(),
        lead_id,
        at: now,
        kind: "revealed".into(),
        source: "admin".into(),
        actor: Some(principal.actor()),
        detail: json!({}),
    };
    db::event::insert_many(conn, &[event]).await?;
    let entry = db::audit::Entry {
        audit_id: app.ids.next(),
        at: now,
        actor: principal.actor(),
        action: "lead.reveal".into(),
        object_kind: "lead".into(),
        object_id: Some(lead_id),
        before: None,
        after: None,
    };
    db::audit::insert(conn, &entry).await
}

async fn read(conn: &mut PgConnection, lead_id: Uuid) -> Result<Read, Error> {
    let lead = db::lead::find_many(conn, &[lead_id]).await?.into_iter().next().ok_or(Error::NotFound("lead"))?;
    Ok(Read {
        lead,
        contact: db::lead::contacts(conn, &[lead_id]).await?.into_iter().next().unwrap_or_default(),
        names: screen_lead::names(conn, lead_id).await?,
        events: db::event::of_lead(conn, lead_id).await?,
        deliveries: db::delivery::of_leads(conn, &[lead_id]).await?,
        attempts: screen_lead::attempts(conn, lead_id).await?,
        inbound: screen_lead::inbound(conn, lead_id).await?,
        postbacks: screen_lead::postbacks(conn, lead_id).await?,
        networks: screen_lead::networks(conn).await?,
    })
}

fn page(mut shell: Shell, read: Read, is_revealed: bool, now: DateTime<Utc>) -> Page {
    let lead = &read.lead;
    shell.title = say("lead-title").with("number", lead.number).into();
    let names: HashMap<Uuid, String> = read.networks.iter().map(|n| (n.network_id, n.name.clone())).collect();
    let cover = Cover::of(&read.contact);
    // Whoever may not reveal contacts sees no bodies: a partner may write a person's data in forms we do not know.
    let show = |text: &str| if is_revealed { text.to_owned() } else { cover.hide(text) };
    let history = History {
        events: &read.events,
        attempts: &read.attempts,
        inbound: &read.inbound,
        postbacks: &read.postbacks,
        deliveries: &read.deliveries,
        networks: &names,
        is_his: false,
        body: if shell.is_manager() { Some(&show) } else { None },
    };
    let entries = timeline::build(&history);
    Page {
        lead_id: lead.lead_id,
        number: lead.number,
        created_at: lead.created_at,
        age: age(lead.created_at, now),
        status: lead.status,
        is_test: lead.test,
        story: story_of(&read, &names, now),
        person: contact::person(&read.contact, is_revealed),
        business: contact::business(lead, &read.names),
        marks: contact::marks(lead),
        is_erased: read.names.erased_at.is_some(),
        is_revealed,
        days: by_day(entries),
        networks: read.networks.iter().filter(|network| network.is_in_use).cloned().collect(),
        statuses: Status::ALL.iter().copied().filter(|status| *status != Status::New).collect(),
        shell,
    }
}

/// How old a lead is. Ages below a second have no unit.
pub fn age(created_at: DateTime<Utc>, now: DateTime<Utc>) -> Text {
    match (now - created_at).num_seconds() {
        ..=0 => say("lead-age-now"),
        _ => say("lead-age").with("age", format::age(created_at, now)),
    }
}

fn story_of(read: &Read, names: &HashMap<Uuid, String>, now: DateTime<Utc>) -> String {
    let lead = &read.lead;
    let some_network = say("lead-some-network").to_string();
    let steps: Vec<Step<'_>> = read
        .deliveries
        .iter()
        .filter(|delivery| delivery.purpose == "sale")
        .map(|delivery| Step {
            network: names.get(&delivery.network_id).map_or(some_network.as_str(), String::as_str),
            state: &delivery.state,
            reason: delivery.reason.as_deref(),
            is_duplicate: delivery.is_duplicate,
            is_accepted: delivery.accepted_at.is_some(),
            next_at: delivery.next_at,
        })
        .collect();
    let to = lead.status.as_str();
    let moved =
        |event: &&Event| event.kind == "status" && event.detail.get("to").and_then(|to| to.as_str()) == Some(to);
    let since = read.events.iter().rfind(moved).map(|event| event.at);
    // The report that moved it stands beside the move.
    let by_hand = since.is_some_and(|since| {
        read.events.iter().any(|event| event.kind == "report" && event.source == "admin" && event.at == since)
    });
    let last = read.postbacks.iter().rfind(|call| !matches!(call.state.as_str(), "suppressed" | "superseded"));
    let told = last.or(read.postbacks.last()).map(|call| Told { state: &call.state, at: call.updated_at });
    story::tell(&Facts {
        now,
        status: lead.status,
        since,
        reason: lead.reason.as_deref(),
        by_hand,
        unrouted: lead.unrouted,
        steps: &steps,
        told,
    })
}

/// The lines, day by day of the reader.
pub fn by_day(entries: Vec<Entry>) -> Vec<Day> {
    let zone = reader::zone();
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let date = entry.at.with_timezone(&zone).date_naive();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.entries.push(entry),
            None => days.push(Day { date, entries: vec![entry] }),
        }
    }
    days
}

#[cfg(test)]
#[path = "lead_tests.rs"]
pub(super) mod tests;
