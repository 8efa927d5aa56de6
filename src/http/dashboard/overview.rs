//! `GET /`: today against yesterday and a week ago at the same time, hour by hour; what needs a person now; and the
//! first steps on an instance that has delivered nothing yet.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive as _;
use tower_sessions::Session;

use super::attention::{self, Item};
use super::chart::{self, Chart};
use super::layout::{self, Answer, Shell};
use super::list::day_start;
use super::steps::{self, First, Step};
use super::texts::{self, say};
use super::today::{self, Stat};
use super::{format, reader};
use crate::app::App;
use crate::db::screen_overview as screen;
use crate::db::stats_today::{self, Hour, Spans};
use crate::http::principal::Principal;

/// A due job may wait this long before somebody should look.
const LATE: TimeDelta = TimeDelta::minutes(5);

/// An hour of the chart.
struct Line {
    hour: String,
    leads: i64,
    yesterday: i64,
    approved: i64,
}

/// The page.
#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    shell: Shell,
    now: DateTime<Utc>,
    stats: Vec<Stat>,
    hours: Vec<Line>,
    attention: Vec<Item>,
    steps: Vec<Step>,
}

impl Page {
    fn steps_done(&self) -> usize {
        self.steps.iter().filter(|step| step.is_done).count()
    }

    fn has_hours(&self) -> bool {
        self.hours.iter().any(|line| line.leads != 0 || line.yesterday != 0 || line.approved != 0)
    }

    fn chart(&self) -> Chart {
        let line = |label: &'static str, read: fn(&Line) -> i64| chart::Line {
            label: say(label).into(),
            values: self.hours.iter().map(|line| read(line).to_f64()).collect(),
        };
        Chart {
            labels: self.hours.iter().map(|line| line.hour.clone()).collect(),
            lines: vec![
                line("overview-chart-leads", |line| line.leads),
                line("overview-chart-approved", |line| line.approved),
                line("overview-chart-yesterday", |line| line.yesterday),
            ],
        }
    }
}

/// Shows the overview.
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let now = app.clock.now();
    let spans = spans(now);
    let mut conn = app.db.acquire().await?;
    let hours = stats_today::hours(&mut conn, &spans).await?;
    let held = stats_today::on_hold(&mut conn).await?;
    let open = screen::open(&mut conn).await?;
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
        stats: today::stats(&hours, &held, open),
        hours: lines(&hours),
        attention: attention::items(&trouble, now),
        steps: if is_new { first_steps() } else { Vec::new() },
        shell,
    };
    layout::page(&page)
}

/// Today of the reader, yesterday and the same day a week ago, each up to the same time.
fn spans(now: DateTime<Utc>) -> Spans {
    let day = now.with_timezone(&reader::zone()).date_naive();
    let start = |day: Option<NaiveDate>| day.and_then(day_start).unwrap_or(now);
    let begins = [0, 1, 7].map(|back| start(day.checked_sub_days(Days::new(back)))).to_vec();
    let length = begins.first().map_or_else(TimeDelta::zero, |today| now - *today);
    Spans { begins, length }
}

/// All hours of a day: those to come are empty.
fn lines(hours: &[Hour]) -> Vec<Line> {
    let sum = |span: usize, hour: i32, read: fn(&Hour) -> i64| -> i64 {
        hours.iter().filter(|one| one.span == span && one.hour == hour).map(read).sum()
    };
    (0..24)
        .map(|hour| Line {
            hour: format!("{hour:02}:00"),
            leads: sum(0, hour, |one| one.counts.leads),
            yesterday: sum(1, hour, |one| one.counts.leads),
            approved: sum(0, hour, |one| one.counts.approved),
        })
        .collect()
}

#[cfg(test)]
#[path = "overview_tests.rs"]
pub(super) mod tests;
