//! How to talk to a partner, without talking: an [`Adapter`] builds requests and judges answers. The driver
//! (`flow::exchange`) does the I/O for all of them, so time-outs, the address guard, limits, masking and
//! retries are written once, and no adapter can leak a connection or loop for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::base::exchange::{Answer, Request, Response};
use crate::base::field_error::FieldError;
use crate::domain::outcome::{Outcome, Resend};
use crate::domain::polling::Feed;
use crate::domain::report::StatusReport;
use crate::domain::status::{Source, Status, Verdict};

pub mod affili;
pub mod altercpa;
pub mod case;
pub mod conformance;
pub mod duomai;
pub mod inhouse;
mod pick;
pub mod recipe;
pub mod records;
mod registry;
pub mod sandbox;
pub mod settings;
pub mod shop;

pub use recipe::TemplateError;
pub use registry::Registry;
pub use settings::{check_settings, with_defaults};

/// What an integration is, for the admin form, the help and the masking.
#[derive(Clone, Debug, Default, Serialize)]
pub struct About {
    /// Its name in `network.integration`, such as `http-json`.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Group in the gallery: `generic`, `practice`, `network`, `crm` …
    pub group: String,
    /// One or two sentences for the operator.
    pub help: String,
    /// Pages of the partner.
    pub links: Vec<String>,
    /// How sure we are of the wire facts: `documented`, `seen in code`, `guessed`.
    pub confidence: String,
    /// What a network of this kind must be given.
    pub settings: Vec<Setting>,
    /// What it reads from the parameters of offers.
    pub params: Vec<Param>,
    /// Whether the partner knows test leads; without, they go to the sandbox.
    pub has_test_flag: bool,
    /// It takes a lead without a verdict of its own and reports orders: once there is one, the lead stands as its
    /// orders do.
    pub orders_only: bool,
    /// Whether statuses can be pulled (with some settings it may still be off).
    pub has_poll: bool,
}

/// One field of a network's settings.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Setting {
    /// Key in `settings`.
    pub name: String,
    /// Label for people.
    pub title: String,
    /// `text`, `url`, `secret`, `number`, `bool`, `choice`, `object` (name to text).
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
    /// What holds when it is not given.
    pub default: Option<Value>,
    /// The words of a `choice`.
    pub choices: Vec<String>,
    /// What it is and where to find it.
    pub help: String,
}

/// A parameter of an offer that an integration reads.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Param {
    /// Key in `params`; `key-xx` holds for country xx.
    pub name: String,
    /// What it is and where to find it.
    pub help: String,
    /// Whether leads of an offer without it cannot be sent.
    pub required: bool,
    /// A parameter that may stand in its place.
    pub instead: Option<String>,
}

impl About {
    /// The required parameters that `params` (of an offer, with those of the network over it) do not give. A variant
    /// for a country counts: the offer may be meant for that country alone.
    pub fn missing_params(&self, params: &Map<String, Value>) -> Vec<String> {
        let is_given = |name: &str| {
            let variant = format!("{name}-");
            let is_of = |key: &String| key == name || (key.starts_with(&variant) && key.len() == variant.len() + 2);
            params.iter().any(|(key, value)| is_of(key) && pick::is_there(value))
        };
        let is_missing = |param: &&Param| {
            param.required && !is_given(&param.name) && !param.instead.as_deref().is_some_and(is_given)
        };
        self.params.iter().filter(is_missing).map(|param| param.name.clone()).collect()
    }
}

impl Setting {
    /// Whether it is sealed at rest and never shown again.
    pub fn is_secret(&self) -> bool {
        self.kind == "secret"
    }
}

/// A lead as integrations see it: everything there is, nothing computed. Absent values are `None`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LeadView {
    /// Our id, hyphenated.
    pub id: String,
    /// Our number.
    pub number: i64,
    /// Slug of the offer.
    pub offer: String,
    /// Slug of the webmaster.
    pub webmaster: String,
    /// Code of the flow.
    pub flow: Option<String>,
    pub external_id: Option<String>,
    pub name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// E.164 with `+`.
    pub phone: Option<String>,
    pub email: Option<String>,
    /// ISO alpha-2, upper case.
    pub country: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub referer: Option<String>,
    pub landing_url: Option<String>,
    pub language: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub zip: Option<String>,
    pub address: Option<String>,
    pub click_id: Option<String>,
    pub goal: Option<String>,
    #[serde(with = "rust_decimal::serde::str_option")]
    pub price: Option<Decimal>,
    pub currency: Option<String>,
    pub quantity: Option<i32>,
    pub comment: Option<String>,
    pub test: bool,
    pub created_at: DateTime<Utc>,
    /// `sub1`..`sub12`, `utm_source` …: flattened, so a template writes `lead.sub1`.
    #[serde(flatten)]
    pub tags: BTreeMap<String, String>,
    /// The webmaster's own fields.
    pub meta: Map<String, Value>,
}

/// What a send is made from.
pub struct SendCx<'a> {
    /// The lead.
    pub lead: &'a LeadView,
    /// The network's settings with defaults filled in and secrets opened.
    pub settings: &'a Map<String, Value>,
    /// Parameters: flow over network over offer, country variants already chosen.
    pub params: &'a Map<String, Value>,
    /// Where the network may call us back.
    pub postback_url: &'a str,
    /// Id of the delivery: stable over retries.
    pub delivery_id: Uuid,
    /// UTC.
    pub now: DateTime<Utc>,
}

/// Where a send of several calls stands. The driver ends it after [`MAX_STEPS`].
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// 0 for the answer to the first request.
    pub no: usize,
    /// What earlier steps want to remember.
    pub state: Map<String, Value>,
}

/// The driver makes at most this many calls for one send.
pub const MAX_STEPS: usize = 8;

/// What follows an answer.
#[derive(Debug)]
pub enum Next {
    /// One more call.
    Call(Request, Step),
    /// Judged.
    Finish(Outcome),
}

crate::text_enum! {
    /// What a network that has a lead can be told about it.
    pub enum Tell {
        /// Its fields have changed: a correction, an upsell.
        Change = "change",
        /// Our verdict: the lead has another status, and it was not this network that said so.
        Verdict = "verdict",
    }
}

/// What is told about a lead that the network has.
pub struct TellCx<'a> {
    /// As a send, with the lead as it is now.
    pub send: SendCx<'a>,
    /// What it is about.
    pub what: Tell,
    /// The network's id of the lead, as far as it is known.
    pub external_id: Option<&'a str>,
    /// The lead's status now.
    pub status: Status,
    /// Why, where it failed.
    pub reason: Option<&'a str>,
    /// Its code, 1 to 15.
    pub reason_code: Option<i16>,
    /// What the webmaster gets.
    pub payout: Decimal,
    /// Currency of `payout`.
    pub currency: &'a str,
}

/// What a look-up by our id found.
#[derive(Debug)]
pub enum Lookup {
    /// The network has the lead (or has refused it): this is the outcome of the send.
    Found(Outcome),
    /// It surely has no such lead: it may be sent again.
    NotFound,
    /// The answer says neither; ask again later.
    Unclear(String),
}

/// What a poll is made from.
#[derive(Clone, Debug)]
pub struct PollCx<'a> {
    /// Settings with secrets opened.
    pub settings: &'a Map<String, Value>,
    /// Name of the feed.
    pub feed: &'a str,
    /// Feeds by ids: the leads in question, at most the feed's batch.
    pub leads: &'a [Asked],
    /// Feeds by time: from, to.
    pub window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Feeds by time: `next` of the page before; `None` for the first page.
    pub page: Option<&'a Value>,
    /// UTC.
    pub now: DateTime<Utc>,
}

/// A lead that a network is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Our id, hyphenated.
    pub id: String,
    /// Our number.
    pub number: i64,
    /// The network's id of it, as far as it is known.
    pub external_id: Option<String>,
}

/// A page of reports.
#[derive(Debug, Default)]
pub struct Page {
    /// In the order they came.
    pub reports: Vec<StatusReport>,
    /// What the next page is asked for with; `None`: this was the last.
    pub next: Option<Value>,
}

/// A call to our postback URL as plain data.
#[derive(Clone, Debug, Default)]
pub struct InboundCall {
    /// `GET` or `POST`.
    pub method: String,
    /// Parameters of the query, the form or the JSON body (its top level, nested objects as `a.b`); the body wins.
    pub params: BTreeMap<String, String>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
}

/// What an inbound call says.
#[derive(Debug, Default)]
pub struct Inbound {
    /// Usually one. None: a call that says nothing, such as a test of the connection.
    pub reports: Vec<StatusReport>,
    /// What the caller is to read; `None`: what [`Adapter::inbound_answer`] says, else our JSON.
    pub answer: Option<InboundAnswer>,
}

/// An answer in the partner's own dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundAnswer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// The rule of an integration that decides about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// From 1, in the order they are tried.
    pub no: usize,
    /// The rule as it was written.
    pub rule: String,
}

/// A field of a report, and the parameters of a call it is read from.
pub type InboundName = (&'static str, Vec<String>);

/// A kind of partner. All methods are pure.
pub trait Adapter: Send + Sync + std::fmt::Debug {
    /// What it is.
    fn about(&self) -> &About;

    /// What sends may be repeated, under these settings.
    fn resend(&self, settings: &Map<String, Value>) -> Resend;

    /// Complaints about settings beyond their types (a template that does not parse, a missing pair).
    fn check(&self, settings: &Map<String, Value>) -> Vec<FieldError> {
        let _ = settings;
        Vec::new()
    }

    /// Our status for a raw status word, by the integration's own table (case folded). `None`: unmapped.
    fn status_of(&self, raw: &str) -> Option<Status>;

    /// The status words it knows, each with what it means.
    fn statuses(&self) -> Vec<(String, Status)>;

    /// The first request of a send, or the outcome that makes a call needless.
    fn send(&self, cx: &SendCx<'_>) -> Result<Request, Outcome>;

    /// Judges an answer.
    fn next(&self, cx: &SendCx<'_>, step: &Step, answer: &Answer) -> Next;

    /// Which of its rules decides about an answer to a send; `None`: it has no such rules, or none holds.
    fn decided_by(&self, answer: &Answer) -> Option<Decided> {
        let _ = answer;
        None
    }

    /// The request that asks for a lead by our id; `None` when these settings allow none.
    fn lookup(&self, cx: &SendCx<'_>) -> Option<Request> {
        let _ = cx;
        None
    }

    /// Judges the answer of a look-up.
    fn read_lookup(&self, cx: &SendCx<'_>, answer: &Answer) -> Lookup {
        let _ = (cx, answer);
        Lookup::Unclear("this integration cannot look leads up".into())
    }

    /// Whether it can be told such things at all.
    fn tells(&self, what: Tell) -> bool {
        let _ = what;
        false
    }

    /// Whether a verdict from this source is news to the network whose delivery it is about. What it says itself is not.
    fn is_news(&self, source: Source) -> bool {
        matches!(source, Source::Admin | Source::Import)
    }

    /// The first request that tells it, or the outcome that makes a call needless.
    fn tell(&self, cx: &TellCx<'_>) -> Result<Request, Outcome> {
        let _ = cx;
        Err(Outcome::Misconfigured { reason: "this integration cannot be told".into() })
    }

    /// Judges the answer to it. `Unknown` and `Retry` are both told again: telling twice does no harm.
    fn told(&self, cx: &TellCx<'_>, step: &Step, answer: &Answer) -> Next {
        let _ = (cx, step, answer);
        Next::Finish(Outcome::Misconfigured { reason: "this integration cannot be told".into() })
    }

    /// The ways in which a network with these settings is asked for statuses, the most telling first.
    fn feeds(&self, settings: &Map<String, Value>) -> Vec<Feed> {
        let _ = settings;
        Vec::new()
    }

    /// The request for a page of a feed. The error says what is not set up.
    fn poll(&self, cx: &PollCx<'_>) -> Result<Request, String> {
        let _ = cx;
        Err("this integration has no poll".into())
    }

    /// Reads a page. An answer that is not a list never reads as "no changes": the error says why.
    fn read_page(&self, cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
        let _ = (cx, answer);
        Err("this integration has no poll".into())
    }

    /// Reads an inbound call to a network with these settings. The error says why it cannot be read; the call is kept
    /// all the same.
    fn inbound(&self, settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String>;

    /// The parameters that a call is read by; empty when it is read in the partner's own form.
    fn inbound_names(&self) -> Vec<InboundName> {
        recipe::usual_names()
    }

    /// What a caller reads after its call was judged (`None`: it could not be read). `None`: our JSON.
    fn inbound_answer(&self, verdict: Option<Verdict>) -> Option<InboundAnswer> {
        let _ = verdict;
        None
    }

    /// Its records, where they can be looked through.
    fn records(&self) -> Option<&dyn records::Records> {
        None
    }

    /// Plans of the partner, where it has such.
    fn shop(&self) -> Option<&dyn shop::Shop> {
        None
    }

    /// Recorded cases, for the conformance suite and the test bench.
    fn cases(&self) -> &[case::Case] {
        &[]
    }
}

/// A shared adapter.
pub type SharedAdapter = Arc<dyn Adapter>;
