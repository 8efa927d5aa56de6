//! Runs the recorded cases of an integration. Pure: the same function serves the suite over the whole registry and
//! the operator's test bench.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::case::{self, Case, Expected, ExpectedRequest, RecordedAnswer};
use super::{About, Adapter, Asked, InboundCall, LeadView, Lookup, Next, PollCx, SendCx, Step, TellCx, with_defaults};
use crate::base::exchange::Request;
use crate::domain::outcome::Outcome;
use crate::domain::report::StatusReport;
use crate::domain::status::Status;

#[cfg(test)]
mod tests;

/// How a case went.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CaseResult {
    /// Name of the case.
    pub name: String,
    /// What differs; empty: passed.
    pub complaints: Vec<String>,
    /// What was rendered, as method, URL and body; secrets hidden.
    pub request: Option<String>,
    /// Word of the outcome, when the case has an answer to a send.
    pub outcome: Option<String>,
}

/// Runs all cases of an integration.
pub fn run_cases(adapter: &dyn Adapter) -> Vec<CaseResult> {
    adapter.cases().iter().map(|case| run_case(adapter, case)).collect()
}

/// Runs one case.
pub fn run_case(adapter: &dyn Adapter, case: &Case) -> CaseResult {
    let mut run = Run { adapter, complaints: Vec::new(), request: None, outcome: None };
    run.all(case);
    CaseResult { name: case.name.clone(), complaints: run.complaints, request: run.request, outcome: run.outcome }
}

/// The settings of a case as an adapter gets them.
pub fn settings_of(about: &About, case: &Case) -> Map<String, Value> {
    let mut settings = case::sample_settings(about);
    settings.extend(case.settings.clone());
    with_defaults(about, &settings, &Map::new())
}

/// The lead of a case: the sample with its changes. The error names the field that does not fit.
pub fn lead_of(case: &Case) -> Result<LeadView, String> {
    let mut lead = case::sample_lead();
    for (name, value) in &case.lead {
        let text = (value.as_str() != Some("")).then(|| super::recipe::text_of(value));
        match name.as_str() {
            "meta" => lead.meta = value.as_object().cloned().unwrap_or_default(),
            "quantity" => lead.quantity = value.as_i64().and_then(|it| it.try_into().ok()),
            "price" => lead.price = text.and_then(|it| it.parse().ok()),
            "number" => lead.number = value.as_i64().unwrap_or_default(),
            "test" => lead.test = value.as_bool().unwrap_or_default(),
            "id" => lead.id = text.unwrap_or_default(),
            "offer" => lead.offer = text.unwrap_or_default(),
            "webmaster" => lead.webmaster = text.unwrap_or_default(),
            "flow" => lead.flow = text,
            "external_id" => lead.external_id = text,
            "name" => lead.name = text,
            "first_name" => lead.first_name = text,
            "last_name" => lead.last_name = text,
            "phone" => lead.phone = text,
            "email" => lead.email = text,
            "country" => lead.country = text,
            "ip" => lead.ip = text,
            "user_agent" => lead.user_agent = text,
            "referer" => lead.referer = text,
            "landing_url" => lead.landing_url = text,
            "language" => lead.language = text,
            "city" => lead.city = text,
            "region" => lead.region = text,
            "zip" => lead.zip = text,
            "address" => lead.address = text,
            "click_id" => lead.click_id = text,
            "goal" => lead.goal = text,
            "currency" => lead.currency = text,
            "comment" => lead.comment = text,
            tag if super::recipe::TAGS.contains(&tag) => match text {
                Some(text) => drop(lead.tags.insert(tag.to_owned(), text)),
                None => drop(lead.tags.remove(tag)),
            },
            other => return Err(format!("lead.{other}: a lead has no such field")),
        }
    }
    Ok(lead)
}

struct Run<'a> {
    adapter: &'a dyn Adapter,
    complaints: Vec<String>,
    request: Option<String>,
    outcome: Option<String>,
}

impl Run<'_> {
    fn all(&mut self, case: &Case) {
        let settings = settings_of(self.adapter.about(), case);
        let lead = match lead_of(case) {
            Ok(lead) => lead,
            Err(complaint) => return self.complaints.push(complaint),
        };
        for error in self.adapter.check(&settings) {
            self.complaints.push(format!("{}: {}", error.field, error.message));
        }
        let cx = case::send_cx(&lead, &settings, &case.params);
        if let Some(what) = case.tell {
            let status = case.told_status.unwrap_or(Status::Approved);
            return self.tell(&case::tell_cx(&lead, &settings, &case.params, what, status), case);
        }
        match (&case.answer, &case.inbound, &case.poll) {
            (_, Some(params), _) => self.inbound(&settings, params, &case.expect),
            (Some(answer), None, Some(ids)) => {
                let ask = |id: &String| Asked { id: id.clone(), external_id: Some(id.clone()), ..Asked::default() };
                let leads: Vec<Asked> = ids.iter().map(ask).collect();
                let feed = case.feed.as_deref().unwrap_or("open");
                self.poll(&case::poll_cx(&settings, feed, &leads), case, answer);
            }
            (Some(answer), None, None) if case.lookup => self.lookup(&cx, case, answer),
            (answer, None, None) => self.send(&cx, case, answer.as_ref()),
            (None, None, Some(_)) => self.complaints.push("a poll needs an answer".into()),
        }
    }

    fn send(&mut self, cx: &SendCx<'_>, case: &Case, answer: Option<&RecordedAnswer>) {
        let outcome = match (self.adapter.send(cx), answer) {
            (Err(outcome), _) => Some(outcome),
            (Ok(request), answer) => {
                self.expect_request(&request, case.request.as_ref());
                answer.map(|answer| match self.adapter.next(cx, &Step::default(), &answer.answer()) {
                    Next::Finish(outcome) => outcome,
                    Next::Call(..) => Outcome::Unknown { reason: "the send goes on with another call".into() },
                })
            }
        };
        match outcome {
            Some(outcome) => {
                self.outcome = Some(outcome.word().to_owned());
                self.expect_outcome(&outcome, &case.expect);
            }
            None if case.expect.outcome.is_some() => self.complaints.push("there is no answer to judge".into()),
            None => {}
        }
    }

    fn tell(&mut self, cx: &TellCx<'_>, case: &Case) {
        let outcome = match self.adapter.tell(cx) {
            Err(outcome) => Some(outcome),
            Ok(request) => {
                self.expect_request(&request, case.request.as_ref());
                case.answer.as_ref().map(|answer| match self.adapter.told(cx, &Step::default(), &answer.answer()) {
                    Next::Finish(outcome) => outcome,
                    Next::Call(..) => Outcome::Unknown { reason: "telling goes on with another call".into() },
                })
            }
        };
        if let Some(outcome) = outcome {
            self.outcome = Some(outcome.word().to_owned());
            self.expect_outcome(&outcome, &case.expect);
        }
    }

    fn lookup(&mut self, cx: &SendCx<'_>, case: &Case, answer: &RecordedAnswer) {
        match self.adapter.lookup(cx) {
            Some(request) => self.expect_request(&request, case.request.as_ref()),
            None => self.complaints.push("these settings allow no look-up".into()),
        }
        let word = match self.adapter.read_lookup(cx, &answer.answer()) {
            Lookup::Found(outcome) => {
                self.expect_outcome(&outcome, &case.expect);
                "found"
            }
            Lookup::NotFound => "not_found",
            Lookup::Unclear(_) => "unclear",
        };
        self.same("lookup", case.expect.lookup.as_deref(), Some(word));
    }

    fn poll(&mut self, cx: &PollCx<'_>, case: &Case, answer: &RecordedAnswer) {
        match self.adapter.poll(cx) {
            Ok(request) => self.expect_request(&request, case.request.as_ref()),
            Err(why) => self.complaints.push(format!("no poll: {why}")),
        }
        let Ok(response) = answer.answer() else {
            return self.complaints.push("the answer to a poll must be one".into());
        };
        match (self.adapter.read_page(cx, &response), case.expect.error) {
            (Ok(page), false) => self.expect_reports(&page.reports, &case.expect),
            (Err(_), true) => {}
            (Ok(_), true) => self.complaints.push("the page can be read, but must not".into()),
            (Err(error), false) => self.complaints.push(format!("the page cannot be read: {error}")),
        }
    }

    fn inbound(&mut self, settings: &Map<String, Value>, params: &BTreeMap<String, String>, expect: &Expected) {
        let call = InboundCall { method: "GET".into(), params: params.clone(), ..InboundCall::default() };
        match self.adapter.inbound(settings, &call) {
            Ok(inbound) => self.expect_reports(&inbound.reports, expect),
            Err(error) if !expect.error => self.complaints.push(format!("the call cannot be read: {error}")),
            Err(_) => {}
        }
    }

    fn expect_request(&mut self, request: &Request, expected: Option<&ExpectedRequest>) {
        self.request = Some(show(request));
        let Some(expected) = expected else { return };
        self.same("request.method", expected.method.as_deref(), Some(request.method.as_str()));
        self.same("request.url", expected.url.as_deref(), Some(request.url.as_str()));
        let header = |name: &str| {
            let name = name.to_lowercase();
            request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        };
        for (name, value) in &expected.headers {
            self.same(&format!("request.headers.{name}"), Some(value), header(name));
        }
        let json: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        for (name, value) in &expected.json {
            if json.get(name) != Some(value) {
                let found = json.get(name).map_or("nothing".to_owned(), Value::to_string);
                self.complaints.push(format!("request.json.{name}: {value} expected, {found} found"));
            }
        }
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        for (name, value) in &expected.form {
            self.same(&format!("request.form.{name}"), Some(value), field(name));
        }
        for name in &expected.absent {
            if header(name).is_some() || field(name).is_some() || json.get(name).is_some() {
                self.complaints.push(format!("request: {name} is there, but must not be"));
            }
        }
    }

    fn expect_outcome(&mut self, outcome: &Outcome, expected: &Expected) {
        self.same("outcome", expected.outcome.as_deref(), Some(outcome.word()));
        self.same("reason", expected.reason.as_deref(), outcome.reason());
        if let (Some(trash), Outcome::Refused { is_trash, .. }) = (expected.trash, outcome)
            && trash != *is_trash
        {
            self.complaints.push(format!("trash: {trash} expected, {is_trash} found"));
        }
        if let Outcome::Accepted(accepted) = outcome {
            self.same("external_id", expected.external_id.as_deref(), accepted.external_id.as_deref());
            self.same("redirect_url", expected.redirect_url.as_deref(), accepted.redirect_url.as_deref());
            self.same("status", expected.status.as_deref(), accepted.status.as_deref());
            let payout = accepted.payout.map(|payout| payout.to_string());
            self.same("payout", expected.payout.as_deref(), payout.as_deref());
            self.same("currency", expected.currency.as_deref(), accepted.currency.as_deref());
        }
        if let Outcome::Retry { after, .. } | Outcome::NoCapacity { after, .. } = outcome {
            let after = after.map(|after| after.as_secs().to_string());
            let expected = expected.after_seconds.map(|after| after.to_string());
            self.same("after_seconds", expected.as_deref(), after.as_deref());
        }
    }

    fn expect_reports(&mut self, reports: &[StatusReport], expected: &Expected) {
        let Some(expected) = &expected.reports else { return };
        if expected.len() != reports.len() {
            self.complaints.push(format!("{} reports expected, {} found", expected.len(), reports.len()));
        }
        for (no, (expected, report)) in expected.iter().zip(reports).enumerate() {
            let mut found = serde_json::to_value(report).unwrap_or_default();
            let means = report.mapped.or_else(|| self.adapter.status_of(report.status.as_deref()?));
            if let (Some(found), Some(means)) = (found.as_object_mut(), means) {
                found.insert("means".into(), Value::from(means.as_str()));
            }
            for (name, value) in expected {
                // A report without the field: written as an empty text.
                let found = found.get(name).filter(|found| !found.is_null()).cloned().unwrap_or(Value::from(""));
                if super::recipe::text_of(value) != super::recipe::text_of(&found) {
                    self.complaints.push(format!("reports[{no}].{name}: {value} expected, {found} found"));
                }
            }
        }
    }

    /// Compares when something is expected; an empty text expects nothing to be there.
    fn same(&mut self, what: &str, expected: Option<&str>, found: Option<&str>) {
        if let Some(expected) = expected
            && expected != found.unwrap_or_default()
        {
            self.complaints.push(format!("{what}: {expected:?} expected, {:?} found", found.unwrap_or_default()));
        }
    }
}

/// A request as people read it, secrets hidden.
fn show(request: &Request) -> String {
    let text = format!("{} {}\n\n{}", request.method, request.url, String::from_utf8_lossy(&request.body));
    request.secrets.iter().filter(|secret| !secret.is_empty()).fold(text, |text, secret| text.replace(secret, "***"))
}
