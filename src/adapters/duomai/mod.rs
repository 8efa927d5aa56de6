//! Duomai (open.duomai.com), an affiliate network of China. Nothing like "create a lead" exists there: a lead is sent by
//! asking for a promotion link that carries our id, its person is sent through that link, and what comes of it are
//! orders, any number of them, told by push and by the order list. Sources: the pages of open.duomai.com/en/docs and
//! Duomai's PHP client (see [`gateway`] on where the two disagree).

use serde_json::{Map, Value, json};

use super::case::Case;
use super::records::Records;
use super::{
    About, Adapter, Inbound, InboundAnswer, InboundCall, InboundName, Next, Page, PollCx, SendCx, Step, TemplateError,
    recipe,
};
use crate::base::exchange::{Answer, Request, Response, TransportKind};
use crate::domain::outcome::{Accepted, Outcome, Resend};
use crate::domain::polling::Feed;
use crate::domain::status::{Status, Verdict};

mod feeds;
pub mod gateway;
mod link;
mod orders;
pub mod push;
mod records;
mod shop;
#[cfg(test)]
mod tests;

/// Their numbers: unconfirmed, confirmed, settled, invalid.
const WORDS: &[(&str, Status)] =
    &[("0", Status::Hold), ("1", Status::Approved), ("2", Status::Paid), ("-1", Status::Rejected)];

/// The adapter.
#[derive(Debug)]
pub struct Duomai {
    about: About,
    cases: Vec<Case>,
}

impl Duomai {
    /// Reads what it says about itself.
    pub fn new() -> Result<Self, Vec<TemplateError>> {
        let (mut about, cases) = recipe::native("duomai.toml", include_str!("about.toml"))?;
        about.has_poll = true;
        Ok(Self { about, cases })
    }
}

/// A setting as text.
fn setting<'a>(settings: &'a Map<String, Value>, name: &str) -> &'a str {
    settings.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default()
}

/// A value of a parameter as text.
fn param(params: &Map<String, Value>, name: &str) -> Option<String> {
    params.get(name).and_then(super::pick::scalar).map(|text| text.trim().to_owned())
}

impl Adapter for Duomai {
    fn about(&self) -> &About {
        &self.about
    }

    /// A link is made, nothing is stored: asking twice does no harm.
    fn resend(&self, _settings: &Map<String, Value>) -> Resend {
        Resend::Idempotent
    }

    /// Their numbers: 0 unconfirmed, 1 confirmed, 2 settled, -1 invalid.
    fn status_of(&self, raw: &str) -> Option<Status> {
        WORDS.iter().find(|(known, _)| *known == raw.trim()).map(|(_, status)| *status)
    }

    fn statuses(&self) -> Vec<(String, Status)> {
        WORDS.iter().map(|(word, status)| ((*word).to_owned(), *status)).collect()
    }

    fn send(&self, cx: &SendCx<'_>) -> Result<Request, Outcome> {
        link::request(cx)
    }

    fn next(&self, cx: &SendCx<'_>, step: &Step, answer: &Answer) -> Next {
        if step.no > 0 {
            return Next::Finish(link::shortened(step, answer));
        }
        let outcome = link::judge(cx, answer);
        match &outcome {
            Outcome::Accepted(Accepted { redirect_url: Some(url), .. })
                if cx.settings.get("short_links") == Some(&Value::Bool(true)) =>
            {
                let state = [("url".to_owned(), Value::from(url.as_str()))].into_iter().collect();
                match gateway::request(cx.settings, gateway::SHORT_LINK, &json!({ "url": url, "type": 0 }), cx.now) {
                    Ok(request) => Next::Call(request, Step { no: 1, state }),
                    Err(_) => Next::Finish(outcome),
                }
            }
            _ => Next::Finish(outcome),
        }
    }

    fn feeds(&self, _settings: &Map<String, Value>) -> Vec<Feed> {
        feeds::all()
    }

    fn poll(&self, cx: &PollCx<'_>) -> Result<Request, String> {
        feeds::request(cx)
    }

    fn read_page(&self, cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
        feeds::read(cx, answer)
    }

    fn inbound(&self, settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String> {
        push::read(settings, call)
    }

    fn inbound_names(&self) -> Vec<InboundName> {
        Vec::new()
    }

    /// `1` received, `0` known already, `-1` not received; as the page on order push says, always with HTTP 200.
    fn inbound_answer(&self, verdict: Option<Verdict>) -> Option<InboundAnswer> {
        Some(push::answer(match verdict {
            // An order without a lead of ours is kept; sending it again would not help.
            Some(Verdict::Applied | Verdict::Unmapped | Verdict::Unmatched) => "1",
            Some(Verdict::Unchanged | Verdict::Stale | Verdict::Ignored) => "0",
            None => "-1",
        }))
    }

    fn records(&self) -> Option<&dyn Records> {
        Some(self)
    }

    fn shop(&self) -> Option<&dyn super::shop::Shop> {
        Some(self)
    }

    fn cases(&self) -> &[Case] {
        &self.cases
    }
}

/// What no answer means: a link was surely not made, or nobody knows, which is as harmless.
fn no_answer(error: &crate::base::exchange::TransportError) -> Outcome {
    match error.kind {
        TransportKind::Blocked => Outcome::Misconfigured { reason: error.to_string() },
        _ if error.may_have_arrived => Outcome::Unknown { reason: error.to_string() },
        _ => Outcome::Retry { reason: error.to_string(), after: None },
    }
}
