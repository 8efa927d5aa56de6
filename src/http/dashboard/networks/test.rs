//! `POST /networks/{id}/test`: a test lead is really sent; request, answer and judgement are shown, none is kept.

use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::frame::find;
use super::show::{self, With};
use crate::adapters::case;
use crate::app::App;
use crate::base::{country, email};
use crate::domain::outcome::Outcome;
use crate::flow::replay::Refused;
use crate::flow::test_network::{self, TestLead};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::layout::{Answer, PageError};
use crate::http::dashboard::texts::{Text, say};
use crate::http::error::Error;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// The form of a test and what came of the last one.
#[derive(Clone, Debug, Default)]
pub struct Test {
    pub phone: String,
    pub name: String,
    pub country: String,
    pub email: String,
    /// Field and what is wrong with it.
    pub errors: Vec<(&'static str, String)>,
    /// Why it was not even tried.
    pub refused: Option<String>,
    pub shown: Option<Shown>,
}

/// What came of a test.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The word of the outcome.
    pub outcome: &'static str,
    /// The outcome in a sentence.
    pub said: String,
    pub request: String,
    pub response: String,
    pub took_ms: i64,
}

impl Test {
    /// A sample that nobody is called for.
    pub fn prefilled() -> Self {
        let sample = case::sample_lead();
        Self {
            phone: sample.phone.unwrap_or_default(),
            name: sample.name.unwrap_or_default(),
            country: sample.country.unwrap_or_default(),
            email: sample.email.unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of(form: &FormPairs) -> Self {
        let text = |name: &str| form.get(name).chars().take(255).collect::<String>();
        Self {
            phone: text("phone"),
            name: text("name"),
            country: text("country"),
            email: text("email"),
            ..Self::default()
        }
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }

    /// The lead to send; what is left empty is taken from the sample.
    fn lead(&mut self) -> Option<TestLead> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let country = given(&self.country).map(|code| country::parse(&code));
        if country == Some(None) {
            self.errors.push(("country", say("network-test-country-wrong").into()));
        }
        let email = given(&self.email).map(|address| email::parse(&address));
        if let Some(Err(error)) = &email {
            self.errors.push(("email", error.to_string()));
        }
        self.errors.is_empty().then(|| TestLead {
            phone: given(&self.phone),
            name: given(&self.name),
            country: country.flatten(),
            email: email.and_then(Result::ok),
        })
    }
}

/// An outcome in a sentence for the operator.
pub fn sentence(outcome: &Outcome) -> Text {
    match outcome {
        Outcome::Accepted(accepted) => match (&accepted.external_id, &accepted.status) {
            (Some(id), Some(word)) => say("network-test-accepted-both").with("id", id).with("word", word),
            (Some(id), None) => say("network-test-accepted-id").with("id", id),
            (None, Some(word)) => say("network-test-accepted-word").with("word", word),
            (None, None) => say("network-test-accepted"),
        },
        Outcome::Refused { reason, is_trash: true } => say("network-test-trash").with("reason", reason),
        Outcome::Refused { reason, .. } => say("network-test-refused").with("reason", reason),
        Outcome::NoCapacity { reason, .. } => say("network-test-no-capacity").with("reason", reason),
        Outcome::Retry { reason, .. } => say("network-test-retry").with("reason", reason),
        Outcome::Unknown { reason } => say("network-test-unknown").with("reason", reason),
        Outcome::Misconfigured { reason } => say("network-test-misconfigured").with("reason", reason),
    }
}

/// `POST /networks/{id}/test`
pub async fn run(
    State(app): State<App>,
    session: Session,
    principal: Principal,
    PathId(id): PathId,
    form: FormPairs,
) -> Answer {
    let network = find(&app, &id).await?;
    let mut test = Test::of(&form);
    let status = match test.lead() {
        None => StatusCode::UNPROCESSABLE_ENTITY,
        Some(lead) => match test_network::run(&app, network.id, lead).await {
            Ok(tested) => {
                test.shown = Some(Shown {
                    outcome: tested.outcome.word(),
                    said: sentence(&tested.outcome).into(),
                    request: tested.request,
                    response: tested.response,
                    took_ms: tested.took_ms,
                });
                StatusCode::OK
            }
            Err(Refused::State(why)) => {
                test.refused = Some(why);
                StatusCode::CONFLICT
            }
            Err(other) => return Err(PageError(Error::from(other))),
        },
    };
    show::answer(&app, &session, &principal, network, With { form: None, test: Some(test) }, status).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_empty_is_taken_from_the_sample() {
        let mut test = Test::of(&FormPairs::parse(b"phone=+49 1511&country=uk"));
        let lead = test.lead().unwrap();
        assert_eq!((lead.country.as_deref(), lead.name), (Some("GB"), None));
        let mut wrong = Test::of(&FormPairs::parse(b"country=xx&email=nonsense"));
        assert!(wrong.lead().is_none());
        assert!(wrong.error("country").is_some() && wrong.error("email").is_some() && wrong.error("phone").is_none());
    }
}
