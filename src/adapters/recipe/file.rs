//! The shape of a template file as it is written. Unknown keys are refused everywhere, so a misspelt key is an
//! error and never a rule that silently does not hold. docs/ADAPTERS.md is the reference of this format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::adapters::InboundName;
use crate::adapters::case::Case;
use crate::base::exchange::{Method, TransportKind};

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub about: AboutFile,
    #[serde(default, rename = "setting")]
    pub settings: Vec<SettingFile>,
    #[serde(default, rename = "param")]
    pub params: Vec<ParamFile>,
    #[serde(default)]
    pub resend: Option<Value>,
    pub send: RequestFile,
    #[serde(default, rename = "outcome")]
    pub outcomes: Vec<OutcomeFile>,
    #[serde(default)]
    pub status_map: BTreeMap<String, String>,
    #[serde(default, rename = "poll")]
    pub polls: Vec<PullFile>,
    pub lookup: Option<PullFile>,
    pub change: Option<TellFile>,
    pub verdict: Option<TellFile>,
    #[serde(default)]
    pub inbound: InboundFile,
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// `[change]` and `[verdict]`: what a network that has a lead is told about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TellFile {
    /// Setting without which there is no such call.
    pub needs: Option<String>,
    /// The send once more, to this URL; or a `request` of its own.
    pub url: Option<String>,
    pub method: Option<Method>,
    pub request: Option<RequestFile>,
    #[serde(default, rename = "outcome")]
    pub outcomes: Vec<OutcomeFile>,
}

/// What an integration that is written in code says about itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NativeFile {
    pub about: AboutFile,
    #[serde(default, rename = "setting")]
    pub settings: Vec<SettingFile>,
    #[serde(default, rename = "param")]
    pub params: Vec<ParamFile>,
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// `[about]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AboutFile {
    pub id: String,
    pub title: String,
    pub group: String,
    #[serde(default)]
    pub help: String,
    #[serde(default)]
    pub links: Vec<String>,
    pub confidence: String,
    #[serde(default)]
    pub has_test_flag: bool,
    #[serde(default)]
    pub orders_only: bool,
}

/// `[[setting]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingFile {
    pub name: String,
    pub title: String,
    pub kind: String,
    #[serde(default)]
    pub required: bool,
    pub default: Option<Value>,
    #[serde(default)]
    pub choices: Vec<String>,
    #[serde(default)]
    pub help: String,
}

/// `[[param]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParamFile {
    pub name: String,
    #[serde(default)]
    pub help: String,
    #[serde(default)]
    pub required: bool,
    pub instead: Option<String>,
}

/// `[send]`, `[poll.request]`, `[lookup.request]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestFile {
    pub method: Method,
    pub url: String,
    #[serde(default)]
    pub query: Map<String, Value>,
    #[serde(default)]
    pub headers: Map<String, Value>,
    pub headers_from: Option<String>,
    pub auth: Option<AuthFile>,
    #[serde(default)]
    pub body: BodyKind,
    #[serde(default)]
    pub fields: Map<String, Value>,
    pub fields_from: Option<String>,
    #[serde(default = "yes")]
    pub omit_empty: bool,
}

fn yes() -> bool {
    true
}

/// How the fields travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BodyKind {
    /// No body.
    #[default]
    None,
    /// One JSON object.
    Json,
    /// `application/x-www-form-urlencoded`, nested values as `a[b]`.
    Form,
}

/// `auth = { kind, value, name, user }`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthFile {
    pub kind: AuthKind,
    pub value: String,
    pub name: Option<String>,
    pub user: Option<String>,
}

/// Where the key travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AuthKind {
    /// `Authorization: Bearer value`
    Bearer,
    /// `Authorization: Basic base64(user:value)`
    Basic,
    /// Header `name`.
    Header,
    /// Query parameter `name`.
    Query,
    /// Body field `name`.
    Body,
}

/// `[[outcome]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutcomeFile {
    pub is: OutcomeKind,
    pub when: WhenFile,
    #[serde(default)]
    pub trash: bool,
    #[serde(default)]
    pub external_id: Vec<String>,
    #[serde(default)]
    pub redirect_url: Vec<String>,
    #[serde(default)]
    pub message: Vec<String>,
    #[serde(default)]
    pub status: Vec<String>,
    #[serde(default)]
    pub payout: Vec<String>,
    #[serde(default)]
    pub currency: Vec<String>,
    #[serde(default)]
    pub reason: Vec<String>,
    /// The reason when no path gives one.
    pub text: Option<String>,
    pub after_seconds: Option<u64>,
}

/// The six words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutcomeKind {
    Accepted,
    Refused,
    NoCapacity,
    Retry,
    Unknown,
    Misconfigured,
}

/// Conditions; all that are given must hold.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WhenFile {
    pub codes: Vec<Value>,
    pub transport: Vec<TransportKind>,
    pub may_have_arrived: Option<bool>,
    pub json: Vec<ValueFile>,
    pub header: Vec<HeaderFile>,
    pub text_contains: Vec<String>,
    pub text_matches: Option<String>,
    pub any: Vec<WhenFile>,
    pub all: Vec<WhenFile>,
    pub not: Option<Box<WhenFile>>,
}

/// A condition on a value of the JSON body.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueFile {
    pub paths: Vec<String>,
    pub equals: Option<Value>,
    pub r#in: Option<Vec<Value>>,
    pub exists: Option<bool>,
    pub matches: Option<String>,
}

/// A condition on a header.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderFile {
    pub name: String,
    pub equals: Option<Value>,
    pub r#in: Option<Vec<Value>>,
    pub exists: Option<bool>,
    pub matches: Option<String>,
}

/// `[[poll]]` and `[lookup]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PullFile {
    /// Setting without which there is no such call.
    pub needs: Option<String>,
    /// Of a poll: the feeds that are asked for in this way.
    #[serde(default)]
    pub asks: Vec<AsksWord>,
    /// Of a poll that asks for one thing: another name than that.
    pub name: Option<String>,
    pub every_minutes: Option<u64>,
    /// Of feeds by time.
    pub lag_seconds: Option<u64>,
    pub overlap_minutes: Option<u64>,
    pub look_back_hours: Option<u64>,
    pub max_span_hours: Option<u64>,
    #[serde(default = "hundred")]
    pub batch: usize,
    pub request: RequestFile,
    /// Path of the list; empty: the answer itself.
    #[serde(default)]
    pub items: String,
    /// Of a look-up: the list holds all leads of a time, so that one that is not in it is not there.
    #[serde(default)]
    pub lists_all: bool,
    /// The list may also be an object whose members are the rows.
    #[serde(default)]
    pub keyed: bool,
    #[serde(default)]
    pub id: Vec<String>,
    #[serde(default)]
    pub external_id: Vec<String>,
    #[serde(default)]
    pub transaction_id: Vec<String>,
    pub status: Vec<String>,
    #[serde(default)]
    pub payout: Vec<String>,
    #[serde(default)]
    pub currency: Vec<String>,
    #[serde(default)]
    pub goal: Vec<String>,
    #[serde(default)]
    pub comment: Vec<String>,
    #[serde(default)]
    pub reason: Vec<String>,
}

/// What a poll asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AsksWord {
    /// Leads without a final verdict, by ids.
    Open,
    /// Approved leads, by ids.
    Approved,
    /// What has changed in a time.
    Updated,
    /// What was made in a time.
    Created,
}

impl AsksWord {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Updated => "updated",
            Self::Created => "created",
        }
    }

    pub fn is_by_time(self) -> bool {
        matches!(self, Self::Updated | Self::Created)
    }
}

fn hundred() -> usize {
    100
}

/// `[inbound]`: names of the parameters, the first that is there wins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct InboundFile {
    pub id: Vec<String>,
    pub external_id: Vec<String>,
    pub status: Vec<String>,
    pub payout: Vec<String>,
    pub currency: Vec<String>,
    pub goal: Vec<String>,
    pub comment: Vec<String>,
    pub reason: Vec<String>,
    pub transaction_id: Vec<String>,
    pub answer: Option<AnswerFile>,
}

impl InboundFile {
    /// The fields of a report with the parameters they are read from.
    pub fn names(&self) -> Vec<InboundName> {
        let all = [
            ("id", &self.id),
            ("external_id", &self.external_id),
            ("status", &self.status),
            ("payout", &self.payout),
            ("currency", &self.currency),
            ("goal", &self.goal),
            ("reason", &self.reason),
            ("comment", &self.comment),
            ("transaction_id", &self.transaction_id),
        ];
        let read = all.into_iter().filter(|(_, names)| !names.is_empty());
        read.map(|(field, names)| (field, names.clone())).collect()
    }
}

impl Default for InboundFile {
    fn default() -> Self {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        Self {
            id: names(&["id", "oid", "click_id", "subid"]),
            external_id: names(&["external_id", "eid"]),
            status: names(&["status"]),
            payout: names(&["payout"]),
            currency: names(&["currency"]),
            goal: names(&["goal"]),
            comment: names(&["comment"]),
            reason: names(&["reason"]),
            transaction_id: names(&["transaction_id"]),
            answer: None,
        }
    }
}

/// What the partner wants to read after its call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerFile {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}
