//! `GET /leads`: the list of leads with filters that live in the URL, newest first.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use tower_sessions::Session;

use super::format;
use super::layout::{self, Answer, Flash, Shell};
use super::leads_query::{Chip, DELIVERY, Query};
use super::words;
use crate::app::App;
use crate::db::screen_leads::{self, Row};
use crate::domain::rules::Rules;
use crate::domain::status::Status;
use crate::http::error::Error;
use crate::http::extract::QueryOf;
use crate::http::principal::Principal;

/// Leads on a page.
const ROWS: usize = 50;

/// One lead of the list.
#[derive(Clone, Debug)]
struct Line {
    number: i64,
    at: DateTime<Utc>,
    age: String,
    webmaster: String,
    offer: String,
    country: String,
    phone: String,
    email: String,
    network: String,
    /// Word of the chip; empty: no delivery yet.
    delivery: String,
    status: String,
    payout: String,
    is_test: bool,
}

/// A choice of a filter.
#[derive(Clone, Debug)]
struct Choice {
    value: String,
    label: String,
}

/// A filter with its choices.
#[derive(Clone, Debug)]
struct Select {
    name: &'static str,
    label: &'static str,
    chosen: String,
    choices: Vec<Choice>,
}

/// The page.
#[derive(Template)]
#[template(path = "leads.html")]
struct Page {
    shell: Shell,
    query: Query,
    selects: Vec<Select>,
    chips: Vec<Chip>,
    lines: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
    /// The query could not be understood.
    is_wrong: bool,
    /// There is no lead at all.
    is_new: bool,
}

/// Shows the list.
pub async fn list(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    QueryOf(query): QueryOf<Query>,
) -> Answer {
    let now = app.clock.now();
    let mut shell = Shell::of(&session, &principal, "Leads", "leads").await?;
    let mut conn = app.db.acquire().await?;
    let (rows, status) = match query.filter(&mut conn).await {
        Ok((filter, after)) => {
            let limit = i64::try_from(ROWS).unwrap_or(50) + 1;
            (screen_leads::page(&mut conn, &filter, after, limit).await?, StatusCode::OK)
        }
        Err(Error::Invalid(errors)) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            shell.flash =
                Some(Flash { is_ok: false, text: format!("The filter cannot be used. {}.", said.join("; ")) });
            (Vec::new(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => return Err(error.into()),
    };
    drop(conn);
    let selects = selects(&query, &app.rules.load());
    layout::page_with(status, &page(shell, query, selects, rows, status, now))
}

fn page(
    shell: Shell,
    query: Query,
    selects: Vec<Select>,
    mut rows: Vec<Row>,
    status: StatusCode,
    now: DateTime<Utc>,
) -> Page {
    let has_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let chips = query.chips();
    Page {
        shell,
        first: (!query.after.is_empty()).then(|| query.first()),
        next: rows.last().filter(|_| has_more).map(|row| query.after(row.number)),
        is_wrong: status != StatusCode::OK,
        is_new: rows.is_empty() && chips.is_empty() && query.after.is_empty(),
        lines: rows.iter().map(|row| line(row, now)).collect(),
        chips,
        selects,
        query,
    }
}

fn line(row: &Row, now: DateTime<Utc>) -> Line {
    let delivery = if row.unrouted { Some("no_route") } else { row.delivery.as_deref() };
    Line {
        number: row.number,
        at: row.created_at,
        age: format::age(row.created_at, now),
        webmaster: row.webmaster.clone(),
        offer: row.offer.clone(),
        country: row.country.clone().unwrap_or_default(),
        phone: row.phone.as_deref().map(format::mask_phone).unwrap_or_default(),
        email: row.email.as_deref().map(format::mask_email).unwrap_or_default(),
        network: row.network.clone().unwrap_or_default(),
        delivery: delivery.unwrap_or_default().to_owned(),
        status: row.status.clone(),
        payout: if row.payout.is_zero() { String::new() } else { format::money(row.payout, &row.currency) },
        is_test: row.test,
    }
}

fn selects(query: &Query, rules: &Rules) -> Vec<Select> {
    let named = |mut names: Vec<(String, String)>| -> Vec<Choice> {
        names.sort_by_key(|(_, label)| label.to_lowercase());
        names.into_iter().map(|(value, label)| Choice { value, label }).collect()
    };
    let words = |words: &[&str]| -> Vec<Choice> {
        words.iter().map(|word| Choice { value: (*word).into(), label: words::state(word).into() }).collect()
    };
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
    let pair = |slug: &String, name: &String| (slug.clone(), if name.is_empty() { slug.clone() } else { name.clone() });
    vec![
        Select { name: "status", label: "Status", chosen: query.status.clone(), choices: words(&statuses) },
        Select { name: "delivery", label: "Delivery", chosen: query.delivery.clone(), choices: words(DELIVERY) },
        Select {
            name: "offer",
            label: "Offer",
            chosen: query.offer.clone(),
            choices: named(rules.offers.values().map(|offer| pair(&offer.slug, &offer.name)).collect()),
        },
        Select {
            name: "network",
            label: "Network",
            chosen: query.network.clone(),
            choices: named(rules.networks.values().map(|network| pair(&network.slug, &network.name)).collect()),
        },
        Select {
            name: "webmaster",
            label: "Webmaster",
            chosen: query.webmaster.clone(),
            choices: named(rules.webmasters.values().map(|webmaster| pair(&webmaster.slug, &webmaster.name)).collect()),
        },
    ]
}

#[cfg(test)]
#[path = "leads_tests.rs"]
pub(super) mod tests;
