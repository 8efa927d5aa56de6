//! `/inbound`: every call of a network, also those that changed nothing, with the reason; judging one again.

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
use crate::base::text;
use crate::db::inbound_list::{self, Filter, Row};
use crate::domain::rules::Rules;
use crate::flow::replay;
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::UserRole;

/// What became of a call.
const RESULTS: &[&str] = &["applied", "unchanged", "stale", "unmapped", "ignored", "unmatched", "failed"];
/// Of a call, so much is shown in the list.
const SHOWN: usize = 200;

/// The list.
pub struct Inbound;

const FIELDS: &[Field] = &[
    Field { name: "result", label: "field-result", kind: Kind::Select(|_| Choice::words(RESULTS)) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "offer", label: "field-offer", kind: Kind::Select(list::offers) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(list::webmasters) },
    Field { name: "external_id", label: "field-their-id", kind: Kind::Short },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "lead", label: "field-lead", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("received_at", "column-time", Narrow::Title, |row, _| Cell::Time(row.received_at)),
    Column::<Row>::new("network", "column-network", Narrow::Line, |row, _| Cell::text(row.network.as_deref())),
    Column::<Row>::new("result", "column-result", Narrow::Side, |row, _| {
        row.result.clone().map_or(Cell::Empty, Cell::Chip)
    }),
    Column::<Row>::new("reason", "column-reason", Narrow::Line, |row, _| {
        row.reason.as_deref().map_or(Cell::Empty, |reason| Cell::Long(words::sentence(reason)))
    }),
    Column::<Row>::new("lead", "column-lead", Narrow::Side, |row, _| match row.lead_number {
        Some(number) => Cell::Link { href: format!("/leads/{number}"), text: number.to_string() },
        None => Cell::Empty,
    }),
    Column::<Row>::new("our_ref", "column-named", Narrow::Hidden, |row, _| Cell::code(row.our_ref.as_deref())),
    Column::<Row>::new("external_id", "column-their-id", Narrow::Line, |row, _| Cell::code(row.external_id.as_deref())),
    Column::<Row>::new("times", "column-judged", Narrow::Hidden, |row, _| Cell::Number(row.times.into())).number(),
    Column::<Row>::new("method", "column-method", Narrow::Hidden, |row, _| Cell::Text(row.method.clone())).on_demand(),
    Column::<Row>::new("remote_ip", "column-address", Narrow::Hidden, |row, _| Cell::code(row.remote_ip.as_deref()))
        .on_demand(),
];

impl List for Inbound {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/inbound";
    const TITLE: &'static str = "place-inbound";
    const EMPTY: &'static str = "inbound";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let result = reading.word("result", RESULTS);
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        Ok(Filter {
            results: result.into_iter().collect(),
            network_id: filters::network(conn, asked.given("network")).await?,
            lead_id: filters::lead(conn, asked.given("lead")).await?,
            offer_id: filters::offer(conn, asked.given("offer")).await?,
            webmaster_id: filters::webmaster(conn, asked.given("webmaster")).await?,
            external_id: asked.given("external_id").map(str::to_owned),
            from,
            to,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(inbound_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.inbound_id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        row.lead_number.map(|number| format!("/leads/{number}"))
    }

    /// What came, for those who may see contacts: partners write what they like into their calls.
    fn more(row: &Row, role: UserRole) -> Option<(String, String)> {
        if !role.is_manager() {
            return None;
        }
        let body = String::from_utf8_lossy(&row.body);
        let call = [format!("{} {}", row.method, row.query), body.into_owned()].join("\n");
        Some((say("inbound-call").into(), call.trim().to_owned()))
    }

    fn acts(row: &Row, role: UserRole, _: &Rules) -> Vec<Act> {
        let may =
            role.is_manager() && matches!(row.result.as_deref(), Some("unmatched" | "failed" | "ignored" | "unmapped"));
        let network = text::cut(row.network.as_deref().unwrap_or_default(), SHOWN);
        let act = || {
            let about = say("about-call").with("network", network).to_string();
            Act::new(format!("/inbound/{}/reprocess", row.inbound_id), say("act-reprocess"), about).on_r()
        };
        may.then(act).into_iter().collect()
    }

    fn onward(asked: &Asked, role: UserRole) -> Vec<Onward> {
        let mut links = replay_link(asked, role, "inbound", &["result", "network", "from", "to"], RESULTS);
        links.push(Onward { href: "/orphans".into(), label: say("inbound-orphans"), icon: "link" });
        links
    }
}

/// `POST /inbound/{id}/reprocess`
pub async fn reprocess(State(app): State<App>, session: Session, PathId(id): PathId, form: FormPairs) -> Answer {
    let to = back(&form, Inbound::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("inbound postback"))?;
    match replay::reprocess(&app, id).await {
        Ok(result) => done(&session, &to, say("inbound-reprocessed").with("result", words::verdict(&result))).await,
        Err(replay::Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}
