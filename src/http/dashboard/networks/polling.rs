//! `/networks/{id}/polling`: what the network is asked and when, how far that has got, what it brought.

use askama::Template;
use axum::extract::State;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use crate::app::App;
use crate::base::page::Direction;
use crate::db::orphan;
use crate::db::poll::{self, Poll};
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// Polls shown.
const ROWS: i64 = 20;

#[derive(Template)]
#[template(path = "networks/polling.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    polls: Vec<Poll>,
    /// Whether some reports have found no lead.
    has_orphans: bool,
}

/// `GET /networks/{id}/polling`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    let of = Some(network.id);
    let (polls, orphans) = {
        let mut conn = app.db.acquire().await?;
        let polls = poll::Filter { network_id: of, ..poll::Filter::default() };
        let open = orphan::Filter { network_id: of, is_found: Some(false), ..orphan::Filter::default() };
        (
            poll::page(&mut conn, &polls, None, ROWS).await?,
            orphan::page(&mut conn, &open, None, Direction::Newest, 1).await?,
        )
    };
    let frame = Frame::of(&app, network, Tab::Polling).await?;
    let page = Page {
        shell: Shell::of(&session, &principal, frame.title(), "/networks").await?,
        frame,
        polls,
        has_orphans: !orphans.is_empty(),
    };
    layout::page(&page)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Value;

    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn a_poll(state: &str, error: Option<&str>) -> Poll {
        Poll {
            poll_id: uuid::Uuid::from_u128(5),
            network_id: uuid::Uuid::from_u128(7),
            feed: "open".into(),
            from_at: None,
            to_at: Some(DateTime::UNIX_EPOCH),
            state: state.into(),
            actor: None,
            is_period: false,
            progress: Value::Null,
            calls: 3,
            asked: 250,
            reports: 240,
            applied: 12,
            unchanged: 228,
            unmapped: 0,
            unmatched: 0,
            ignored: 0,
            attempts: 0,
            error: error.map(str::to_owned),
            created_at: DateTime::UNIX_EPOCH,
            ended_at: Some(DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn feeds_and_polls_stand_and_reports_without_a_lead_are_linked() {
        let polls = vec![a_poll("done", None), a_poll("failed", Some("HTTP <500>"))];
        let page = Page { shell: shell(UserRole::Manager), frame: frame(Tab::Polling), polls, has_orphans: true };
        let text = html::check("network-polling", &page);
        assert!(text.contains("HTTP &#60;500&#62;") && text.contains("HTTP 500 instead of a list"));
        assert!(text.contains("/orphans?network=tea-house"));
        let mut bare = Page { polls: vec![], has_orphans: false, ..page };
        bare.frame.card.network.feeds.clear();
        assert!(html::check("network-polling-none", &bare).contains("is not asked"));
    }
}
