//! A report as a file: all groups, in our own words and UTC days as asked for.

use std::convert::Infallible;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::{StreamExt as _, stream};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::figures::{self, Amount};
use super::page::{Sorted, sorted};
use super::{PATH, question};
use crate::app::App;
use crate::base::{csv, money};
use crate::db::stats::{self as rows, Ask, Value};
use crate::domain::stats::Counts;
use crate::http::api::stats;
use crate::http::dashboard::layout::Answer;
use crate::http::dashboard::list::Asked;
use crate::http::error::Error;

/// Groups written at once.
const BATCH: usize = 1000;

async fn count(app: &App, query: Option<&str>) -> Result<(Ask, Sorted), Error> {
    let asked = Asked::read(PATH, query);
    let mut conn = app.db.acquire().await?;
    let ask = question::read(&mut conn, &asked, app.clock.now()).await?;
    let groups = rows::count(&mut conn, &ask).await?.map_err(|rows::TooMany| stats::too_many())?;
    Ok((ask, sorted(groups, asked.given("sort").and_then(figures::named))))
}

/// A cell of a file. Money has a column for each currency, so that numbers are numbers.
enum Cell {
    Text(String),
    Number(Decimal),
    Empty,
}

/// The groups as a file has them.
struct Sheet {
    ask: Ask,
    groups: Sorted,
    /// Of all groups.
    currencies: Vec<String>,
}

impl Sheet {
    async fn read(app: &App, query: Option<&str>) -> Result<Self, Error> {
        let (ask, groups) = count(app, query).await?;
        let mut currencies: Vec<String> = groups.iter().flat_map(|(_, counts)| counts.money.keys().cloned()).collect();
        currencies.sort_unstable();
        currencies.dedup();
        Ok(Self { ask, groups, currencies })
    }

    fn heads(&self) -> Vec<String> {
        let mut heads: Vec<String> = self.ask.by.iter().map(|dimension| dimension.to_string()).collect();
        for figure in figures::ALL {
            match (figure.of)(&Counts::default()) {
                Amount::Money(_) => heads.extend(self.currencies.iter().map(|one| format!("{} {one}", figure.name))),
                Amount::Count(_) | Amount::Rate(_) => heads.push(figure.name.to_owned()),
            }
        }
        heads
    }

    fn cells(currencies: &[String], (values, counts): &(Vec<Value>, Counts)) -> Vec<Cell> {
        let mut cells: Vec<Cell> = values.iter().map(|value| Cell::Text(figures::word(value))).collect();
        for figure in figures::ALL {
            match (figure.of)(counts) {
                Amount::Count(count) => cells.push(Cell::Number(count.into())),
                Amount::Rate(rate) => cells.push(rate.map_or(Cell::Empty, Cell::Number)),
                Amount::Money(amounts) => cells.extend(currencies.iter().map(|currency| {
                    let amount = amounts.iter().find(|(known, _)| known == currency).map(|(_, amount)| *amount);
                    amount.map_or(Cell::Empty, |amount| Cell::Number(money::tidy(amount, currency)))
                })),
            }
        }
        cells
    }

    fn name(&self, kind: &str) -> String {
        format!("attachment; filename=\"report-{}-{}.{kind}\"", self.ask.from, self.ask.to)
    }
}

/// `GET /reports/export.csv`
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Answer {
    let sheet = Sheet::read(&app, query.as_deref()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, sheet.name("csv")),
    ];
    let head = Bytes::from(csv::rows([sheet.heads()]));
    let parts = stream::unfold(sheet, |mut sheet| async move {
        if sheet.groups.is_empty() {
            return None;
        }
        let rest = sheet.groups.split_off(sheet.groups.len().min(BATCH));
        let text = |cell| match cell {
            Cell::Text(text) => text,
            Cell::Number(number) => number.to_string(),
            Cell::Empty => String::new(),
        };
        let lines = sheet.groups.iter().map(|group| Sheet::cells(&sheet.currencies, group).into_iter().map(text));
        let part = Bytes::from(csv::rows(lines));
        Some((part, Sheet { groups: rest, ..sheet }))
    });
    let body = stream::iter([head]).chain(parts).map(Ok::<_, Infallible>).fuse();
    Ok((headers, Body::from_stream(body)).into_response())
}

/// `GET /reports/export.xlsx`
pub async fn xlsx(State(app): State<App>, RawQuery(query): RawQuery) -> Answer {
    let sheet = Sheet::read(&app, query.as_deref()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, sheet.name("xlsx")),
    ];
    let book = tokio::task::spawn_blocking(move || book(&sheet)).await.context("write a workbook");
    let book = book.map_err(Error::Internal)?.context("write a workbook").map_err(Error::Internal)?;
    Ok((headers, book).into_response())
}

fn book(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet_with_constant_memory()?;
    let bold = Format::new().set_bold();
    for (column, head) in (0..).zip(sheet.heads()) {
        page.write_string_with_format(0, column, head, &bold)?;
    }
    for (row, group) in (1..).zip(&sheet.groups) {
        for (column, cell) in (0..).zip(Sheet::cells(&sheet.currencies, group)) {
            match cell {
                Cell::Text(text) => page.write_string(row, column, text)?,
                Cell::Number(number) => page.write_number(row, column, number.to_f64().unwrap_or_default())?,
                Cell::Empty => continue,
            };
        }
    }
    book.save_to_buffer()
}
