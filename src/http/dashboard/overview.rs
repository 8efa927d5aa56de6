//! `GET /`: today against the same time yesterday, what needs a person now, and the first steps on an instance that
//! has delivered nothing yet.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use tower_sessions::Session;

use super::attention::{self, Item};
use super::format;
use super::layout::{self, Answer, Shell};
use super::steps::{self, First, Step};
use super::texts::{self, Text, say};
use crate::app::App;
use crate::db::screen_overview::{self as screen, Booked, MOST, Pair, Spans, Totals};
use crate::http::principal::Principal;

/// A due job may wait this long before somebody should look.
const LATE: TimeDelta = TimeDelta::minutes(5);

/// One number.
#[derive(Debug)]
struct Stat {
    label: Text,
    /// Money has one per currency.
    values: Vec<String>,
    /// Against yesterday.
    delta: Option<Delta>,
    /// What it is beside the number.
    note: Text,
    href: Option<&'static str>,
    is_money: bool,
}

/// The change against yesterday.
#[derive(Debug, PartialEq, Eq)]
struct Delta {
    /// `up` or `down`.
    direction: &'static str,
    text: String,
}

/// The page.
#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    shell: Shell,
    now: DateTime<Utc>,
    stats: Vec<Stat>,
    attention: Vec<Item>,
    steps: Vec<Step>,
}

impl Page {
    fn steps_done(&self) -> usize {
        self.steps.iter().filter(|step| step.is_done).count()
    }
}

/// Shows the overview.
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let now = app.clock.now();
    let spans = Spans::at(now);
    let mut conn = app.db.acquire().await?;
    let totals = screen::totals(&mut conn, spans).await?;
    let money = screen::money(&mut conn, spans).await?;
    let trouble = attention::Trouble {
        waiting: screen::waiting(&mut conn, now).await?,
        unmapped: screen::unmapped(&mut conn).await?,
        lanes: screen::troubled(&mut conn).await?,
        late: screen::late(&mut conn, now - LATE).await?,
    };
    let there = screen::steps(&mut conn).await?;
    drop(conn);
    let is_new = !(there.accepted && there.lead);
    let shell = Shell::of(&session, &principal, say("place-overview"), "/").await?;
    let first_steps = || steps::list(there, &First::of(&app.rules.load()), app.public_url.as_str(), shell.role);
    let page = Page {
        now,
        stats: stats(&totals, &money),
        attention: attention::items(&trouble, now),
        steps: if is_new { first_steps() } else { Vec::new() },
        shell,
    };
    layout::page(&page)
}

fn stats(totals: &Totals, money: &[Booked]) -> Vec<Stat> {
    let count = |label, pair: Pair, href| Stat {
        label: say(label),
        values: vec![format::count(pair.today)],
        delta: delta(pair.today.into(), pair.yesterday.into()),
        note: say("overview-yesterday").with("what", format::count(pair.yesterday)),
        href,
        is_money: false,
    };
    vec![
        count("overview-leads", totals.leads, Some("/leads")),
        count("overview-accepted", totals.accepted, Some("/leads?delivery=accepted")),
        count("overview-refused", totals.refused, Some("/leads?delivery=refused")),
        Stat {
            label: say("overview-waiting"),
            values: vec![up_to(totals.waiting)],
            delta: None,
            note: say("overview-waiting-note"),
            href: Some("/deliveries?state=waiting"),
            is_money: false,
        },
        count("overview-approved", totals.approved, Some("/leads?status=approved")),
        sum("overview-payout", "payout", money),
        sum("overview-revenue", "revenue", money),
    ]
}

fn sum(label: &'static str, side: &str, money: &[Booked]) -> Stat {
    let booked: Vec<&Booked> = money.iter().filter(|booked| booked.side == side).collect();
    let print = |amount: fn(&Booked) -> Decimal| -> Vec<String> {
        let shown = booked.iter().filter(|b| !amount(b).is_zero());
        shown.map(|b| format::money(amount(b), &b.currency)).collect()
    };
    let (today, yesterday) = (print(|b| b.today), print(|b| b.yesterday));
    let change = match booked.as_slice() {
        [one] => delta(one.today, one.yesterday),
        _ => None,
    };
    Stat {
        label: say(label),
        values: if today.is_empty() { vec!["0".into()] } else { today },
        delta: change,
        note: if yesterday.is_empty() {
            say("overview-nothing-yesterday")
        } else {
            say("overview-yesterday").with("what", yesterday.join(", "))
        },
        href: None,
        is_money: true,
    }
}

/// Nothing where nothing changed: the note says it all.
fn delta(today: Decimal, yesterday: Decimal) -> Option<Delta> {
    if today == yesterday {
        return None;
    }
    let direction = if today > yesterday { "up" } else { "down" };
    let percent = (today - yesterday).checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(yesterday));
    let text = match percent {
        Some(percent) if yesterday > Decimal::ZERO => format!("{:+} %", percent.round()),
        Some(_) => String::new(),
        None if yesterday.is_zero() => say("overview-new").into(),
        None => String::new(),
    };
    Some(Delta { direction, text })
}

fn up_to(number: i64) -> String {
    if number >= MOST { format!("{}+", format::count(MOST)) } else { format::count(number) }
}

#[cfg(test)]
#[path = "overview_tests.rs"]
pub(super) mod tests;
