//! `GET /live`: tells an open page when there is news, so that it reads itself again. What has changed is not said: the
//! page asks for itself, with all that this person may see.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt as _, stream};

use crate::app::App;
use crate::db;
use crate::http::listener::Stopping;

/// How often is looked for news, at most.
const EVERY: Duration = Duration::from_secs(5);
/// A stream ends after so many looks; the browser opens a new one, and is asked then whether it may still.
const LOOKS: usize = 120;

/// The stream: an event `news` whenever leads, deliveries or calls have changed.
pub async fn stream(State(app): State<App>, stopping: Option<Extension<Stopping>>) -> Response {
    let looks = stream::unfold((app, None::<i64>, 0), |(app, before, looks)| async move {
        if looks >= LOOKS {
            return None;
        }
        if looks > 0 {
            tokio::time::sleep(EVERY).await;
        }
        // A database that is away has no news; the page says so by itself when it is asked for.
        let now = async { db::live::changes(&mut *app.db.acquire().await?).await }.await.ok();
        let is_news = before.is_some() && now.is_some() && before != now;
        Some((is_news, (app, now.or(before), looks + 1)))
    });
    let news = looks.filter_map(|is_news| async move { is_news.then_some("news") });
    answer(news, stopping)
}

/// An answer that goes on with an event of this name whenever there is one.
pub(super) fn answer(
    names: impl Stream<Item = &'static str> + Send + 'static,
    stopping: Option<Extension<Stopping>>,
) -> Response {
    // Browsers leave out an event without data.
    let events = names.map(|name| Ok::<_, Infallible>(Event::default().event(name).data("1")));
    // The server does not wait for those who only listen.
    let end = async move {
        match stopping {
            Some(Extension(Stopping(token))) => token.cancelled_owned().await,
            None => std::future::pending().await,
        }
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(20));
    Sse::new(Box::pin(events).take_until(Box::pin(end))).keep_alive(keep_alive).into_response()
}
