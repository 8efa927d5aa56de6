//! `/webmasters`

use sqlx::PgConnection;

use crate::db::screen_set_up::{self, Filter, WebmasterRow as Row};
use crate::http::dashboard::in_use::{STATES, filter, state};
use crate::http::dashboard::list::{Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part};
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// The list.
pub struct Webmasters;

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("set-up-search-hint") },
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("name", "column-name", Narrow::Title, |row, _| Cell::Link {
        href: format!("/webmasters/{}", row.slug),
        text: row.name.clone(),
    }),
    Column::<Row>::new("slug", "column-slug", Narrow::Line, |row, _| Cell::Code(row.slug.clone())),
    Column::<Row>::new("number", "column-number", Narrow::Hidden, |row, _| Cell::Number(row.number)).number(),
    Column::<Row>::new("tokens", "column-tokens", Narrow::Hidden, |row, _| Cell::Number(row.tokens)).number(),
    Column::<Row>::new("last_used_at", "column-last-call", Narrow::Line, |row, _| Cell::time(row.last_used_at)),
    Column::<Row>::new("flows", "column-flows", Narrow::Hidden, |row, _| Cell::Number(row.flows)).number(),
    Column::<Row>::new("postbacks", "column-postbacks", Narrow::Hidden, |row, _| Cell::Number(row.postbacks)).number(),
    Column::<Row>::new("state", "column-state", Narrow::Side, |row, _| {
        Cell::Chip(state(row.enabled, row.archived_at.is_some()))
    }),
    Column::<Row>::new("created_at", "column-created", Narrow::Hidden, |row, _| Cell::Time(row.created_at)).on_demand(),
];

impl List for Webmasters {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/webmasters";
    const TITLE: &'static str = "place-webmasters";
    const EMPTY: &'static str = "webmasters";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, _: &mut PgConnection) -> Result<Filter, Error> {
        filter(asked)
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(screen_set_up::webmasters(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.number.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/webmasters/{}", row.slug))
    }

    fn onward(_: &Asked, role: UserRole) -> Vec<Onward> {
        let new = || Onward { href: "/webmasters/new".into(), label: say("webmasters-new"), icon: "plus" };
        role.is_manager().then(new).into_iter().collect()
    }
}
