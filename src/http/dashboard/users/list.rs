//! `/users`

use sqlx::PgConnection;
use uuid::Uuid;

use super::edit::{ROLES, role_name};
use crate::db::screen_users::{self, Filter, Row};
use crate::http::dashboard::list::{Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part, Reading};
use crate::http::dashboard::reader::Language;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// Open accounts, or the closed ones.
const STATES: &[&str] = &["active", "archived"];

/// The list.
pub struct Users;

fn roles() -> Vec<Choice> {
    ROLES.iter().map(|role| Choice { value: role.to_string(), label: role_name(role.as_str()) }).collect()
}

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("users-search-hint") },
    Field { name: "role", label: "column-role", kind: Kind::Select(|_| roles()) },
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("email", "field-email", Narrow::Title, |row, _| Cell::Link {
        href: format!("/users/{}", row.user_id),
        text: row.email.clone(),
    }),
    Column::<Row>::new("name", "column-person", Narrow::Line, |row, _| Cell::text(Some(&row.name))),
    Column::<Row>::new("role", "column-role", Narrow::Side, |row, _| Cell::Text(role_name(&row.role))),
    Column::<Row>::new("second_factor", "factor-title", Narrow::Hidden, |row, _| {
        Cell::Chip(if row.has_second_factor { "on" } else { "off" }.to_owned())
    }),
    Column::<Row>::new("last_login_at", "column-last-login", Narrow::Line, |row, _| Cell::time(row.last_login_at)),
    Column::<Row>::new("language", "account-language", Narrow::Hidden, |row, _| {
        let language = row.language.as_deref().and_then(|language| language.parse::<Language>().ok());
        language.map_or(Cell::Empty, |language| Cell::Text(language.own_name().to_owned()))
    }),
    Column::<Row>::new("state", "column-state", Narrow::Hidden, |row, _| Cell::Chip(state(row).to_owned())),
    Column::<Row>::new("created_at", "column-created", Narrow::Hidden, |row, _| Cell::Time(row.created_at)).on_demand(),
    Column::<Row>::new("id", "column-id", Narrow::Hidden, |row, _| Cell::Code(row.user_id.to_string())).on_demand(),
];

fn state(row: &Row) -> &'static str {
    match (row.archived_at.is_some(), row.has_password) {
        (true, _) => "archived",
        (false, true) => "active",
        (false, false) => "no_password",
    }
}

impl List for Users {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/users";
    const TITLE: &'static str = "place-users";
    const EMPTY: &'static str = "users";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, _: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let role = reading.part("role", |raw| {
            raw.parse::<UserRole>().map(|role| role.to_string()).map_err(|_| "is not one of the roles there are")
        });
        let archived = reading.word("state", STATES).as_deref() == Some("archived");
        reading.end()?;
        Ok(Filter { text: asked.given("q").map(str::to_owned), role, archived })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(screen_users::page(conn, filter, part.after::<Uuid>()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.user_id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/users/{}", row.user_id))
    }

    fn onward(_: &Asked, _: UserRole) -> Vec<Onward> {
        vec![Onward { href: "/users/new".into(), label: say("users-new"), icon: "plus" }]
    }
}
