//! Outcome rules in a short notation that a fuzzer can mutate without breaking it, and what they mean, written a
//! second time from docs/ADAPTERS.md.
//!
//! One rule a line: a letter for the outcome (`A`ccepted, re`F`used, re`T`rash, `N`o capacity, `R`etry, `U`nknown,
//! `M`isconfigured), then conditions that must all hold. A condition is `404`, `4xx` or `200-299`; `status=ok`,
//! `status?` (exists) or `status-` (does not) for the JSON body; `~text` for the body as text; `@timeout` for no answer,
//! `@+` and `@-` for whether the request may have arrived; `!` before one turns it round; `|` joins alternatives.

use leadrelay::base::exchange::{Answer, TransportKind};
use serde_json::Value;

use crate::recipe_file::{list, quoted};

/// One rule.
pub struct Rule {
    pub outcome: &'static str,
    pub is_trash: bool,
    /// All must hold.
    conditions: Vec<Condition>,
}

enum Condition {
    Codes(u16, u16),
    Equals(String, String),
    Exists(String, bool),
    Text(String),
    Transport(TransportKind),
    MayHaveArrived(bool),
    Not(Box<Condition>),
    Any(Vec<Condition>),
}

/// The rules of a note; what cannot be read is left out.
pub fn read(note: &str) -> Vec<Rule> {
    note.lines().filter_map(rule).collect()
}

fn rule(line: &str) -> Option<Rule> {
    let (letter, rest) = line.split_at_checked(1)?;
    let outcome = match letter {
        "A" => "accepted",
        "F" | "T" => "refused",
        "N" => "no_capacity",
        "R" => "retry",
        "U" => "unknown",
        "M" => "misconfigured",
        _ => return None,
    };
    let conditions: Vec<Condition> = rest.split_whitespace().filter_map(condition).collect();
    (!conditions.is_empty()).then_some(Rule { outcome, is_trash: letter == "T", conditions })
}

fn condition(token: &str) -> Option<Condition> {
    // TOML does not nest without end.
    if token.matches('!').count() > 20 {
        return None;
    }
    if token.contains('|') {
        let all: Vec<Condition> = token.split('|').filter_map(condition).collect();
        return (!all.is_empty()).then_some(Condition::Any(all));
    }
    if let Some(rest) = token.strip_prefix('!') {
        return condition(rest).map(|inner| Condition::Not(Box::new(inner)));
    }
    if let Some(text) = token.strip_prefix('~') {
        return (!text.is_empty()).then(|| Condition::Text(text.to_owned()));
    }
    match token.strip_prefix('@') {
        Some("+") => return Some(Condition::MayHaveArrived(true)),
        Some("-") => return Some(Condition::MayHaveArrived(false)),
        Some(kind) => return kind.parse().ok().map(Condition::Transport),
        None => {}
    }
    let path = |text: &str| is_path(text).then(|| text.to_owned());
    if let Some((name, word)) = token.split_once('=') {
        return Some(Condition::Equals(path(name)?, word.to_owned()));
    }
    if let Some(name) = token.strip_suffix('?') {
        return Some(Condition::Exists(path(name)?, true));
    }
    if let Some(name) = token.strip_suffix('-') {
        return Some(Condition::Exists(path(name)?, false));
    }
    let code = |text: &str| text.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    let (from, to) = match (token.strip_suffix("xx"), token.split_once('-')) {
        (Some(class), _) => (code(&format!("{class}00"))?, code(&format!("{class}99"))?),
        (None, Some((from, to))) => (code(from)?, code(to)?),
        (None, None) => (code(token)?, code(token)?),
    };
    (from <= to).then_some(Condition::Codes(from, to))
}

/// Plain names with dots: what JSON pointers say without escapes, so that they can check us.
fn is_path(text: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    text.len() < 100 && text.split('.').all(is_name)
}

impl Rule {
    /// As an `[[outcome]]` of a template file.
    pub fn toml(&self) -> String {
        let trash = if self.is_trash { "trash = true\n" } else { "" };
        let all: Vec<String> = self.conditions.iter().map(Condition::toml).collect();
        let words = match self.outcome {
            "accepted" => "external_id = [\"id\"]\nmessage = [\"message\"]\n",
            _ => "reason = [\"message\"]\n",
        };
        format!("[[outcome]]\nis = \"{}\"\n{trash}{words}when.all = [{}]\n", self.outcome, all.join(", "))
    }

    /// Whether it decides about an answer.
    pub fn holds(&self, answer: &Answer) -> bool {
        (answer.is_ok() || self.conditions.iter().any(Condition::speaks_of_transport))
            && self.conditions.iter().all(|condition| condition.holds(answer))
    }

    /// Whether it says anything about calls without an answer.
    pub fn speaks_of_transport(&self) -> bool {
        self.conditions.iter().any(Condition::speaks_of_transport)
    }
}

impl Condition {
    fn toml(&self) -> String {
        match self {
            Self::Codes(from, to) => format!("{{ codes = [\"{from}-{to}\"] }}"),
            Self::Equals(path, word) => {
                format!("{{ json = [{{ paths = {}, equals = {} }}] }}", list([path.as_str()]), quoted(word))
            }
            Self::Exists(path, is_there) => {
                format!("{{ json = [{{ paths = {}, exists = {is_there} }}] }}", list([path.as_str()]))
            }
            Self::Text(text) => format!("{{ text_contains = {} }}", list([text.as_str()])),
            Self::Transport(kind) => format!("{{ transport = [\"{kind}\"] }}"),
            Self::MayHaveArrived(is_so) => format!("{{ may_have_arrived = {is_so} }}"),
            Self::Not(inner) => format!("{{ not = {} }}", inner.toml()),
            Self::Any(all) => {
                format!("{{ any = [{}] }}", all.iter().map(Self::toml).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn speaks_of_transport(&self) -> bool {
        match self {
            Self::Transport(_) | Self::MayHaveArrived(_) => true,
            Self::Not(inner) => inner.speaks_of_transport(),
            Self::Any(all) => all.iter().any(Self::speaks_of_transport),
            _ => false,
        }
    }

    fn holds(&self, answer: &Answer) -> bool {
        let body = answer.as_ref().map(|response| response.text().into_owned()).unwrap_or_default();
        let json: Value = serde_json::from_str(body.trim_start_matches('\u{feff}')).unwrap_or_default();
        let value = |path: &str| json.pointer(&format!("/{}", path.replace('.', "/")));
        match self {
            Self::Codes(from, to) => answer.as_ref().is_ok_and(|response| (*from..=*to).contains(&response.status)),
            Self::Equals(path, word) => {
                answer.is_ok() && value(path).is_some_and(|found| as_compared(found) == fold(word))
            }
            Self::Exists(path, expected) => answer.is_ok() && value(path).is_some_and(is_there) == *expected,
            Self::Text(text) => fold(&body).contains(&fold(text)),
            Self::Transport(kind) => answer.as_ref().is_err_and(|error| error.kind == *kind),
            Self::MayHaveArrived(expected) => answer.as_ref().is_err_and(|error| error.may_have_arrived == *expected),
            Self::Not(inner) => !inner.holds(answer),
            Self::Any(all) => all.iter().any(|condition| condition.holds(answer)),
        }
    }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

fn as_compared(value: &Value) -> String {
    fold(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn is_there(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_so) => *is_so,
        Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}
