//! `/offers/{id}/routing/simulation`: the draft on leads of the past, against what happened.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use tower_sessions::Session;
use uuid::Uuid;

use super::{offer_of, page_of, plan_of};
use crate::app::App;
use crate::db;
use crate::db::routing::Brought;
use crate::domain::routing::plan;
use crate::domain::routing::simulate::{self, Moves};
use crate::domain::rules::{Offer, Rules};
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::list::{Asked, day_start};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, reader};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Leads tried at most.
const MOST: i64 = 20_000;
/// Days a network's usual revenue for a lead is taken from, besides those tried.
const EXPERIENCE: u64 = 30;

/// What a network would have had, beside what it had.
struct Row {
    network: String,
    before: u64,
    after: u64,
    /// By currency: what its leads brought, what those of the draft would bring.
    money: Vec<(String, Decimal, Decimal)>,
    /// It gets leads, and nobody knows what they bring there.
    is_guess: bool,
}

impl Row {
    fn difference(&self) -> i64 {
        i64::try_from(self.after).unwrap_or(i64::MAX) - i64::try_from(self.before).unwrap_or(i64::MAX)
    }
}

/// Leads that would go elsewhere.
struct Move {
    from: String,
    to: String,
    leads: u64,
}

#[derive(Template)]
#[template(path = "routing/simulation.html")]
struct Page {
    shell: Shell,
    offer: std::sync::Arc<Offer>,
    here: String,
    from: String,
    to: String,
    is_draft: bool,
    wrong: Option<Text>,
    leads: u64,
    is_cut: bool,
    moved: u64,
    rows: Vec<Row>,
    moves: Vec<Move>,
}

/// `GET /offers/{id}/routing/simulation`, with the days `from` and `to`; yesterday without.
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
) -> Answer {
    let (rules, now) = (app.rules.load(), app.clock.now());
    let offer = offer_of(&rules, &id)?;
    let asked = Asked::read("/offers", query.as_deref());
    let yesterday = now.with_timezone(&reader::zone()).date_naive().pred_opt().unwrap_or_default();
    let day = |name: &str| asked.given(name).map_or(Some(yesterday), |text| text.parse::<NaiveDate>().ok());
    let span = day("from").zip(day("to")).filter(|(from, to)| from <= to && (*to - *from).num_days() < 366);
    let span = span.and_then(|(from, to)| day_start(from).zip(day_start(to.succ_opt()?)));
    let mut conn = app.db.acquire().await?;
    let draft = db::routing::draft(&mut conn, offer.offer_id).await?;
    let (mut past, mut brought) = (Vec::new(), Vec::new());
    if let Some((from, to)) = span {
        past = db::routing::past_leads(&mut conn, offer.offer_id, from, to, MOST).await?;
        brought = db::routing::brought(&mut conn, offer.offer_id, experience(from), to).await?;
    }
    drop(conn);
    let plan = draft.as_ref().map(plan_of).transpose()?;
    let tried = plan.as_ref().map(|plan| plan::with(&rules, offer.offer_id, plan));
    let is_cut = i64::try_from(past.len()).is_ok_and(|leads| leads == MOST);
    let (offer_id, own) = (offer.offer_id, std::sync::Arc::clone(&rules));
    // Thousands of draws: not on the threads that answer.
    let simulated =
        tokio::task::spawn_blocking(move || simulate::simulate(tried.as_ref().unwrap_or(&own), offer_id, &past));
    let moves = simulated.await.map_err(|error| Error::Internal(error.into()))?;
    let asked_day = |name: &str| asked.given(name).map_or_else(|| yesterday.to_string(), str::to_owned);
    let page = Page {
        shell: Shell::of(&session, &principal, say("simulation-of").with("offer", &offer.name), "/offers").await?,
        here: page_of(&offer),
        from: asked_day("from"),
        to: asked_day("to"),
        is_draft: plan.is_some(),
        wrong: span.is_none().then(|| say("simulation-days-wrong")),
        leads: moves.values().sum(),
        is_cut,
        moved: moves.iter().filter(|((from, to), _)| from != to).map(|(_, leads)| leads).sum(),
        rows: rows(&moves, &brought, &rules),
        moves: elsewhere(&moves, &rules),
        offer,
    };
    let status = if page.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    layout::page_with(status, &page)
}

fn experience(from: DateTime<Utc>) -> DateTime<Utc> {
    from.checked_sub_days(Days::new(EXPERIENCE)).unwrap_or(from)
}

fn name(network: Option<Uuid>, rules: &Rules) -> String {
    match network {
        None => say("simulation-nobody").into(),
        Some(id) => rules.networks.get(&id).map_or_else(|| say("routing-network-gone").into(), |one| one.name.clone()),
    }
}

/// Networks by what changes, the largest first. A lead is taken to bring what leads of its network usually bring.
fn rows(moves: &Moves, brought: &[Brought], rules: &Rules) -> Vec<Row> {
    let mut counts: BTreeMap<Option<Uuid>, (u64, u64)> = BTreeMap::new();
    for ((from, to), leads) in moves {
        counts.entry(*from).or_default().0 += leads;
        counts.entry(*to).or_default().1 += leads;
    }
    let mut rows: Vec<Row> = counts
        .into_iter()
        .map(|(network, (before, after))| {
            let known: Vec<&Brought> = brought.iter().filter(|one| Some(one.network_id) == network).collect();
            let all: i64 = known.iter().map(|one| one.leads).sum();
            let usual = |revenue: Decimal, leads: u64| match all {
                0 => Decimal::ZERO,
                all => (revenue * Decimal::from(leads) / Decimal::from(all)).round_dp(2),
            };
            let money = known.iter().filter(|one| !one.revenue.is_zero());
            Row {
                network: name(network, rules),
                before,
                after,
                money: money
                    .map(|one| (one.currency.clone(), usual(one.revenue, before), usual(one.revenue, after)))
                    .collect(),
                is_guess: network.is_some() && after > 0 && all == 0,
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.difference().abs(), row.after)));
    rows
}

fn elsewhere(moves: &Moves, rules: &Rules) -> Vec<Move> {
    let mut elsewhere: Vec<Move> = moves
        .iter()
        .filter(|((from, to), _)| from != to)
        .map(|((from, to), leads)| Move { from: name(*from, rules), to: name(*to, rules), leads: *leads })
        .collect();
    elsewhere.sort_by_key(|one| std::cmp::Reverse(one.leads));
    elsewhere
}
