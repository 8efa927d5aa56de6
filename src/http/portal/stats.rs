//! `/portal/stats`: the webmaster's leads and money, by what he likes. Counted as `GET /api/v1/stats` counts.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono::TimeDelta;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::leads::open_offers;
use super::owner;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::stats::{self, Ask, Groups, TooMany, Value};
use crate::domain::stats::{Counts, Dimension};
use crate::http::api::stats::{StatsQuery, read, too_many};
use crate::http::dashboard::fields::Field;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, reader};
use crate::http::error::Error;
use crate::http::principal::Principal;

/// What can be chosen, in the order of the form.
const DIMENSIONS: &[Dimension] = &[
    Dimension::Day,
    Dimension::Offer,
    Dimension::Country,
    Dimension::Status,
    Dimension::Sub1,
    Dimension::Sub2,
    Dimension::Sub3,
    Dimension::Sub4,
    Dimension::Sub5,
    Dimension::Sub6,
    Dimension::Sub7,
    Dimension::Sub8,
    Dimension::Sub9,
    Dimension::Sub10,
    Dimension::Sub11,
    Dimension::Sub12,
];
/// Subs are counted lead by lead: a page does not read years of them.
const MOST_DAYS: i64 = 92;
/// Days counted when none are named, today included.
const USUAL_DAYS: i64 = 7;
/// Rows shown.
const ROWS: usize = 1000;

/// One line of the table.
struct Line {
    /// A value for each dimension; statuses are chips.
    values: Vec<(String, bool)>,
    figures: Figures,
}

/// What is counted, as people read it.
struct Figures {
    leads: i64,
    hold: i64,
    approved: i64,
    rejected: i64,
    trash: i64,
    rate: String,
    on_hold: Vec<String>,
    payout: Vec<String>,
}

#[derive(Template)]
#[template(path = "portal/stats.html")]
struct Page {
    shell: Shell,
    fields: Vec<Field>,
    days: Vec<Field>,
    errors: Vec<FieldError>,
    heads: Vec<Text>,
    lines: Vec<Line>,
    total: Figures,
    is_cut: bool,
    most: usize,
    zone: String,
}

fn label(dimension: Dimension) -> Text {
    match dimension {
        Dimension::Day => say("portal-day"),
        Dimension::Offer => say("column-offer"),
        Dimension::Country => say("column-country"),
        Dimension::Status => say("column-status"),
        other => say(other.as_str()),
    }
}

fn value(value: Value, dimension: Dimension) -> (String, bool) {
    match value {
        Value::Day(day) => (format::dated(day), false),
        Value::Object { name, .. } => (name, false),
        Value::Word(word) if dimension == Dimension::Status => (word, true),
        Value::Word(word) => (word, false),
        Value::Hour(number) => (number.to_string(), false),
        Value::Code(number) => (number.to_string(), false),
        Value::None => ("–".to_owned(), false),
    }
}

impl Figures {
    fn of(counts: &Counts) -> Self {
        let sums = |amount: fn(&crate::domain::stats::Money) -> rust_decimal::Decimal| -> Vec<String> {
            let some = counts.money.iter().filter(|(_, money)| !amount(money).is_zero());
            some.map(|(currency, money)| format::money(amount(money), currency)).collect()
        };
        Self {
            leads: counts.leads,
            hold: counts.hold,
            approved: counts.approved,
            rejected: counts.rejected,
            trash: counts.trash,
            rate: rate(counts),
            on_hold: sums(|money| money.hold),
            payout: sums(|money| money.payout),
        }
    }
}

/// Approved of a hundred leads that are not trash. Also read by the page of today.
pub(super) fn rate(counts: &Counts) -> String {
    counts.approve_rate().map_or_else(|| "–".to_owned(), |rate| format!("{}\u{a0}%", rate.normalize()))
}

/// What the URL asks for, with what is usual where it says nothing.
fn asked(app: &App, query: Option<&str>) -> FormPairs {
    let mut pairs = FormPairs::parse(query.unwrap_or_default().as_bytes());
    let today = app.clock.now().with_timezone(&reader::zone()).date_naive();
    let usual = [
        ("by", "day".to_owned()),
        ("from", (today - TimeDelta::days(USUAL_DAYS - 1)).to_string()),
        ("to", today.to_string()),
    ];
    for (name, value) in usual {
        if pairs.given(name).is_none() {
            pairs.0.insert(name.to_owned(), value);
        }
    }
    pairs
}

async fn ask(app: &App, conn: &mut PgConnection, owner: Uuid, asked: &FormPairs) -> Result<Ask, Error> {
    let given = |name: &str| asked.given(name).map(str::to_owned);
    let by: Vec<&str> = ["by", "then"].into_iter().filter_map(|name| asked.given(name)).collect();
    let query = StatsQuery {
        group_by: Some(by.join(",")),
        from: given("from"),
        to: given("to"),
        timezone: Some(reader::zone().name().to_owned()),
        offer: given("offer"),
        ..StatsQuery::default()
    };
    let ask = read(conn, &query, Some(owner), app.clock.now()).await.map_err(|error| match error {
        // The form asks for it twice.
        Error::Invalid(errors) => Error::Invalid(errors.into_iter().map(own_field).collect()),
        other => other,
    })?;
    if (ask.to - ask.from).num_days() >= MOST_DAYS {
        let why = say("portal-stats-long").count("days", MOST_DAYS);
        return Err(Error::Invalid(vec![FieldError::invalid("from", why)]));
    }
    Ok(ask)
}

fn own_field(error: FieldError) -> FieldError {
    if error.field == "group_by" { FieldError { field: "then".into(), ..error } } else { error }
}

async fn counted(conn: &mut PgConnection, ask: &Ask) -> Result<Groups, Error> {
    stats::count(conn, ask).await?.map_err(|TooMany| too_many())
}

fn choices() -> Vec<Choice> {
    DIMENSIONS.iter().map(|one| Choice { value: one.to_string(), label: label(*one).into() }).collect()
}

/// `GET /portal/stats`: `by`, `then`, `from`, `to`, `offer`.
pub async fn show(State(app): State<App>, session: Session, principal: Principal, RawQuery(query): RawQuery) -> Answer {
    let owner = owner(&principal)?;
    let shell = Shell::of(&session, &principal, say("portal-stats"), "/portal/stats").await?;
    let asked = asked(&app, query.as_deref());
    let mut conn = app.db.acquire().await?;
    let found = async {
        let ask = ask(&app, &mut conn, owner, &asked).await?;
        let groups = counted(&mut conn, &ask).await?;
        Ok((ask.by, groups))
    };
    let (by, groups, errors) = match found.await {
        Ok((by, groups)) => (by, groups, Vec::new()),
        Err(Error::Invalid(errors)) => (Vec::new(), Groups::new(), errors),
        Err(error) => return Err(error.into()),
    };
    drop(conn);
    let mut total = Counts::default();
    groups.values().for_each(|counts| total += counts);
    let is_cut = groups.len() > ROWS;
    let line = |(values, counts): (Vec<Value>, Counts)| Line {
        values: values.into_iter().zip(&by).map(|(one, dimension)| value(one, *dimension)).collect(),
        figures: Figures::of(&counts),
    };
    let field = |name: &str, text: Text| Field::new(&asked, name, "text", text);
    let page = Page {
        shell,
        fields: vec![
            field("by", say("portal-stats-by")).of(choices()).required(),
            field("then", say("portal-stats-then")).of(choices()),
            field("offer", say("column-offer")).of(open_offers(&app.rules.load())),
        ],
        days: vec![field("from", say("field-from")), field("to", say("field-to"))],
        heads: by.iter().map(|dimension| label(*dimension)).collect(),
        lines: groups.into_iter().take(ROWS).map(line).collect(),
        total: Figures::of(&total),
        is_cut,
        most: ROWS,
        zone: reader::zone().to_string(),
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    layout::page_with(status, &page)
}

impl Page {
    /// What is wrong with a field.
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}
