//! A list as a file: the same rows and columns, read page by page while the reader takes them, so that no connection
//! is held by a slow one.

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use futures_util::stream;

use super::screen::shown;
use super::{Asked, Column, List, Part};
use crate::app::App;
use crate::base::csv;
use crate::http::dashboard::layout::Answer;
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Rows read at once.
const BATCH: usize = 500;

/// Where the export has got to.
struct Progress<L: List> {
    app: App,
    filter: L::Filter,
    part: Part,
    columns: Vec<&'static Column<L::Row>>,
    now: DateTime<Utc>,
    /// The line of headings is still to be written.
    is_first: bool,
    is_over: bool,
}

/// `GET …/export.csv`: all rows of a list, with the columns that are shown.
pub async fn export<L: List>(State(app): State<App>, principal: Principal, RawQuery(query): RawQuery) -> Answer {
    let asked = Asked::read(L::PATH, query.as_deref()).by(&principal);
    let filter = L::filter(&asked, &mut *app.db.acquire().await?).await?;
    let columns = shown(L::columns(), &asked).into_iter().filter(|(_, is_shown)| *is_shown).map(|(column, _)| column);
    let part = Part::of(&asked, BATCH);
    let now = app.clock.now();
    let progress = Progress::<L> {
        app,
        filter,
        part: Part { after: None, ..part },
        columns: columns.collect(),
        now,
        is_first: true,
        is_over: false,
    };
    let body = Body::from_stream(stream::try_unfold(progress, next));
    let name = L::PATH.trim_start_matches('/').replace('/', "-");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, body).into_response())
}

async fn next<L: List>(mut progress: Progress<L>) -> Result<Option<(Bytes, Progress<L>)>, std::io::Error> {
    if progress.is_over {
        return Ok(None);
    }
    // The file ends in the middle, which the reader's program tells: it is not taken for a whole one.
    let broken = |error: Error| {
        error.log();
        std::io::Error::other("the export has ended early")
    };
    let rows = async {
        let mut conn = progress.app.db.acquire().await?;
        L::rows(&mut conn, &progress.filter, &progress.part).await
    };
    let mut rows = rows.await.map_err(broken)?;
    progress.is_over = rows.len() <= BATCH;
    rows.truncate(BATCH);
    let head = progress.is_first.then(|| progress.columns.iter().map(|column| column.name.to_owned()).collect());
    progress.is_first = false;
    let cells = |row| progress.columns.iter().map(|column| (column.cell)(row, progress.now).plain()).collect();
    let lines: Vec<Vec<String>> = head.into_iter().chain(rows.iter().map(cells)).collect();
    progress.part.after = rows.last().map(L::key);
    Ok(Some((Bytes::from(csv::rows(lines)), progress)))
}
