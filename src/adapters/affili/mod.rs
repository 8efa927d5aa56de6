//! Affili (affili.ir), an affiliate network of Iran. Its public interface is the merchant's: to send a lead is to report
//! a conversion, quoting the referrer that came with the visitor, and it is the merchant who says what became of it, in
//! Affili's panel or through the interface. Two generations live side by side: V1 (`/api/merchants/…`) and the
//! services (`/services/…`). Sources: the wiki page "rest api" of affili-js, the support page on the customer service,
//! and Affili's own WooCommerce and WHMCS plugins.

use serde_json::{Map, Value};

use super::case::Case;
use super::records::Records;
use super::{
    About, Adapter, Inbound, InboundCall, Lookup, Next, Page, PollCx, SendCx, Step, Tell, TellCx, TemplateError, recipe,
};
use crate::base::exchange::{Answer, Method, Request, Response};
use crate::base::field_error::FieldError;
use crate::domain::outcome::{Outcome, Resend};
use crate::domain::polling::Feed;
use crate::domain::status::{Source, Status};

mod conversion;
mod customer;
mod envelope;
mod feeds;
mod records;
mod rows;
mod steps;
#[cfg(test)]
mod tests;
mod update;
mod visitor;

/// Numbers and words of both generations.
const WORDS: &[(&str, Status)] = &[
    ("0", Status::Hold),
    ("pending", Status::Hold),
    ("1", Status::Approved),
    ("approved", Status::Approved),
    (rows::CHECKED_OUT, Status::Paid),
    ("paid", Status::Paid),
    ("2", Status::Rejected),
    ("rejected", Status::Rejected),
    ("refunded", Status::Rejected),
    ("3", Status::Trash),
    ("duplicated", Status::Trash),
    ("trash", Status::Trash),
];

/// The adapter.
#[derive(Debug)]
pub struct Affili {
    about: About,
    cases: Vec<Case>,
}

impl Affili {
    /// Reads what it says about itself.
    pub fn new() -> Result<Self, Vec<TemplateError>> {
        let (mut about, cases) = recipe::native("affili.toml", include_str!("about.toml"))?;
        about.has_poll = true;
        Ok(Self { about, cases })
    }
}

/// Which of the two interfaces is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    V1,
    Services,
}

fn generation(settings: &Map<String, Value>) -> Generation {
    if setting(settings, "generation") == "services" { Generation::Services } else { Generation::V1 }
}

/// A setting as text.
fn setting<'a>(settings: &'a Map<String, Value>, name: &str) -> &'a str {
    settings.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default()
}

/// The key of the V1 interface, which alone has lists and look-ups; empty where there is none.
fn list_key(settings: &Map<String, Value>) -> &str {
    match generation(settings) {
        Generation::V1 => setting(settings, "access_id"),
        Generation::Services => setting(settings, "list_access_id"),
    }
}

/// A call with a bearer key. The error says what is not set up.
fn call(
    settings: &Map<String, Value>,
    key: &str,
    method: Method,
    path: &str,
    query: &[(&str, String)],
    body: Option<&Value>,
) -> Result<Request, String> {
    if key.is_empty() {
        return Err("access_id is not set".into());
    }
    let base = setting(settings, "base_url").trim_end_matches('/');
    let mut url =
        url::Url::parse(&format!("{base}{path}")).map_err(|_| "settings.base_url: is not a URL".to_owned())?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
    }
    let mut headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        ("authorization".to_owned(), format!("Bearer {key}")),
    ];
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    Ok(Request { method, url, headers, body, secrets: vec![key.to_owned()] })
}

impl Adapter for Affili {
    fn about(&self) -> &About {
        &self.about
    }

    /// Our id is unique there: where the list can be read it is asked; else the same id may be sent again.
    fn resend(&self, settings: &Map<String, Value>) -> Resend {
        if list_key(settings).is_empty() { Resend::Idempotent } else { Resend::Checkable }
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<FieldError> {
        let (kind, generation) = (setting(settings, "conversion_type"), generation(settings));
        if generation == Generation::Services && kind == "click" {
            return vec![FieldError::invalid("settings.conversion_type", "the services know no clicks")];
        }
        if !setting(settings, "timezone").is_empty() && rows::zone(settings).is_none() {
            return vec![FieldError::invalid("settings.timezone", "is no time zone such as Asia/Tehran")];
        }
        Vec::new()
    }

    /// Their numbers and words. Status 1 is two things: paid once it is checked out.
    fn status_of(&self, raw: &str) -> Option<Status> {
        let word = raw.trim().to_lowercase();
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, status)| *status)
    }

    fn statuses(&self) -> Vec<(String, Status)> {
        WORDS.iter().map(|(word, status)| ((*word).to_owned(), *status)).collect()
    }

    fn send(&self, cx: &SendCx<'_>) -> Result<Request, Outcome> {
        steps::first(cx)
    }

    fn next(&self, cx: &SendCx<'_>, step: &Step, answer: &Answer) -> Next {
        steps::next(cx, step, answer)
    }

    fn lookup(&self, cx: &SendCx<'_>) -> Option<Request> {
        let query = [("external_id", cx.lead.id.clone())];
        call(cx.settings, list_key(cx.settings), Method::Get, conversion::V1, &query, None).ok()
    }

    fn read_lookup(&self, cx: &SendCx<'_>, answer: &Answer) -> Lookup {
        conversion::read_lookup(cx, answer)
    }

    /// A sale's amount can change, and what is known of a customer; and it is the merchant who says what became of a conversion.
    fn tells(&self, _what: Tell) -> bool {
        true
    }

    /// Affili calls nobody: what comes to its postback URL comes from the merchant, and is news to Affili.
    fn is_news(&self, source: Source) -> bool {
        matches!(source, Source::Admin | Source::Import | Source::Postback)
    }

    fn tell(&self, cx: &TellCx<'_>) -> Result<Request, Outcome> {
        update::request(cx)
    }

    fn told(&self, cx: &TellCx<'_>, step: &Step, answer: &Answer) -> Next {
        update::next(cx, step, answer)
    }

    fn feeds(&self, settings: &Map<String, Value>) -> Vec<Feed> {
        if list_key(settings).is_empty() { Vec::new() } else { feeds::all() }
    }

    fn poll(&self, cx: &PollCx<'_>) -> Result<Request, String> {
        feeds::request(cx)
    }

    fn read_page(&self, cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
        feeds::read(cx, answer)
    }

    /// Affili calls nobody. A merchant's own system may, in the usual way.
    fn inbound(&self, _settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String> {
        Ok(recipe::usual_inbound(call))
    }

    fn records(&self) -> Option<&dyn Records> {
        Some(self)
    }

    fn cases(&self) -> &[Case] {
        &self.cases
    }
}
