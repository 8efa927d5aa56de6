//! `/networks/{id}/tests`: the recorded cases of the network's integration, run on the spot. They need no network and
//! change nothing.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use crate::adapters::conformance::{self, CaseResult};
use crate::app::App;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts;
use crate::http::extract::{PathId, QueryOf};
use crate::http::principal::Principal;

/// What the URL asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    /// `1`: run them.
    run: String,
}

/// Cases by name and, when they were run, how each went.
#[derive(Debug, Default, Template)]
#[template(path = "parts/cases.html")]
pub struct Cases {
    names: Vec<String>,
    results: Vec<CaseResult>,
    /// Where they are run.
    href: String,
}

impl Cases {
    /// Those of an integration; `None`: it is no longer there.
    pub fn of(app: &App, integration: &str, is_run: bool, href: String) -> Self {
        let Some(adapter) = app.adapters.get(integration) else { return Self::default() };
        let names = adapter.cases().iter().map(|case| case.name.clone()).collect();
        let mut results = if is_run { conformance::run_cases(adapter.as_ref()) } else { Vec::new() };
        // What somebody has to look at comes first.
        results.sort_by_key(|result| result.complaints.is_empty());
        Self { names, results, href }
    }

    fn failed(&self) -> usize {
        self.results.iter().filter(|result| !result.complaints.is_empty()).count()
    }
}

#[derive(Template)]
#[template(path = "networks/cases.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    cases: Cases,
}

/// `GET /networks/{id}/tests`
pub async fn show(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    QueryOf(ask): QueryOf<Ask>,
) -> Answer {
    let network = find(&app, &id).await?;
    let href = format!("{}?run=1", Tab::Tests.of(&network.slug));
    let cases = Cases::of(&app, &network.integration, ask.run == "1", href);
    let frame = Frame::of(&app, network, Tab::Tests).await?;
    let shell = Shell::of(&session, &principal, frame.title(), "/networks").await?;
    layout::page(&Page { shell, frame, cases })
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::adapters::Registry;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn results_stand_with_what_differs_first() {
        let registry = Registry::load(None).unwrap();
        let mut results = conformance::run_cases(registry.get("http-json").unwrap().as_ref());
        results[3].complaints = vec!["outcome: \"accepted\" expected, \"<b>\" found".into()];
        let names = results.iter().map(|result| result.name.clone()).collect();
        let cases = Cases { names, results, href: "/networks/tea-house/tests?run=1".into() };
        assert_eq!(cases.failed(), 1);
        let page = Page { shell: shell(UserRole::Manager), frame: frame(Tab::Tests), cases };
        let text = html::check("network-tests", &page);
        assert!(text.contains("&#60;b&#62;"));
        let bare = Page { cases: Cases::default(), ..page };
        html::check("network-tests-none", &bare);
    }
}
