//! `GET /imports/{id}/live`: tells the page of an import that is at work when it has got further, so that the page reads
//! itself again.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use futures_util::stream;

use super::show::find;
use crate::app::App;
use crate::db;
use crate::http::dashboard::layout::Answer;
use crate::http::dashboard::live;
use crate::http::extract::PathId;
use crate::http::listener::Stopping;

/// How often is looked how far it has got, while somebody watches.
const EVERY: Duration = Duration::from_millis(500);

/// The stream: an event `moved` at the beginning and whenever the import has got further. It ends when the import is not
/// at work any more.
pub async fn stream(State(app): State<App>, stopping: Option<Extension<Stopping>>, PathId(id): PathId) -> Answer {
    let import_id = find(&app, &id).await?.import_id;
    let moves = stream::unfold((app, None), move |(app, before)| async move {
        if before.as_ref().is_some_and(|(state, _): &(String, i32)| !is_at_work(state)) {
            return None;
        }
        loop {
            // A database that is away has no news; the browser asks again when this stream has ended.
            let found = db::import::find(&mut *app.db.acquire().await.ok()?, import_id).await.ok()??;
            let place = Some((found.state, found.progress));
            if place != before {
                return Some(("moved", (app, place)));
            }
            tokio::time::sleep(EVERY).await;
        }
    });
    Ok(live::answer(moves, stopping))
}

/// Whether rows of an import in this state are being handled.
pub(super) fn is_at_work(state: &str) -> bool {
    matches!(state, "checking" | "running")
}
