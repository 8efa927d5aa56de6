//! `/deliveries`: what goes to networks, by state; what fails, by its cause; and doing it again.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::form::FormPairs;
use super::layout::{Answer, back, done, refused};
use super::list::{self, Act, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Onward, Part, Reading};
use super::texts::{self, say};
use super::{format, words};
use crate::app::App;
use crate::db::delivery_list::{self, DeliveryRow, Filter};
use crate::db::failure_groups::{self, Group};
use crate::domain::rules::Rules;
use crate::flow::replay;
use crate::flow::resolve::{self, Finding};
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::{Principal, UserRole};

/// States of a delivery.
const STATES: &[&str] = &["waiting", "sending", "retrying", "accepted", "refused", "needs_review", "dead", "cancelled"];
const PURPOSES: &[&str] = &["sale", "fulfilment"];
/// Failures older than this are not grouped.
const RECENT: TimeDelta = TimeDelta::hours(24);

/// The list.
pub struct Deliveries;

const FIELDS: &[Field] = &[
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "offer", label: "field-offer", kind: Kind::Select(list::offers) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(list::webmasters) },
    Field { name: "purpose", label: "field-purpose", kind: Kind::Select(|_| Choice::words(PURPOSES)) },
    Field { name: "external_id", label: "field-their-id", kind: Kind::Short },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "lead", label: "field-lead", kind: Kind::Linked },
];

static COLUMNS: &[Column<DeliveryRow>] = &[
    Column::<DeliveryRow>::new("lead", "column-lead", Narrow::Title, |row, _| {
        let number = Cell::Link { href: format!("/leads/{}", row.lead_number), text: row.lead_number.to_string() };
        if row.test { Cell::Row(vec![number, Cell::Quiet(say("test").into())]) } else { number }
    }),
    Column::<DeliveryRow>::new("created_at", "column-time", Narrow::Line, |row, _| Cell::Time(row.created_at)),
    Column::<DeliveryRow>::new("network", "column-network", Narrow::Line, |row, _| Cell::Text(row.network.clone())),
    Column::<DeliveryRow>::new("state", "column-state", Narrow::Side, |row, _| Cell::Chip(row.state.clone())),
    Column::<DeliveryRow>::new("reason", "column-reason", Narrow::Line, |row, _| {
        match row.reason.as_ref().or(row.message.as_ref()) {
            Some(reason) => Cell::Long(words::sentence(reason)),
            None => Cell::Empty,
        }
    }),
    Column::<DeliveryRow>::new("next_at", "column-next", Narrow::Side, |row, _| match row.state.as_str() {
        "retrying" | "waiting" => Cell::time(row.next_at),
        _ => Cell::Empty,
    }),
    Column::<DeliveryRow>::new("attempts", "column-attempts", Narrow::Hidden, |row, _| {
        Cell::Number(row.attempts.into())
    })
    .number()
    .on_demand(),
    Column::<DeliveryRow>::new("offer", "column-offer", Narrow::Line, |row, _| Cell::Text(row.offer.clone())),
    Column::<DeliveryRow>::new("webmaster", "column-webmaster", Narrow::Line, |row, _| {
        Cell::Quiet(row.webmaster.clone())
    })
    .on_demand(),
    Column::<DeliveryRow>::new("external_id", "column-their-id", Narrow::Hidden, |row, _| {
        Cell::code(row.external_id.as_deref())
    })
    .on_demand(),
    Column::<DeliveryRow>::new("status", "column-lead-status", Narrow::Hidden, |row, _| {
        Cell::Chip(row.lead_status.clone())
    })
    .on_demand(),
    Column::<DeliveryRow>::new("purpose", "column-purpose", Narrow::Hidden, |row, _| {
        Cell::Text(words::state(&row.purpose))
    })
    .on_demand(),
    Column::<DeliveryRow>::new("age", "column-age", Narrow::Side, |row, now| {
        Cell::Quiet(format::age(row.created_at, now))
    })
    .number(),
];

impl List for Deliveries {
    type Row = DeliveryRow;
    type Filter = Filter;

    const PATH: &'static str = "/deliveries";
    const TITLE: &'static str = "place-deliveries";
    const EMPTY: &'static str = "deliveries";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<DeliveryRow>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let state = reading.word("state", STATES);
        let purpose = reading.word("purpose", PURPOSES);
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        Ok(Filter {
            states: state.into_iter().collect(),
            network_id: filters::network(conn, asked.given("network")).await?,
            lead_id: filters::lead(conn, asked.given("lead")).await?,
            offer_id: filters::offer(conn, asked.given("offer")).await?,
            webmaster_id: filters::webmaster(conn, asked.given("webmaster")).await?,
            route_id: None,
            purpose,
            external_id: asked.given("external_id").map(str::to_owned),
            from,
            to,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<DeliveryRow>, Error> {
        Ok(delivery_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &DeliveryRow) -> String {
        row.id.to_string()
    }

    fn href(row: &DeliveryRow) -> Option<String> {
        Some(format!("/leads/{}", row.lead_number))
    }

    fn acts(row: &DeliveryRow, role: UserRole, _: &Rules) -> Vec<Act> {
        if !role.is_manager() {
            return Vec::new();
        }
        let about = say("about-lead").with("number", row.lead_number).to_string();
        match row.state.as_str() {
            "dead" | "retrying" => {
                vec![Act::new(format!("/deliveries/{}/retry", row.id), say("act-retry"), about).on_r()]
            }
            "needs_review" => {
                let found =
                    |word: &str| Choice { value: word.to_owned(), label: say(format!("finding-{word}")).into() };
                let choices = ["accepted", "refused", "not_there"].map(found).to_vec();
                let act = Act::new(format!("/deliveries/{}/resolve", row.id), say("act-decide"), about);
                vec![act.choosing("outcome", say("act-decide-what"), choices)]
            }
            _ => Vec::new(),
        }
    }

    fn onward(asked: &Asked, role: UserRole) -> Vec<Onward> {
        replay_link(
            asked,
            role,
            "deliveries",
            &["state", "network", "from", "to"],
            &["dead", "retrying", "needs_review"],
        )
    }

    async fn above(conn: &mut PgConnection, asked: &Asked, now: DateTime<Utc>) -> Result<String, Error> {
        // Whoever looks at one lead or one delivery does not ask what fails elsewhere.
        if asked.given("lead").is_some() || asked.given("after").is_some() {
            return Ok(String::new());
        }
        let network_id = filters::network(conn, asked.given("network")).await.ok().flatten();
        let groups = failure_groups::recent(conn, network_id, now - RECENT).await?;
        if groups.is_empty() {
            return Ok(String::new());
        }
        let part = Failures { groups, now };
        part.render().map_err(|error| Error::Internal(error.into()))
    }
}

/// A link to the page that does all rows again, when that page knows every filter that is set.
pub(super) fn replay_link(asked: &Asked, role: UserRole, kind: &str, known: &[&str], states: &[&str]) -> Vec<Onward> {
    let state = asked.given("state").or(asked.given("result"));
    let fits = state.is_some_and(|state| states.contains(&state)) && asked.names().all(|name| known.contains(&name));
    if !role.is_manager() || !fits {
        return Vec::new();
    }
    vec![Onward { href: format!("/replays/{kind}?{}", asked.query()), label: say("replay-all"), icon: "retry" }]
}

/// What fails, by its cause.
#[derive(Template)]
#[template(path = "parts/failures.html")]
struct Failures {
    groups: Vec<Group>,
    now: DateTime<Utc>,
}

/// `POST /deliveries/{id}/retry`
pub async fn retry(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let to = back(&form, Deliveries::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("delivery"))?;
    match replay::retry(&app, id, &principal.actor()).await {
        Ok(()) => done(&session, &to, say("delivery-retried")).await,
        Err(replay::Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /deliveries/{id}/resolve`: the field `outcome` is `accepted`, `refused` or `not_there`.
pub async fn decide(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let to = back(&form, Deliveries::PATH);
    let id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("delivery"))?;
    let finding = match form.get("outcome") {
        "accepted" => Finding::Accepted(None),
        "refused" => Finding::Refused("refused, as an operator found out".into()),
        "not_there" => Finding::NotThere,
        _ => return refused(&session, &to, say("act-decide-none")).await,
    };
    match resolve::delivery(&app, id, finding, &principal.actor()).await {
        Ok(()) => done(&session, &to, say("delivery-decided")).await,
        Err(replay::Refused::State(why)) => refused(&session, &to, words::sentence(&why)).await,
        Err(error) => Err(error.into()),
    }
}
