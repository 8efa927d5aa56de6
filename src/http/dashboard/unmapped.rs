//! `/unmapped`: status words nobody has mapped, with the leads and the money behind each; mapping one into the past.

use axum::extract::State;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::form::FormPairs;
use super::layout::{Answer, back, done, refused};
use super::list::{self, Act, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use super::texts::say;
use super::words;
use crate::app::App;
use crate::db::unmapped::{self, Filter, Row};
use crate::domain::rules::Rules;
use crate::domain::status::Status;
use crate::flow::map_status;
use crate::flow::replay::Refused;
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::{Principal, UserRole};

const STATES: &[&str] = &["open", "mapped", "any"];

/// The list.
pub struct UnmappedWords;

const FIELDS: &[Field] = &[
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "from", label: "field-seen-from", kind: Kind::Day },
    Field { name: "to", label: "field-seen-to", kind: Kind::Day },
    Field { name: "lead", label: "field-lead", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("word", "column-word", Narrow::Title, |row, _| Cell::Code(row.raw.clone())),
    Column::<Row>::new("network", "column-network", Narrow::Line, |row, _| Cell::Text(row.network.clone())),
    Column::<Row>::new("mapped_to", "column-means", Narrow::Side, |row, _| {
        row.mapped_to.clone().map_or_else(|| Cell::Quiet(say("unmapped-open").into()), Cell::Chip)
    }),
    Column::<Row>::new("leads", "column-leads", Narrow::Side, |row, _| Cell::Number(row.leads)).number(),
    Column::<Row>::new("money", "column-money", Narrow::Line, |row, _| Cell::Money(money(row))).number(),
    Column::<Row>::new("examples", "column-examples", Narrow::Line, |row, _| {
        Cell::Row(row.example_lead_ids.iter().zip(1..).map(example).collect())
    }),
    Column::<Row>::new("first_seen", "column-first-seen", Narrow::Hidden, |row, _| Cell::Time(row.first_seen_at)),
    Column::<Row>::new("last_seen", "column-last-seen", Narrow::Line, |row, _| Cell::Time(row.last_seen_at)),
];

fn money(row: &Row) -> Vec<(Decimal, String)> {
    let sums = row.revenue.as_object().into_iter().flatten();
    sums.filter_map(|(currency, sum)| Some((sum.as_str()?.parse().ok()?, currency.clone()))).collect()
}

fn example((lead_id, no): (&Uuid, i64)) -> Cell {
    Cell::Link { href: format!("/leads/{lead_id}"), text: say("unmapped-example").count("no", no).into() }
}

impl List for UnmappedWords {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/unmapped";
    const TITLE: &'static str = "place-unmapped";
    const EMPTY: &'static str = "unmapped";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let state = reading.word("state", STATES);
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        Ok(Filter {
            is_mapped: match state.as_deref() {
                Some("mapped") => Some(true),
                Some("any") => None,
                _ => Some(false),
            },
            network_id: filters::network(conn, asked.given("network")).await?,
            lead_id: filters::lead(conn, asked.given("lead")).await?,
            from,
            to,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(unmapped::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.unmapped_id.to_string()
    }

    fn href(_: &Row) -> Option<String> {
        None
    }

    fn acts(row: &Row, role: UserRole, _: &Rules) -> Vec<Act> {
        if !role.is_manager() {
            return Vec::new();
        }
        let meanings = Status::ALL.iter().filter(|status| **status != Status::New);
        let choices = meanings.map(|status| Choice::word(status.as_str())).collect();
        let act = Act::new(format!("/unmapped/{}/map", row.unmapped_id), say("act-map"), row.raw.clone());
        vec![act.choosing("status", say("act-map-to"), choices)]
    }
}

/// `POST /unmapped/{id}/map`: the field `status`. From now on, and for every report that was kept.
pub async fn map(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let to = back(&form, UnmappedWords::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("unmapped status"))?;
    let status = match form.get("status").parse::<Status>() {
        Ok(status) if status != Status::New => status,
        _ => return refused(&session, &to, say("act-map-none")).await,
    };
    match map_status::run(&app, id, status, &principal.actor()).await {
        Ok(mapped) => {
            let text = say("unmapped-done").with("status", words::state(status.as_str()));
            done(&session, &to, text.count("reports", mapped.reports).count("applied", mapped.applied)).await
        }
        Err(Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}
