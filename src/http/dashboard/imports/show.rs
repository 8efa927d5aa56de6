//! `/imports/{id}`: what the columns are, how far it has got, and what became of each row.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use tower_sessions::Session;
use uuid::Uuid;

use super::columns::{self, Columns};
use super::live;
use super::rows::{reference, result_of};
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db::import::{self as db_import, Import, Judged};
use crate::domain::import::Mapping;
use crate::domain::rules::Rules;
use crate::flow::import::{RESULTS, kind_of, mapping_of};
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::list::Asked;
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, words};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Rows of a file that are shown as they would be read.
const FIRST: i64 = 5;
/// Handled rows on a page.
const ROWS: usize = 50;

/// How many rows have a result, and where they are listed.
struct Count {
    word: String,
    count: i64,
    href: String,
    is_current: bool,
}

/// A handled row.
struct Line {
    row: Judged,
    /// The name of its field.
    field: String,
    reference: String,
}

#[derive(Template)]
#[template(path = "imports/show.html")]
struct Page {
    shell: Shell,
    import: Import,
    here: String,
    /// What it is for.
    meant: String,
    /// The same file was imported before.
    same: Option<(Uuid, DateTime<Utc>)>,
    /// While the columns are to be named.
    columns: Option<Columns>,
    handled: i64,
    counts: Vec<Count>,
    result: Option<String>,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.import.state == state
    }

    fn kind(&self) -> Text {
        say(format!("import-kind-{}", self.import.kind))
    }

    fn title(&self) -> Text {
        say(format!("import-title-{}", self.import.state))
    }

    fn is_at_work(&self) -> bool {
        live::is_at_work(&self.import.state)
    }

    /// Rows that an import would change something by, or has.
    fn telling(&self) -> i64 {
        let is_telling = |count: &&Count| matches!(count.word.as_str(), "applied" | "created");
        self.counts.iter().filter(is_telling).map(|count| count.count).sum()
    }

    fn file(&self) -> String {
        let query = self.result.as_ref().map(|result| format!("?result={result}")).unwrap_or_default();
        format!("{}/rows.csv{query}", self.here)
    }
}

/// The import of a path.
pub(super) async fn find(app: &App, id: &str) -> Result<Import, Error> {
    let import_id = Uuid::parse_str(id).map_err(|_| Error::NotFound("import"))?;
    db_import::find(&mut *app.db.acquire().await?, import_id).await?.ok_or(Error::NotFound("import"))
}

/// What an import is for.
fn meant(rules: &Rules, import: &Import) -> String {
    let gone = || say("import-gone-object").to_string();
    let network = import.network_id.map(|id| rules.networks.get(&id).map_or_else(gone, |one| one.name.clone()));
    let webmaster = import.webmaster_id.map(|id| rules.webmasters.get(&id).map_or_else(gone, |one| one.name.clone()));
    let offer = import.offer_id.map(|id| rules.offers.get(&id).map_or_else(gone, |one| one.name.clone()));
    let names: Vec<String> = [network, webmaster, offer].into_iter().flatten().collect();
    if names.is_empty() { say("import-any-network").into() } else { names.join(" · ") }
}

/// `GET /imports/{id}`, with `result` and `after` for its rows.
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    RawQuery(query): RawQuery,
) -> Answer {
    let import = find(&app, &id).await?;
    let asked = Asked::read("/imports", query.as_deref());
    page(&app, &session, &principal, import, &asked, (StatusCode::OK, None, Vec::new())).await
}

/// Answers with the page, with another mapping in its form and what is wrong with it.
pub(super) async fn answer(
    app: &App,
    session: &Session,
    principal: &Principal,
    import: Import,
    with: (StatusCode, Option<Mapping>, Vec<FieldError>),
) -> Answer {
    page(app, session, principal, import, &Asked::read("/imports", None), with).await
}

async fn page(
    app: &App,
    session: &Session,
    principal: &Principal,
    import: Import,
    asked: &Asked,
    (status, mapping, complaints): (StatusCode, Option<Mapping>, Vec<FieldError>),
) -> Answer {
    let result = result_of(asked)?;
    let after = asked.given("after").map_or(Ok(0), str::parse::<i32>);
    let after = after.map_err(|_| Error::field("after", "invalid", "must be a link of an earlier page"))?;
    let here = format!("/imports/{}", import.import_id);
    let kept = mapping_of(&import);
    let mut conn = app.db.acquire().await?;
    let columns = if import.state == "mapping" {
        let first = db_import::rows_after(&mut conn, import.import_id, 0, FIRST).await?;
        Some(Columns::of(app, &import, mapping.as_ref().unwrap_or(&kept), &first, &complaints))
    } else {
        None
    };
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut rows = db_import::judged_rows(&mut conn, &import, result.as_deref(), after, limit).await?;
    let same = db_import::same_file(&mut conn, import.import_id).await?;
    drop(conn);
    let has_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let link = |result: Option<&str>, after: Option<i32>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(result) = result {
            query.append_pair("result", result);
        }
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        let query = query.finish();
        if query.is_empty() { format!("{here}#rows") } else { format!("{here}?{query}#rows") }
    };
    let of = |word: &str| import.counts.get(word).and_then(serde_json::Value::as_i64).filter(|count| *count > 0);
    let counts: Vec<Count> = RESULTS
        .iter()
        .filter_map(|word| {
            let count = of(word)?;
            let is_current = result.as_deref() == Some(*word);
            Some(Count { word: (*word).to_owned(), count, href: link(Some(*word), None), is_current })
        })
        .collect();
    let kind = kind_of(&import);
    let line = |row: Judged| Line {
        field: row.field.as_deref().map(|field| columns::field_name(kind, field)).unwrap_or_default(),
        reference: reference(&import, &kept, &row),
        row,
    };
    let next = rows.last().filter(|_| has_more).map(|row| link(result.as_deref(), Some(row.line)));
    let page = Page {
        shell: Shell::of(session, principal, import.file_name.as_str(), "/imports").await?,
        meant: meant(&app.rules.load(), &import),
        handled: counts.iter().map(|count| count.count).sum(),
        lines: rows.into_iter().map(line).collect(),
        next,
        counts,
        columns,
        same,
        result,
        here,
        import,
    };
    layout::page_with(status, &page)
}
