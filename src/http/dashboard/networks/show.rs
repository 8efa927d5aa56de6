//! `/networks/{id}`: what it is given, where it calls us, what it did lately, and a test lead.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tower_sessions::Session;

use super::list::{self, Card};
use super::settings;
use super::test::Test;
use crate::adapters::About;
use crate::app::App;
use crate::base::page::Direction;
use crate::db::network_health::{self, Attempt};
use crate::db::orphan::{self, Orphan};
use crate::db::poll::{self, Poll};
use crate::db::unmapped;
use crate::domain::status::Status;
use crate::http::api::networks::{self, NetworkView};
use crate::http::dashboard::fields::Form;
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, PageError, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::error::Error;
use crate::http::extract::{JsonBody, PathId};
use crate::http::principal::Principal;

/// Attempts shown.
const ATTEMPTS: i64 = 20;
/// Unmapped words shown.
const WORDS: i64 = 50;
/// Polls shown, and reports that found no lead.
const POLLS: i64 = 10;
/// Older ones are not looked for.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "networks/show.html")]
pub struct NetworkPage {
    shell: Shell,
    card: Card,
    about: About,
    /// Whether the integration is still there; without it nothing can be set or sent.
    is_known: bool,
    form: Form,
    attempts: Vec<Attempt>,
    /// Status words that nobody has mapped.
    words: Vec<unmapped::Row>,
    /// What a word can mean.
    statuses: &'static [Status],
    polls: Vec<Poll>,
    /// Reports that found no lead.
    orphans: Vec<Orphan>,
    test: Test,
    now: DateTime<Utc>,
}

/// What of the page differs from a plain look at it.
#[derive(Default)]
pub struct With {
    /// A form that was not taken.
    pub form: Option<Form>,
    /// A test that was made.
    pub test: Option<Test>,
}

/// Reads a network by id, number or slug.
pub async fn find(app: &App, id: &str) -> Result<NetworkView, Error> {
    let Json(network) = networks::get(State(app.clone()), PathId(id.to_owned())).await?;
    Ok(network)
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
    let shell = Shell::of(session, principal, network.name.as_str(), "/networks").await?;
    let known = app.adapters.get(&network.integration).map(|adapter| adapter.about().clone());
    let (is_known, about) = (known.is_some(), known.unwrap_or_default());
    let plain = || settings::form(&about, &settings::values(&about, Some(&network)), &network.secrets_set, &[]);
    let form = with.form.unwrap_or_else(plain);
    let now = app.clock.now();
    let (attempts, words, polls, orphans) = {
        let mut conn = app.db.acquire().await?;
        let of_network = poll::Filter { network_id: Some(network.id), ..poll::Filter::default() };
        let open = unmapped::Filter { is_mapped: Some(false), network_id: Some(network.id), ..Default::default() };
        (
            network_health::attempts(&mut conn, network.id, now - TimeDelta::days(DAYS), ATTEMPTS).await?,
            unmapped::page(&mut conn, &open, None, Direction::Newest, WORDS).await?,
            poll::page(&mut conn, &of_network, None, POLLS).await?,
            orphan::page(&mut conn, Some(network.id), false, None, POLLS).await?,
        )
    };
    let statuses = Status::ALL.get(1..).unwrap_or_default();
    let mut cards = list::cards(app, vec![network]).await?;
    let card = cards.pop().ok_or(Error::NotFound("network"))?;
    let test = with.test.unwrap_or_else(Test::prefilled);
    let page = NetworkPage { shell, card, about, is_known, form, attempts, words, statuses, polls, orphans, test, now };
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

async fn save(app: &App, principal: &Principal, network: &NetworkView, patch: Value) -> Result<NetworkView, Error> {
    let id = PathId(network.id.to_string());
    let Json(saved) = networks::update(State(app.clone()), principal.clone(), id, JsonBody(patch)).await?;
    Ok(saved)
}

#[cfg(test)]
mod tests {
    use super::super::test::Shown;
    use super::*;
    use crate::adapters::Registry;
    use crate::base::field_error::FieldError;
    use crate::db::network_health::Health;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    fn page(role: UserRole, attempts: Vec<Attempt>, test: Test, errors: &[FieldError]) -> NetworkPage {
        let network = settings::tests::network();
        let about = Registry::load(None).unwrap().get("http-json").unwrap().about().clone();
        let form = settings::form(&about, &settings::values(&about, Some(&network)), &network.secrets_set, errors);
        let user_email = "ann@example.com".into();
        let (p50, p95) = (Some(184), Some(2350));
        let health = Health { deliveries: 900, accepted: 610, refused: 205, errors: 31, p50, p95, ..Health::default() };
        NetworkPage {
            shell: Shell { active: "/networks", user_email, role, ..Shell::bare("Tea House") },
            card: Card { network, integration: about.title.clone(), health },
            about,
            is_known: true,
            form,
            words: words(if attempts.is_empty() { 0 } else { 2 }),
            statuses: &Status::ALL[1..],
            polls: if attempts.is_empty() {
                vec![]
            } else {
                vec![a_poll("done", None), a_poll("failed", Some("HTTP 500"))]
            },
            orphans: if attempts.is_empty() { vec![] } else { vec![an_orphan()] },
            attempts,
            test,
            now: DateTime::UNIX_EPOCH + TimeDelta::minutes(9),
        }
    }

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

    fn an_orphan() -> Orphan {
        Orphan {
            id: uuid::Uuid::from_u128(6),
            network: "tea-house".into(),
            network_id: uuid::Uuid::from_u128(7),
            key: "<9000001>".into(),
            source: "poll".into(),
            our_ref: None,
            status: Some("0".into()),
            revenue: Some("5.40".parse().unwrap()),
            currency: Some("CNY".into()),
            report: Value::Null,
            first_seen_at: DateTime::UNIX_EPOCH,
            last_seen_at: DateTime::UNIX_EPOCH,
            lead_id: None,
        }
    }

    fn words(count: u128) -> Vec<unmapped::Row> {
        let word = |n: u128| unmapped::Row {
            unmapped_id: uuid::Uuid::from_u128(n),
            network_id: uuid::Uuid::from_u128(7),
            network: "tea-house".into(),
            raw: "call <later>".into(),
            leads: 31,
            revenue: serde_json::json!({}),
            example_lead_ids: vec![uuid::Uuid::from_u128(9)],
            first_seen_at: DateTime::UNIX_EPOCH,
            last_seen_at: DateTime::UNIX_EPOCH,
            mapped_to: None,
            mapped_at: None,
        };
        (0..count).map(word).collect()
    }

    fn attempt(number: i64, outcome: &str, http_status: Option<i16>, detail: Option<&str>) -> Attempt {
        Attempt {
            lead_id: uuid::Uuid::from_u128(9),
            lead_number: number,
            started_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(number % 9),
            kind: "send".into(),
            outcome: outcome.into(),
            http_status,
            took_ms: 184,
            detail: detail.map(str::to_owned),
        }
    }

    #[test]
    fn the_page_stands_with_and_without_a_past() {
        let attempts = vec![
            attempt(20_418, "accepted", Some(200), None),
            attempt(20_417, "refused", Some(200), Some("duplicate phone")),
            attempt(20_413, "retry", Some(502), Some("HTTP 502")),
            attempt(20_409, "unknown", None, Some("the answer did not come within 30 s")),
        ];
        let text = html::check("network", &page(UserRole::Admin, attempts, Test::prefilled(), &[]));
        assert!(text.contains("/postback/abcdef") && text.contains("x-source: relay") && text.contains(">set<"));
        assert!(text.contains("&#60;9000001&#62;") && text.contains("HTTP 500 instead of a list"));
        assert!(text.contains("call &#60;later&#62;") && text.contains("/map\""));
        let empty = html::check("network-empty", &page(UserRole::Admin, vec![], Test::prefilled(), &[]));
        assert!(empty.contains("Nothing was sent yet"));
    }

    #[test]
    fn managers_see_no_secret_and_no_settings_to_change() {
        let text = html::check("network-manager", &page(UserRole::Manager, vec![], Test::prefilled(), &[]));
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
        let text = html::check("network-tested", &page(UserRole::Admin, vec![], test, &[]));
        assert!(text.contains("No: &#60;duplicate&#62;") && text.contains("184 ms"));
        let refused = Test { refused: Some("there is no integration".into()), ..Test::prefilled() };
        html::check("network-test-refused", &page(UserRole::Admin, vec![], refused, &[]));
    }
}
