//! Statuses and leads from files.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::problems::{ChangeProblems, CreateProblems, ListProblems, ReadProblems};
use super::resource::List;
use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::page::{Limit, Page};
use crate::base::{page, sheet, text};
use crate::db::import::{self as rows, Import, Judged};
use crate::domain::import::{Kind, Mapping};
use crate::flow::import::{self, New, RESULTS, Refused};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf, read_body, read_json};
use crate::http::principal::Principal;

/// Most characters of a file's name.
const NAME: usize = 200;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get)).routes(routes!(list_rows)).routes(routes!(run))
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotFound => Self::NotFound("import"),
            Refused::State(state) => {
                Self::Conflict { code: "wrong_state", detail: format!("the import is {state}"), lead_id: None }
            }
            Refused::Invalid(errors) => Self::Invalid(errors),
            Refused::File(sheet::Fault::TooLarge) => Self::TooLarge { limit: sheet::MAX_BYTES },
            Refused::File(fault) => Self::field("file", "invalid", fault.to_string()),
            Refused::Sqlx(error) => error.into(),
            Refused::Other(error) => Self::Internal(error),
        }
    }
}

/// What the file is.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// `statuses` or `leads`.
    #[param(value_type = String)]
    kind: Kind,
    /// Of statuses: whose reports they are (slug, id or number). Left out: of the network that has the lead, which is then
    /// named by our id or number.
    network: Option<String>,
    /// Of leads: slug, id or number.
    webmaster: Option<String>,
    /// Of leads: slug, id or number.
    offer: Option<String>,
    /// Shown to people.
    file_name: Option<String>,
    /// JSON: `{"columns": {"Order": "external_id", "State": "status"}}`. Left out: as the last file of this network or
    /// webmaster whose columns were remembered, else by the headings.
    mapping: Option<String>,
    /// Only tries the rows; `POST /api/v1/imports/{id}/run` imports them then.
    #[serde(default)]
    dry_run: bool,
}

/// An import.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportView {
    pub id: Uuid,
    /// `statuses` or `leads`.
    pub kind: String,
    /// `mapping` (the columns cannot be read so), `checking`, `checked`, `running` or `done`.
    pub state: String,
    pub file_name: String,
    /// Slugs.
    pub network: Option<String>,
    pub webmaster: Option<String>,
    pub offer: Option<String>,
    /// The headings of the file.
    pub heads: Vec<String>,
    pub mapping: Mapping,
    /// Rows of the file.
    pub rows: i32,
    /// Those handled so far, by result; of the dry run until the import runs.
    pub results: BTreeMap<String, i64>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

fn view(app: &App, import: &Import) -> ImportView {
    let rules = app.rules.load();
    ImportView {
        id: import.import_id,
        kind: import.kind.clone(),
        state: import.state.clone(),
        file_name: import.file_name.clone(),
        network: import.network_id.and_then(|id| rules.networks.get(&id)).map(|network| network.slug.clone()),
        webmaster: import.webmaster_id.and_then(|id| rules.webmasters.get(&id)).map(|one| one.slug.clone()),
        offer: import.offer_id.and_then(|id| rules.offers.get(&id)).map(|offer| offer.slug.clone()),
        heads: import.heads.clone(),
        mapping: import::mapping_of(import),
        rows: import.row_count,
        results: serde_json::from_value(import.counts.clone()).unwrap_or_default(),
        created_at: import.created_at,
        started_at: import.started_at,
        ended_at: import.ended_at,
    }
}

fn meant(app: &App, query: &ImportQuery) -> Result<New, Error> {
    let rules = app.rules.load();
    let mut errors = Vec::new();
    let mut id = |field: &str, is_taken: bool, text: &Option<String>, find: &dyn Fn(&str) -> Option<Uuid>| match text {
        Some(_) if !is_taken => {
            errors.push(FieldError::invalid(field, format!("is not for {}", query.kind)));
            None
        }
        Some(text) => {
            let found = find(text);
            if found.is_none() {
                errors.push(FieldError::new(field, "unknown", format!("there is no such {field}")));
            }
            found
        }
        None if is_taken && field != "network" => {
            errors.push(FieldError::required(field));
            None
        }
        None => None,
    };
    let is_leads = query.kind == Kind::Leads;
    let network_id = id("network", !is_leads, &query.network, &|text| rules.network(text).map(|one| one.network_id));
    let webmaster_id =
        id("webmaster", is_leads, &query.webmaster, &|text| rules.webmaster(text).map(|one| one.webmaster_id));
    let offer_id = id("offer", is_leads, &query.offer, &|text| rules.offer(text).map(|one| one.offer_id));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let file_name = text::line(query.file_name.as_deref().unwrap_or("API"));
    let file_name = text::cut(&file_name, NAME).to_owned();
    Ok(New { kind: query.kind, file_name, network_id, webmaster_id, offer_id })
}

/// Import a file
///
/// The body is the file: CSV (any usual delimiter, UTF-8, UTF-16 or Windows-1251) or XLSX, with headings in its first line, at most
/// 20 MiB and 100,000 rows. Its rows are handled in the background. When the columns cannot be read so, the answer is 422
/// and nothing is kept. Statuses that come twice change nothing the second time; leads should have an `external_id`.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", operation_id = "create_import", params(ImportQuery),
    request_body(content((String = "text/csv"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, description = "Kept; its rows are being handled", body = ImportView), CreateProblems))]
async fn create(
    State(app): State<App>,
    principal: Principal,
    QueryOf(query): QueryOf<ImportQuery>,
    request: Request,
) -> Result<(StatusCode, Json<ImportView>), Error> {
    let new = meant(&app, &query)?;
    let mapping: Option<Mapping> = query.mapping.as_deref().map(|text| read_json(text.as_bytes())).transpose()?;
    let body = read_body(request, sheet::MAX_BYTES).await?;
    let actor = principal.actor();
    let import = import::receive(&app, new, body, &actor).await?;
    let mapping = mapping.unwrap_or_else(|| import::mapping_of(&import));
    let complaints = import::complaints(&import, &mapping);
    if !complaints.is_empty() {
        import::discard(&app, import.import_id, &actor).await?;
        return Err(Error::Invalid(complaints));
    }
    import::set_mapping(&app, import.import_id, &mapping, false).await?;
    if query.dry_run {
        import::check(&app, import.import_id).await?;
    } else {
        import::run(&app, import.import_id, &["mapping"], &actor).await?;
    }
    let import = find(&app, &import.import_id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &import))))
}

async fn find(app: &App, id: &str) -> Result<Import, Error> {
    let id = Uuid::parse_str(id).map_err(|_| Error::NotFound("import"))?;
    rows::find(&mut *app.db.acquire().await?, id).await?.ok_or(Error::NotFound("import"))
}

/// One import.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", operation_id = "get_import", params(("id" = Uuid, Path)),
    responses((status = 200, description = "As it is", body = ImportView), ReadProblems))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<ImportView>, Error> {
    Ok(Json(view(&app, &find(&app, &id).await?)))
}

/// Import what was tried
///
/// An import that runs already, or has, is answered as it is.
#[utoipa::path(post, path = "/api/v1/imports/{id}/run", tag = "imports", operation_id = "run_import", params(("id" = Uuid, Path)),
    responses((status = 200, description = "Its rows are being handled", body = ImportView), ChangeProblems))]
async fn run(State(app): State<App>, principal: Principal, PathId(id): PathId) -> Result<Json<ImportView>, Error> {
    let import = find(&app, &id).await?;
    import::run(&app, import.import_id, &["checked"], &principal.actor()).await?;
    Ok(Json(view(&app, &find(&app, &id).await?)))
}

/// Which rows.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    /// Only with this result.
    result: Option<String>,
    /// 1 to 500; 50 when absent.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What became of a row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RowView {
    /// Where it stands in the file, from 1.
    pub line: i32,
    /// Of statuses `applied`, `unchanged`, `stale`, `unmapped`, `ignored` or `unmatched`; of leads `created` or `duplicate`;
    /// of both `invalid` and `failed`.
    pub result: String,
    /// The field that is wrong.
    pub field: Option<String>,
    pub reason: Option<String>,
    pub lead_id: Option<Uuid>,
}

impl From<Judged> for RowView {
    fn from(row: Judged) -> Self {
        Self { line: row.line, result: row.result, field: row.field, reason: row.reason, lead_id: row.lead_id }
    }
}

/// Lists what became of the rows that were handled, in the order of the file.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rows", tag = "imports", operation_id = "list_import_rows",
    params(("id" = Uuid, Path), RowQuery), responses((status = 200, description = "A page", body = List<RowView>), ListProblems))]
async fn list_rows(
    State(app): State<App>,
    PathId(id): PathId,
    QueryOf(query): QueryOf<RowQuery>,
) -> Result<Json<List<RowView>>, Error> {
    if query.result.as_deref().is_some_and(|result| !RESULTS.contains(&result)) {
        return Err(Error::field("result", "invalid", format!("must be one of {}", RESULTS.join(", "))));
    }
    let after = query.cursor.as_deref().map(page::decode::<(i32,)>).transpose();
    let after = after.map_err(|error| Error::field("cursor", "invalid", error.to_string()))?.map_or(0, |(line,)| line);
    let import = find(&app, &id).await?;
    let mut conn = app.db.acquire().await?;
    let found = rows::judged_rows(&mut conn, &import, query.result.as_deref(), after, query.limit.fetch()).await?;
    let page = Page::of(found, query.limit, |row| (row.line,)).map(RowView::from);
    Ok(Json(List { items: page.items, next_cursor: page.next_cursor }))
}
