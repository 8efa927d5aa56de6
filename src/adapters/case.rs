//! Recorded cases: what an integration sends, and what follows from an answer, a call or a page, written beside
//! the templates. The conformance suite and the operator's test bench run the very same ones.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{About, Asked, LeadView, PollCx, SendCx, Setting, Tell, TellCx};
use crate::base::exchange::{Answer, Response, TransportError, TransportKind};
use crate::domain::status::Status;

/// One recorded case. What it has decides what is checked: `request` a send, `answer` with `expect.outcome` a
/// judgement, `inbound` a call to us, `poll` or `lookup` the reading of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// Settings of the network; required ones that are left out get samples.
    pub settings: Map<String, Value>,
    /// Fields over the sample lead; an empty text takes the field away.
    pub lead: Map<String, Value>,
    /// Parameters.
    pub params: Map<String, Value>,
    /// What the send's request must have.
    pub request: Option<ExpectedRequest>,
    /// The partner's answer to the send, the poll or the look-up.
    pub answer: Option<RecordedAnswer>,
    /// Parameters of a call to us.
    pub inbound: Option<BTreeMap<String, String>>,
    /// Our ids in a poll by ids; empty in one by time.
    pub poll: Option<Vec<String>>,
    /// Name of the feed that is polled; `open` when absent.
    pub feed: Option<String>,
    /// What the partner is told about the lead, which it has as `x-1`.
    pub tell: Option<Tell>,
    /// With `tell`: the lead's status; `approved` when absent.
    pub told_status: Option<Status>,
    /// Whether `answer` is one to a look-up.
    pub lookup: bool,
    /// What must follow.
    pub expect: Expected,
}

/// Parts of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedRequest {
    /// The method.
    pub method: Option<String>,
    /// The whole URL, query included.
    pub url: Option<String>,
    /// Headers, exact values.
    pub headers: BTreeMap<String, String>,
    /// Members of the JSON body, exact values.
    pub json: Map<String, Value>,
    /// Fields of the form body, exact values.
    pub form: BTreeMap<String, String>,
    /// Fields and headers that must not be there.
    pub absent: Vec<String>,
}

/// An answer, or the reason why there is none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordedAnswer {
    /// HTTP code.
    pub status: u16,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: String,
    /// No answer came.
    pub transport: Option<TransportKind>,
    /// With `transport`.
    pub may_have_arrived: bool,
}

/// What must follow. Only what is given is compared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// Word of the outcome.
    pub outcome: Option<String>,
    /// Whether a refusal counts as trash.
    pub trash: Option<bool>,
    /// The reason, or the message of an acceptance.
    pub reason: Option<String>,
    /// Of an acceptance.
    pub external_id: Option<String>,
    /// Of an acceptance.
    pub redirect_url: Option<String>,
    /// Of an acceptance: their status word.
    pub status: Option<String>,
    /// Of an acceptance.
    pub payout: Option<String>,
    /// Of an acceptance.
    pub currency: Option<String>,
    /// Of a retry.
    pub after_seconds: Option<u64>,
    /// Reports of a call or a page: fields of a status report, and `means` for our status.
    pub reports: Option<Vec<Map<String, Value>>>,
    /// The page cannot be read.
    pub error: bool,
    /// `found`, `not_found` or `unclear`.
    pub lookup: Option<String>,
}

impl RecordedAnswer {
    /// As the driver would hand it over.
    pub fn answer(&self) -> Answer {
        if let Some(kind) = self.transport {
            let may_have_arrived = self.may_have_arrived;
            return Err(TransportError { kind, may_have_arrived, detail: "recorded".into() });
        }
        let headers = self.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Response { status: self.status, headers, body: self.body.clone().into_bytes(), is_cut: false })
    }
}

/// The time of all samples: 3 February 2026, 10:00 UTC.
pub const SAMPLE_TIME: DateTime<Utc> = {
    let date = NaiveDate::from_ymd_opt(2026, 2, 3);
    match (date, NaiveTime::from_hms_opt(10, 0, 0)) {
        (Some(date), Some(time)) => NaiveDateTime::new(date, time).and_utc(),
        _ => DateTime::UNIX_EPOCH,
    }
};

/// Where partners call us back in samples.
pub const SAMPLE_POSTBACK_URL: &str = "https://relay.example/postback/samplesecret0123456789";

/// A lead with a value in every field.
pub fn sample_lead() -> LeadView {
    let some = |text: &str| Some(text.to_owned());
    let tags = super::recipe::TAGS.iter().map(|tag| ((*tag).to_owned(), format!("{tag}-value"))).collect();
    let mut meta = Map::new();
    meta.insert("color".into(), Value::from("blue"));
    meta.insert("size".into(), Value::from(42));
    LeadView {
        id: "0198c0de-0000-7000-8000-000000000001".into(),
        number: 1001,
        offer: "slim-tea".into(),
        webmaster: "anna".into(),
        flow: some("fl1"),
        external_id: some("wm-77"),
        name: some("Ana Ruiz"),
        first_name: some("Ana"),
        last_name: some("Ruiz"),
        phone: some("+34612345678"),
        email: some("ana@example.com"),
        country: some("ES"),
        ip: some("203.0.113.7"),
        user_agent: some("Mozilla/5.0 (X11; Linux x86_64)"),
        referer: some("https://blog.example/post?a=b&c=d"),
        landing_url: some("https://land.example/?x=1"),
        language: some("es"),
        city: some("Málaga"),
        region: some("Andalucía"),
        zip: some("29001"),
        address: some("Calle Mayor 1, 2º"),
        click_id: some("clk-1"),
        goal: some("lead"),
        price: Some(rust_decimal::Decimal::new(3990, 2)),
        currency: some("EUR"),
        quantity: Some(2),
        comment: some("call \"late\" & ask"),
        test: false,
        created_at: SAMPLE_TIME,
        tags,
        meta,
    }
}

/// Values for the required settings, and only for those.
pub fn sample_settings(about: &About) -> Map<String, Value> {
    about.settings.iter().filter(|setting| setting.required).map(sample).collect()
}

/// Values for the settings that have no default.
pub fn all_settings(about: &About) -> Map<String, Value> {
    about.settings.iter().filter(|setting| setting.default.is_none()).map(sample).collect()
}

/// Values for the parameters it reads.
pub fn sample_params(about: &About) -> Map<String, Value> {
    about.params.iter().map(|param| (param.name.clone(), Value::from("7"))).collect()
}

fn sample(setting: &Setting) -> (String, Value) {
    let value = match setting.kind.as_str() {
        "url" => Value::from("https://partner.example/api"),
        "number" => Value::from(1),
        "bool" => Value::from(true),
        "choice" => setting.choices.first().map_or(Value::Null, |choice| Value::from(choice.as_str())),
        "object" => Value::Object(Map::new()),
        _ => Value::from(format!("sample-{}", setting.name)),
    };
    (setting.name.clone(), value)
}

/// A send of a sample.
pub fn send_cx<'a>(lead: &'a LeadView, settings: &'a Map<String, Value>, params: &'a Map<String, Value>) -> SendCx<'a> {
    let delivery_id = Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_00d1);
    SendCx { lead, settings, params, postback_url: SAMPLE_POSTBACK_URL, delivery_id, now: SAMPLE_TIME }
}

/// A poll of samples: of these leads, or of the day before [`SAMPLE_TIME`].
pub fn poll_cx<'a>(settings: &'a Map<String, Value>, feed: &'a str, leads: &'a [Asked]) -> PollCx<'a> {
    let window = Some((SAMPLE_TIME - TimeDelta::days(1), SAMPLE_TIME));
    PollCx { settings, feed, leads, window, page: None, now: SAMPLE_TIME }
}

/// Telling about a sample that the partner has.
pub fn tell_cx<'a>(
    lead: &'a LeadView,
    settings: &'a Map<String, Value>,
    params: &'a Map<String, Value>,
    what: Tell,
    status: Status,
) -> TellCx<'a> {
    TellCx {
        send: send_cx(lead, settings, params),
        what,
        external_id: Some("x-1"),
        status,
        reason: (!status.is_alive()).then_some("changed mind"),
        reason_code: (!status.is_alive()).then_some(2),
        payout: rust_decimal::Decimal::TEN,
        currency: "USD",
    }
}
