//! `/networks/{id}/history`: who changed it, with what it was before and after.

use askama::Template;
use axum::extract::State;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use crate::app::App;
use crate::http::dashboard::audit_log::{self, Line};
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "networks/history.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    lines: Vec<Line>,
}

/// `GET /networks/{id}/history`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    let lines = audit_log::of_object(&mut *app.db.acquire().await?, network.id).await?;
    let frame = Frame::of(&app, network, Tab::History).await?;
    let shell = Shell::of(&session, &principal, frame.title(), "/networks").await?;
    layout::page(&Page { shell, frame, lines })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::db::audit_list::Row;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn changes_stand_with_before_and_after() {
        let row = Row {
            audit_id: uuid::Uuid::from_u128(1),
            at: DateTime::UNIX_EPOCH,
            actor: "user:ann@example.com".into(),
            action: "network.update".into(),
            object_kind: "network".into(),
            object_id: None,
            before: Some(json!({ "name": "<old>" })),
            after: Some(json!({ "name": "<new>" })),
        };
        let page = Page { shell: shell(UserRole::Manager), frame: frame(Tab::History), lines: vec![Line::of(&row)] };
        let text = html::check("network-history", &page);
        assert!(text.contains("&#60;old&#62;") && text.contains("&#60;new&#62;") && text.contains("ann@example.com"));
        html::check("network-history-none", &Page { lines: vec![], ..page });
    }
}
