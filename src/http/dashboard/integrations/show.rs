//! `GET /integrations/{id}`: what it asks for, what it reads from offers, which statuses it knows, its recorded cases.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tower_sessions::Session;

use super::gallery;
use crate::adapters::{About, SharedAdapter};
use crate::app::App;
use crate::domain::status::Status;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::networks::Cases;
use crate::http::dashboard::texts::{self, Text};
use crate::http::error::Error;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// What the URL asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// `1`: run the recorded cases.
    run: String,
}

#[derive(Template)]
#[template(path = "integrations/show.html")]
struct Page {
    shell: Shell,
    about: About,
    abilities: Vec<Text>,
    /// Our statuses, each with the words that mean it.
    statuses: Vec<(Status, Vec<String>)>,
    cases: Cases,
    /// Networks of this kind: slug and name.
    networks: Vec<(String, String)>,
}

fn statuses(adapter: &SharedAdapter) -> Vec<(Status, Vec<String>)> {
    let mut by: BTreeMap<Status, Vec<String>> = BTreeMap::new();
    for (word, status) in adapter.statuses() {
        by.entry(status).or_default().push(word);
    }
    by.into_iter().collect()
}

/// `GET /integrations/{id}`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let adapter = app.adapters.get(&id).ok_or(Error::NotFound("integration"))?;
    let about = adapter.about().clone();
    let rules = app.rules.load();
    let of_kind = rules.networks.values().filter(|network| network.integration == about.id);
    let mut networks: Vec<(String, String)> =
        of_kind.map(|network| (network.slug.clone(), network.name.clone())).collect();
    networks.sort();
    let page = Page {
        shell: Shell::of(&session, &principal, about.title.as_str(), "/integrations").await?,
        abilities: gallery::abilities(adapter.as_ref()),
        statuses: statuses(adapter),
        cases: Cases::of(&app, &about.id, ask.run == "1", format!("/integrations/{}?run=1", about.id)),
        networks,
        about,
    };
    layout::page(&page)
}

impl Page {
    fn group(&self) -> Option<String> {
        gallery::title(&self.about.group)
    }

    fn sure(&self) -> Option<String> {
        gallery::sure(&self.about.confidence)
    }

    /// The kind of a setting in words.
    fn kind(&self, kind: &str) -> String {
        texts::find(&format!("setting-{kind}")).unwrap_or_else(|| kind.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::Registry;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn every_integration_has_its_page() {
        for adapter in Registry::load(None).unwrap().iter() {
            let about = adapter.about().clone();
            let shell = Shell {
                active: "/integrations",
                user_email: "ann@example.com".into(),
                role: UserRole::Admin,
                ..Shell::bare(about.title.as_str())
            };
            let page = Page {
                shell,
                abilities: gallery::abilities(adapter.as_ref()),
                statuses: statuses(adapter),
                cases: Cases::default(),
                networks: vec![("tea".into(), "<Tea>".into())],
                about,
            };
            let text = html::check(&format!("integration-{}", page.about.id), &page);
            assert!(text.contains(&format!("/networks/new?integration={}", page.about.id)));
            assert!(!page.statuses.is_empty(), "{} knows no status", page.about.id);
            for (status, words) in &page.statuses {
                assert!(words.iter().all(|word| adapter.status_of(word) == Some(*status)), "{}", page.about.id);
            }
        }
    }

    #[test]
    fn managers_may_look_and_not_connect() {
        let about = Registry::load(None).unwrap().get("sandbox").unwrap().about().clone();
        let role = UserRole::Manager;
        let shell = Shell { active: "/integrations", user_email: "m@example.com".into(), role, ..Shell::bare("x") };
        let page =
            Page { shell, about, abilities: vec![], statuses: vec![], cases: Cases::default(), networks: vec![] };
        assert!(!html::check("integration-manager", &page).contains("/networks/new"));
    }
}
