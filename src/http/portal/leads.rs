//! `/portal/leads`: the webmaster's own leads, newest first, with contacts masked.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::base::country;
use crate::db::portal_leads::{self, Filter, Row};
use crate::domain::rules::Rules;
use crate::http::api::filters;
use crate::http::dashboard::format;
use crate::http::dashboard::list::{self, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use crate::http::dashboard::texts::say;
use crate::http::dashboard::words;
use crate::http::error::Error;

/// The list.
pub struct Leads;

/// The marks that can be asked for.
const SUBS: [&str; 12] =
    ["sub1", "sub2", "sub3", "sub4", "sub5", "sub6", "sub7", "sub8", "sub9", "sub10", "sub11", "sub12"];

const fn sub(name: &'static str, kind: Kind) -> Field {
    Field { name, label: name, kind }
}

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("portal-leads-search") },
    Field { name: "status", label: "field-status", kind: Kind::Select(list::statuses) },
    Field { name: "offer", label: "field-offer", kind: Kind::Select(open_offers) },
    Field { name: "country", label: "field-country", kind: Kind::Short },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    sub("sub1", Kind::Short),
    sub("sub2", Kind::Short),
    sub("sub3", Kind::Short),
    sub("sub4", Kind::Short),
    sub("sub5", Kind::Short),
    Field { name: "external_id", label: "lead-external-id", kind: Kind::Linked },
    Field { name: "click_id", label: "lead-click-id", kind: Kind::Linked },
    sub("sub6", Kind::Linked),
    sub("sub7", Kind::Linked),
    sub("sub8", Kind::Linked),
    sub("sub9", Kind::Linked),
    sub("sub10", Kind::Linked),
    sub("sub11", Kind::Linked),
    sub("sub12", Kind::Linked),
];

/// Offers that take leads, by name.
pub fn open_offers(rules: &Rules) -> Vec<Choice> {
    let is_open = |choice: &Choice| rules.offer(&choice.value).is_some_and(|offer| offer.enabled);
    list::offers(rules).into_iter().filter(is_open).collect()
}

fn tag(row: &Row, name: &str) -> Cell {
    Cell::code(row.tags.get(name).and_then(|value| value.as_str()))
}

fn long(text: Option<&str>) -> Cell {
    text.filter(|text| !text.is_empty()).map_or(Cell::Empty, |text| Cell::Long(words::sentence(text)))
}

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("number", "column-number", Narrow::Title, |row, _| {
        let number = Cell::Link { href: format!("/portal/leads/{}", row.number), text: row.number.to_string() };
        if row.test { Cell::Row(vec![number, Cell::Quiet(say("test").into())]) } else { number }
    }),
    Column::<Row>::new("created_at", "column-time", Narrow::Line, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("offer", "column-offer", Narrow::Line, |row, _| Cell::Text(row.offer.clone())),
    Column::<Row>::new("contact", "column-contact", Narrow::Line, |row, _| contact(row)),
    Column::<Row>::new("country", "column-country", Narrow::Hidden, |row, _| Cell::text(row.country.as_deref())),
    Column::<Row>::new("status", "column-status", Narrow::Side, |row, _| Cell::Chip(row.status.clone())),
    Column::<Row>::new("reason", "column-reason", Narrow::Line, |row, _| long(row.reason.as_deref())),
    Column::<Row>::new("comment", "lead-comment", Narrow::Line, |row, _| long(row.comment.as_deref())),
    Column::<Row>::new("payout", "column-payout", Narrow::Side, |row, _| Cell::money(row.payout, &row.currency))
        .number(),
    Column::<Row>::new("sub1", "sub1", Narrow::Hidden, |row, _| tag(row, "sub1")).on_demand(),
    Column::<Row>::new("click_id", "lead-click-id", Narrow::Hidden, |row, _| Cell::code(row.click_id.as_deref()))
        .on_demand(),
    Column::<Row>::new("external_id", "lead-external-id", Narrow::Hidden, |row, _| {
        Cell::code(row.external_id.as_deref())
    })
    .on_demand(),
    Column::<Row>::new("flow", "lead-flow", Narrow::Hidden, |row, _| Cell::code(row.flow.as_deref())).on_demand(),
    Column::<Row>::new("sub2", "sub2", Narrow::Hidden, |row, _| tag(row, "sub2")).on_demand(),
    Column::<Row>::new("sub3", "sub3", Narrow::Hidden, |row, _| tag(row, "sub3")).on_demand(),
    Column::<Row>::new("sub4", "sub4", Narrow::Hidden, |row, _| tag(row, "sub4")).on_demand(),
    Column::<Row>::new("sub5", "sub5", Narrow::Hidden, |row, _| tag(row, "sub5")).on_demand(),
    Column::<Row>::new("id", "column-id", Narrow::Hidden, |row, _| Cell::Code(row.lead_id.to_string())).on_demand(),
];

/// Who it is about, as far as it is shown. Also read by the page of today.
pub fn contact(row: &Row) -> Cell {
    let phone = row.phone.as_deref().map(format::mask_phone).unwrap_or_default();
    let email = row.email.as_deref().map(format::mask_email).unwrap_or_default();
    match (phone.is_empty(), email.is_empty()) {
        (true, true) => Cell::Empty,
        (true, false) => Cell::Text(email),
        (false, _) => Cell::Two(phone, email),
    }
}

impl List for Leads {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/portal/leads";
    const TITLE: &'static str = "portal-leads";
    const EMPTY: &'static str = "portal-leads";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let webmaster_id = asked.owner()?;
        let mut reading = Reading::of(asked);
        let country = reading.part("country", |raw| country::parse(raw).ok_or("must be a country code such as DE"));
        let status = reading.status("status");
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        let given = |name: &str| asked.given(name).map(str::to_owned);
        Ok(Filter {
            webmaster_id,
            status,
            offer_id: filters::offer(conn, asked.given("offer")).await?,
            country,
            external_id: given("external_id"),
            click_id: given("click_id"),
            tags: SUBS.into_iter().filter_map(|name| Some((name, given(name)?))).collect(),
            from,
            to,
            word: given("q"),
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(portal_leads::page(conn, filter, part.after::<Uuid>()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.lead_id.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/portal/leads/{}", row.number))
    }
}
