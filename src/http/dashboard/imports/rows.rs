//! What became of the rows of an import: as the page lists them, and as a file. What stands in them is not repeated, but
//! for the id a row is known by.

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::stream;

use super::show::find;
use crate::app::App;
use crate::base::csv;
use crate::db::import::{self as db_import, Import, Judged};
use crate::domain::import::{Kind, Mapping};
use crate::flow::import::{RESULTS, cells_of, kind_of, mapping_of};
use crate::http::dashboard::layout::Answer;
use crate::http::dashboard::list::Asked;
use crate::http::error::Error;
use crate::http::extract::PathId;

/// Rows read at once.
const BATCH: i64 = 1000;

/// The result that is asked for.
pub(super) fn result_of(asked: &Asked) -> Result<Option<String>, Error> {
    match asked.given("result") {
        Some(result) if !RESULTS.contains(&result) => {
            Err(Error::field("result", "invalid", "is not one of the words there are"))
        }
        result => Ok(result.map(str::to_owned)),
    }
}

/// The id by which the sender knows a row.
pub(super) fn reference(import: &Import, mapping: &Mapping, row: &Judged) -> String {
    let Some(cells) = row.cells.as_ref().map(cells_of) else { return String::new() };
    let names: &[&str] = match kind_of(import) {
        Kind::Statuses => &["lead", "external_id", "transaction_id"],
        Kind::Leads => &["external_id"],
    };
    let given = mapping.read(&import.heads, &cells);
    let found = names.iter().filter_map(|name| given.iter().find(|(known, _)| known == name));
    found.map(|(_, value)| *value).collect::<Vec<_>>().join(" · ")
}

struct Progress {
    app: App,
    import: Import,
    mapping: Mapping,
    result: Option<String>,
    after: i32,
    is_first: bool,
    is_over: bool,
}

/// `GET /imports/{id}/rows.csv`: every row that was handled, or those of one `result`.
pub async fn export(State(app): State<App>, PathId(id): PathId, RawQuery(query): RawQuery) -> Answer {
    let import = find(&app, &id).await?;
    let result = result_of(&Asked::read("/imports", query.as_deref()))?;
    let name = format!("attachment; filename=\"import-{}.csv\"", import.import_id);
    let mapping = mapping_of(&import);
    let progress = Progress { app, import, mapping, result, after: 0, is_first: true, is_over: false };
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(stream::try_unfold(progress, next))).into_response())
}

async fn next(mut progress: Progress) -> Result<Option<(Bytes, Progress)>, std::io::Error> {
    if progress.is_over {
        return Ok(None);
    }
    // The file ends in the middle, which the reader's program tells: it is not taken for a whole one.
    let broken = |error: sqlx::Error| {
        Error::from(error).log();
        std::io::Error::other("the file has ended early")
    };
    let read = async {
        let mut conn = progress.app.db.acquire().await?;
        db_import::judged_rows(&mut conn, &progress.import, progress.result.as_deref(), progress.after, BATCH).await
    };
    let rows = read.await.map_err(broken)?;
    progress.is_over = i64::try_from(rows.len()).unwrap_or(0) < BATCH;
    progress.after = rows.last().map_or(progress.after, |row| row.line);
    let head = ["line", "result", "field", "reason", "reference", "lead", "lead_id"].map(str::to_owned).to_vec();
    let head = std::mem::take(&mut progress.is_first).then_some(head);
    let lines = rows.iter().map(|row| {
        vec![
            row.line.to_string(),
            row.result.clone(),
            row.field.clone().unwrap_or_default(),
            row.reason.clone().unwrap_or_default(),
            reference(&progress.import, &progress.mapping, row),
            row.number.map(|number| number.to_string()).unwrap_or_default(),
            row.lead_id.map(|id| id.to_string()).unwrap_or_default(),
        ]
    });
    let lines: Vec<Vec<String>> = head.into_iter().chain(lines).collect();
    Ok(Some((Bytes::from(csv::rows(lines)), progress)))
}
