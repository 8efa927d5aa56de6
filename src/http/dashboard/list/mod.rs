//! Lists. Every list of the dashboard is one of these: filters that live in the URL, columns to choose from, an order,
//! pages by key, an export of the same rows, views kept under a name. A list says what is special about it by
//! implementing [`List`]; everything else is here.

mod act;
mod asked;
mod column;
mod export;
mod field;
mod screen;
pub mod views;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::routing::get;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tower_sessions::Session;

pub use act::{Act, Onward};
pub use asked::{Asked, Reading, day_start};
pub use column::{Cell, Column, Narrow};
pub use export::export;
pub use field::{Choice, Field, Kind, networks, offers, statuses, webmasters};
use screen::Screen;

use super::layout::{self, Answer, Flash, Shell};
use super::texts::{Text, say};
use crate::app::App;
use crate::base::page::Direction;
use crate::domain::rules::Rules;
use crate::http::error::Error;
use crate::http::principal::{Principal, UserRole};

/// Rows on a page.
pub const ROWS: usize = 50;

/// A list of one kind of thing.
pub trait List: Send + Sync + 'static {
    /// One line.
    type Row: Send + Sync;
    /// What the URL means for the database.
    type Filter: Send + Sync;

    /// Where it is.
    const PATH: &'static str;
    /// Key of its heading.
    const TITLE: &'static str;
    /// Ends the keys of the texts for a list without rows: `none-…`, `none-advice-…`.
    const EMPTY: &'static str;
    /// Its filters, in the order of the form.
    const FIELDS: &'static [Field];

    /// Its columns, in their order.
    fn columns() -> &'static [Column<Self::Row>];

    /// What the URL means. A part that names nothing is an error with its name: an empty list would look like an answer.
    fn filter(asked: &Asked, conn: &mut PgConnection) -> impl Future<Output = Result<Self::Filter, Error>> + Send;

    /// The rows after the one with this key.
    fn rows(
        conn: &mut PgConnection,
        filter: &Self::Filter,
        part: &Part,
    ) -> impl Future<Output = Result<Vec<Self::Row>, Error>> + Send;

    /// What names a row in the URL of the page after it.
    fn key(row: &Self::Row) -> String;

    /// Where the row itself is shown.
    fn href(row: &Self::Row) -> Option<String>;

    /// What unfolds below a row for this person: a heading and a text as it was sent.
    fn more(_row: &Self::Row, _role: UserRole) -> Option<(String, String)> {
        None
    }

    /// What this person can do about a row.
    fn acts(_row: &Self::Row, _role: UserRole, _rules: &Rules) -> Vec<Act> {
        Vec::new()
    }

    /// Pages where this person goes on with all rows the filter finds.
    fn onward(_asked: &Asked, _role: UserRole) -> Vec<Onward> {
        Vec::new()
    }

    /// Something above the table: HTML.
    fn above(
        _conn: &mut PgConnection,
        _asked: &Asked,
        _now: DateTime<Utc>,
    ) -> impl Future<Output = Result<String, Error>> + Send {
        async { Ok(String::new()) }
    }
}

/// Which part of a list.
#[derive(Clone, Debug)]
pub struct Part {
    /// Key of the last row before it.
    pub after: Option<String>,
    pub direction: Direction,
    /// Rows to read.
    pub limit: i64,
}

impl Part {
    /// The first `rows` of what is asked for, and one more to see whether others follow.
    fn of(asked: &Asked, rows: usize) -> Self {
        Self {
            after: asked.given("after").map(str::to_owned),
            direction: if asked.given("sort") == Some("oldest") { Direction::Oldest } else { Direction::Newest },
            limit: i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(1),
        }
    }

    /// The key as it was written by [`List::key`].
    pub fn after<K: std::str::FromStr>(&self) -> Result<Option<K>, Error> {
        let wrong = |_| Error::field("after", "invalid", "must be a link of an earlier page");
        self.after.as_deref().map(str::parse).transpose().map_err(wrong)
    }
}

/// The routes of a list.
pub fn router<L: List>() -> Router<App> {
    Router::new().route(L::PATH, get(show::<L>)).route(&format!("{}/export.csv", L::PATH), get(export::<L>))
}

/// Shows a list.
pub async fn show<L: List>(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    RawQuery(query): RawQuery,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::read(L::PATH, query.as_deref()).by(&principal);
    let mut shell = Shell::of(&session, &principal, say(L::TITLE), L::PATH).await?;
    let mut conn = app.db.acquire().await?;
    let found = async {
        let filter = L::filter(&asked, &mut conn).await?;
        L::rows(&mut conn, &filter, &Part::of(&asked, ROWS)).await
    };
    let (rows, status) = match found.await {
        Ok(rows) => (rows, StatusCode::OK),
        Err(Error::Invalid(errors)) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            let text = say("list-wrong").with("errors", said.join("; ")).into();
            shell.flash = Some(Flash { is_ok: false, text });
            (Vec::new(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => return Err(error.into()),
    };
    let above = L::above(&mut conn, &asked, now).await?;
    let views = views::of(&mut conn, &principal, L::PATH).await?;
    drop(conn);
    let mut screen = Screen::of::<L>(shell, &asked, rows, &app.rules.load(), now);
    screen.is_wrong = status != StatusCode::OK;
    screen.above = above;
    screen.set_views(views, &asked);
    layout::page_with(status, &screen)
}

/// The choices of an order.
fn orders() -> [(&'static str, Text); 2] {
    [("newest", say("sort-newest")), ("oldest", say("sort-oldest"))]
}

#[cfg(test)]
mod tests;
