//! Nobody else: a network that takes every lead at once, without a call. For an operator who works on leads himself, and
//! for the external sites of AlterCPA's dialect, whose leads go nowhere else.

use serde_json::{Map, Value};

use super::case::Case;
use super::{About, Adapter, Inbound, InboundCall, Next, SendCx, Step, TemplateError, altercpa, recipe};
use crate::base::exchange::{Answer, Request};
use crate::domain::outcome::{Accepted, Outcome, Resend};
use crate::domain::status::Status;

/// The adapter.
#[derive(Debug)]
pub struct InHouse {
    about: About,
    cases: Vec<Case>,
}

impl InHouse {
    /// Reads what it says about itself.
    pub fn new() -> Result<Self, Vec<TemplateError>> {
        let (about, cases) = recipe::native("inhouse.toml", include_str!("about.toml"))?;
        Ok(Self { about, cases })
    }
}

impl Adapter for InHouse {
    fn about(&self) -> &About {
        &self.about
    }

    fn resend(&self, _settings: &Map<String, Value>) -> Resend {
        Resend::Idempotent
    }

    /// The words of the trade.
    fn status_of(&self, raw: &str) -> Option<Status> {
        altercpa::of_word(raw)
    }

    fn statuses(&self) -> Vec<(String, Status)> {
        altercpa::words()
    }

    fn send(&self, _cx: &SendCx<'_>) -> Result<Request, Outcome> {
        Err(Outcome::Accepted(Accepted::default()))
    }

    fn next(&self, _cx: &SendCx<'_>, _step: &Step, _answer: &Answer) -> Next {
        Next::Finish(Outcome::Accepted(Accepted::default()))
    }

    fn inbound(&self, _settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String> {
        Ok(recipe::usual_inbound(call))
    }

    fn cases(&self) -> &[Case] {
        &self.cases
    }
}
