//! `/portal/leads/{id}`: one lead as its webmaster may see it: what he sent, what became of it, and what he was told.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::owner;
use crate::app::App;
use crate::db;
use crate::db::event::Event;
use crate::db::lead::{Contact, Lead};
use crate::db::portal_lead;
use crate::db::screen_lead::{self, AttemptRow, Names, PostbackRow};
use crate::domain::status::Status;
use crate::flow::replay;
use crate::http::dashboard::contact::{self, Field};
use crate::http::dashboard::layout::{self, Answer, Shell, done, refused};
use crate::http::dashboard::lead::{Day, age, by_day, id_of};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::timeline::{self, Entry, History};
use crate::http::dashboard::{format, words};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "portal/lead.html")]
struct Page {
    shell: Shell,
    lead_id: Uuid,
    number: i64,
    created_at: DateTime<Utc>,
    age: Text,
    status: Status,
    is_test: bool,
    /// Why it is in its status, and what was said of it.
    words: Vec<String>,
    person: Vec<Field>,
    business: Vec<Field>,
    marks: Vec<Field>,
    days: Vec<Day>,
    is_told: bool,
}

/// A lead of this webmaster. Another's does not exist for him.
async fn own(conn: &mut PgConnection, owner: Uuid, id: &str) -> Result<Lead, Error> {
    let lead_id = id_of(conn, id).await?;
    let lead = db::lead::find_many(conn, &[lead_id]).await?.into_iter().next();
    lead.filter(|lead| lead.webmaster_id == owner).ok_or(Error::NotFound("lead"))
}

/// `GET /portal/leads/{id}`: by id or number.
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let owner = owner(&principal)?;
    let mut conn = app.db.acquire().await?;
    let lead = own(&mut conn, owner, &id).await?;
    let title = say("lead-title").with("number", lead.number);
    let shell = Shell::of(&session, &principal, title, "/portal/leads").await?;
    let contact = db::lead::contacts(&mut conn, &[lead.lead_id]).await?.into_iter().next().unwrap_or_default();
    let names = screen_lead::names(&mut conn, lead.lead_id).await?;
    let events = db::event::of_lead(&mut conn, lead.lead_id).await?;
    let calls = portal_lead::postbacks(&mut conn, lead.lead_id, owner).await?;
    let attempts = portal_lead::attempts(&mut conn, lead.lead_id, owner).await?;
    drop(conn);
    let told = Told { events: &events, calls: &calls, attempts: &attempts };
    let page = page(shell, &lead, &contact, &names, &told, app.clock.now());
    let mut response = layout::page(&page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What happened, and what the webmaster heard of it.
struct Told<'a> {
    events: &'a [Event],
    calls: &'a [PostbackRow],
    attempts: &'a [AttemptRow],
}

fn page(shell: Shell, lead: &Lead, contact: &Contact, names: &Names, told: &Told<'_>, now: DateTime<Utc>) -> Page {
    let said = [lead.reason.as_deref(), lead.comment.as_deref()];
    Page {
        lead_id: lead.lead_id,
        number: lead.number,
        created_at: lead.created_at,
        age: age(lead.created_at, now),
        status: lead.status,
        is_test: lead.test,
        words: said.into_iter().flatten().map(words::sentence).filter(|text| !text.is_empty()).collect(),
        person: contact::person(contact, false),
        business: business(lead, names),
        marks: contact::marks(lead),
        days: by_day(history(told)),
        is_told: !told.calls.is_empty(),
        shell,
    }
}

/// What it is worth to the webmaster.
fn business(lead: &Lead, names: &Names) -> Vec<Field> {
    let field = |label: &'static str, value: String| Field { label: say(label).into(), value, is_code: false };
    let payout = match lead.status {
        Status::New | Status::Pending => lead.payout_due,
        _ => lead.payout,
    };
    let price = lead.price.map(|price| {
        let currency = lead.price_currency.as_deref().unwrap_or(&lead.currency);
        field("lead-price", format::money(price, currency))
    });
    let optional = [
        names.flow.clone().map(|flow| Field { is_code: true, ..field("lead-flow", flow) }),
        lead.country.clone().map(|country| field("lead-country", country)),
        lead.goal.clone().map(|goal| field("lead-goal", goal)),
        price,
        lead.quantity.map(|quantity| field("lead-quantity", quantity.to_string())),
    ];
    let mut fields = vec![field("lead-offer", names.offer.clone())];
    fields.extend(optional.into_iter().flatten());
    fields.push(field("lead-payout", format::money(payout, &lead.currency)));
    fields
}

/// The timeline without what is none of a webmaster's business: networks, routes, revenue, and who works here.
fn history(told: &Told<'_>) -> Vec<Entry> {
    let events: Vec<Event> = told.events.iter().filter_map(|event| shown(event, told.events)).collect();
    let body = |text: &str| text.to_owned();
    let history = History {
        events: &events,
        attempts: told.attempts,
        inbound: &[],
        postbacks: told.calls,
        deliveries: &[],
        networks: &HashMap::new(),
        is_his: true,
        body: Some(&body),
    };
    let mut entries = timeline::build(&history);
    for entry in &mut entries {
        entry.from.clear();
    }
    let received = told.events.iter().find(|event| event.kind == "received");
    if let Some(event) = received {
        entries.insert(0, Entry::new(event.at, 0, say("portal-received"), ""));
    }
    entries
}

/// An event as the webmaster sees it; none: he does not.
fn shown(event: &Event, all: &[Event]) -> Option<Event> {
    let detail = match event.kind.as_str() {
        "status" => {
            let mut kept = kept(&event.detail, &["from", "to", "move", "reason", "payout", "currency"]);
            // What is promised until then is not booked yet: that would read as nothing.
            if kept.get("to").and_then(Value::as_str) == Some(Status::Pending.as_str()) {
                kept.remove("payout");
            }
            // The report that moved it stands beside the move, and has the comment.
            let report = all.iter().find(|other| other.kind == "report" && other.at == event.at);
            if let Some(comment) = report.and_then(|report| report.detail.get("comment")) {
                kept.insert("comment".to_owned(), comment.clone());
            }
            Value::Object(kept)
        }
        "changed" => event.detail.clone(),
        _ => return None,
    };
    Some(Event { actor: None, detail, ..event.clone() })
}

fn kept(detail: &Value, names: &[&str]) -> Map<String, Value> {
    let found = names.iter().filter_map(|name| Some(((*name).to_owned(), detail.get(*name)?.clone())));
    found.collect()
}

/// `POST /portal/leads/{id}/resend`: the last call of each of his rules, with its id.
pub async fn resend(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let owner = owner(&principal)?;
    let lead = own(&mut *app.db.acquire().await?, owner, &id).await?;
    let back = format!("/portal/leads/{}", lead.number);
    match replay::resend_postbacks(&app, lead.lead_id, Some(owner), &principal.actor()).await {
        Ok(0) => refused(&session, &back, say("lead-resent-none")).await,
        Ok(sent) => done(&session, &back, say("lead-resent").count("count", sent)).await,
        Err(replay::Refused::State(why)) => {
            refused(&session, &back, say("lead-not-resent").with("why", words::sentence(&why))).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_webmaster_sees_no_network_no_revenue_and_nobody_who_works_here() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let event = |kind: &str, detail: Value| Event {
            event_id: Uuid::nil(),
            lead_id: Uuid::nil(),
            at,
            kind: kind.into(),
            source: "admin".into(),
            actor: Some("user:ann@example.com".into()),
            detail,
        };
        let events = [
            event("received", json!({ "network_id": Uuid::nil(), "trace": [{ "network": "secret-crm" }] })),
            event("routed", json!({ "network_id": Uuid::nil() })),
            event("report", json!({ "status": "hold", "comment": "call later", "revenue": "99", "result": "applied" })),
            event(
                "status",
                json!({ "from": "new", "to": "hold", "reason": "no answer", "revenue": "99", "payout": "7",
                "currency": "USD", "postbacks": "no rule" }),
            ),
            event("delivery", json!({ "state": "accepted" })),
            event("revealed", json!({})),
        ];
        let entries = history(&Told { events: &events, calls: &[], attempts: &[] });
        let titles: Vec<&str> = entries.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!(titles, ["Received", "Status: new → hold"]);
        assert_eq!(entries[1].notes, ["No answer.", "Call later."]);
        assert_eq!(entries[1].facts, ["Payout 7.00\u{a0}USD"]);
        let all = format!("{entries:?}");
        assert!(!all.contains("ann@") && !all.contains("99") && !all.contains("crm"), "{all}");
    }
}
