//! `/imports`, the list.

use sqlx::PgConnection;

use crate::db::import_list::{self, Filter, Row};
use crate::http::api::filters;
use crate::http::dashboard::list::{
    Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part, Reading, networks, webmasters,
};
use crate::http::dashboard::texts::say;
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// The list.
pub struct Imports;

const KINDS: &[&str] = &["statuses", "leads"];
const STATES: &[&str] = &["mapping", "checking", "checked", "running", "done"];

fn kinds() -> Vec<Choice> {
    KINDS
        .iter()
        .map(|kind| Choice { value: (*kind).to_owned(), label: say(format!("import-kind-{kind}")).into() })
        .collect()
}

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("import-search-hint") },
    Field { name: "kind", label: "field-kind", kind: Kind::Select(|_| kinds()) },
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "network", label: "field-network", kind: Kind::Select(networks) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(webmasters) },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("file", "column-file", Narrow::Title, |row, _| Cell::Link {
        href: format!("/imports/{}", row.import_id),
        text: row.file_name.clone(),
    }),
    Column::<Row>::new("kind", "column-kind", Narrow::Line, |row, _| {
        Cell::Text(say(format!("import-kind-{}", row.kind)).into())
    }),
    Column::<Row>::new("for", "column-for", Narrow::Line, |row, _| {
        let names: Vec<&str> =
            [&row.network, &row.webmaster, &row.offer].into_iter().flatten().map(String::as_str).collect();
        Cell::text(Some(&names.join(" · ")))
    }),
    Column::<Row>::new("state", "column-state", Narrow::Side, |row, _| Cell::Chip(row.state.clone())),
    Column::<Row>::new("rows", "column-rows", Narrow::Hidden, |row, _| Cell::Number(row.row_count.into())).number(),
    Column::<Row>::new("results", "column-results", Narrow::Line, |row, _| {
        let counts = row.counts.as_object().into_iter().flatten();
        let said: Vec<String> = counts.map(|(word, count)| format!("{} {count}", words::state(word))).collect();
        if said.is_empty() { Cell::Empty } else { Cell::Long(said.join(", ")) }
    }),
    Column::<Row>::new("by", "column-actor", Narrow::Line, |row, _| {
        Cell::Text(words::source("admin", Some(&row.created_by)))
    }),
    Column::<Row>::new("created_at", "column-time", Narrow::Line, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("ended_at", "column-ended", Narrow::Hidden, |row, _| Cell::time(row.ended_at)).on_demand(),
];

impl List for Imports {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/imports";
    const TITLE: &'static str = "place-imports";
    const EMPTY: &'static str = "imports";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let (kind, state) = (reading.word("kind", KINDS), reading.word("state", STATES));
        reading.end()?;
        Ok(Filter {
            text: asked.given("q").map(str::to_owned),
            kind,
            state,
            network_id: filters::network(conn, asked.given("network")).await?,
            webmaster_id: filters::webmaster(conn, asked.given("webmaster")).await?,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(import_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.import_id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/imports/{}", row.import_id))
    }

    fn onward(_: &Asked, _: UserRole) -> Vec<Onward> {
        vec![Onward { href: "/imports/new".into(), label: say("import-new"), icon: "upload" }]
    }
}
