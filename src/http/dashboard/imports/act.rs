//! What can be done with an import: say what its columns are, try it, run it, throw it away.

use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::columns;
use super::show::{self, find};
use crate::app::App;
use crate::flow::import::{self, Refused};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError, done, refused};
use crate::http::dashboard::texts::say;
use crate::http::dashboard::words;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// `POST /imports/{id}/mapping`: a field for each column in `c0`, `c1` …; `then` is `preview`, or the rows are tried.
pub async fn set_mapping(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let import = find(&app, &id).await?;
    let here = format!("/imports/{}", import.import_id);
    let mapping = columns::read(&import, &pairs);
    let is_check = pairs.get("then") != "preview" && pairs.get("then") != "again";
    let complaints = import::complaints(&import, &mapping);
    if is_check && !complaints.is_empty() {
        return show::answer(
            &app,
            &session,
            &principal,
            import,
            (StatusCode::UNPROCESSABLE_ENTITY, Some(mapping), complaints),
        )
        .await;
    }
    // Back to the columns of one that was tried: they stay as they are.
    let mapping = if pairs.get("then") == "again" { import::mapping_of(&import) } else { mapping };
    let is_remembered = pairs.given("remember").is_some();
    let set = import::set_mapping(&app, import.import_id, &mapping, is_remembered).await;
    let set = match (set, is_check) {
        (Ok(()), true) => import::check(&app, import.import_id).await,
        (set, _) => set,
    };
    match set {
        Ok(()) if is_check => done(&session, &here, say("import-is-checking")).await,
        Ok(()) => done(&session, &format!("{here}#columns"), say("import-columns-kept")).await,
        Err(error) => not_done(&session, &here, error).await,
    }
}

/// `POST /imports/{id}/run`
pub async fn run(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let import = find(&app, &id).await?;
    let here = format!("/imports/{}", import.import_id);
    match import::run(&app, import.import_id, &["checked"], &principal.actor()).await {
        Ok(true) => done(&session, &here, say("import-is-running")).await,
        Ok(false) => done(&session, &here, say("import-ran-before")).await,
        Err(error) => not_done(&session, &here, error).await,
    }
}

/// `POST /imports/{id}/discard`
pub async fn discard(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let import = find(&app, &id).await?;
    match import::discard(&app, import.import_id, &principal.actor()).await {
        Ok(()) => done(&session, "/imports", say("import-discarded").with("file", &import.file_name)).await,
        Err(error) => not_done(&session, &format!("/imports/{}", import.import_id), error).await,
    }
}

async fn not_done(session: &Session, here: &str, error: Refused) -> Answer {
    match error {
        Refused::State(state) => {
            refused(session, here, say("import-wrong-state").with("state", words::state(&state))).await
        }
        error => Err(PageError(Error::from(error))),
    }
}
