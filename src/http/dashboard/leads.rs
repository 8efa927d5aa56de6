//! `/leads`: the list of leads, newest first, with contacts masked.

use sqlx::PgConnection;

use super::lead_search::search;
use super::list::{self, Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use super::texts::say;
use super::{format, postback_calls};
use crate::base::country;
use crate::db::screen_leads::{self, Filter, Row};
use crate::http::api::filters;
use crate::http::error::Error;

/// States of a delivery that can be chosen; `no_route` is the lead's own.
const DELIVERY: &[&str] =
    &["waiting", "sending", "retrying", "accepted", "refused", "needs_review", "dead", "cancelled", "no_route"];

/// The list.
pub struct Leads;

const FIELDS: &[Field] = &[
    Field { name: "q", label: "field-search", kind: Kind::Search("leads-search-hint") },
    Field { name: "status", label: "field-status", kind: Kind::Select(list::statuses) },
    Field { name: "delivery", label: "field-delivery", kind: Kind::Select(|_| Choice::words(DELIVERY)) },
    Field { name: "offer", label: "field-offer", kind: Kind::Select(list::offers) },
    Field { name: "network", label: "field-network", kind: Kind::Select(list::networks) },
    Field { name: "webmaster", label: "field-webmaster", kind: Kind::Select(list::webmasters) },
    Field { name: "country", label: "field-country", kind: Kind::Short },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "postback", label: "field-postback-state", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("number", "column-number", Narrow::Title, |row, _| {
        let number = Cell::Link { href: format!("/leads/{}", row.number), text: row.number.to_string() };
        if row.test { Cell::Row(vec![number, Cell::Quiet(say("test").into())]) } else { number }
    }),
    Column::<Row>::new("created_at", "column-time", Narrow::Hidden, |row, _| Cell::Time(row.created_at)),
    Column::<Row>::new("offer", "column-offer", Narrow::Line, |row, _| Cell::Text(row.offer.clone())),
    Column::<Row>::new("contact", "column-contact", Narrow::Line, |row, _| {
        let phone = row.phone.as_deref().map(format::mask_phone).unwrap_or_default();
        let email = row.email.as_deref().map(format::mask_email).unwrap_or_default();
        match (phone.is_empty(), email.is_empty()) {
            (true, true) => Cell::Empty,
            (true, false) => Cell::Text(email),
            (false, _) => Cell::Two(phone, email),
        }
    }),
    Column::<Row>::new("country", "column-country", Narrow::Hidden, |row, _| Cell::text(row.country.as_deref())),
    Column::<Row>::new("status", "column-status", Narrow::Side, |row, _| Cell::Chip(row.status.clone())),
    Column::<Row>::new("delivery", "column-delivery", Narrow::Side, |row, _| {
        let state = if row.unrouted { Some("no_route") } else { row.delivery.as_deref() };
        state.map_or(Cell::Empty, |state| Cell::Chip(state.to_owned()))
    }),
    Column::<Row>::new("network", "column-network", Narrow::Line, |row, _| Cell::text(row.network.as_deref())),
    Column::<Row>::new("payout", "column-payout", Narrow::Side, |row, _| Cell::money(row.payout, &row.currency))
        .number(),
    Column::<Row>::new("webmaster", "column-webmaster", Narrow::Line, |row, _| Cell::Quiet(row.webmaster.clone())),
    Column::<Row>::new("age", "column-age", Narrow::Side, |row, now| Cell::Quiet(format::age(row.created_at, now)))
        .number(),
    Column::<Row>::new("id", "column-id", Narrow::Hidden, |row, _| Cell::Code(row.lead_id.to_string())).on_demand(),
];

impl List for Leads {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/leads";
    const TITLE: &'static str = "place-leads";
    const EMPTY: &'static str = "leads";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, conn: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let country = reading.part("country", |raw| country::parse(raw).ok_or("must be a country code such as DE"));
        let status = reading.status("status");
        let delivery = reading.word("delivery", DELIVERY);
        let postback = reading.word("postback", postback_calls::STATES);
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        let unrouted = delivery.as_deref() == Some("no_route");
        Ok(Filter {
            status,
            offer_id: filters::offer(conn, asked.given("offer")).await?,
            network_id: filters::network(conn, asked.given("network")).await?,
            webmaster_id: filters::webmaster(conn, asked.given("webmaster")).await?,
            country,
            delivery: delivery.filter(|_| !unrouted),
            unrouted,
            postback,
            from,
            to,
            search: asked.given("q").map(search),
        })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(screen_leads::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.number.to_string()
    }

    fn href(row: &Row) -> Option<String> {
        Some(format!("/leads/{}", row.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{sample, scratch};

    async fn filter(conn: &mut PgConnection, query: &str) -> Result<Filter, Error> {
        Leads::filter(&Asked::read("/leads", Some(query)), conn).await
    }

    #[tokio::test]
    async fn each_part_is_understood_or_named_in_the_error() {
        scratch::with(async |pool| {
            let mut conn = pool.acquire().await.unwrap();
            sample::fill(&mut conn).await;
            let good = "status=hold&delivery=no_route&offer=offer-1&network=crm-2&webmaster=wm-1&country=de&postback=dead\
                        &from=2026-09-01&to=2026-09-30&q=42";
            let found = filter(&mut conn, good).await.unwrap();
            assert_eq!((found.country.as_deref(), found.unrouted, found.delivery), (Some("DE"), true, None));
            assert_eq!(found.network_id, Some(sample::id(0x22)));
            for bad in ["status=gone", "delivery=x", "country=Germany", "offer=none", "from=soon"] {
                let Err(Error::Invalid(errors)) = filter(&mut conn, bad).await else { panic!("{bad} passed") };
                assert_eq!(errors[0].field, bad.split('=').next().unwrap());
            }
        })
        .await;
    }
}
