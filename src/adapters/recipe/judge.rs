//! Judging an answer: ordered rules, the first that holds decides. What no rule knows is decided by one question:
//! can the request have arrived? If surely not, it may be sent again; else nobody knows, and the resend rule decides.

use std::time::Duration;

use chrono::{DateTime, Utc};
use regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::error::Problems;
use super::file::{OutcomeFile, OutcomeKind, WhenFile};
use crate::adapters::Decided;
use crate::adapters::pick::{Paths, fold, is_there, scalar};
use crate::base::exchange::{Answer, Response, TransportError, TransportKind};
use crate::domain::outcome::{Accepted, Outcome};

/// The rules of a file.
#[derive(Debug, Default)]
pub(super) struct Judge {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// As it was written.
    written: String,
    kind: OutcomeKind,
    when: When,
    /// Rules that do not speak of transport hold for answers only.
    is_for_transport: bool,
    is_trash: bool,
    external_id: Paths,
    redirect_url: Paths,
    message: Paths,
    status: Paths,
    payout: Paths,
    currency: Paths,
    reason: Paths,
    text: Option<String>,
    after: Option<Duration>,
}

#[derive(Debug, Default)]
struct When {
    codes: Vec<(u16, u16)>,
    transport: Vec<TransportKind>,
    may_have_arrived: Option<bool>,
    json: Vec<(Paths, Test)>,
    header: Vec<(String, Test)>,
    text_contains: Vec<String>,
    text_matches: Option<Regex>,
    any: Vec<When>,
    all: Vec<When>,
    not: Option<Box<When>>,
}

#[derive(Debug)]
enum Test {
    Exists(bool),
    In(Vec<String>),
    Matches(Regex),
}

/// What a rule looks at.
struct Seen<'a> {
    answer: &'a Answer,
    json: Value,
    text: String,
}

impl Judge {
    /// Compiles `[[outcome]]`.
    pub fn compile(files: Vec<OutcomeFile>, problems: &mut Problems) -> Self {
        let mut rules = Vec::new();
        for (no, file) in files.into_iter().enumerate() {
            rules.extend(Rule::compile(&format!("outcome[{no}]"), file, problems));
        }
        Self { rules }
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The outcome of an answer.
    pub fn judge(&self, answer: &Answer, now: DateTime<Utc>) -> Outcome {
        let seen = Seen::of(answer);
        match self.first(&seen) {
            Some((_, rule)) => rule.outcome(&seen, now),
            None => tail(answer),
        }
    }

    /// The rule that decides about an answer.
    pub fn decided_by(&self, answer: &Answer) -> Option<Decided> {
        let (index, rule) = self.first(&Seen::of(answer))?;
        Some(Decided { no: index + 1, rule: rule.written.clone() })
    }

    fn first(&self, seen: &Seen<'_>) -> Option<(usize, &Rule)> {
        let speaks = |rule: &Rule| seen.answer.is_ok() || rule.is_for_transport;
        self.rules.iter().enumerate().find(|(_, rule)| speaks(rule) && rule.when.holds(seen))
    }
}

impl<'a> Seen<'a> {
    fn of(answer: &'a Answer) -> Self {
        let text = answer.as_ref().map(|response| response.text().into_owned()).unwrap_or_default();
        let json = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or(Value::Null);
        Self { answer, json, text: fold(&text) }
    }
}

/// A rule as it was written: its outcome, and the conditions that were given.
fn written(file: &OutcomeFile) -> String {
    let mut value = json!({ "is": file.is, "when": file.when });
    drop_empty(&mut value);
    value.to_string()
}

/// Takes out what was not written: serde fills it in.
fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(drop_empty);
            object.retain(|_, value| !value.is_null() && !value.as_array().is_some_and(Vec::is_empty));
        }
        Value::Array(array) => array.iter_mut().for_each(drop_empty),
        _ => {}
    }
}

/// What holds when no rule does.
fn tail(answer: &Answer) -> Outcome {
    match answer {
        Ok(response) => {
            let reason = format!("HTTP {}: the answer says neither yes nor no", response.status);
            Outcome::Unknown { reason }
        }
        // The guard refuses by the settings, and would refuse again: nobody's lead is to be spent on that.
        Err(error) if error.kind == TransportKind::Blocked => Outcome::Misconfigured { reason: error.to_string() },
        Err(error) => by_arrival(error),
    }
}

fn by_arrival(error: &TransportError) -> Outcome {
    if error.may_have_arrived {
        Outcome::Unknown { reason: error.to_string() }
    } else {
        Outcome::Retry { reason: error.to_string(), after: None }
    }
}

impl Rule {
    fn compile(key: &str, file: OutcomeFile, problems: &mut Problems) -> Option<Self> {
        let before = problems.found.len();
        let accepted = file.is == OutcomeKind::Accepted;
        for (name, given) in [
            ("external_id", &file.external_id),
            ("redirect_url", &file.redirect_url),
            ("message", &file.message),
            ("status", &file.status),
            ("payout", &file.payout),
            ("currency", &file.currency),
        ] {
            if !accepted && !given.is_empty() {
                problems.add(format!("{key}.{name}"), "is only for accepted");
            }
        }
        if accepted && (!file.reason.is_empty() || file.text.is_some()) {
            problems.add(format!("{key}.reason"), "accepted has a message, no reason");
        }
        if file.trash && file.is != OutcomeKind::Refused {
            problems.add(format!("{key}.trash"), "is only for refused");
        }
        if file.after_seconds.is_some() && !matches!(file.is, OutcomeKind::Retry | OutcomeKind::NoCapacity) {
            problems.add(format!("{key}.after_seconds"), "is only for retry and no_capacity");
        }
        let is_for_transport = file.when.mentions_transport();
        let written = written(&file);
        let when = When::compile(&format!("{key}.when"), file.when, problems);
        let mut paths =
            |name: &str, all: &[String]| problems.take(&format!("{key}.{name}"), Paths::parse(all)).unwrap_or_default();
        let rule = Self {
            written,
            kind: file.is,
            when,
            is_for_transport,
            is_trash: file.trash,
            external_id: paths("external_id", &file.external_id),
            redirect_url: paths("redirect_url", &file.redirect_url),
            message: paths("message", &file.message),
            status: paths("status", &file.status),
            payout: paths("payout", &file.payout),
            currency: paths("currency", &file.currency),
            reason: paths("reason", &file.reason),
            text: file.text,
            after: file.after_seconds.map(Duration::from_secs),
        };
        (problems.found.len() == before).then_some(rule)
    }

    fn outcome(&self, seen: &Seen<'_>, now: DateTime<Utc>) -> Outcome {
        let reason = || {
            let own = self.reason.text(&seen.json).or_else(|| self.text.clone());
            own.unwrap_or_else(|| match seen.answer {
                Ok(response) => format!("HTTP {}", response.status),
                Err(error) => error.to_string(),
            })
        };
        let after = || seen.answer.as_ref().ok().and_then(|response| retry_after(response, now)).or(self.after);
        match self.kind {
            OutcomeKind::Accepted => {
                let currency = self.currency.word(&seen.json).map(|code| code.to_uppercase());
                Outcome::Accepted(Accepted {
                    external_id: self.external_id.word(&seen.json),
                    redirect_url: self.redirect_url.url(&seen.json),
                    message: self.message.text(&seen.json),
                    status: self.status.word(&seen.json),
                    payout: self.payout.amount(&seen.json),
                    currency: currency.filter(|code| crate::base::money::is_currency(code)),
                })
            }
            OutcomeKind::Refused => Outcome::Refused { reason: reason(), is_trash: self.is_trash },
            OutcomeKind::NoCapacity => Outcome::NoCapacity { reason: reason(), after: after() },
            OutcomeKind::Retry => Outcome::Retry { reason: reason(), after: after() },
            OutcomeKind::Unknown => Outcome::Unknown { reason: reason() },
            OutcomeKind::Misconfigured => Outcome::Misconfigured { reason: reason() },
        }
    }
}

/// `Retry-After` in seconds or as a date, from now.
pub(super) fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(30 * 86_400)));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?.with_timezone(&Utc);
    Some((at - now).to_std().unwrap_or_default().min(Duration::from_secs(30 * 86_400)))
}

impl WhenFile {
    fn mentions_transport(&self) -> bool {
        !self.transport.is_empty()
            || self.may_have_arrived.is_some()
            || self.any.iter().chain(&self.all).chain(self.not.as_deref()).any(Self::mentions_transport)
    }
}

impl When {
    fn compile(key: &str, file: WhenFile, problems: &mut Problems) -> Self {
        let mut out = Self {
            transport: file.transport,
            may_have_arrived: file.may_have_arrived,
            text_contains: file.text_contains.iter().map(|text| fold(text)).collect(),
            ..Self::default()
        };
        for (no, code) in file.codes.iter().enumerate() {
            out.codes.extend(problems.take(&format!("{key}.codes[{no}]"), codes(code)));
        }
        for (no, it) in file.json.into_iter().enumerate() {
            let at = format!("{key}.json[{no}]");
            let test = problems.take(&at, Test::compile(it.equals, it.r#in, it.exists, it.matches));
            let paths = problems.take(&format!("{at}.paths"), Paths::parse(&it.paths));
            if it.paths.is_empty() {
                problems.add(format!("{at}.paths"), "is empty");
            }
            out.json.extend(paths.zip(test));
        }
        for (no, it) in file.header.into_iter().enumerate() {
            let at = format!("{key}.header[{no}]");
            let test = problems.take(&at, Test::compile(it.equals, it.r#in, it.exists, it.matches));
            out.header.extend(test.map(|test| (it.name.to_ascii_lowercase(), test)));
        }
        if let Some(pattern) = &file.text_matches {
            out.text_matches = problems.take(&format!("{key}.text_matches"), regex(pattern));
        }
        for (word, from, to) in [("any", file.any, &mut out.any), ("all", file.all, &mut out.all)] {
            for (no, it) in from.into_iter().enumerate() {
                to.push(Self::compile(&format!("{key}.{word}[{no}]"), it, problems));
            }
        }
        out.not = file.not.map(|it| Box::new(Self::compile(&format!("{key}.not"), *it, problems)));
        if out.is_empty() && problems.found.iter().all(|problem| !problem.key.starts_with(key)) {
            problems.add(key, "has no condition; to take every answer write codes = [\"100-599\"]");
        }
        out
    }

    fn is_empty(&self) -> bool {
        self.codes.is_empty()
            && self.transport.is_empty()
            && self.may_have_arrived.is_none()
            && self.json.is_empty()
            && self.header.is_empty()
            && self.text_contains.is_empty()
            && self.text_matches.is_none()
            && self.any.is_empty()
            && self.all.is_empty()
            && self.not.is_none()
    }

    fn holds(&self, seen: &Seen<'_>) -> bool {
        let response = seen.answer.as_ref().ok();
        let error = seen.answer.as_ref().err();
        let code = response.map(|response| response.status);
        (self.codes.is_empty() || code.is_some_and(|code| self.codes.iter().any(|(a, b)| (*a..=*b).contains(&code))))
            && (self.transport.is_empty() || error.is_some_and(|error| self.transport.contains(&error.kind)))
            && self
                .may_have_arrived
                .is_none_or(|expected| error.is_some_and(|error| error.may_have_arrived == expected))
            && self.json.iter().all(|(paths, test)| response.is_some() && test.holds(paths.each(&seen.json)))
            && self.header.iter().all(|(name, test)| {
                response.is_some_and(|response| {
                    let values: Vec<Value> = response.header(name).map(Value::from).into_iter().collect();
                    test.holds(values.iter())
                })
            })
            && (self.text_contains.is_empty() || self.text_contains.iter().any(|text| seen.text.contains(text)))
            && self.text_matches.as_ref().is_none_or(|regex| response.is_some() && regex.is_match(&seen.text))
            && (self.any.is_empty() || self.any.iter().any(|when| when.holds(seen)))
            && self.all.iter().all(|when| when.holds(seen))
            && self.not.as_ref().is_none_or(|when| !when.holds(seen))
    }
}

impl Test {
    fn compile(
        equals: Option<Value>,
        one_of: Option<Vec<Value>>,
        exists: Option<bool>,
        matches: Option<String>,
    ) -> Result<Self, String> {
        match (equals, one_of, exists, matches) {
            (Some(value), None, None, None) => Ok(Self::In(vec![plain(&value)])),
            (None, Some(values), None, None) if !values.is_empty() => Ok(Self::In(values.iter().map(plain).collect())),
            (None, None, Some(exists), None) => Ok(Self::Exists(exists)),
            (None, None, None, Some(pattern)) => regex(&pattern).map(Self::Matches),
            _ => Err("needs exactly one of equals, in, exists, matches".into()),
        }
    }

    /// Whether one of the values passes (for `exists = false`: whether none is there).
    fn holds<'a>(&self, mut values: impl Iterator<Item = &'a Value>) -> bool {
        match self {
            Self::Exists(expected) => values.any(is_there) == *expected,
            Self::In(words) => values.any(|value| words.contains(&plain(value))),
            Self::Matches(regex) => values.filter_map(scalar).any(|text| regex.is_match(&text)),
        }
    }
}

/// A value as it is compared: `"OK "` equals `ok`, `1` equals `"1"`, `false` equals `"false"`.
fn plain(value: &Value) -> String {
    fold(&match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn regex(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
    built.map_err(|_| format!("{pattern:?} is not a regular expression that can be used"))
}

/// `409`, `"4xx"`, `"400-499"`.
fn codes(value: &Value) -> Result<(u16, u16), String> {
    let range = match value {
        Value::Number(number) => number.as_u64().and_then(|code| u16::try_from(code).ok()).map(|code| (code, code)),
        Value::String(text) => match text.strip_suffix("xx") {
            Some(class) => {
                class.parse::<u16>().ok().filter(|class| (1..=5).contains(class)).map(|c| (c * 100, c * 100 + 99))
            }
            None => text.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?))),
        },
        _ => None,
    };
    range
        .filter(|(a, b)| (100..=599).contains(a) && (100..=599).contains(b) && a <= b)
        .ok_or_else(|| format!("{value}: write a code such as 409, \"4xx\" or \"400-499\""))
}
