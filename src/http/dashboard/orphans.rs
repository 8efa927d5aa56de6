//! `/orphans`: what networks report about leads nobody knows, and giving one to its lead.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::fields::{Field as FormField, Form};
use super::form::FormPairs;
use super::layout::{self, Answer, Shell};
use super::list::{self, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use super::texts::{self, say};
use super::{format, words};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::orphan::{self, Filter, Orphan};
use crate::flow::assign_report;
use crate::flow::replay::Refused;
use crate::http::api::filters;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

const STATES: &[&str] = &["searching", "found", "any"];

/// The routes.
pub fn router() -> Router<App> {
    list::router::<Orphans>().route("/orphans/{id}", get(show)).route("/orphans/{id}/assign", post(assign))
}

/// The list.
pub struct Orphans;

const FIELDS: &[Field] = &[
    Field { name: "state", label: "field-state", kind: Kind::Select(|_| Choice::words(STATES)) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "key", label: "field-their-id", kind: Kind::Short },
    Field { name: "from", label: "field-seen-from", kind: Kind::Day },
    Field { name: "to", label: "field-seen-to", kind: Kind::Day },
];

static COLUMNS: &[Column<Orphan>] = &[
    Column::<Orphan>::new("key", "column-their-id", Narrow::Title, |row, _| Cell::Link {
        href: format!("/orphans/{}", row.id),
        text: row.key.clone(),
    }),
    Column::<Orphan>::new("network", "column-network", Narrow::Line, |row, _| Cell::Text(row.network.clone())),
    Column::<Orphan>::new("our_ref", "column-named", Narrow::Line, |row, _| Cell::code(row.our_ref.as_deref())),
    Column::<Orphan>::new("status", "column-status", Narrow::Side, |row, _| Cell::code(row.status.as_deref())),
    Column::<Orphan>::new("revenue", "column-revenue", Narrow::Line, |row, _| match row.revenue {
        Some(revenue) => Cell::money(revenue, row.currency.as_deref().unwrap_or_default()),
        None => Cell::Empty,
    })
    .number(),
    Column::<Orphan>::new("lead", "column-lead", Narrow::Side, |row, _| match row.lead_id {
        Some(lead_id) => Cell::Link { href: format!("/leads/{lead_id}"), text: say("kind-lead").into() },
        None => Cell::Empty,
    }),
    Column::<Orphan>::new("first_seen", "column-first-seen", Narrow::Hidden, |row, _| Cell::Time(row.first_seen_at)),
    Column::<Orphan>::new("last_seen", "column-last-seen", Narrow::Line, |row, _| Cell::Time(row.last_seen_at)),
    Column::<Orphan>::new("source", "column-source", Narrow::Hidden, |row, _| Cell::Text(row.source.clone()))
        .on_demand(),
];

impl List for Orphans {
    type Row = Orphan;
    type Filter = Filter;

    const PATH: &'static str = "/orphans";
    const TITLE: &'static str = "place-orphans";
    const EMPTY: &'static str = "orphans";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Orphan>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let state = reading.word("state", STATES);
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        Ok(Filter {
            network_id: filters::network(conn, asked.given("network")).await?,
            is_found: match state.as_deref() {
                Some("found") => Some(true),
                Some("any") => None,
                _ => Some(false),
            },
            key: asked.given("key").map(str::to_owned),
            from,
            to,
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Orphan>, Error> {
        Ok(orphan::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Orphan) -> String {
        row.id.to_string()
    }

    fn href(row: &Orphan) -> Option<String> {
        Some(format!("/orphans/{}", row.id))
    }
}

#[derive(Template)]
#[template(path = "orphans/show.html")]
struct Page {
    shell: Shell,
    orphan: Orphan,
    /// The whole report.
    report: String,
    form: Form,
}

fn form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let lead = FormField::new(values, "lead", "text", say("orphan-lead")).help(say("orphan-lead-help")).required();
    Form::new(vec![lead], Vec::new(), None, errors)
}

async fn read(app: &App, id: &str) -> Result<Orphan, Error> {
    let missing = || Error::NotFound("orphan report");
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    orphan::find(&mut *app.db.acquire().await?, id).await?.ok_or_else(missing)
}

async fn answer(session: &Session, principal: &Principal, orphan: Orphan, form: Form, status: StatusCode) -> Answer {
    let title = say("orphan-title").with("id", &orphan.key);
    let shell = Shell::of(session, principal, title, Orphans::PATH).await?;
    let mut report = orphan.report.clone();
    // What it does not say is not shown.
    if let Some(fields) = report.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    layout::page_with(status, &Page { shell, report: format!("{report:#}"), orphan, form })
}

/// `GET /orphans/{id}`
async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let orphan = read(&app, &id).await?;
    answer(&session, &principal, orphan, form(&FormPairs::default(), &[]), StatusCode::OK).await
}

/// `POST /orphans/{id}/assign`: the field `lead`, a number or id.
async fn assign(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let orphan = read(&app, &id).await?;
    let again = async |orphan, errors: &[FieldError]| {
        answer(&session, &principal, orphan, form(&pairs, errors), StatusCode::UNPROCESSABLE_ENTITY).await
    };
    let Some(name) = pairs.given("lead").map(|name| name.trim_start_matches('#')) else {
        return again(orphan, &[FieldError::invalid("lead", say("orphan-lead-none"))]).await;
    };
    let found = filters::lead(&mut *app.db.acquire().await?, Some(name)).await;
    let lead_id = match found {
        Ok(Some(lead_id)) => lead_id,
        Ok(None) | Err(Error::Invalid(_)) => {
            return again(orphan, &[FieldError::invalid("lead", say("request-no-lead"))]).await;
        }
        Err(error) => return Err(error.into()),
    };
    match assign_report::run(&app, orphan.id, lead_id, &principal.actor()).await {
        Ok(judged) => {
            let said = say("orphan-given").with("result", words::verdict(judged.verdict.as_str()));
            layout::done(&session, &format!("/leads/{lead_id}"), said).await
        }
        Err(Refused::State(why)) => again(orphan, &[FieldError::invalid("lead", words::sentence(&why))]).await,
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(role: UserRole, lead_id: Option<Uuid>, errors: &[FieldError]) -> Page {
        let orphan = Orphan {
            id: Uuid::from_u128(6),
            network: "tea-house".into(),
            network_id: Uuid::from_u128(7),
            key: "<9000001>".into(),
            source: "poll".into(),
            our_ref: None,
            status: Some("0".into()),
            revenue: Some("5.40".parse().unwrap()),
            currency: Some("CNY".into()),
            report: json!({ "status": "<0>" }),
            first_seen_at: DateTime::UNIX_EPOCH,
            last_seen_at: DateTime::UNIX_EPOCH,
            lead_id,
        };
        let user_email = "ann@example.com".into();
        let shell = Shell { active: "/orphans", user_email, role, ..Shell::bare("x") };
        let report = format!("{:#}", orphan.report);
        Page { shell, orphan, report, form: form(&FormPairs::parse(b"lead=%3Cx%3E"), errors) }
    }

    #[test]
    fn a_report_can_be_given_once_and_what_was_typed_stays() {
        let text = html::check("orphan", &page(UserRole::Manager, None, &[FieldError::invalid("lead", "no <lead>")]));
        assert!(
            text.contains("&#60;9000001&#62;") && text.contains("value=\"&#60;x&#62;\"") && text.contains("/assign\"")
        );
        let text = html::check("orphan-found", &page(UserRole::Manager, Some(Uuid::from_u128(9)), &[]));
        assert!(!text.contains("/assign\"") && text.contains("/leads/00000000"));
        let text = html::check("orphan-support", &page(UserRole::Support, None, &[]));
        assert!(!text.contains("/assign\"") && !text.contains("report-text"));
    }
}
