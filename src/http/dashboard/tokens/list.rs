//! `/tokens`

use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::reference::Reference;
use crate::db::screen_tokens::{self, Filter, Row};
use crate::db::webmaster;
use crate::domain::rules::Rules;
use crate::http::api::input;
use crate::http::dashboard::list::{
    Act, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part, Reading, webmasters,
};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// Whose tokens there are.
const ROLES: &[&str] = &["admin", "webmaster", "network", "offer"];
/// Those that work, or those that do no more.
const STATES: &[&str] = &["on", "revoked"];

/// The list.
pub struct Tokens;

fn role_name(role: &str) -> String {
    texts::find(&format!("token-role-{role}")).unwrap_or_else(|| role.to_owned())
}

fn roles() -> Vec<Choice> {
    ROLES.iter().map(|role| Choice { value: (*role).to_owned(), label: role_name(role) }).collect()
}

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("tokens-search-hint") },
    Field { name: "role", label: "column-role", kind: Kind::Select(|_| roles()) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(webmasters) },
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("token", "column-token", Narrow::Title, |row, _| Cell::Code(begin(row))),
    Column::<Row>::new("name", "column-name", Narrow::Line, |row, _| Cell::text(Some(&row.name))),
    Column::<Row>::new("role", "column-role", Narrow::Side, |row, _| Cell::Text(role_name(&row.role))),
    Column::<Row>::new("owner", "column-owner", Narrow::Line, |row, _| owner(row)),
    Column::<Row>::new("scopes", "column-scopes", Narrow::Line, |row, _| Cell::text(Some(&row.scopes.join(", ")))),
    Column::<Row>::new("rate_per_minute", "column-limit", Narrow::Hidden, |row, _| {
        row.rate_per_minute.map_or(Cell::Empty, |limit| Cell::Number(limit.into()))
    })
    .number(),
    Column::<Row>::new("last_used_at", "column-last-used", Narrow::Line, |row, _| Cell::time(row.last_used_at)),
    Column::<Row>::new("created_at", "column-created", Narrow::Hidden, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("state", "column-state", Narrow::Hidden, |row, _| {
        Cell::Chip(if row.revoked_at.is_some() { "revoked" } else { "on" }.to_owned())
    })
    .on_demand(),
    Column::<Row>::new("id", "column-id", Narrow::Hidden, |row, _| Cell::Code(row.token_id.to_string())).on_demand(),
];

fn begin(row: &Row) -> String {
    format!("lr_{}…", row.prefix)
}

fn owner(row: &Row) -> Cell {
    let owners = [("webmasters", &row.webmaster), ("networks", &row.network), ("offers", &row.offer)];
    let found = owners.into_iter().find_map(|(place, slug)| Some((place, slug.as_ref()?)));
    found.map_or(Cell::Empty, |(place, slug)| Cell::Link { href: format!("/{place}/{slug}"), text: slug.clone() })
}

impl List for Tokens {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/tokens";
    const TITLE: &'static str = "place-tokens";
    const EMPTY: &'static str = "tokens";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let role = reading.word("role", ROLES);
        let revoked = reading.word("state", STATES).as_deref() == Some("revoked");
        reading.end()?;
        let webmaster_id = match asked.given("webmaster") {
            Some(raw) => {
                let found = webmaster::find(conn, &Reference::parse(raw)).await?;
                let found = found.ok_or_else(|| Error::Invalid(vec![input::unknown("webmaster", "webmaster")]))?;
                Some(found.webmaster_id)
            }
            None => None,
        };
        Ok(Filter { text: asked.given("q").map(str::to_owned), role, webmaster_id, revoked })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(screen_tokens::page(conn, filter, part.after::<Uuid>()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.token_id.to_string()
    }

    fn href(_: &Row) -> Option<String> {
        None
    }

    fn acts(row: &Row, _: UserRole, _: &Rules) -> Vec<Act> {
        if row.revoked_at.is_some() {
            return Vec::new();
        }
        let act = Act::new(format!("/tokens/{}/revoke", row.token_id), say("token-revoke"), begin(row));
        vec![act.asking(say("token-revoke-sure").with("prefix", &row.prefix))]
    }

    fn onward(_: &Asked, _: UserRole) -> Vec<Onward> {
        vec![Onward { href: "/tokens/new".into(), label: say("tokens-new"), icon: "plus" }]
    }
}
