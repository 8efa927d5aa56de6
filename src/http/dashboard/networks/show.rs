//! `/networks/{id}`, the tab of its connection: how it is doing, what it is given, and a test lead.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use super::settings;
use super::test::Test;
use crate::app::App;
use crate::http::api::networks::{self, NetworkView};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

#[derive(Template)]
#[template(path = "networks/show.html")]
pub struct NetworkPage {
    shell: Shell,
    frame: Frame,
    form: Form,
    test: Test,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
pub struct With {
    /// A form that was not taken.
    pub form: Option<Form>,
    /// A test that was made.
    pub test: Option<Test>,
}

/// Answers with the page.
pub async fn answer(
    app: &App,
    session: &Session,
    principal: &Principal,
    network: NetworkView,
    with: With,
    status: StatusCode,
) -> Answer {
    let frame = Frame::of(app, network, Tab::Connection).await?;
    let network = &frame.card.network;
    let plain =
        || settings::form(&frame.about, &settings::values(&frame.about, Some(network)), &network.secrets_set, &[]);
    let page = NetworkPage {
        shell: Shell::of(session, principal, frame.title(), "/networks").await?,
        form: with.form.unwrap_or_else(plain),
        test: with.test.unwrap_or_else(Test::prefilled),
        frame,
    };
    layout::page_with(status, &page)
}

/// `GET /networks/{id}`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    answer(&app, &session, &principal, network, With::default(), StatusCode::OK).await
}

/// `POST /networks/{id}`
pub async fn update(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    pairs: FormPairs,
) -> Answer {
    let network = find(&app, &id).await?;
    let adapter = app.adapters.get(&network.integration).ok_or(Error::NotFound("integration"))?;
    let about = adapter.about();
    let saved = match settings::body(about, &pairs, Some(&network)) {
        Ok(patch) => save(&app, &principal, &network, patch).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match saved {
        Ok(saved) => layout::done(&session, &format!("/networks/{}", saved.slug), say("network-saved")).await,
        Err(Error::Invalid(errors)) => {
            let form = Some(settings::form(about, &pairs, &network.secrets_set, &errors));
            let with = With { form, test: None };
            answer(&app, &session, &principal, network, with, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(PageError(error)),
    }
}

/// Changes a network by a merge patch.
pub async fn save(app: &App, principal: &Principal, network: &NetworkView, patch: Value) -> Result<NetworkView, Error> {
    let id = PathId(network.id.to_string());
    let Json(saved) = networks::update(State(app.clone()), principal.clone(), id, JsonBody(patch)).await?;
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{frame, shell};
    use super::super::test::Shown;
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(role: UserRole, test: Test) -> NetworkPage {
        let frame = frame(Tab::Connection);
        let (about, network) = (&frame.about, &frame.card.network);
        let form = settings::form(about, &settings::values(about, Some(network)), &network.secrets_set, &[]);
        NetworkPage { shell: shell(role), form, test, frame }
    }

    #[test]
    fn the_page_has_its_settings_and_leads_to_the_other_tabs() {
        let text = html::check("network", &page(UserRole::Admin, Test::prefilled()));
        assert!(text.contains("x-source: relay") && text.contains(">set<") && text.contains("green-tea"));
        for tab in ["request", "answers", "statuses", "polling", "inbound", "tests", "parameters", "plans", "history"] {
            assert!(text.contains(&format!("href=\"/networks/tea-house/{tab}\"")), "{tab}");
        }
    }

    #[test]
    fn managers_see_no_secret_and_no_settings_to_change() {
        let text = html::check("network-manager", &page(UserRole::Manager, Test::prefilled()));
        assert!(!text.contains("abcdefghij") && !text.contains("name=\"settings.url\""));
        assert!(text.contains("/test#test\"") && text.contains("/pause\""));
    }

    #[test]
    fn a_test_shows_what_was_sent_and_what_came_back() {
        let shown = Shown {
            outcome: "refused",
            said: "No: <duplicate>".into(),
            request:
                "POST https://crm.example/leads\ncontent-type: application/json\n\n{\n  \"phone\": \"+34612345678\"\n}"
                    .into(),
            response: "HTTP 200\n\n{ \"status\": \"error\" }".into(),
            took_ms: 184,
        };
        let test = Test { shown: Some(shown), ..Test::prefilled() };
        let text = html::check("network-tested", &page(UserRole::Admin, test));
        assert!(text.contains("No: &#60;duplicate&#62;") && text.contains("184 ms"));
        let refused = Test { refused: Some("there is no integration".into()), ..Test::prefilled() };
        html::check("network-test-refused", &page(UserRole::Admin, refused));
    }
}
