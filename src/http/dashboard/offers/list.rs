//! `/offers`

use sqlx::PgConnection;

use crate::db::screen_set_up::{self, Filter, OfferRow as Row};
use crate::http::dashboard::in_use::{STATES, filter, state};
use crate::http::dashboard::list::{Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part};
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// The list.
pub struct Offers;

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("set-up-search-hint") },
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("name", "column-name", Narrow::Title, |row, _| Cell::Link {
        href: format!("/offers/{}", row.slug),
        text: row.name.clone(),
    }),
    Column::<Row>::new("slug", "column-slug", Narrow::Line, |row, _| Cell::Code(row.slug.clone())),
    Column::<Row>::new("number", "column-number", Narrow::Hidden, |row, _| Cell::Number(row.number)).number(),
    Column::<Row>::new("countries", "column-countries", Narrow::Line, |row, _| match row.countries.as_slice() {
        [] => Cell::Quiet(say("offers-all-countries").into()),
        some => Cell::Long(some.join(" ")),
    }),
    Column::<Row>::new("payout", "column-payout", Narrow::Side, |row, _| {
        row.payout.map_or(Cell::Empty, |payout| Cell::money(payout, &row.currency))
    })
    .number(),
    Column::<Row>::new("revenue", "column-revenue", Narrow::Side, |row, _| {
        row.revenue.map_or(Cell::Empty, |revenue| Cell::money(revenue, &row.currency))
    })
    .number(),
    Column::<Row>::new("goals", "column-goals", Narrow::Hidden, |row, _| match row.goals {
        0 => Cell::Empty,
        goals => Cell::Number(goals.into()),
    })
    .number(),
    Column::<Row>::new("routes", "column-routes", Narrow::Hidden, |row, _| Cell::Number(row.routes)).number(),
    Column::<Row>::new("state", "column-state", Narrow::Side, |row, _| {
        Cell::Chip(state(row.enabled, row.archived_at.is_some()))
    }),
    Column::<Row>::new("updated_at", "column-changed", Narrow::Hidden, |row, _| Cell::Time(row.updated_at)).on_demand(),
];

impl List for Offers {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/offers";
    const TITLE: &'static str = "place-offers";
    const EMPTY: &'static str = "offers";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, _: &mut PgConnection) -> Result<Filter, Error> {
        filter(asked)
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(screen_set_up::offers(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.number.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/offers/{}", row.slug))
    }

    fn onward(_: &Asked, role: UserRole) -> Vec<Onward> {
        let new = || Onward { href: "/offers/new".into(), label: say("offers-new"), icon: "plus" };
        role.is_manager().then(new).into_iter().collect()
    }
}
