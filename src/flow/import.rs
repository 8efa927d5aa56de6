//! Statuses and leads from files. A file becomes rows in the database at once; what its columns are is said by a person;
//! then its rows are handled by a job, some at a time, first to see what they would come to (the check changes nothing),
//! then for good. A step and how far it has got are one transaction, so that a crash repeats no row.

mod leads;
mod statuses;
mod step;

use anyhow::Context;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

pub use step::run as step;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::sheet::{self, Fault};
use crate::db;
use crate::db::import::Import;
use crate::domain::import::{Kind, Mapping, guess};
use crate::queue::{self, NewJob, OWN_LANE};

/// Rows written at once when a file comes.
const CHUNK: usize = 1000;
/// The result of a row that something is wrong with.
const INVALID: &str = "invalid";
/// The result of a row that we could not handle.
const FAILED: &str = "failed";

/// Every result a row can have.
pub const RESULTS: &[&str] =
    &["applied", "unchanged", "stale", "unmapped", "ignored", "unmatched", "created", "duplicate", INVALID, FAILED];

/// What a file is.
#[derive(Clone, Debug)]
pub struct New {
    pub kind: Kind,
    pub file_name: String,
    pub network_id: Option<Uuid>,
    pub webmaster_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
}

/// Why something cannot be done with an import.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// It is too late, or too early.
    #[error("the import is {0}")]
    State(String),
    /// The columns cannot be read so.
    #[error("the columns cannot be read so")]
    Invalid(Vec<FieldError>),
    /// It is no table that can be read.
    #[error("the file {0}")]
    File(#[from] Fault),
    /// The database.
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    /// Our fault.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Keeps a file. How its columns are read is taken from the last file of this kind, else from its headings.
pub async fn receive(app: &App, new: New, file: Bytes, actor: &str) -> Result<Import, Refused> {
    let read = move || (Sha256::digest(&file).to_vec(), sheet::read(&file));
    let (hash, sheet) = tokio::task::spawn_blocking(read).await.context("read a file")?;
    let sheet = sheet?;
    let mut tx = app.db.begin().await?;
    let remembered =
        db::import::remembered(&mut tx, new.kind.as_str(), scope(new.network_id, new.webmaster_id)).await?;
    let remembered = remembered
        .and_then(|mapping| serde_json::from_value::<Mapping>(mapping).ok())
        .map(|mapping| mapping.of_heads(&sheet.heads))
        .filter(|mapping| !mapping.columns.is_empty());
    let mapping = remembered.unwrap_or_else(|| guess(new.kind, &sheet.heads));
    let import = Import {
        import_id: app.ids.next(),
        kind: new.kind.to_string(),
        state: "mapping".into(),
        file_name: new.file_name,
        network_id: new.network_id,
        webmaster_id: new.webmaster_id,
        offer_id: new.offer_id,
        heads: sheet.heads,
        mapping: serde_json::to_value(mapping).unwrap_or_default(),
        row_count: i32::try_from(sheet.rows.len()).unwrap_or(i32::MAX),
        progress: 0,
        counts: json!({}),
        created_by: actor.to_owned(),
        created_at: app.clock.now(),
        started_at: None,
        ended_at: None,
        forgotten_at: None,
    };
    db::import::insert(&mut tx, &import, &hash).await?;
    for rows in sheet.rows.chunks(CHUNK) {
        let rows: Vec<(i32, Value)> = rows.iter().map(|row| (row.line, json!(row.cells))).collect();
        db::import::insert_rows(&mut tx, import.import_id, &rows).await?;
    }
    audit(app, &mut tx, &import, "import.create", actor).await?;
    tx.commit().await?;
    Ok(import)
}

/// How the columns of an import are read.
pub fn mapping_of(import: &Import) -> Mapping {
    serde_json::from_value(import.mapping.clone()).unwrap_or_default()
}

/// What is wrong with reading the columns of an import so.
pub fn complaints(import: &Import, mapping: &Mapping) -> Vec<FieldError> {
    mapping.check(kind_of(import), &import.heads, import.network_id.is_some())
}

/// The kind of an import.
pub fn kind_of(import: &Import) -> Kind {
    import.kind.parse().unwrap_or(Kind::Statuses)
}

/// Says how the columns are read, as long as nothing runs. The next file of this kind is read alike when `is_remembered`.
pub async fn set_mapping(app: &App, import_id: Uuid, mapping: &Mapping, is_remembered: bool) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let import = in_state(&mut tx, import_id, &["mapping", "checked"]).await?;
    let value = serde_json::to_value(mapping).unwrap_or_default();
    db::import::set_mapping(&mut tx, import_id, &value).await?;
    db::import::begin(&mut tx, import_id, "mapping", app.clock.now()).await?;
    if is_remembered && complaints(&import, mapping).is_empty() {
        let scope = scope(import.network_id, import.webmaster_id);
        db::import::remember(&mut tx, &import.kind, scope, &value, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Begins the dry run.
pub async fn check(app: &App, import_id: Uuid) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let import = in_state(&mut tx, import_id, &["mapping", "checked"]).await?;
    begin(app, &mut tx, &import, "checking").await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(())
}

/// Begins to import for good; from a state of `from`. False: somebody has begun it before.
pub async fn run(app: &App, import_id: Uuid, from: &[&str], actor: &str) -> Result<bool, Refused> {
    let mut tx = app.db.begin().await?;
    let import = match in_state(&mut tx, import_id, from).await {
        Ok(import) => import,
        Err(Refused::State(state)) if matches!(state.as_str(), "running" | "done") => return Ok(false),
        Err(error) => return Err(error),
    };
    begin(app, &mut tx, &import, "running").await?;
    audit(app, &mut tx, &import, "import.run", actor).await?;
    tx.commit().await?;
    app.wake.jobs();
    Ok(true)
}

/// Throws a file away that was not imported.
pub async fn discard(app: &App, import_id: Uuid, actor: &str) -> Result<(), Refused> {
    let mut tx = app.db.begin().await?;
    let import = in_state(&mut tx, import_id, &["mapping", "checking", "checked"]).await?;
    db::import::delete(&mut tx, import_id).await?;
    audit(app, &mut tx, &import, "import.discard", actor).await?;
    Ok(tx.commit().await?)
}

async fn in_state(conn: &mut PgConnection, import_id: Uuid, states: &[&str]) -> Result<Import, Refused> {
    let import = db::import::lock(conn, import_id).await?.ok_or(Refused::NotFound)?;
    if states.contains(&import.state.as_str()) { Ok(import) } else { Err(Refused::State(import.state)) }
}

async fn begin(app: &App, conn: &mut PgConnection, import: &Import, state: &str) -> Result<(), Refused> {
    let complaints = complaints(import, &mapping_of(import));
    if !complaints.is_empty() {
        return Err(Refused::Invalid(complaints));
    }
    db::import::begin(conn, import.import_id, state, app.clock.now()).await?;
    let job = NewJob {
        priority: queue::BULK,
        dedupe_key: Some(format!("import:{}", import.import_id)),
        ..NewJob::now(app.ids.next(), OWN_LANE, queue::Kind::RunImport, import.import_id)
    };
    queue::enqueue(conn, &[job]).await?;
    Ok(())
}

/// Whose files are read alike: a network's, a webmaster's.
fn scope(network_id: Option<Uuid>, webmaster_id: Option<Uuid>) -> Uuid {
    network_id.or(webmaster_id).unwrap_or_default()
}

async fn audit(app: &App, conn: &mut PgConnection, import: &Import, action: &str, actor: &str) -> sqlx::Result<()> {
    let said = json!({
        "name": import.file_name, "kind": import.kind, "rows": import.row_count, "network_id": import.network_id,
        "webmaster_id": import.webmaster_id, "offer_id": import.offer_id, "mapping": import.mapping,
    });
    let (before, after) = if action == "import.discard" { (Some(said), None) } else { (None, Some(said)) };
    let entry = db::audit::Entry {
        audit_id: app.ids.next(),
        at: app.clock.now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        object_kind: "import".into(),
        object_id: Some(import.import_id),
        before,
        after,
    };
    db::audit::insert(conn, &entry).await
}

/// The cells of a row.
pub fn cells_of(cells: &Value) -> Vec<String> {
    serde_json::from_value(cells.clone()).unwrap_or_default()
}

/// The outcome of a row that something is wrong with.
fn invalid(line: i32, errors: &[FieldError]) -> db::import::Outcome {
    let said: Vec<String> = match errors {
        [only] => vec![only.message.clone()],
        _ => errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect(),
    };
    db::import::Outcome {
        line,
        result: INVALID,
        field: errors.first().map(|error| error.field.clone()),
        reason: Some(said.join("; ")),
        lead_id: None,
    }
}
