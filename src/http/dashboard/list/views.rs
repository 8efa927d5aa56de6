//! Views: a list with its filters, kept under a name.

use axum::extract::State;
use sqlx::PgConnection;
use tower_sessions::Session;
use uuid::Uuid;

use super::Asked;
use crate::app::App;
use crate::base::text;
use crate::db::saved_view;
pub use crate::db::saved_view::SavedView as View;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, done, refused};
use crate::http::dashboard::places;
use crate::http::dashboard::texts::say;
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Longest name of a view.
const NAME: usize = 60;
/// Longest query that is kept.
const QUERY: usize = 2000;

/// A view as the page of its list shows it.
#[derive(Clone, Debug)]
pub struct ViewTab {
    pub view: View,
    pub href: String,
    pub is_current: bool,
}

/// The views of a page as tabs.
pub fn tabs(views: Vec<View>, path: &str, asked: &Asked) -> Vec<ViewTab> {
    let query = asked.query();
    let tab = |view: View| ViewTab {
        href: if view.query.is_empty() { path.to_owned() } else { format!("{path}?{}", view.query) },
        is_current: view.query == query,
        view,
    };
    views.into_iter().map(tab).collect()
}

/// The views of a list that this person sees.
pub async fn of(conn: &mut PgConnection, principal: &Principal, path: &str) -> Result<Vec<View>, Error> {
    match principal {
        Principal::User { user_id, .. } => Ok(saved_view::of_list(conn, *user_id, path).await?),
        _ => Ok(Vec::new()),
    }
}

/// `POST /views`: the fields `path`, `query`, `name`, `shared`.
pub async fn keep(State(app): State<App>, session: Session, principal: Principal, form: FormPairs) -> Answer {
    let Principal::User { user_id, .. } = principal else { return Err(Error::Unauthorized.into()) };
    let Some(place) = places::at(form.get("path")) else { return Err(Error::NotFound("page").into()) };
    let asked = Asked::read(place.path, Some(form.get("query")));
    let query = asked.query();
    let back = if query.is_empty() { place.path.to_owned() } else { format!("{}?{query}", place.path) };
    let name = text::line(form.get("name"));
    if name.is_empty() || text::is_longer(&name, NAME) || query.len() > QUERY {
        return refused(&session, &back, say("view-name-wrong").count("most", NAME)).await;
    }
    let mut conn = app.db.acquire().await?;
    let is_shared = form.given("shared").is_some();
    saved_view::keep(&mut conn, app.ids.next(), user_id, place.path, (&name, &query), is_shared).await?;
    done(&session, &back, say("view-kept").with("name", name)).await
}

/// `POST /views/{id}/forget`
pub async fn forget(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let Principal::User { user_id, .. } = principal else { return Err(Error::Unauthorized.into()) };
    let view_id = Uuid::parse_str(&id).map_err(|_| Error::NotFound("view"))?;
    let path = saved_view::forget(&mut *app.db.acquire().await?, view_id, user_id).await?;
    let place = path.as_deref().and_then(places::at).ok_or(Error::NotFound("view"))?;
    done(&session, place.path, say("view-forgotten")).await
}
