//! `/portal/calls`: what the webmaster was told by his own rules, with the answers; sending one again.

use axum::extract::State;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::owner;
use crate::app::App;
use crate::db::postback_delivery_list::{self, Filter, PostbackDeliveryRow as Row};
use crate::domain::rules::Rules;
use crate::flow::replay;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, back, done, refused};
use crate::http::dashboard::list::{self, Act, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use crate::http::dashboard::postback_calls::STATES;
use crate::http::dashboard::texts::say;
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::{Principal, UserRole};

/// The list.
pub struct Calls;

const FIELDS: &[Field] = &[
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "status", label: "field-told", kind: Kind::Select(list::statuses) },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "postback", label: "field-postback", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("lead", "column-lead", Narrow::Title, |row, _| Cell::Link {
        href: format!("/portal/leads/{}", row.lead_number),
        text: row.lead_number.to_string(),
    }),
    Column::<Row>::new("created_at", "column-time", Narrow::Line, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("status", "column-told", Narrow::Side, |row, _| Cell::Chip(row.status.clone())),
    Column::<Row>::new("state", "column-state", Narrow::Side, |row, _| Cell::Chip(row.state.clone())),
    Column::<Row>::new("http_status", "column-answer", Narrow::Hidden, |row, _| {
        row.http_status.map_or(Cell::Empty, |status| Cell::Number(status.into()))
    })
    .number(),
    Column::<Row>::new("reason", "column-reason", Narrow::Line, |row, _| {
        row.reason.as_deref().map_or(Cell::Empty, |reason| Cell::Long(words::sentence(reason)))
    }),
    Column::<Row>::new("next_at", "column-next", Narrow::Hidden, |row, _| match row.state.as_str() {
        "retrying" => Cell::time(row.next_at),
        _ => Cell::Empty,
    }),
    Column::<Row>::new("attempts", "column-attempts", Narrow::Hidden, |row, _| Cell::Number(row.attempts.into()))
        .number(),
    Column::<Row>::new("offer", "column-offer", Narrow::Hidden, |row, _| Cell::Text(row.offer.clone())),
];

impl List for Calls {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/portal/calls";
    const TITLE: &'static str = "portal-calls";
    const EMPTY: &'static str = "portal-calls";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, _: &mut PgConnection) -> Result<Filter, Error> {
        let rules_of = Some(asked.owner()?);
        let mut reading = Reading::of(asked);
        let state = reading.word("state", STATES);
        let status = reading.status("status");
        let postback_id = reading.part("postback", |raw| Uuid::parse_str(raw).map_err(|_| "must be an id"));
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        Ok(Filter {
            states: state.into_iter().collect(),
            statuses: status.into_iter().collect(),
            postback_id,
            from,
            to,
            rules_of,
            ..Filter::default()
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(postback_delivery_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/portal/leads/{}", row.lead_number))
    }

    fn more(row: &Row, _: UserRole) -> Option<(String, String)> {
        let call = [format!("{} {}", row.method, row.url), row.body.clone().unwrap_or_default()].join("\n");
        Some((say("postback-call").into(), call.trim().to_owned()))
    }

    fn acts(row: &Row, _: UserRole, _: &Rules) -> Vec<Act> {
        let may = matches!(row.state.as_str(), "delivered" | "dead" | "retrying");
        let act = || {
            let about = say("about-lead").with("number", row.lead_number).to_string();
            Act::new(format!("/portal/calls/{}/resend", row.id), say("act-resend"), about).on_r()
        };
        may.then(act).into_iter().collect()
    }
}

/// `POST /portal/calls/{id}/resend`
pub async fn resend(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let to = back(&form, Calls::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("postback delivery"))?;
    match replay::resend_postback(&app, id, Some(owner(&principal)?)).await {
        Ok(()) => done(&session, &to, say("postback-resent")).await,
        Err(replay::Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}
