//! `GET /integrations`: all of them, with a search.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tower_sessions::Session;

use super::gallery::Gallery;
use crate::app::App;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::extract::QueryOf;
use crate::http::principal::Principal;

/// Which ones.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// Words, all of which must be there.
    q: String,
}

#[derive(Template)]
#[template(path = "integrations/list.html")]
struct Page {
    shell: Shell,
    gallery: Gallery,
    query: String,
}

/// `GET /integrations`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let shell = Shell::of(&session, &principal, say("place-integrations"), "/integrations").await?;
    let query: String = ask.q.trim().chars().take(100).collect();
    layout::page(&Page { shell, gallery: Gallery::found(&app.adapters, &query), query })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Registry;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn the_gallery_leads_to_details() {
        let user_email = "ann@example.com".to_owned();
        let shell =
            Shell { active: "/integrations", user_email, role: UserRole::Manager, ..Shell::bare("Integrations") };
        let gallery = Gallery::found(&Registry::load(None).unwrap(), "");
        let text = html::check("integrations", &Page { shell, gallery, query: "\"<b>".into() });
        assert!(text.contains("href=\"/integrations/http-json\"") && text.contains("&#34;&#60;b&#62;"));
    }
}
