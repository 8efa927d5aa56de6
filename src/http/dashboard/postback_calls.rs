//! `/postbacks`: what webmasters were told, and what they still have to hear; sending one again.

use axum::extract::State;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::deliveries::replay_link;
use super::form::FormPairs;
use super::layout::{Answer, back, done, refused};
use super::list::{self, Act, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part, Reading};
use super::texts::say;
use super::words;
use crate::app::App;
use crate::db::postback_delivery_list::{self, Filter, PostbackDeliveryRow as Row};
use crate::domain::rules::Rules;
use crate::flow::replay;
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::UserRole;

/// States of a call to a webmaster.
pub const STATES: &[&str] =
    &["waiting", "sending", "retrying", "delivered", "dead", "suppressed", "superseded", "cancelled"];

/// The list.
pub struct PostbackCalls;

const FIELDS: &[Field] = &[
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "status", label: "field-told", kind: Kind::Select(list::statuses) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(list::webmasters) },
    Field { name: "offer", label: "field-offer", kind: Kind::Select(list::offers) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "postback", label: "field-postback", kind: Kind::Linked },
    Field { name: "lead", label: "field-lead", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("lead", "column-lead", Narrow::Title, |row, _| Cell::Link {
        href: format!("/leads/{}", row.lead_number),
        text: row.lead_number.to_string(),
    }),
    Column::<Row>::new("created_at", "column-time", Narrow::Line, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("webmaster", "column-webmaster", Narrow::Line, |row, _| Cell::Text(row.webmaster.clone())),
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
    Column::<Row>::new("offer", "column-offer", Narrow::Hidden, |row, _| Cell::Text(row.offer.clone())).on_demand(),
    Column::<Row>::new("seq", "column-change", Narrow::Hidden, |row, _| Cell::Number(row.seq.into()))
        .number()
        .on_demand(),
];

impl List for PostbackCalls {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/postbacks";
    const TITLE: &'static str = "place-postbacks";
    const EMPTY: &'static str = "postbacks";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
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
            lead_id: filters::lead(conn, asked.given("lead")).await?,
            offer_id: filters::offer(conn, asked.given("offer")).await?,
            webmaster_id: filters::webmaster(conn, asked.given("webmaster")).await?,
            network_id: filters::network(conn, asked.given("network")).await?,
            from,
            to,
            rules_of: None,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(postback_delivery_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/leads/{}", row.lead_number))
    }

    fn more(row: &Row, role: UserRole) -> Option<(String, String)> {
        let call = || [format!("{} {}", row.method, row.url), row.body.clone().unwrap_or_default()].join("\n");
        role.is_manager().then(|| (say("postback-call").into(), call().trim().to_owned()))
    }

    fn acts(row: &Row, role: UserRole, _: &Rules) -> Vec<Act> {
        let may = role.is_manager() && matches!(row.state.as_str(), "delivered" | "dead" | "retrying");
        let act = || {
            let about = say("about-lead").with("number", row.lead_number).to_string();
            Act::new(format!("/postbacks/{}/resend", row.id), say("act-resend"), about).on_r()
        };
        may.then(act).into_iter().collect()
    }

    fn onward(asked: &Asked, role: UserRole) -> Vec<Onward> {
        let known = ["state", "postback", "from", "to"];
        replay_link(asked, role, "postbacks", &known, &["delivered", "dead", "retrying"])
    }
}

/// `POST /postbacks/{id}/resend`
pub async fn resend(State(app): State<App>, session: Session, PathId(id): PathId, form: FormPairs) -> Answer {
    let to = back(&form, PostbackCalls::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("postback delivery"))?;
    match replay::resend_postback(&app, id, None).await {
        Ok(()) => done(&session, &to, say("postback-resent")).await,
        Err(replay::Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}
